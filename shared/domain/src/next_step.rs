//! Next steps: links that lead a person to the place where a cause is mended. They are built from known ids alone and never do
//! anything by themselves.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::cloud::Cloud;
use crate::id::{ClientId, ConnectionId, EntraTenantId, ObjectId, TenantId, WorkspaceId};
use crate::tenant::Tenant;

/// A link for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// What the link is for.
    pub label: String,
    /// Where it leads; always https.
    pub url: String,
}

/// Where a next step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The tenant's page in the console.
    Tenant,
    /// The tenant's list of connections in the console.
    Connections,
    /// One connection's page in the console; the list where no connection is known.
    Connection,
    /// The tenant's permissions page in the console.
    Permissions,
    /// Microsoft's admin consent page in the connection's cloud.
    AdminConsent,
    /// The app registration, in the directory that owns it.
    AppRegistration,
    /// Its certificates, secrets and federated credentials.
    AppCredentials,
    /// The permissions that it asks for.
    AppPermissions,
    /// What stands of the app in the customer's directory.
    EnterpriseApp,
    /// Its permissions there.
    EnterpriseAppPermissions,
}

/// A next step before its link is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextStepTemplate {
    /// The link's text.
    pub label: &'static str,
    /// Where the link leads.
    pub target: Target,
}

/// What is known about whom a link is for. Ids come from storage or the path, already parsed.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The connection, where there is one.
    pub connection_id: Option<ConnectionId>,
    /// The app in its cloud and tenant, where the connection's ids could be parsed.
    pub app: Option<App>,
    /// Whether the app is registered in the customer's directory. A platform's is registered in the operator's own.
    pub is_registered_there: bool,
    /// Object id of the app's principal in the customer's directory, where Graph has told it.
    pub principal: Option<ObjectId>,
}

impl Subject {
    /// The tenant, before a connection is known.
    #[must_use]
    pub fn of_tenant(tenant: &Tenant) -> Self {
        Self {
            workspace_id: tenant.workspace_id,
            tenant_id: tenant.id,
            connection_id: None,
            app: None,
            is_registered_there: false,
            principal: None,
        }
    }
}

/// An app registration's access to one Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The cloud.
    pub cloud: Cloud,
    /// The Entra tenant.
    pub entra_tenant_id: EntraTenantId,
    /// The app registration.
    pub client_id: ClientId,
}

/// Why a text is not the console's base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the console's base URL is https://host[:port][/path] without query, fragment or user")]
pub struct InvalidConsoleBaseUrl;

/// The base URL of the product's console: https, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleBaseUrl(String);

impl FromStr for ConsoleBaseUrl {
    type Err = InvalidConsoleBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidConsoleBaseUrl> {
        let base = text.trim_end_matches('/');
        let rest = base.strip_prefix("https://").ok_or(InvalidConsoleBaseUrl)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
        if rest.is_empty() || rest.starts_with(['/', ':']) || !rest.bytes().all(plain) {
            return Err(InvalidConsoleBaseUrl);
        }
        Ok(Self(base.to_owned()))
    }
}

/// Everything but RFC 3986's unreserved characters is encoded in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A page of Microsoft's that says that consent was given. It needs no registration with the app.
const CONSENT_DONE: &str = "https://entra.microsoft.com/TokenAuthorize";

/// Builds next steps.
#[derive(Debug, Clone)]
pub struct Links {
    console: ConsoleBaseUrl,
    consent_redirect_uri: String,
}

impl Links {
    /// `consent_redirect_uri` is where Microsoft sends the administrator after consent, which the app has to be registered with; empty
    /// stands for a page of Microsoft's own, where one is known.
    #[must_use]
    pub fn new(console: ConsoleBaseUrl, consent_redirect_uri: String) -> Self {
        Self { console, consent_redirect_uri }
    }

    /// The step with its link for this subject.
    #[must_use]
    pub fn next_step(&self, step: NextStepTemplate, subject: &Subject) -> NextStep {
        NextStep { label: step.label.to_owned(), url: self.url(step.target, subject) }
    }

    fn url(&self, target: Target, subject: &Subject) -> String {
        let tenant = || format!("{}/workspaces/{}/tenants/{}", self.console.0, subject.workspace_id, subject.tenant_id);
        let connection = || match subject.connection_id {
            Some(id) => format!("{}/connections/{id}", tenant()),
            None => format!("{}/connections", tenant()),
        };
        match (target, &subject.app) {
            (Target::Tenant, _) => tenant(),
            (Target::Connections, _) => format!("{}/connections", tenant()),
            (Target::Permissions, _) => format!("{}/permissions", tenant()),
            (
                Target::Connection
                | Target::AdminConsent
                | Target::AppRegistration
                | Target::AppCredentials
                | Target::AppPermissions
                | Target::EnterpriseApp
                | Target::EnterpriseAppPermissions,
                None,
            )
            | (Target::Connection, _) => connection(),
            (Target::AdminConsent, Some(app)) => self.admin_consent(app),
            (Target::AppRegistration, Some(app)) => registration(app, subject, "Overview"),
            (Target::AppCredentials, Some(app)) => registration(app, subject, "Credentials"),
            (Target::AppPermissions, Some(app)) => registration(app, subject, "CallAnAPI"),
            (Target::EnterpriseApp, Some(app)) => enterprise_app(app, subject, "Overview"),
            (Target::EnterpriseAppPermissions, Some(app)) => enterprise_app(app, subject, "Permissions"),
        }
    }

