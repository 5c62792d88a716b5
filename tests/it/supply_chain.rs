//! What the shipped functions are built of: what Cargo.lock says, with the features that they ask for themselves.

use std::path::Path;
use std::process::Command;

use harness::template::part;
use serde_json::{Map, Value};

/// The binaries of the template's functions, sorted.
fn functions() -> Vec<String> {
    let resources: Map<String, Value> = part("/Resources").unwrap();
    let binaries = resources.values().filter_map(|it| it["Metadata"]["BuildProperties"]["Binary"].as_str());
    let mut binaries: Vec<_> = binaries.map(str::to_owned).collect();
    binaries.sort();
    binaries
}

/// `sam build` passes no flags on; cargo-lambda reads them here. That a lock file which is not up to date fails the build, cargo holds.
#[test]
fn a_release_is_built_for_the_functions_alone_and_from_the_lock_file() {
    let settings = include_str!("../../CargoLambda.toml");
    let lines: Vec<_> = settings.lines().filter(|line| !line.starts_with('#')).collect();
    let packages = format!("packages = {:?}", functions());
    assert_eq!(lines, ["[build]", "locked = true", &packages]);
}

/// Built together, the functions have no feature that only tests or the command line ask for.
#[test]
fn no_feature_of_tests_or_of_the_command_line_is_shipped() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p} {f}"]);
    for function in functions() {
        tree.args(["--package", &function]);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let tree = tree.current_dir(root).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    for (package, never) in [("store", "administration"), ("tokio", "test-util"), ("tokio", "process")] {
        let mut lines = tree.lines().filter(|line| line.starts_with(&format!("{package} v"))).peekable();
        assert!(lines.peek().is_some(), "no function is built with {package}");
        for line in lines {
            let mut features = line.rsplit(' ').next().unwrap().split(',');
            assert!(!features.any(|feature| feature == never), "{line}");
        }
    }
}
