//! Literals that the unit tests of this crate share.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::bounds::Bounds;
use domain::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use domain::connection::Provider;
use domain::identity::RunIdentityHash;
use domain::next_step::NextStep;
use domain::operation_run::{Initiator, Interruption, Operation, OperationRun, RunHeader, RunTarget};
use domain::preflight::Block;
use domain::reason::Reason;
use domain::report::{PreviousReport, Report, SealedReport, VerifiedReport};
use domain::time::Timestamp;

use crate::item::Item;

pub(crate) fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is an id"))
}

pub(crate) fn user(text: &str) -> domain::id::UserId {
    text.to_owned().try_into().expect("a user id")
}

pub(crate) fn header() -> RunHeader {
    let (workspace_id, tenant_id, connection_id) = (id("1"), id("2"), Some(id("3")));
    let operation = Operation::ProviderConnectionCheck;
    RunHeader {
        id: id("41"),
        workspace_id,
        tenant_id,
        operation,
        identity_hash: RunIdentityHash::of(workspace_id, tenant_id, operation, Provider::Microsoft, connection_id),
        initiator: Initiator::user(user("auth0|ada#1"), Some("Ada")),
        target: RunTarget {
            provider: Provider::Microsoft,
            module: Some("intune".to_owned()),
            connection_id,
            entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
            entra_tenant_name: Some("contoso.example".to_owned()),
        },
        session_id: None,
        created_at: now(),
    }
}

pub(crate) fn seal(previous: Option<PreviousReport>) -> SealedReport {
    let needed = [CheckKey::CONNECTION, CheckKey::TENANT_BINDING, CheckKey::INVENTORY];
    seal_checks(needed.map(|key| (key, Verdict::Pass)).to_vec(), previous)
}

fn seal_checks(checks: Vec<(CheckKey, Verdict)>, previous: Option<PreviousReport>) -> SealedReport {
    let definition = |key| CheckDefinition { key, title: "Something", severity: Severity::Critical, blocking: true };
    let checks = checks.into_iter().map(|(key, verdict)| Check::new(&definition(key), verdict, Vec::new())).collect();
    Report { run: &header(), client_id: None, generated_at: now(), previous, checks }.seal().expect("a valid report")
}

const BOUNDS: Bounds = Bounds {
    worker_timeout: Duration::from_mins(1),
    patience: Duration::from_mins(2),
    run_deadline: Duration::from_hours(6),
};

/// A run in every state, with a name.
pub(crate) fn runs() -> Vec<(&'static str, OperationRun)> {
    let lease = std::time::Duration::from_secs(65);
    let first = seal(None);
    let (fingerprint, naming) = (first.fingerprint().clone(), Some(first.naming().clone()));
    let last_verified = Some(VerifiedReport { run_id: id("39"), fingerprint, naming });
    let earlier = PreviousReport { run_id: id("40"), last_verified };
    let second = seal(Some(earlier));
    let queued = OperationRun::queue(header());
    let running = queued.clone().claim(now(), now() + lease, &BOUNDS).expect("queued runs are claimed");
    let returned = running.clone().give_back(now(), now() + lease).expect("claimed runs are given back");
    let succeeded = running.clone().finish(now(), &second).expect("claimed runs finish");
    let throttled = seal_checks(vec![(CheckKey::CONNECTION, Verdict::Fail(Reason::Throttled))], None);
    let failed = running.clone().finish(now(), &throttled).expect("claimed runs finish");
    let step = NextStep { label: "Add a connection".to_owned(), url: "https://console.example.com/x".to_owned() };
    let block = Block {
        reason: Reason::ProviderConnectionMissing,
        next_steps: vec![step],
        connection_id: None,
        client_id: None,
    };
    let interrupted = running.clone().interrupt(now(), Interruption::AttemptsUsedUp, &first);
    let interrupted = interrupted.expect("active runs are interrupted");
    let blocked = queued.clone().block(now(), &block, &first).expect("active runs are blocked");
    vec![
        ("queued", queued),
        ("running", running),
        ("given back", returned),
        ("succeeded", succeeded),
        ("failed", failed),
        ("interrupted", interrupted),
        ("blocked", blocked),
    ]
}

/// An item as text, one attribute a line, sorted by name.
pub(crate) fn show(item: &Item) -> String {
    sorted(item).into_iter().map(|(name, value)| format!("{name}: {}\n", show_value(value))).collect()
}

fn show_value(value: &AttributeValue) -> String {
    match value {
        AttributeValue::L(list) => format!("[{}]", list.iter().map(show_value).collect::<Vec<_>>().join(", ")),
        AttributeValue::M(map) => {
            let members = sorted(map).into_iter().map(|(name, value)| format!("{name}: {}", show_value(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        plain => format!("{plain:?}"),
    }
}

fn sorted(map: &Item) -> BTreeMap<&String, &AttributeValue> {
    map.iter().collect()
}
