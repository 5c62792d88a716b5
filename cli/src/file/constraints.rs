//! The rules of a directory file that a schema cannot express: those about several entries, and those of this deployment.

mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use domain::cloud::Cloud;
use domain::connection::{ConnectionType, CredentialKind, Provider};
use domain::credential_policy::{CredentialOwner, CredentialPolicy, ForbiddenCredential};
use domain::id::{ClientId, ConnectionId, EntraTenantId, InvalidId, SessionId, TenantId, UserId, WorkspaceId};
use domain::manifest::Manifest;
use domain::tenant::TenantStatus;
use domain::time::Timestamp;
use serde_json::Value;

use super::node::Node;
use super::{Path, Problem};
use sessions::Tenants;

/// Everything that the rules have against a document, besides what the schema found.
pub(super) fn problems(
    document: &Value,
    credentials: &CredentialPolicy,
    manifest: &Manifest,
    found: &[Problem],
) -> Vec<Problem> {
    let mut constraints = Constraints {
        credentials,
        manifest,
        reported: found.iter().map(|problem| &problem.path).collect(),
        problems: Vec::new(),
        workspaces: Unique::default(),
        tenants: Unique::default(),
        connections: Unique::default(),
        entra_tenants: Unique::default(),
        sessions: Unique::default(),
    };
    for workspace in Node::root(document).items("workspaces") {
        constraints.workspace(&workspace);
    }
    constraints.problems
}

/// The first place of each value that may stand only once.
struct Unique<T>(BTreeMap<T, Path>);

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord> Unique<T> {
    /// The place where the value stands already.
    fn note(&mut self, value: T, path: &Path) -> Option<Path> {
        let first = self.0.entry(value).or_insert_with(|| path.clone());
        (*first != *path).then(|| first.clone())
    }
}

struct Constraints<'a> {
    credentials: &'a CredentialPolicy,
    manifest: &'a Manifest,
    /// Where the schema found something: not said again in other words.
    reported: BTreeSet<&'a Path>,
    problems: Vec<Problem>,
    workspaces: Unique<WorkspaceId>,
    tenants: Unique<TenantId>,
    connections: Unique<ConnectionId>,
    entra_tenants: Unique<EntraTenantId>,
    sessions: Unique<SessionId>,
}