    fn admin_consent(&self, app: &App) -> String {
        let authority = app.cloud.endpoints().authority;
        let mut url = format!("{authority}/{}/adminconsent?client_id={}", app.entra_tenant_id, app.client_id);
        let redirect_uri = match app.cloud {
            _ if !self.consent_redirect_uri.is_empty() => self.consent_redirect_uri.as_str(),
            Cloud::Global => CONSENT_DONE,
            // No such address is known there.
            Cloud::UsGov | Cloud::UsGovDod | Cloud::China => "",
        };
        if !redirect_uri.is_empty() {
            url.push_str("&redirect_uri=");
            url.extend(utf8_percent_encode(redirect_uri, QUERY_VALUE));
        }
        url
    }
}

/// A page of the app registration. Only the directory that owns it shows it.
fn registration(app: &App, subject: &Subject, page: &str) -> String {
    let portal = app.cloud.endpoints().portal;
    // The operator's own is where the portal opens for its people.
    let directory = if subject.is_registered_there { app.entra_tenant_id.as_str() } else { "" };
    let client = &app.client_id;
    format!("{portal}/{directory}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{page}/appId/{client}")
}

/// A page of the enterprise application in the customer's directory; the directory itself where its object id is not known.
fn enterprise_app(app: &App, subject: &Subject, page: &str) -> String {
    let (portal, directory) = (app.cloud.endpoints().portal, &app.entra_tenant_id);
    match &subject.principal {
        Some(principal) => format!(
            "{portal}/{directory}#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{page}/objectId/{principal}/appId/{}",
            app.client_id
        ),
        None => format!("{portal}/{directory}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(connection: bool, cloud: Option<Cloud>) -> Subject {
        Subject {
            workspace_id: "1".parse().expect("an id"),
            tenant_id: "2".parse().expect("an id"),
            connection_id: connection.then(|| "3".parse().expect("an id")),
            app: cloud.map(|cloud| App {
                cloud,
                entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".parse().expect("a GUID"),
                client_id: "11111111-2222-4333-8444-555555555555".parse().expect("a GUID"),
            }),
            is_registered_there: connection,
            principal: connection.then(|| "99999999-2222-4333-8444-555555555555".parse().expect("a GUID")),
        }
    }

    #[test]
    fn every_target_in_every_cloud_has_its_own_address() {
        let mut table = String::new();
        for redirect in ["", "https://console.example.com/consented?from=entra"] {
            let links = Links::new("https://console.example.com/app/".parse().expect("a URL"), redirect.to_owned());
            for target in [
                Target::Tenant,
                Target::Connections,
                Target::Connection,
                Target::Permissions,
                Target::AdminConsent,
                Target::AppRegistration,
                Target::AppCredentials,
                Target::AppPermissions,
                Target::EnterpriseApp,
                Target::EnterpriseAppPermissions,
            ] {
                for cloud in Cloud::ALL {
                    let url = links.url(target, &subject(true, Some(*cloud)));
                    table += &format!("{target:?} {cloud} redirect={} {url}\n", !redirect.is_empty());
                }
                table += &format!("{target:?} without app {}\n", links.url(target, &subject(true, None)));
                table += &format!("{target:?} without connection {}\n", links.url(target, &subject(false, None)));
                let of_a_platform = subject(false, Some(Cloud::Global));
                table += &format!(
                    "{target:?} of a platform's app, its principal unknown {}\n",
                    links.url(target, &of_a_platform)
                );
            }
        }
        insta::assert_snapshot!("next_step_links", table);
    }

    #[test]
    fn the_console_is_reached_over_https_alone() {
        for text in
            ["", "http://a.example", "https://", "https:///x", "https://a b", "https://a?x", "https://u@a", "ftp://a"]
        {
            assert_eq!(text.parse::<ConsoleBaseUrl>(), Err(InvalidConsoleBaseUrl), "{text}");
        }
    }
}

/// Every reason with who can mend it and where its next step leads, for somebody to read.
#[cfg(test)]
mod reasons {
    use std::fmt::Write;

    use super::*;
    use crate::reason::Reason;

    #[test]
    fn every_reason_says_who_and_where() {
        let tenant = crate::testing::tenant();
        let links = Links::new("https://console.example.com".parse().expect("a URL"), String::new());
        let mut table = String::new();
        for reason in Reason::ALL {
            let text = reason.text();
            writeln!(table, "{} ({})", reason.code(), text.fixed_by).expect("a string");
            for cloud in Cloud::ALL {
                let app = App {
                    cloud: *cloud,
                    entra_tenant_id: crate::testing::entra_tenant_id(),
                    client_id: "11111111-2222-4333-8444-555555555555".parse().expect("a GUID"),
                };
                let subject = Subject {
                    connection_id: Some("3".parse().expect("an id")),
                    app: Some(app),
                    is_registered_there: true,
                    principal: Some(crate::testing::object_id(9)),
                    ..Subject::of_tenant(&tenant)
                };
                let Some(step) = text.next_step.map(|step| links.next_step(step, &subject)) else { continue };
                let is_ours = step.url.starts_with("https://console.example.com/");
                writeln!(table, "  {cloud:9} {}: {}", step.label, step.url).expect("a string");
                if is_ours {
                    break;
                }
            }
        }
        insta::assert_snapshot!("reasons_who_and_where", table);
    }
}
