//! Every row of the outcome table, from literal facts.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;
use crate::facts::{Cause, TokenClaims};
use crate::testing::{self, cause};

fn decide(facts: &Facts) -> Verdict {
    decide_for("intune", facts)
}

fn decide_for(module: &str, facts: &Facts) -> Verdict {
    let rules = testing::rules();
    let mut connection = testing::connection();
    module.clone_into(&mut connection.module);
    let runnable = rules.preflight(&testing::tenant(), &connection).expect("ready");
    evaluate(facts, &runnable, rules.manifest, &rules.links, testing::now())
}

fn graph(change: impl FnOnce(&mut GraphFacts)) -> Facts {
    let mut facts = testing::graph_facts();
    change(&mut facts);
    Facts::Token(facts)
}

fn without(facts: &mut GraphFacts, name: &str) {
    let id = Manifest::built_in().requirements("intune").expect("defined").into_iter();
    let id = id.filter(|it| it.name == name).map(|it| it.permission.id.clone()).next().expect("required");
    let Known::Known(assignments) = &mut facts.assignments else { panic!("known") };
    assignments.retain(|assignment| assignment.app_role_id != id);
}

fn forbidden<T>() -> Known<T> {
    Known::Unknown(cause(Reason::PermissionDenied))
}

/// Every call of Graph ends the same way.
fn all(facts: &mut GraphFacts, cause: &Cause) {
    facts.organization = Known::Unknown(cause.clone());
    facts.service_principal = Known::Unknown(cause.clone());
    facts.assignments = Known::Unknown(cause.clone());
    facts.graph_resource = Known::Unknown(cause.clone());
}

#[test]
fn every_row_of_the_outcome_table_is_decided_as_written() {
    let rows = [
        ("all well", graph(|_| ())),
        ("scripts permission missing", graph(|facts| without(facts, "DeviceManagementScripts.Read.All"))),
        ("apps permission missing", graph(|facts| without(facts, "DeviceManagementApps.Read.All"))),
        (
            "token without roles, no grant anywhere",
            graph(|facts| {
                facts.organization = forbidden();
                facts.assignments = forbidden();
                facts.token.as_mut().expect("readable").roles = BTreeSet::new();
            }),
        ),
        ("Entra refuses the secret", Facts::NoToken(cause(Reason::ProviderCredentialSecretInvalid))),
        ("Entra refuses for an unknown reason", Facts::NoToken(cause(Reason::UnknownError))),
        ("Graph refuses the token", graph(|facts| all(facts, &cause(Reason::ProviderGraphTokenRejected)))),
        (
            "organization differs",
            graph(|facts| facts.organization = Known::Known(testing::guid(5).parse().expect("a GUID"))),
        ),
        ("throttled at the token", Facts::NoToken(cause(Reason::Throttled))),
        ("down at Graph", graph(|facts| all(facts, &cause(Reason::DependencyUnreachable)))),
        ("throttled at the organization", graph(|facts| facts.organization = Known::Unknown(cause(Reason::Throttled)))),
        (
            "organization forbidden, token unreadable",
            graph(|facts| {
                facts.organization = forbidden();
                facts.token = None;
            }),
        ),
        (
            "grants forbidden by every source",
            graph(|facts| {
                facts.assignments = forbidden();
                facts.token = None;
            }),
        ),
        (
            "grants throttled by every source",
            graph(|facts| {
                facts.assignments = Known::Unknown(cause(Reason::Throttled));
                facts.token = None;
            }),
        ),
    ];
    let mut table = String::new();
    for (name, facts) in &rows {
        let verdict = decide(facts);
        let sealed = testing::seal(verdict.checks.clone());
        let result = match &verdict.result {
            CheckResult::Succeeded => "succeeded".to_owned(),
            CheckResult::Failed(failures) => {
                assert!(!failures.is_empty(), "{name}: a failed run has a cause");
                let causes: Vec<_> = failures.iter().map(|it| format!("{} x{}", it.code, it.count)).collect();
                format!("failed ({})", causes.join(", "))
            }
        };
        let health = verdict.health.map_or("unchanged".to_owned(), |health| {
            format!("{} ({})", health.status, health.last_error.map_or("-".to_owned(), |code| code.to_string()))
        });
        writeln!(
            table,
            "# {name}\n{result}, {}, health {health}, inventory {}",
            sealed.overall(),
            verdict.inventory.is_some()
        )
        .expect("a String takes every write");
        for check in &verdict.checks {
            let blocking = if check.blocking { "blocking" } else { "" };
            writeln!(
                table,
                "  {:38} {:4} {:8} {blocking:8} {}",
                check.key,
                check.status.as_str(),
                check.severity.as_str(),
                check.reason.code()
            )
            .expect("a String takes every write");
        }
    }
    insta::assert_snapshot!("outcome_table", table);
}

#[test]
fn a_module_that_needs_nothing_of_a_cluster_skips_its_check() {
    let verdict = decide_for("intune_basic", &graph(|facts| without(facts, "DeviceManagementScripts.Read.All")));
    let scripts = verdict.checks.last().expect("scripts come last");
    assert_eq!((scripts.status, scripts.reason), (CheckStatus::Skip, Reason::NotApplicable));
    assert_eq!(Overall::of(&verdict.checks), Overall::Ready);
}

#[test]
fn an_unreadable_token_is_never_taken_for_a_token_without_roles() {
    let unreadable = decide(&graph(|facts| {
        facts.assignments = forbidden();
        facts.token = None;
    }));
    assert_eq!(unreadable.inventory, None);
    let without_roles = decide(&graph(|facts| {
        facts.assignments = forbidden();
        facts.token = Some(TokenClaims { tenant_id: Some(testing::entra_tenant_id()), roles: BTreeSet::new() });
    }));
    assert!(without_roles.inventory.is_some());
}

#[test]
fn a_finding_names_what_is_missing_for_which_feature_and_the_next_step() {
    let verdict = decide(&graph(|facts| {
        without(facts, "DeviceManagementApps.Read.All");
        without(facts, "DeviceManagementServiceConfig.Read.All");
    }));
    let failed: Vec<_> = verdict.checks.iter().filter(|check| check.status == CheckStatus::Fail).collect();
    insta::assert_json_snapshot!("missing_permissions", failed);
}
