//! `tenantcheck apply --dry-run`: what would change is told, and nothing is written.

use super::table::Table;

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
