//! A scene for tests that call the functions' libraries: a fresh table and queue with one workspace, one tenant of Microsoft's stand-in
//! and its connection, the people who may and may not, and the functions wired to it all.

mod wired;

use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use aws_types::SdkConfig;
use domain::access::{Authority, Capability, Entitled, Role, Scope, decide};
use domain::audit::{AuditAction, AuditEvent};
use domain::bounds::Bounds;
use domain::cloud::Cloud;
use domain::connection::{
    ConnectionHealth, ConnectionType, ConsentStatus, Credential, CredentialKind, Provider as ProviderName,
    ProviderConnection,
};
use domain::credential_policy::CredentialPolicy;
use domain::directory::WantedWorkspace;
use domain::id::{ConnectionId, EventId, RunId, TenantId, UserId, WorkspaceId};
use domain::identity::RunIdentityHash;
use domain::manifest::Manifest;
use domain::next_step::Links;
use domain::operation_run::{Initiator, Operation, OperationRun, RunHeader, RunTarget};
use domain::preflight::Rules;
use domain::tenant::{Tenant, TenantStatus};
use domain::time::Timestamp;
use store::{Opened, StartConditions, Store};
use tokio::sync::OnceCell;

pub use crate::customer::{MANAGER, OPERATOR, OWNER, READER, UNENTITLED as COLLEAGUE};
use crate::damage;
use crate::directory::{self, membership, workspace};
use crate::microsoft::{Scenario, StandIn, TenantFixture};
use crate::shared::Sandbox;
use crate::views;

/// Belongs to nothing.
pub const OUTSIDER: &str = "mallory";

/// The times of the template.
pub const BOUNDS: Bounds = Bounds {
    worker_timeout: Duration::from_mins(1),
    patience: Duration::from_mins(2),
    run_deadline: Duration::from_hours(6),
};

/// One workspace with one tenant and one connection.
#[derive(Debug)]
pub struct Scene {
    /// The table and the queues.
    pub sandbox: Sandbox,
    /// The table.
    pub store: Store,
    /// The tenant's side of the stand-in.
    pub fixture: TenantFixture,
    /// The tenant.
    pub tenant: Tenant,
    /// Its default connection.
    pub connection: ProviderConnection,
}

/// The stand-in that the tests of this process share.
///
/// # Panics
/// When no port can be listened on.
pub async fn stand_in() -> &'static StandIn {
    static SHARED: OnceCell<StandIn> = OnceCell::const_new();
    SHARED.get_or_init(async || StandIn::start().await.unwrap_or_else(|error| panic!("{error:#}"))).await
}

/// The current time.
#[must_use]
pub fn now() -> Timestamp {
    std::time::SystemTime::now().into()
}

/// A user's id.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn user(name: &str) -> UserId {
    UserId::try_from(name.to_owned()).expect("a user id")
}

impl Scene {
    /// Sets the scene with a tenant that behaves as the scenario says.
    ///
    /// # Panics
    /// When the emulator or the stand-in does not take part.
    pub async fn new(scenario: Scenario) -> Self {
        Self::on(Sandbox::new().await, scenario).await
    }

    /// Sets the scene on a table and queues that are there already.
    ///
    /// # Panics
    /// When the emulator or the stand-in does not take part.
    pub async fn on(sandbox: Sandbox, scenario: Scenario) -> Self {
        Self::of(sandbox, TenantFixture::fresh(scenario, Cloud::Global, CredentialKind::ClientSecret)).await
    }

    /// Sets the scene with this tenant.
    ///
    /// # Panics
    /// When the emulator or the stand-in does not take part.
    pub async fn of(sandbox: Sandbox, fixture: TenantFixture) -> Self {
        stand_in().await.add(&fixture);
        let (tenant, connection) = customer(&fixture, &format!("/tenantcheck/test/1/{}", sandbox.table));
        let store = store(&sandbox.aws, &sandbox.table);
        let entitled =
            [(OWNER, Role::Owner), (MANAGER, Role::Manager), (OPERATOR, Role::Operator), (READER, Role::Readonly)];
        let mut workspace = workspace(&tenant, std::slice::from_ref(&connection), &entitled);
        workspace.memberships.push(membership(tenant.workspace_id, COLLEAGUE, Role::Owner));
        directory::apply(&store, workspace, connection.updated_at).await;
        let scene = Self { sandbox, store, fixture, tenant, connection };
        if scene.connection.credential.reference.is_some() {
            scene.put_secret(&scene.fixture.secret).await;
        }
        scene
    }

