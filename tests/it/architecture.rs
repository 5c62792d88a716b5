//! The shape of the house, held by a machine: who may depend on whom, what may be written where, and how large a file may grow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the workspace").to_owned()
}

fn metadata() -> Value {
    // For this machine alone: packages that only other systems need were never downloaded on a fresh one.
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", "host-tuple"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    serde_json::from_slice(&cargo.stdout).expect("cargo metadata is JSON")
}

/// Names of the packages that `package` is built with: directly, or at all.
fn dependencies(metadata: &Value, package: &str, all: bool) -> BTreeSet<String> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let packages = metadata["packages"].as_array().expect("packages");
    let name_of = |id: &Value| {
        let found = packages.iter().find(|package| package["id"] == *id).expect("a package of the graph");
        found["name"].as_str().expect("a name").to_owned()
    };
    let id_of = |name: &str| {
        let member = packages.iter().find(|package| package["name"] == name && package["source"].is_null());
        member.unwrap_or_else(|| panic!("{name} is no member of the workspace"))["id"].clone()
    };
    let mut found = BTreeSet::new();
    let mut open = vec![id_of(package)];
    while let Some(id) = open.pop() {
        let node = nodes.iter().find(|node| node["id"] == id).expect("a node of the graph");
        for dependency in node["deps"].as_array().expect("dependencies") {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            // Build scripts and procedural macros run at compile time; tests are not shipped.
            let linked = kinds.iter().any(|kind| kind["kind"].is_null());
            let new = linked && found.insert(name_of(&dependency["pkg"]));
            if new && all {
                open.push(dependency["pkg"].clone());
            }
        }
    }
    found
}

#[test]
fn the_domain_does_no_io() {
    let metadata = metadata();
    let direct: Vec<_> = dependencies(&metadata, "domain", false).into_iter().collect();
    let pure = ["flate2", "jiff", "jsonschema", "percent-encoding", "serde", "serde_json", "sha2", "thiserror"];
    assert_eq!(direct, pure, "a new dependency of the domain must be pure: no async, clock, network or SDK");
    let all = dependencies(&metadata, "domain", true);
    for io in ["tokio", "reqwest", "hyper", "mio", "rustls", "aws-sdk-dynamodb", "aws-smithy-runtime", "fastrand"] {
        assert!(!all.contains(io), "the domain is built with {io}");
    }
}

/// Every crate of the workspace, and the others of the workspace that it is built with. A new crate, or a new arrow, is decided here.
const ARROWS: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("contract", &[]),
    ("microsoft", &["domain"]),
    ("queue", &["domain"]),
    ("store", &["domain"]),
    ("web", &["domain", "runtime", "store"]),
    ("runtime", &["domain", "store"]),
    ("ending", &["domain", "runtime", "store"]),
    ("starting", &["domain", "queue", "runtime", "store"]),
    ("acknowledge", &["domain", "runtime", "store", "web"]),
    ("reconciler", &["domain", "ending", "queue", "runtime", "store"]),
    ("start", &["domain", "queue", "runtime", "starting", "store", "web"]),
    ("viewer", &["contract", "domain", "runtime", "store", "web"]),
    ("worker", &["domain", "ending", "microsoft", "runtime", "store"]),
    ("tenantcheck", &["domain", "ending", "microsoft", "store"]),
];

/// What these must not be built with, however far away: whoever answers a caller never speaks to Microsoft, and who only looks never
/// sends.
const NEVER: [(&str, &[&str]); 11] = [
    ("web", &["reqwest"]),
    ("contract", &["serde_json"]),
    ("store", &["lambda_http", "reqwest"]),
    ("microsoft", &["lambda_http", "aws-sdk-dynamodb"]),
    ("queue", &["lambda_http", "reqwest"]),
    ("starting", &["lambda_http", "reqwest"]),
    ("ending", &["lambda_http", "reqwest"]),
    ("start", &["reqwest"]),
    ("viewer", &["reqwest", "aws-sdk-sqs"]),
    ("acknowledge", &["reqwest", "aws-sdk-sqs"]),
    ("reconciler", &["reqwest", "lambda_http"]),
];

/// What only these are built with directly: the database, HTTP to the outside, and errors without a type.
const ONLY: [(&str, &[&str]); 3] = [
    ("aws-sdk-dynamodb", &["harness", "runtime", "store", "tenantcheck"]),
    ("reqwest", &["harness", "microsoft", "tenantcheck"]),
    ("anyhow", &["harness", "tenantcheck"]),
];

fn members(metadata: &Value) -> BTreeSet<&str> {
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let members = packages.filter(|package| package["source"].is_null());
    members.map(|package| package["name"].as_str().expect("a name")).collect()
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let members = members(&metadata);
    for member in members.iter().filter(|member| **member != "harness") {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| name == member).unwrap_or_else(|| {
            panic!("nobody has decided yet what the crate {member} may depend on");
        });
        let direct = dependencies(&metadata, member, false);
        let direct: Vec<&str> = direct.iter().map(String::as_str).filter(|name| members.contains(name)).collect();
        assert_eq!(direct, *allowed, "what {member} depends on");
    }
    for (package, never) in NEVER {
        let found = dependencies(&metadata, package, true);
        for other in never {
            assert!(!found.contains(*other), "{package} is built with {other}");
        }
    }
}

