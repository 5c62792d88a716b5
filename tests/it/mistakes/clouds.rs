//! The national clouds: everything that has to do with an address changes together.

use std::collections::BTreeSet;

use domain::check::CheckKey;
use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use harness::microsoft::{Scenario, StandIn, TenantFixture};
use harness::scene::Scene;
use harness::shared::Sandbox;

use super::{Verified, text, verified_by};

/// The worker's report about a tenant of a cloud whose hosts are told apart by their certificates. They refuse a scope and an
/// audience of another cloud.
async fn verified_in(clouds: &StandIn, cloud: Cloud, kind: CredentialKind, scenario: Scenario) -> Verified {
    let scene = Scene::of(Sandbox::new().await, TenantFixture::fresh(scenario, cloud, kind)).await;
    clouds.add(&scene.fixture);
    let overrides = microsoft::Overrides::parse(|name| clouds.variable(name)).expect("valid overrides");
    let provider = microsoft::Provider::new(&overrides).expect("a client");
    let app = worker::App { provider: Box::new(provider), ..scene.worker().await };
    verified_by(&app, scene).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_06_authority_graph_scope_and_audience_switch_together() {
    let clouds = StandIn::start_in_every_cloud().await.expect("free ports");
    for cloud in Cloud::ALL {
        for kind in CredentialKind::ALL {
            let verified = verified_in(&clouds, *cloud, *kind, Scenario::Healthy).await;
            assert_eq!(verified.answer(&CheckKey::CONNECTION), ("pass", "ok"), "{cloud} {kind}");
            assert_eq!(verified.answer(&CheckKey::TENANT_BINDING), ("pass", "ok"), "{cloud} {kind}");
            assert_eq!(verified.overall(), "ready", "{cloud} {kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistake_06_consent_is_asked_for_in_the_tenants_own_cloud() {
    let clouds = StandIn::start_in_every_cloud().await.expect("free ports");
    for (cloud, host) in [
        (Cloud::Global, "https://login.microsoftonline.com/"),
        (Cloud::UsGov, "https://login.microsoftonline.us/"),
        (Cloud::UsGovDod, "https://login.microsoftonline.us/"),
        (Cloud::China, "https://login.chinacloudapi.cn/"),
    ] {
        let verified = verified_in(&clouds, cloud, CredentialKind::ClientSecret, Scenario::NoConsent).await;
        let step = &verified.check(&CheckKey::ADMIN_CONSENT)["next_steps"][0];
        let (tenant, client) = (&verified.scene.fixture.entra_tenant_id, &verified.scene.fixture.client_id);
        // Only the global cloud has a page to return to that needs no registration.
        let back = "&redirect_uri=https%3A%2F%2Fentra.microsoft.com%2FTokenAuthorize";
        let back = if cloud == Cloud::Global { back } else { "" };
        let url = format!("{host}{tenant}/adminconsent?client_id={client}{back}");
        assert_eq!(text(&step["url"]), url, "{cloud}");
    }
}

#[test]
fn mistake_06_gcc_is_no_cloud_of_its_own() {
    assert_eq!(Cloud::ALL.len(), 4);
    assert!("gcc".parse::<Cloud>().is_err(), "GCC is served by the worldwide endpoints");
    let graphs: BTreeSet<_> = Cloud::ALL.iter().map(|cloud| cloud.endpoints().graph).collect();
    assert_eq!(graphs.len(), 4, "no two clouds share a Graph");
    // GCC High and DoD share their authority, and with it audience and portal; nothing else is shared.
    let [global, gcc_high, dod, china] =
        [Cloud::Global, Cloud::UsGov, Cloud::UsGovDod, Cloud::China].map(Cloud::endpoints);
    assert_eq!(
        (gcc_high.authority, gcc_high.federation_audience, gcc_high.portal),
        (dod.authority, dod.federation_audience, dod.portal)
    );
    for (one, other) in [(global, gcc_high), (global, china), (gcc_high, china)] {
        assert_ne!(one.authority, other.authority);
        assert_ne!(one.federation_audience, other.federation_audience);
        assert_ne!(one.portal, other.portal);
    }
}
