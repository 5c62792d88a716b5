//! Every scenario of the stand-in, and what one try of each question makes of it.

use std::fmt::Write as _;
use std::time::Duration;

use domain::facts::{Facts, Known};
use domain::id::EntraTenantId;
use harness::microsoft::{Scenario, UnknownScenario};
use microsoft::Budget;

use super::{Bench, Checked, HEALTHY_CALLS, calls, detail};

/// Enough calls for one try of each question, so that nothing is asked twice.
fn one_try_each(scenario: Scenario) -> Budget {
    match scenario {
        Scenario::Slow => Budget { calls: 1, time: Duration::from_millis(300) },
        Scenario::ExpiredSecret
        | Scenario::WrongSecret
        | Scenario::JustRotated
        | Scenario::UnknownTenant
        | Scenario::AppNotInTenant
        | Scenario::ConditionalAccess
        | Scenario::UnknownErrorCode
        | Scenario::Throttled
        | Scenario::ThrottledWithoutRetryAfter
        | Scenario::ThrottledOnce
        | Scenario::Down
        | Scenario::Garbage => calls(1),
        Scenario::Paging => calls(HEALTHY_CALLS + 2),
        Scenario::Healthy
        | Scenario::MissingPermission
        | Scenario::MissingScripts
        | Scenario::NoConsent
        | Scenario::IdentityNotFound
        | Scenario::WrongOrganization
        | Scenario::OrganizationForbidden
        | Scenario::AssignmentsForbidden
        | Scenario::OpaqueTokenAndAssignmentsForbidden
        | Scenario::ThrottledOrganization
        | Scenario::AssignmentsThrottledWithOpaqueToken
        | Scenario::EvilNextLink
        | Scenario::Redirect
        | Scenario::HugeBody
        | Scenario::HostileJson
        | Scenario::NoIntuneLicence
        | Scenario::SecretExpiring
        | Scenario::ApplicationForbidden
        | Scenario::Late
        | Scenario::JustConsented
        | Scenario::DirectoryRole
        | Scenario::GrantElsewhere
        | Scenario::AppDisabled
        | Scenario::AppDisabledByMicrosoft
        | Scenario::OwnedElsewhere
        | Scenario::ForeignCredential
        | Scenario::SlowDrip
        | Scenario::GzipBomb
        | Scenario::InvalidUtf8
        | Scenario::NestedError
        | Scenario::DangerousGrant => calls(HEALTHY_CALLS),
    }
}

fn part<T>(known: &Known<T>, show: impl FnOnce(&T) -> String) -> String {
    match known {
        Known::Known(answer) => show(answer),
        Known::Unknown(cause) => {
            let wait = cause.retry_after.map_or(String::new(), |wait| format!(" after {} s", wait.as_secs()));
            format!("{} {}{wait}", cause.reason.code(), detail(cause).unwrap_or("-"))
        }
    }
}

fn table_of(scenario: Scenario, asked: &EntraTenantId, checked: &Checked) -> String {
    let mut text = format!("{scenario}: {} calls\n", checked.calls.len());
    let mut line = |name: &str, value: &str| writeln!(text, "    {name:<18}{value}").expect("a string");
    match &checked.facts {
        Facts::NoToken(cause) => line("no token", &part(&Known::<()>::Unknown(cause.clone()), |()| String::new())),
        Facts::Token(facts) => {
            let tid = |id: &EntraTenantId| if id == asked { "the tenant's" } else { "another" }.to_owned();
            let token = facts.token.as_ref().map(|token| {
                let tenant = token.tenant_id.as_ref().map_or("no".to_owned(), tid);
                format!("{tenant}, {} roles", token.roles.len())
            });
            line("token", token.as_deref().unwrap_or("unreadable"));
            line("organization", &part(&facts.organization, |organization| tid(&organization.id)));
            line("service principal", &part(&facts.service_principal, |_| "known".to_owned()));
            line("assignments", &part(&facts.assignments, |all| all.len().to_string()));
            line("graph resource", &part(&facts.graph_resource, |_| "known".to_owned()));
        }
    }
    text
}

#[tokio::test]
async fn every_scenario_becomes_facts() {
    let bench = Bench::start().await;
    let mut table = String::new();
    for scenario in Scenario::ALL {
        let tenant = bench.stand_in.tenant(*scenario);
        let checked = bench.check_tenant(&tenant, one_try_each(*scenario)).await;
        table += &table_of(*scenario, &tenant.entra_tenant_id, &checked);
    }
    insta::assert_snapshot!("facts_of_every_scenario", table);
}

#[tokio::test]
async fn a_healthy_tenant_costs_five_calls() {
    let bench = Bench::start().await;
    let tenant = bench.stand_in.tenant(Scenario::Healthy);
    let checked = bench.check_tenant(&tenant, calls(HEALTHY_CALLS)).await;
    let mut asked: Vec<_> = checked.calls.iter().map(|call| format!("{} {}", call.method, call.path)).collect();
    // The second wave runs side by side, so only the token has its place.
    asked[1..].sort_unstable();
    let asked = asked
        .join("\n")
        .replace(tenant.entra_tenant_id.as_str(), "TENANT")
        .replace(tenant.client_id.as_str(), "CLIENT");
    insta::assert_snapshot!("calls_of_a_healthy_check", asked);

    // Graph's own list of its roles would be half a megabyte more.
    let bytes = bench.stand_in.bytes(&tenant.entra_tenant_id);
    assert!((1..8 * 1024).contains(&bytes), "{bytes}");

    let ids: std::collections::BTreeSet<_> = checked.calls.iter().map(|call| &call.client_request_id).collect();
    assert_eq!(ids.len(), checked.calls.len(), "each request has an id of its own");
    assert!(!ids.contains(&None));
}

#[tokio::test]
async fn well_known_tenants_answer_from_the_start_and_others_do_not_exist() {
    let bench = Bench::start().await;
    let mut tenant = bench.stand_in.tenant(Scenario::Healthy);
    tenant.entra_tenant_id = Scenario::Healthy.entra_tenant_id();
    let wrong_app = bench.check_tenant(&tenant, calls(1)).await;
    assert_eq!(detail(wrong_app.no_token()), Some("app.not_found_in_tenant"));
    tenant.client_id = Scenario::Healthy.client_id();
    let wrong_secret = bench.check_tenant(&tenant, calls(1)).await;
    assert_eq!(detail(wrong_secret.no_token()), Some("credential.secret_invalid"));
    tenant.secret = Scenario::Healthy.secret();
    let right = bench.check_tenant(&tenant, calls(HEALTHY_CALLS)).await;
    let organization = right.graph().organization.known().expect("the organization");
    assert_eq!(organization.id, tenant.entra_tenant_id);
    tenant.entra_tenant_id = "00000000-0000-4000-8000-000000000000".parse().expect("a GUID");
    let nowhere = bench.check_tenant(&tenant, calls(1)).await;
    assert_eq!(detail(nowhere.no_token()), Some("tenant.not_found"));
}

#[test]
fn scenarios_are_known_by_their_names() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.name().parse(), Ok(*scenario));
        assert!(scenario.about().ends_with('.'), "{}", scenario.about());
    }
    assert_eq!("Healthy".parse::<Scenario>(), Err(UnknownScenario));
}
