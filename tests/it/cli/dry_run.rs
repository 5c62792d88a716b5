//! `tenantcheck apply --dry-run`: what would change is told, and nothing is written.

use domain::audit::FileDigest;
use serde_json::{Value, json};

use super::program::tenantcheck;
use super::table::{OPERATOR_ARN, Table};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/examples/directory.json");

#[tokio::test]
async fn a_dry_run_tells_what_would_change_and_writes_nothing() {
    let table = Table::on_dynoxide().await;
    let apply = ["apply", EXAMPLE, "--stage", "local"];
    let told = table.tenantcheck(&[&apply[..], &["--dry-run"]].concat()).await.printed(0);
    assert!(told.contains("workspace 1: created\n") && told.ends_with("\ndry run: nothing was written\n"), "{told}");
    assert!(table.items().await.is_empty());
    let told = table.tenantcheck(&apply).await.printed(0);
    assert!(told.contains("workspace 1: created\n") && !told.contains("dry run"), "{told}");
    assert!(!table.items().await.is_empty());
}

#[tokio::test]
async fn the_trail_tells_who_applied_which_file_and_whose_rights_changed() {
    let table = Table::on_dynoxide().await;
    let apply = ["apply", EXAMPLE, "--stage", "local"];
    table.tenantcheck(&apply).await.printed(0);
    let json = table.tenantcheck(&["audit", "--workspace", "1", "-o", "json"]).await.printed(0);
    let mut events: Vec<Value> = serde_json::from_str(&json).unwrap();
    events.sort_by_key(|event| (event["tenant_id"].as_u64(), event["changes"].to_string()));
    let digest = FileDigest::of(&std::fs::read(EXAMPLE).unwrap());
    for event in &mut events {
        assert_eq!((&event["operator"], &event["actor"]), (&json!(OPERATOR_ARN), &Value::Null), "{event}");
        assert_eq!(event["file_sha256"], digest.as_str());
        for member in ["id", "at"] {
            event.as_object_mut().unwrap().remove(member);
        }
    }
    insta::assert_json_snapshot!("applied", events);
    let listed = table.tenantcheck(&["audit", "--workspace", "1", "--actor", OPERATOR_ARN]).await.printed(0);
    for row in ["workspace  none    owner", "tenant 2   none    "] {
        assert!(listed.contains(row), "{row}: {listed}");
    }
    // The same file again is no event.
    table.tenantcheck(&apply).await.printed(0);
    let quiet = table.tenantcheck(&["audit", "--workspace", "1", "-o", "quiet"]).await.printed(0);
    assert_eq!(quiet.lines().count(), events.len());
}

#[tokio::test]
async fn nothing_is_written_by_somebody_whom_aws_does_not_name() {
    let table = Table::on_dynoxide().await;
    let apply = ["apply", EXAMPLE, "--stage", "local"];
    // The table's emulator knows no other service.
    let nobody = table.environment().map(|(name, value)| match name {
        "AWS_ENDPOINT_URL_STS" => (name, table.endpoint()),
        _ => (name, value),
    });
    let complaint = tenantcheck(&apply, &nobody).await.complained(1);
    assert!(complaint.contains("AWS STS does not say who you are"), "{complaint}");
    assert!(table.items().await.is_empty());
    tenantcheck(&[&apply[..], &["--dry-run"]].concat(), &nobody).await.printed(0);
}