    /// Stores another secret for the connection.
    ///
    /// # Panics
    /// When the parameter store does not take it.
    pub async fn put_secret(&self, secret: &str) {
        let name = self.connection.credential.reference.as_deref().expect("a client secret has a reference");
        let put = aws_sdk_ssm::Client::new(&self.sandbox.aws)
            .put_parameter()
            .name(name)
            .r#type(ParameterType::SecureString)
            .value(secret)
            .overwrite(true);
        put.send().await.expect("the parameter store takes a secret");
    }

    /// Removes the connection's secret.
    ///
    /// # Panics
    /// When the parameter store does not let it go.
    pub async fn remove_secret(&self) {
        let name = self.connection.credential.reference.as_deref().expect("a client secret has a reference");
        let delete = aws_sdk_ssm::Client::new(&self.sandbox.aws).delete_parameter().name(name);
        delete.send().await.expect("the parameter store lets the secret go");
    }

    /// Changes the workspace: who is in it, and its tenants with everything that belongs to them. The scene's own tenant comes first.
    ///
    /// # Panics
    /// When the change does not fit what is stored, or the table does not take it.
    pub async fn change(&self, change: impl FnOnce(&mut WantedWorkspace)) {
        directory::change(&self.store, self.tenant.workspace_id, now(), change).await;
    }

    /// Removes somebody from the workspace, and nothing else.
    ///
    /// # Panics
    /// When the table does not let the membership go.
    pub async fn expel(&self, name: &str) {
        self.change(|workspace| workspace.memberships.retain(|it| it.user_id.as_str() != name)).await;
    }

    /// The same tenant and connection, from now on with another tenant of the stand-in behind them.
    ///
    /// # Panics
    /// When the table or the parameter store does not take it.
    pub async fn retarget(mut self, fixture: TenantFixture) -> Self {
        self.tenant.entra_tenant_id = fixture.entra_tenant_id.to_string();
        self.connection.entra_tenant_id.clone_from(&self.tenant.entra_tenant_id);
        self.connection.client_id = fixture.client_id.to_string();
        self.put_secret(&fixture.secret).await;
        self.fixture = fixture;
        let (tenant, connection) = (self.tenant.clone(), self.connection.clone());
        let retarget = |workspace: &mut WantedWorkspace| {
            workspace.tenants[0].tenant = tenant;
            workspace.tenants[0].connections = vec![connection];
        };
        self.change(retarget).await;
        self
    }

