//! What a check comes to in every cloud, with every kind of credential and in every kind of trouble: one row each, with the number of
//! requests that it costs. Each cloud has hosts of its own behind TLS, and what signs in is verified as Entra does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::check::{Check, Skip, Verdict};
use domain::checks::evaluate;
use domain::cloud::Cloud;
use domain::connection::{CertificateAlgorithm, CredentialKind};
use domain::failure::Failures;
use domain::report::Overall;
use futures_util::{StreamExt as _, stream};
use harness::microsoft::{AppCertificate, AppKey, Registration, Scenario, TenantFixture, sts};
use harness::scene::{customer, now, rules};
use microsoft::{Budget, ClientAssertion, ClientCredential};
use serde_json::json;

use super::{Bench, calls};

/// Checks that run side by side: enough to wait for all pauses at once, few enough that no answer is late.
const AT_ONCE: usize = 16;

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// With the tenant, whoever asks.
    Of(Scenario),
    /// The app presents what it is not registered with.
    WrongCredential,
    /// What it presents has ended, or ends soon.
    WornOutCredential,
    /// The tenant is in another cloud than the connection says.
    OtherCloud,
}

const TROUBLES: [Trouble; 17] = [
    Trouble::Of(Scenario::Healthy),
    Trouble::WrongCredential,
    Trouble::WornOutCredential,
    Trouble::OtherCloud,
    Trouble::Of(Scenario::AppNotInTenant),
    Trouble::Of(Scenario::ConditionalAccess),
    Trouble::Of(Scenario::UnknownErrorCode),
    Trouble::Of(Scenario::Throttled),
    Trouble::Of(Scenario::Down),
    Trouble::Of(Scenario::MissingPermission),
    Trouble::Of(Scenario::NoConsent),
    Trouble::Of(Scenario::WrongOrganization),
    Trouble::Of(Scenario::OrganizationForbidden),
    Trouble::Of(Scenario::OpaqueTokenAndAssignmentsForbidden),
    Trouble::Of(Scenario::NoIntuneLicence),
    Trouble::Of(Scenario::DangerousGrant),
    Trouble::Of(Scenario::EvilNextLink),
];

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Trouble::Of(scenario) => scenario.name(),
            Trouble::WrongCredential => "wrong-credential",
            Trouble::WornOutCredential => "worn-out-credential",
            Trouble::OtherCloud => "other-cloud",
        }
    }

    fn scenario(self, kind: CredentialKind) -> Scenario {
        match (self, kind) {
            (Trouble::Of(scenario), _) => scenario,
            // A client secret does not say when it ends; Entra does.
            (Trouble::WornOutCredential, CredentialKind::ClientSecret) => Scenario::ExpiredSecret,
            _ => Scenario::Healthy,
        }
    }

    /// As many calls as a service in trouble is worth here, so that the number is always the same.
    fn budget(self) -> Budget {
        match self {
            Trouble::Of(Scenario::Throttled) => calls(60),
            Trouble::Of(Scenario::Down) => Budget { calls: 2, time: Duration::from_mins(1) },
            _ => Budget::of(Duration::from_mins(1)),
        }
    }
}

/// The tenant, what the app presents, and the cloud that the connection names.
async fn set_up(
    bench: &Bench,
    cloud: Cloud,
    kind: CredentialKind,
    trouble: Trouble,
) -> (TenantFixture, ClientCredential) {
    let days = |days: u64| Duration::from_hours(24 * days);
    let mut fixture = TenantFixture::fresh(trouble.scenario(kind), cloud, kind);
    match (trouble, &mut fixture.registration) {
        (Trouble::WrongCredential, Registration::Federated(federated)) => federated.subject.push_str("-of-another"),
        (Trouble::WornOutCredential, Registration::Certificate(_)) => {
            let certificate = AppCertificate::new(AppKey::Own, days(10));
            fixture.secret = certificate.stored();
            fixture.registration = certificate.registered(CertificateAlgorithm::Ps256);
        }
        (Trouble::OtherCloud, _) => {
            fixture.cloud = if cloud == Cloud::China { Cloud::Global } else { Cloud::China };
        }
        _ => {}
    }
    bench.stand_in.add(&fixture);
    fixture.cloud = cloud;
    match (trouble, kind) {
        (Trouble::WrongCredential, CredentialKind::ClientSecret) => fixture.secret.push_str("-of-another"),
        (Trouble::WrongCredential, CredentialKind::Certificate) => {
            fixture.secret = AppCertificate::new(AppKey::Another, days(365)).stored();
        }
        (Trouble::WornOutCredential, CredentialKind::Federated) => {
            let stale = json!({ "aud": cloud.endpoints().federation_audience, "exp": 1_767_225_600 });
            let credential = ClientCredential::Federated(ClientAssertion::new(sts::token(&stale, 0).into()));
            return (fixture, credential);
        }
        _ => {}
    }
    let credential = bench.credential(&fixture).await;
    (fixture, credential)
}

