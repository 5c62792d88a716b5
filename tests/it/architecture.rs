//! The shape of the house, held by a machine: who may depend on whom, and how large a file may grow.

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

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let of = |package| dependencies(&metadata, package, true);
    for (package, never) in [
        ("web", &["store", "microsoft", "aws-sdk-dynamodb", "reqwest"][..]),
        ("contract", &["serde_json", "domain", "web", "store"]),
        ("store", &["web", "microsoft", "lambda_http", "reqwest"]),
        ("microsoft", &["web", "store", "lambda_http", "aws-sdk-dynamodb"]),
        ("start", &["microsoft", "contract", "reqwest", "worker", "viewer"]),
        ("viewer", &["microsoft", "reqwest", "aws-sdk-sqs", "worker", "start", "acknowledge"]),
        ("acknowledge", &["microsoft", "contract", "reqwest", "aws-sdk-sqs", "worker", "start", "viewer"]),
        ("worker", &["web", "contract", "lambda_http", "start", "viewer"]),
        ("tenantcheck", &["microsoft", "web", "contract", "start", "worker", "viewer"]),
    ] {
        let found = of(package);
        for other in never {
            assert!(!found.contains(*other), "{package} is built with {other}");
        }
    }
}

#[test]
fn what_is_shipped_has_one_tls_stack() {
    let metadata = metadata();
    for function in ["acknowledge", "start", "worker", "viewer", "tenantcheck"] {
        let found = dependencies(&metadata, function, true);
        for other in ["aws-lc-rs", "openssl", "native-tls"] {
            assert!(!found.contains(other), "{function} is built with {other} beside ring");
        }
    }
}

#[test]
fn files_stay_small_and_say_what_they_are() {
    let mut open = ["cli", "functions", "shared", "tests"].map(|folder| root().join(folder)).to_vec();
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("a source file");
        let shown = path.display();
        assert!(text.lines().count() <= 400, "{shown} has over 400 lines: take it apart");
        assert!(text.starts_with("//!"), "{shown} does not say what it is for");
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        assert!(!["utils", "util", "common", "helpers", "misc"].contains(&stem), "{shown} is named after nothing");
    }
    assert!(seen > 50, "only {seen} files were looked at");
}
