//! Literals that the unit tests of this crate share.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::bounds::Bounds;
use crate::check::{Check, CheckDefinition, CheckKey, Severity};
use crate::cloud::Cloud;
use crate::connection::{ConnectionType, ConsentStatus, Credential, CredentialKind, Provider, ProviderConnection};
use crate::credential_policy::CredentialPolicy;
use crate::facts::{
    AppRegistration, AppRoleAssignment, AssignedPlan, Cause, GraphFacts, Known, Organization, ServicePrincipal,
    TokenClaims,
};
use crate::graph_permission::GraphPermission;
use crate::id::{EntraTenantId, ObjectId, RunId, UserId};
use crate::identity::RunIdentityHash;
use crate::manifest::{Manifest, Moment};
use crate::next_step::Links;
use crate::operation_run::{Initiator, Operation, RunHeader, RunTarget};
use crate::preflight::{Block, Rules};
use crate::reason::Reason;
use crate::report::{Report, SealedReport};
use crate::tenant::{Tenant, TenantStatus};
use crate::time::Timestamp;

/// The times of a deployment that changes none of the template's.
pub(crate) const BOUNDS: Bounds = Bounds {
    worker_timeout: Duration::from_mins(1),
    patience: Duration::from_mins(2),
    run_deadline: Duration::from_hours(6),
};

pub(crate) fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

pub(crate) fn guid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

pub(crate) fn object_id(number: u64) -> ObjectId {
    guid(number).parse().expect("a GUID")
}

pub(crate) fn run_id(number: u64) -> RunId {
    RunId::try_from(number).expect("an id")
}

pub(crate) fn entra_tenant_id() -> EntraTenantId {
    "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".parse().expect("a GUID")
}

pub(crate) fn tenant() -> Tenant {
    Tenant {
        id: "2".parse().expect("an id"),
        workspace_id: "1".parse().expect("an id"),
        name: "Contoso".to_owned(),
        entra_tenant_id: entra_tenant_id().to_string(),
        status: TenantStatus::Active,
    }
}

pub(crate) fn connection() -> ProviderConnection {
    ProviderConnection {
        id: "3".parse().expect("an id"),
        workspace_id: "1".parse().expect("an id"),
        tenant_id: "2".parse().expect("an id"),
        provider: Provider::Microsoft,
        module: "intune".to_owned(),
        cloud: "global".to_owned(),
        entra_tenant_id: entra_tenant_id().to_string(),
        entra_tenant_name: Some("contoso.example".to_owned()),
        display_name: "Contoso production".to_owned(),
        client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
        connection_type: ConnectionType::Dedicated,
        is_default: true,
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

/// The built-in manifest with a test's extension, for as long as the tests run.
pub(crate) fn extended(file: &str) -> &'static Manifest {
    Box::leak(Box::new(Manifest::built_in().extended(file.as_bytes()).expect("a valid extension")))
}

/// The app of [`connection`] as the platform's own, with a stored credential or a federated one.
const PLATFORM_APPS: &str = "11111111-2222-4333-8444-555555555555@global=/tenantcheck/test/platform/app,\
                             11111111-2222-4333-8444-555555555555@global";

pub(crate) fn rules() -> Rules {
    let console = "https://console.example.com".parse().expect("a URL");
    Rules {
        credentials: CredentialPolicy::new("test".parse().expect("a stage"), PLATFORM_APPS).expect("an app"),
        links: Links::new(console, String::new()),
        manifest: Manifest::built_in(),
    }
}

pub(crate) fn header() -> RunHeader {
    let (tenant, connection) = (tenant(), connection());
    RunHeader {
        id: run_id(41),
        workspace_id: tenant.workspace_id,
        tenant_id: tenant.id,
        operation: Operation::ProviderConnectionCheck,
        identity_hash: RunIdentityHash::of(
            tenant.workspace_id,
            tenant.id,
            Operation::ProviderConnectionCheck,
            connection.provider,
            Some(connection.id),
        ),
        initiator: Initiator::user(UserId::try_from("ada".to_owned()).expect("a user id"), Some("Ada")),
        target: RunTarget::of(&tenant, Some(&connection)),
        session_id: None,
        created_at: now(),
    }
}

pub(crate) fn block() -> Block {
    rules().no_connection(&tenant(), true)
}

pub(crate) fn passing_checks() -> Vec<Check> {
    let definition = |key, title| CheckDefinition { key, title, severity: Severity::High, blocking: true };
    vec![
        Check::pass(&definition(CheckKey::CONNECTION, "Connection"), Vec::new()),
        Check::pass(&definition(CheckKey::TENANT_BINDING, "Binding"), Vec::new()),
        Check::pass(&definition(CheckKey::INVENTORY, "Inventory"), Vec::new()),
    ]
}

pub(crate) fn seal(checks: Vec<Check>) -> SealedReport {
    seal_for(&header(), checks)
}

pub(crate) fn seal_for(run: &RunHeader, checks: Vec<Check>) -> SealedReport {
    Report { run, client_id: None, generated_at: now(), previous: None, checks }.seal().expect("a valid report")
}

pub(crate) fn cause(reason: Reason) -> Cause {
    Cause { reason, evidence: Vec::new(), retry_after: None }
}

pub(crate) fn organization() -> Organization {
    let plans = vec![AssignedPlan { service: "SCO".to_owned(), plan_id: None, enabled: true }];
    Organization { id: entra_tenant_id(), plans }
}

pub(crate) fn moment() -> Moment {
    Moment { cloud: Cloud::Global, now: now() }
}

pub(crate) fn service_principal() -> ServicePrincipal {
    ServicePrincipal {
        id: object_id(2),
        is_enabled: true,
        is_disabled_by_microsoft: false,
        owner: Some(entra_tenant_id()),
        credentials: Some(Vec::new()),
    }
}

/// The id of one of Graph's app roles.
pub(crate) fn role(name: &str) -> ObjectId {
    GraphPermission::named(name).and_then(|permission| permission.id.clone()).expect("the table has its id")
}

/// What Graph says of a healthy tenant: everything that `intune` requires is granted.
pub(crate) fn graph_facts() -> GraphFacts {
    let requirements = Manifest::built_in().requirements("intune").expect("defined");
    let roles: BTreeSet<String> = requirements.iter().map(|requirement| requirement.name.to_owned()).collect();
    let graph = object_id(1);
    let assignment = |name: &String| AppRoleAssignment { app_role_id: role(name), resource_id: graph.clone() };
    let assignments = roles.iter().map(assignment).collect();
    GraphFacts {
        token: Some(TokenClaims { tenant_id: Some(entra_tenant_id()), roles, directory_roles: BTreeSet::new() }),
        organization: Known::Known(organization()),
        service_principal: Known::Known(service_principal()),
        assignments: Known::Known(assignments),
        graph_resource: Known::Known(graph),
        delegated: None,
        registration: Some(Known::Known(AppRegistration {
            secrets: vec![Some(now() + Duration::from_hours(24 * 200))],
            certificates: None,
            asks: None,
        })),
        certificate_expires_at: None,
    }
}
