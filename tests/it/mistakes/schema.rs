//! The published schema as another implementation of JSON Schema reads it: what the worker stores is valid for both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use harness::python::Python;
use harness::workspace::Workspace;

use super::every_scenario::every_scenario;

/// The documents of one run of the validator. Each process has a folder of its own.
struct Folder(PathBuf);

impl Folder {
    fn new(workspace: &Workspace, name: &str) -> Self {
        let folder = workspace.local_stack().join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn put(&self, name: &str, document: &[u8]) {
        fs::write(self.0.join(format!("{name}.json")), document).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left lies in cargo's target folder.
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Everything that is not made by the functions: the examples beside the schema.
fn examples(workspace: &Workspace) -> Vec<PathBuf> {
    let files = fs::read_dir(workspace.root().join("schemas/examples")).unwrap().map(|file| file.unwrap().path());
    let of_reports = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with("verification-report.");
    files.filter(|path| of_reports(path)).collect()
}

fn validated(workspace: &Workspace, folder: &Folder) -> Output {
    let python = Python::prepare(workspace).unwrap_or_else(|error| panic!("{error:#}"));
    let schema = workspace.root().join("schemas/verification-report.v1_5.schema.json");
    python.script("validate_reports.py").arg(schema).arg(&folder.0).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stored_report_and_every_example_is_valid_for_an_independent_validator() {
    let workspace = Workspace::locate().unwrap();
    let folder = Folder::new(&workspace, "reports");
    let reports = every_scenario().await;
    for verified in reports {
        // Byte for byte as it was stored.
        folder.put(verified.scenario().name(), verified.stored.report_json().unwrap());
    }
    let examples = examples(&workspace);
    assert!(!examples.is_empty());
    for example in &examples {
        folder.put(&example.file_stem().unwrap().to_string_lossy(), &fs::read(example).unwrap());
    }
    let output = tokio::task::block_in_place(|| validated(&workspace, &folder));
    let (printed, problems) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{problems}");
    let all = reports.len() + examples.len();
    assert_eq!(printed.trim(), format!("{all} of {all} documents are valid"));
}

#[test]
fn the_independent_validator_refuses_a_broken_report() {
    let workspace = Workspace::locate().unwrap();
    let example = fs::read(workspace.root().join("schemas/examples/verification-report.ready.json")).unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&example).unwrap();
    for (name, pointer, value) in [
        ("status", "/checks/0/status", "perfect"),
        ("time", "/generated_at", "yesterday"),
        ("fingerprint", "/fingerprint", "none"),
    ] {
        let folder = Folder::new(&workspace, &format!("broken-{name}"));
        let mut broken = whole.clone();
        *broken.pointer_mut(pointer).unwrap() = value.into();
        folder.put("whole", &example);
        folder.put("broken", broken.to_string().as_bytes());
        let output = validated(&workspace, &folder);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1 of 2 documents are valid", "{name}");
        let problems = String::from_utf8_lossy(&output.stderr);
        assert!(problems.starts_with("broken.json: $."), "{name}: {problems}");
    }
}
