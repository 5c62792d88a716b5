//! `apply` warns of tenants that are in another cloud than the file says.

use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use harness::microsoft::{Scenario, TenantFixture};
use harness::scene::stand_in;
use serde_json::{Value, json};

use super::program::microsoft;
use super::table::Table;

/// The published example, with this tenant behind the connections of tenant 2.
fn file(fixture: &TenantFixture) -> Value {
    let mut file: Value = serde_json::from_str(include_str!("../../../schemas/examples/directory.json")).unwrap();
    let tenant = &mut file["workspaces"][0]["tenants"][0];
    tenant["entra_tenant_id"] = json!(fixture.entra_tenant_id);
    for connection in tenant["connections"].as_array_mut().unwrap() {
        connection["entra_tenant_id"] = json!(fixture.entra_tenant_id);
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_of_another_cloud_is_warned_about_and_applied_all_the_same() {
    let (microsoft, origin) = (microsoft(Cloud::Global), stand_in().await.origin());
    for (cloud, warned) in [(Cloud::UsGovDod, true), (Cloud::Global, false)] {
        let table = Table::on_dynoxide().await;
        let fixture = TenantFixture::fresh(Scenario::Healthy, cloud, CredentialKind::ClientSecret);
        stand_in().await.add(&fixture);
        let path = std::env::temp_dir().join(format!("tenantcheck-clouds-{}.json", fixture.entra_tenant_id));
        std::fs::write(&path, file(&fixture).to_string()).unwrap();
        let apply = ["apply", path.to_str().unwrap(), "--stage", "local"];
        let environment = [&table.environment()[..], &[(&*microsoft, &*origin)]].concat();
        let first = super::program::tenantcheck(&apply, &environment).await;
        let again = super::program::tenantcheck(&apply, &environment).await;
        std::fs::remove_file(&path).unwrap();
        assert_eq!((first.code, again.code), (Some(0), Some(0)), "{}", first.error);
        let tenant = &fixture.entra_tenant_id;
        let expected = [3, 4].map(|connection| {
            format!(
                "tenantcheck: warning: the Entra tenant {tenant} of connection {connection} is in the cloud usgov_dod, \
                 and the file says global"
            )
        });
        let mut lines: Vec<_> = first.error.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, if warned { expected.to_vec() } else { Vec::new() });
        assert_eq!(again.error, "", "what did not change is not asked about again");
    }
}