/// The first problem in the order in which people read checks; without one, what was left out for a reason of its own.
fn most_telling(checks: &[Check]) -> Option<&Check> {
    let problems = checks.iter().filter(|check| check.verdict.problem().is_some());
    let left_out = |check: &&Check| matches!(check.verdict, Verdict::Skip(Skip::Because(_)));
    problems.min_by_key(|check| check.shown_rank()).or_else(|| checks.iter().find(left_out))
}

struct Row {
    cloud: Cloud,
    kind: CredentialKind,
    trouble: Trouble,
    outcome: &'static str,
    overall: Overall,
    reason: &'static str,
    next_step: String,
    calls: u32,
}

async fn row(bench: &Bench, cloud: Cloud, kind: CredentialKind, trouble: Trouble) -> Row {
    let (fixture, credential) = set_up(bench, cloud, kind, trouble).await;
    let (tenant, connection) = customer(&fixture, "/tenantcheck/test/1/table");
    let rules = rules();
    let runnable = rules.preflight(&tenant, &connection).expect("the connection can be checked");
    let checked = bench.check_with(&fixture, &credential, runnable.questions(), trouble.budget()).await;
    let verdict = evaluate(&checked.facts, &runnable, &rules, now());
    let telling = most_telling(&verdict.checks);
    let reason = telling.map_or("-", |check| check.verdict.code());
    let outcome = match Failures::of(&verdict.checks) {
        None => "succeeded",
        Some(failures) => {
            assert!(
                failures.as_slice().iter().any(|failure| failure.code.as_str() == reason),
                "{cloud} {kind} {}",
                trouble.name()
            );
            "failed"
        }
    };
    let step = telling.and_then(|check| check.next_steps.first());
    let next_step = step.map_or("-".to_owned(), |step| {
        let host = step.url.split('/').nth(2).expect("a next step is a URL");
        format!("{} @ {host}", step.label)
    });
    let overall = Overall::of(&verdict.checks);
    Row { cloud, kind, trouble, outcome, overall, reason, next_step, calls: checked.count() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cloud_credential_and_trouble_comes_to_its_own_row() {
    let bench = Bench::start_in_every_cloud().await;
    let kinds = CredentialKind::ALL;
    let all = kinds.iter().flat_map(|kind| TROUBLES.map(|trouble| (*kind, trouble)));
    let all: Vec<_> =
        all.flat_map(|(kind, trouble)| Cloud::ALL.iter().map(move |cloud| (*cloud, kind, trouble))).collect();
    let rows = stream::iter(all).map(|(cloud, kind, trouble)| row(&bench, cloud, kind, trouble));
    let rows: Vec<_> = rows.buffered(AT_ONCE).collect().await;
    assert!(rows.len() >= 60, "{} rows", rows.len());

    let mut same_everywhere = BTreeMap::<_, BTreeSet<_>>::new();
    let mut table = format!(
        "{:<15}{:<40}{:<11}{:<11}{:<17}{:<7}{:<48}next step\n",
        "credential", "trouble", "cloud", "outcome", "overall", "calls", "reason"
    );
    for row in &rows {
        let Row { cloud, kind, trouble, outcome, overall, reason, next_step, calls } = row;
        let (cloud, kind, name, overall) = (cloud.as_str(), kind.as_str(), trouble.name(), overall.as_str());
        table +=
            &format!("{kind:<15}{name:<40}{cloud:<11}{outcome:<11}{overall:<17}{calls:<7}{reason:<48}{next_step}\n");
        let label = next_step.split(" @ ").next();
        same_everywhere.entry((kind, name)).or_default().insert((*outcome, reason, label, calls));
    }
    #[expect(clippy::print_stdout, reason = "the table is what people run this test for")]
    {
        println!("{table}");
    }
    let different: Vec<_> = same_everywhere.iter().filter(|(_, rows)| rows.len() > 1).collect();
    assert!(different.is_empty(), "a cloud differs from the others: {different:?}");
    insta::assert_snapshot!("scenario_table", table);
}
