//! What the scenarios are about: workspace 1, its tenant 2 with the connection 3, and the user ada.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use domain::access::{self, Authority, Capability, Entitled, Rights, Role, Scope};
use domain::audit::{AuditAction, AuditEvent};
use domain::check::{Check, CheckDefinition, CheckKey, Severity, Verdict};
use domain::connection::{
    ConnectionHealth, ConnectionType, ConsentStatus, Credential, CredentialKind, Provider, ProviderConnection,
    VerificationStatus,
};
use domain::id::{ConnectionId, RunId};
use domain::identity::RunIdentityHash;
use domain::manifest::{Area, PermissionType};
use domain::next_step::NextStep;
use domain::operation_run::{Initiator, Operation, OperationRun, RunHeader, RunState, RunTarget};
use domain::permissions::{GrantSource, PermissionInventory, PermissionRow, PermissionStatus, RowDetails};
use domain::preflight::Block;
use domain::reason::Reason;
use domain::report::{PreviousReport, Report, SealedReport};
use domain::stub;
use domain::tenant::{Tenant, TenantStatus};
use domain::time::Timestamp;
use harness::directory::{self, workspace};
pub(super) use harness::scene::{BOUNDS, user};
use store::{Claim, Completed, Opened, Origin, Saved, StartConditions};

use super::bench::Bench;

pub(super) const ENTRA_TENANT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
pub(super) const LEASE: Duration = Duration::from_secs(65);

pub(super) fn id<T: FromStr>(number: u64) -> T {
    number.to_string().parse().unwrap_or_else(|_| panic!("{number} is an id"))
}

pub(super) fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().unwrap()
}

pub(super) fn entitled(workspace: u64, tenant: u64, capability: Capability) -> Entitled {
    let scope = Scope::Tenant(id(workspace), id(tenant));
    let rights = Rights { membership: Some(Role::Owner), entitlement: Some(Role::Owner) };
    access::decide(scope, rights, capability).expect("an owner may do everything")
}

pub(super) fn starter() -> Authority {
    Authority::Entitled(entitled(1, 2, Capability::RunProvider))
}

pub(super) fn tenant() -> Tenant {
    Tenant {
        id: id(2),
        workspace_id: id(1),
        name: "Contoso".to_owned(),
        entra_tenant_id: ENTRA_TENANT.to_owned(),
        status: TenantStatus::Active,
    }
}

pub(super) fn connection(number: u64) -> ProviderConnection {
    ProviderConnection {
        id: id(number),
        workspace_id: id(1),
        tenant_id: id(2),
        provider: Provider::Microsoft,
        module: "intune".to_owned(),
        cloud: "global".to_owned(),
        entra_tenant_id: ENTRA_TENANT.to_owned(),
        entra_tenant_name: None,
        display_name: format!("Connection {number}"),
        client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
        connection_type: ConnectionType::Dedicated,
        is_default: number == 3,
        is_enabled: true,
        consent_status: ConsentStatus::Granted,
        credential: Credential {
            kind: CredentialKind::ClientSecret,
            reference: Some("/tenantcheck/test/1/contoso".to_owned()),
            expires_at: None,
            certificate_algorithm: None,
        },
        updated_at: now(),
        version: 1,
    }
}

/// Workspace, tenant, connection, and ada as the workspace's owner.
pub(super) async fn seed(bench: &Bench) {
    seed_with(bench, &[connection(3)]).await;
}

/// The same with these connections.
pub(super) async fn seed_with(bench: &Bench, connections: &[ProviderConnection]) {
    let mut workspace = workspace(&tenant(), connections, &[("ada", Role::Manager)]);
    workspace.memberships[0].role = Role::Owner;
    directory::apply(&bench.store, workspace, now()).await;
    drop(bench.proxy.calls());
}

pub(super) fn header_of(run: u64, connection: Option<ConnectionId>) -> RunHeader {
    let operation = Operation::ProviderConnectionCheck;
    RunHeader {
        id: id(run),
        workspace_id: id(1),
        tenant_id: id(2),
        operation,
        identity_hash: RunIdentityHash::of(id(1), id(2), operation, Provider::Microsoft, connection),
        initiator: Initiator::user(user("ada"), Some("Ada")),
        target: RunTarget {
            provider: Provider::Microsoft,
            module: connection.map(|_| "intune".to_owned()),
            connection_id: connection,
            entra_tenant_id: ENTRA_TENANT.to_owned(),
            entra_tenant_name: None,
        },
        session_id: None,
        created_at: now(),
    }
}

pub(super) fn header(run: u64) -> RunHeader {
    header_of(run, Some(id(3)))
}

pub(super) fn queued(run: u64) -> OperationRun {
    OperationRun::queue(header(run))
}

/// An event with an id of its own for each action and run.
pub(super) fn event(action: AuditAction, run: &RunHeader) -> AuditEvent {
    AuditEvent::of_run(id(run.id.get() * 10 + action as u64 + 1), now(), action, run)
}

pub(super) fn started(run: &OperationRun) -> AuditEvent {
    event(AuditAction::VerificationStarted, &run.header)
}

