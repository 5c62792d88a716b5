//! Looking at a report asks Microsoft nothing.

use harness::customer::READER;
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::stand_in;

use super::verified;

#[tokio::test(flavor = "multi_thread")]
async fn mistake_15_viewing_makes_no_call_to_microsoft() {
    // Also where a look would be tempted to try again.
    for scenario in [Scenario::Healthy, Scenario::ThrottledWithoutRetryAfter, Scenario::NoConsent] {
        let verified = verified(scenario).await;
        let tenant = &verified.scene.fixture.entra_tenant_id;
        let asked = stand_in().await.calls(tenant);
        assert!(!asked.is_empty(), "{scenario}: the worker asked");

        let run = verified.stored.run.header.id;
        let edge = Edge::of(&verified.scene);
        for path in [
            format!("/runs/{run}"),
            format!("/runs/{run}/report"),
            "/workspaces/1/tenants/2/verification".to_owned(),
            "/workspaces/1/tenants/2/connections".to_owned(),
        ] {
            assert_eq!(edge.get(READER, &path).await.status, 200, "{scenario} {path}");
        }
        assert_eq!(stand_in().await.calls(tenant), asked, "{scenario}");
    }
}