impl Constraints<'_> {
    fn report(&mut self, path: Path, message: impl Display) {
        self.problems.push(Problem { path, message: message.to_string() });
    }

    fn report_repeated(&mut self, path: Path, first: Option<Path>) {
        if let Some(first) = first {
            self.report(path, format!("stands already at {first}"));
        }
    }

    /// A value that our own type refuses although the schema accepts it.
    fn parses<E: Display>(&mut self, node: Option<Node<'_>>, parse: impl FnOnce(&Value) -> Result<(), E>) {
        if let Some(node) = node.filter(|node| !self.reported.contains(&node.path))
            && let Err(error) = parse(node.value)
        {
            self.report(node.path, error);
        }
    }

    /// To the schema, 1.0 is an integer. Here it is not an id, which has one spelling.
    fn id(&mut self, node: &Node<'_>, name: &str) {
        self.parses(node.field(name), |value| value.as_u64().map(|_| ()).ok_or(InvalidId::NotDecimal));
    }

    fn user(&mut self, node: &Node<'_>, name: &str) {
        self.parses(node.field(name), |value| {
            UserId::try_from(value.as_str().unwrap_or_default().to_owned()).map(|_| ())
        });
    }

    fn time(&mut self, node: &Node<'_>, name: &str) {
        self.parses(node.field(name), |value| value.as_str().unwrap_or_default().parse::<Timestamp>().map(|_| ()));
    }

    fn workspace(&mut self, workspace: &Node<'_>) {
        self.id(workspace, "id");
        let id = workspace.id::<WorkspaceId>("id");
        if let Some(id) = id {
            let path = workspace.path.property("id");
            let first = self.workspaces.note(id, &path);
            self.report_repeated(path, first);
        }
        let members = self.users(&workspace.items("memberships"));
        for tenant in workspace.items("tenants") {
            self.tenant(&tenant, id, &members);
        }
        let tenants = Tenants::of(workspace);
        for session in workspace.items("onboarding_sessions") {
            self.session(&session, &tenants);
        }
    }

    /// The users of memberships or entitlements, each once.
    fn users<'a>(&mut self, grants: &[Node<'a>]) -> BTreeSet<&'a str> {
        let mut users = Unique::default();
        for grant in grants {
            let path = grant.path.property("user_id");
            self.user(grant, "user_id");
            if let Some(user) = grant.text("user_id") {
                let first = users.note(user, &path);
                self.report_repeated(path, first);
            }
        }
        users.0.into_keys().collect()
    }

    fn tenant(&mut self, tenant: &Node<'_>, workspace: Option<WorkspaceId>, members: &BTreeSet<&str>) {
        self.id(tenant, "id");
        if let Some(id) = tenant.id::<TenantId>("id") {
            let path = tenant.path.property("id");
            let first = self.tenants.note(id, &path);
            self.report_repeated(path, first);
        }
        let entra_tenant = tenant.parsed::<EntraTenantId>("entra_tenant_id");
        if let (Some(entra_tenant), Some(TenantStatus::Pending | TenantStatus::Active)) =
            (&entra_tenant, tenant.parsed::<TenantStatus>("status"))
        {
            let path = tenant.path.property("entra_tenant_id");
            if let Some(first) = self.entra_tenants.note(entra_tenant.clone(), &path) {
                self.report(path, format!("one live tenant may have it, and the one at {first} has it already"));
            }
        }
        let entitlements = tenant.items("entitlements");
        self.users(&entitlements);
        for entitlement in entitlements {
            if entitlement.text("user_id").is_some_and(|user| !members.contains(user)) {
                self.report(entitlement.path.property("user_id"), "is not a member of the workspace");
            }
        }
        let mut defaults = Unique::default();
        for connection in tenant.items("connections") {
            self.connection(&connection, workspace, entra_tenant.as_ref());
            let path = connection.path.property("is_default");
            if let (Some(true), Some(provider)) =
                (connection.flag("is_default"), connection.parsed::<Provider>("provider"))
                && let Some(first) = defaults.note(provider, &path)
            {
                self.report(path, format!("one connection of a tenant and provider may be the default, see {first}"));
            }
        }
    }

    fn connection(&mut self, connection: &Node<'_>, workspace: Option<WorkspaceId>, own: Option<&EntraTenantId>) {
        self.id(connection, "id");
        if let Some(id) = connection.id::<ConnectionId>("id") {
            let path = connection.path.property("id");
            let first = self.connections.note(id, &path);
            self.report_repeated(path, first);
        }
        let entra_tenant = connection.parsed::<EntraTenantId>("entra_tenant_id");
        if own.is_some_and(|own| entra_tenant.is_some_and(|it| it != *own)) {
            self.report(connection.path.property("entra_tenant_id"), "differs from the tenant's");
        }
        let modules: Vec<&str> = self.manifest.modules().collect();
        if connection.text("module").is_some_and(|module| !modules.contains(&module)) {
            self.report(connection.path.property("module"), format!("a module is one of {}", modules.join(", ")));
        }
        if let Some(credential) = connection.field("credential") {
            self.time(&credential, "expires_at");
            if let Some(owner) = owner(connection, workspace) {
                self.credential(connection, &credential, &owner);
            }
        }
    }

    fn credential(&mut self, connection: &Node<'_>, credential: &Node<'_>, owner: &CredentialOwner) {
        let (path, result) = match (credential.parsed::<CredentialKind>("kind"), credential.text("reference")) {
            (Some(CredentialKind::ClientSecret | CredentialKind::Certificate), Some(reference)) => {
                (credential.path.property("reference"), self.credentials.reference(reference, owner).map(drop))
            }
            (Some(CredentialKind::Federated), _) => {
                (connection.path.property("client_id"), self.credentials.federation(owner))
            }
            (Some(CredentialKind::ClientSecret | CredentialKind::Certificate), None) | (None, _) => return,
        };
        match result {
            Err(ForbiddenCredential::Undeclared) => {
                self.report(path, format!("{}; --platform-apps names them", ForbiddenCredential::Undeclared));
            }
            Err(ForbiddenCredential::Foreign(error)) if !self.reported.contains(&path) => self.report(path, error),
            Err(ForbiddenCredential::Foreign(_)) | Ok(()) => {}
        }
    }
}

/// Whose credential a connection uses, as far as the file can be read.
fn owner(connection: &Node<'_>, workspace: Option<WorkspaceId>) -> Option<CredentialOwner> {
    match connection.parsed::<ConnectionType>("connection_type")? {
        ConnectionType::Dedicated => workspace.map(CredentialOwner::Workspace),
        ConnectionType::Platform => {
            let client_id = connection.parsed::<ClientId>("client_id")?;
            Some(CredentialOwner::Platform(client_id, connection.parsed::<Cloud>("cloud")?))
        }
    }
}