pub(super) fn inventory(refreshed_at: Timestamp) -> PermissionInventory {
    let row = PermissionRow {
        permission_key: "Organization.Read.All".to_owned(),
        permission_type: PermissionType::Application,
        status: PermissionStatus::Granted,
        details: RowDetails { features: vec![Area::Core], satisfied_by: None },
        last_checked_at: refreshed_at,
    };
    PermissionInventory {
        rows: vec![row],
        source: GrantSource::AppRoleAssignments,
        manifest_version: "2026-11-01".to_owned(),
        last_refreshed_at: refreshed_at,
    }
}

/// What the last check of a report may say, to tell it from a report that passes.
pub(super) const EXCESSIVE: Verdict = Verdict::Warn(Reason::ProviderPermissionExcessive);

/// A report of a run that succeeded, with this as its last check.
fn seal(run: &RunHeader, at: Timestamp, last: Verdict, previous: Option<PreviousReport>) -> SealedReport {
    let passing = [CheckKey::CONNECTION, CheckKey::TENANT_BINDING, CheckKey::INVENTORY].map(|key| (key, Verdict::Pass));
    let checks = passing.into_iter().chain([(CheckKey::EXCESSIVE, last)]).map(|(key, verdict)| {
        let definition = CheckDefinition { key, title: "Something", severity: Severity::High, blocking: false };
        Check::new(&definition, verdict, Vec::new())
    });
    let checks = checks.collect();
    Report { run, client_id: None, generated_at: at, previous, checks }.seal().unwrap()
}

/// A claimed run finished at this time, with everything that can be stored with it.
pub(super) fn finished(
    run: &OperationRun,
    at: Timestamp,
    last: Verdict,
    previous: Option<PreviousReport>,
) -> Completed {
    let RunState::Running(attempt) = &run.state else { panic!("only claimed runs finish") };
    let origin = Origin::Claimed { attempt: attempt.number };
    let report = seal(&run.header, at, last, previous);
    let health = ConnectionHealth {
        verification_status: VerificationStatus::Healthy,
        last_verified_at: at,
        last_error_reason_code: None,
        run_id: run.header.id,
    };
    Completed {
        run: run.clone().finish(at, &report).unwrap(),
        report,
        origin,
        inventory: Some(inventory(at)),
        health: Some(health),
        audit: event(AuditAction::VerificationCompleted, &run.header),
    }
}

/// What a completed run is to the next one of its identity.
pub(super) fn previous(completed: &Completed) -> PreviousReport {
    let RunState::Completed(completion) = &completed.run.state else { panic!("it is completed") };
    completion.as_previous(completed.run.header.id)
}

/// A fresh run that is blocked at once.
pub(super) fn blocked(run: &OperationRun, previous: Option<PreviousReport>) -> Completed {
    let step = NextStep { label: "Add a connection".to_owned(), url: "https://console.example.com/x".to_owned() };
    let connection_id = run.header.target.connection_id;
    let block =
        Block { reason: Reason::ProviderConnectionMissing, next_steps: vec![step], connection_id, client_id: None };
    let report =
        Report { run: &run.header, client_id: None, generated_at: now(), previous, checks: stub::blocked(&block) }
            .seal()
            .unwrap();
    Completed {
        run: run.clone().block(now(), &block, &report).unwrap(),
        report,
        origin: Origin::Fresh { authority: starter(), conditions: StartConditions::default() },
        inventory: None,
        health: None,
        audit: event(AuditAction::VerificationBlocked, &run.header),
    }
}

/// What `make` gives that never fails.
#[allow(clippy::unnecessary_wraps, reason = "names the error, which a closure alone leaves open")]
pub(super) fn made(completed: Completed) -> Result<Completed, Infallible> {
    Ok(completed)
}

pub(super) async fn open(bench: &Bench, run: u64) {
    let run = queued(run);
    assert_eq!(
        bench.store.open(starter(), &run, &started(&run), &StartConditions::default()).await.unwrap(),
        Opened::New
    );
}

pub(super) async fn claim(bench: &Bench, run: u64, at: Timestamp) -> OperationRun {
    match bench.store.claim(id(run), at, at + LEASE, &BOUNDS).await.unwrap() {
        Claim::Mine(run) => run,
        other => panic!("not claimed: {other:?}"),
    }
}

/// A run of connection 3, from its start to its end.
pub(super) async fn complete(bench: &Bench, run: u64, at: Timestamp) -> Completed {
    open(bench, run).await;
    let claimed = claim(bench, run, at).await;
    let latest = bench.store.latest(id(2), &claimed.header.identity_hash, at).await.unwrap();
    let finish = |previous| made(finished(&claimed, at, Verdict::Pass, previous));
    saved(bench.store.complete(at, latest, finish).await.unwrap())
}

pub(super) fn saved(saved: Saved) -> Completed {
    match saved {
        Saved::Done(completed) => *completed,
        Saved::Stale | Saved::IdTaken | Saved::Refused(_) => panic!("not saved"),
    }
}

pub(super) fn run_id(completed: &Completed) -> RunId {
    completed.run.header.id
}