#[test]
fn few_open_a_door_to_the_outside() {
    let metadata = metadata();
    for (door, allowed) in ONLY {
        let is_user = |member: &&str| dependencies(&metadata, member, false).contains(door);
        let users: Vec<_> = members(&metadata).into_iter().filter(is_user).collect();
        assert_eq!(users, allowed, "who is built with {door}");
    }
}

/// What applies, forgets and reads the audit trail is not in what answers callers.
#[test]
fn only_the_command_line_is_built_with_administration() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let is_asked_for = |package: &&Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let mut features = dependencies.iter().filter(|it| it["name"] == "store").map(|it| it["features"].to_string());
        features.any(|features| features.contains("administration"))
    };
    let users: Vec<_> = packages.filter(is_asked_for).map(|package| package["name"].as_str()).collect();
    assert_eq!(users, [Some("harness"), Some("tenantcheck")]);
}

#[test]
fn what_is_shipped_has_one_tls_stack() {
    let metadata = metadata();
    for function in ["acknowledge", "reconciler", "start", "worker", "viewer", "tenantcheck"] {
        let found = dependencies(&metadata, function, true);
        for other in ["aws-lc-rs", "openssl", "native-tls"] {
            assert!(!found.contains(other), "{function} is built with {other} beside ring");
        }
    }
}

/// Every source file below these folders: its path in the repository, and its text.
pub(crate) fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut open: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let path = path.strip_prefix(root()).expect("a file of the repository");
        found.push((path.to_str().expect("a path of letters").to_owned(), text));
    }
    assert!(found.len() > 5, "only {} files were found below {folders:?}", found.len());
    found.sort();
    found
}

/// The files below these folders that hold this text.
fn holding(folders: &[&str], text: &str) -> Vec<String> {
    let holding = sources(folders).into_iter().filter(|(_, source)| source.contains(text));
    holding.map(|(path, _)| path).collect()
}

#[test]
fn files_stay_small_and_say_what_they_are() {
    for (path, text) in sources(&["cli", "functions", "shared", "tests"]) {
        assert!(text.lines().count() <= 400, "{path} has over 400 lines: take it apart");
        assert!(text.starts_with("//!"), "{path} does not say what it is for");
        let stem = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).expect("a name");
        assert!(!["utils", "util", "common", "helpers", "misc"].contains(&stem), "{path} is named after nothing");
    }
}

#[test]
fn one_crate_sends_to_the_queue() {
    assert_eq!(holding(&["cli", "functions", "shared"], "send_message"), ["shared/queue/src/lib.rs"]);
}

/// The seam to the outside is a URL; this is the one public trait beside that.
#[test]
fn nothing_but_the_provider_is_a_trait() {
    assert_eq!(holding(&["cli", "functions", "shared"], "pub trait "), ["functions/worker/src/provider.rs"]);
}

/// A caller's start is decided: the authority of the system is nothing that answers a caller may claim.
#[test]
fn who_answers_a_caller_never_acts_as_the_system() {
    let answering = ["functions/acknowledge/src", "functions/start/src", "functions/viewer/src", "shared/web/src"];
    assert_eq!(holding(&answering, "Authority::System"), Vec::<String>::new());
}

#[test]
fn tests_never_sleep_and_are_never_skipped() {
    // Put together, because this file is looked at as well.
    for word in [["sleep", "("], ["#[", "ignore"]] {
        assert_eq!(holding(&["cli/tests", "tests/it", "tests/model"], &word.concat()), Vec::<String>::new());
    }
}

#[test]
fn the_threat_model_names_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let text = std::fs::read_to_string(root.join("THREAT-MODEL.md")).expect("the threat model");
    let named: Vec<_> =
        text.split('`').filter(|word| Path::new(word).extension().is_some_and(|it| it == "rs")).collect();
    assert!(named.len() > 10, "{named:?}");
    for file in named {
        let there = [root.join("tests/it").join(file), root.join(file)].iter().any(|path| path.is_file());
        assert!(there, "{file}");
    }
}

/// Whoever follows the documents installs what was tried here, byte for byte: tools that build and deploy could change what they build.
#[test]
fn what_the_documents_install_is_pinned() {
    let mut installs = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect("a document");
        for line in text.lines() {
            for unpinned in ["pipx", "npm ", "brew ", "uv tool", "uv pip install", "| sh", "| bash"] {
                assert!(!line.contains(unpinned), "{document}: {line}");
            }
            for (install, pinned) in
                [("cargo install ", &["--locked"][..]), ("pip install ", &["--require-hashes", "-r"])]
            {
                for command in line.split(install).skip(1) {
                    let words: Vec<&str> = command.split('`').next().unwrap_or_default().split_whitespace().collect();
                    assert!(pinned.iter().all(|word| words.contains(word)), "{document}: {line}");
                    for pair in words.windows(2).filter(|pair| pair[0] == "-r") {
                        assert!(root().join(pair[1]).is_file(), "{document}: {}", pair[1]);
                    }
                    installs.push(install);
                }
            }
        }
    }
    assert!(installs.contains(&"cargo install ") && installs.contains(&"pip install "), "{installs:?}");
}