    /// Stores the scene's connection with a change of its configuration.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn change_connection(&self, change: impl FnOnce(&mut ProviderConnection)) {
        self.change_connection_at(now(), change).await;
    }

    /// The same at this time: that is when the connection was changed last, if it is changed at all.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn change_connection_at(&self, at: Timestamp, change: impl FnOnce(&mut ProviderConnection)) {
        let mut changed = self.connection.clone();
        change(&mut changed);
        let replace = |workspace: &mut WantedWorkspace| {
            let mut connections = workspace.tenants[0].connections.iter_mut();
            *connections.find(|it| it.id == self.connection.id).expect("the scene's connection is stored") = changed;
        };
        directory::change(&self.store, self.tenant.workspace_id, at, replace).await;
    }

    /// What is known of the connection's health.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn health(&self) -> Option<ConnectionHealth> {
        let (workspace, tenant) = (self.tenant.workspace_id, self.tenant.id);
        let view = views::tenant(&self.store, (workspace, tenant), &user(OPERATOR), now()).await;
        let view = view.expect("the table answers");
        view.health.into_iter().find(|(id, _)| *id == self.connection.id).map(|(_, health)| health)
    }

    /// Opens a queued run of the connection, as a start by `OPERATOR` does.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn queued_run(&self) -> OperationRun {
        self.open(OperationRun::queue(self.header())).await
    }

    /// Opens a run, as a start by `OPERATOR` does whose message is lost.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open(&self, run: OperationRun) -> OperationRun {
        let audit = AuditEvent::of_run(
            EventId::new(now(), fastrand::u16(..)),
            now(),
            AuditAction::VerificationStarted,
            &run.header,
        );
        let authority = Authority::Entitled(self.entitled());
        let opened = self
            .store
            .open(authority, &run, &audit, &StartConditions::default())
            .await
            .expect("the table takes the run");
        assert_eq!(opened, Opened::New);
        run
    }

    /// The header of a new run of the connection.
    #[must_use]
    pub fn header(&self) -> RunHeader {
        let (tenant, connection) = (&self.tenant, &self.connection);
        let operation = Operation::ProviderConnectionCheck;
        RunHeader {
            id: RunId::new(now(), fastrand::u16(..)),
            workspace_id: tenant.workspace_id,
            tenant_id: tenant.id,
            operation,
            identity_hash: RunIdentityHash::of(
                tenant.workspace_id,
                tenant.id,
                operation,
                connection.provider,
                Some(connection.id),
            ),
            initiator: Initiator::user(user(OPERATOR), Some("Grace")),
            target: RunTarget::of(tenant, Some(connection)),
            session_id: None,
            created_at: now(),
        }
    }

    /// What lets `OPERATOR` start.
    ///
    /// # Panics
    /// Never: the scene's operator may start.
    #[must_use]
    pub fn entitled(&self) -> Entitled {
        let scope = Scope::Tenant(self.tenant.workspace_id, self.tenant.id);
        let rights = domain::access::Rights { membership: Some(Role::Operator), entitlement: Some(Role::Operator) };
        decide(scope, rights, Capability::RunProvider).expect("the scene's operator may start")
    }
}

/// A store over a table.
#[must_use]
pub fn store(aws: &SdkConfig, table: &str) -> Store {
    let days = |days: u64| Duration::from_hours(days * 24);
    let settings = store::StoreSettings {
        table: table.to_owned(),
        run_retention: days(90),
        audit_retention: days(400),
        damaged: damage::note,
    };
    Store::new(aws_sdk_dynamodb::Client::new(aws), settings)
}

/// The rules of the stage `test`, without apps of the platform's own.
///
/// # Panics
/// Never: the texts are literals.
#[must_use]
pub fn rules() -> Rules {
    Rules {
        credentials: CredentialPolicy::new("test".parse().expect("a stage"), "").expect("no platform apps"),
        links: Links::new("https://console.example.com".parse().expect("a URL"), String::new()),
        manifest: Manifest::built_in(),
    }
}

/// The tenant of a fixture and its connection, whose credential is stored in this parameter.
#[must_use]
pub fn customer(fixture: &TenantFixture, parameter: &str) -> (Tenant, ProviderConnection) {
    let tenant = Tenant {
        id: number(2),
        workspace_id: number(1),
        name: "Contoso".to_owned(),
        entra_tenant_id: fixture.entra_tenant_id.to_string(),
        status: TenantStatus::Active,
    };
    let connection = connection(&tenant, fixture, parameter);
    (tenant, connection)
}

fn connection(tenant: &Tenant, fixture: &TenantFixture, parameter: &str) -> ProviderConnection {
    let kind = fixture.registration.kind();
    // Nothing is stored for a federated credential.
    let reference = (kind != CredentialKind::Federated).then(|| parameter.to_owned());
    ProviderConnection {
        id: number(3),
        workspace_id: tenant.workspace_id,
        tenant_id: tenant.id,
        provider: ProviderName::Microsoft,
        module: "intune".to_owned(),
        cloud: fixture.cloud.to_string(),
        entra_tenant_id: fixture.entra_tenant_id.to_string(),
        entra_tenant_name: None,
        display_name: "Contoso production".to_owned(),
        client_id: fixture.client_id.to_string(),
        connection_type: ConnectionType::Dedicated,
        is_default: true,
        is_enabled: true,
        consent_status: ConsentStatus::Granted,
        credential: Credential { kind, reference, expires_at: None, certificate_algorithm: None },
        updated_at: now(),
        version: 1,
    }
}

trait Number: TryFrom<u64> {}
impl Number for WorkspaceId {}
impl Number for TenantId {}
impl Number for ConnectionId {}

fn number<T: Number>(value: u64) -> T {
    T::try_from(value).unwrap_or_else(|_| panic!("{value} is an id"))
}
