//! Next steps: links that lead a person to the place where a cause is mended. They are built from known ids alone and never do
//! anything by themselves.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::cloud::Cloud;
use crate::id::{ClientId, ConnectionId, EntraTenantId, TenantId, WorkspaceId};
use crate::reason::NextStepTemplate;
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
    /// The app registration's page in the cloud's portal.
    AppRegistration,
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
}

impl Subject {
    /// The tenant, before a connection is known.
    #[must_use]
    pub fn of_tenant(tenant: &Tenant) -> Self {
        Self { workspace_id: tenant.workspace_id, tenant_id: tenant.id, connection_id: None, app: None }
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

/// Builds next steps.
#[derive(Debug, Clone)]
pub struct Links {
    console: ConsoleBaseUrl,
    consent_redirect_uri: String,
}

impl Links {
    /// `consent_redirect_uri` is where Microsoft sends the administrator after consent; empty leaves it out of the link.
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
            (Target::Connection, _) | (Target::AdminConsent | Target::AppRegistration, None) => connection(),
            (Target::AdminConsent, Some(app)) => self.admin_consent(app),
            (Target::AppRegistration, Some(app)) => format!(
                "{}/#blade/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/Overview/appId/{}",
                app.cloud.endpoints().portal,
                app.client_id
            ),
        }
    }

    fn admin_consent(&self, app: &App) -> String {
        let authority = app.cloud.endpoints().authority;
        let mut url = format!("{authority}/{}/adminconsent?client_id={}", app.entra_tenant_id, app.client_id);
        if !self.consent_redirect_uri.is_empty() {
            url.push_str("&redirect_uri=");
            url.extend(utf8_percent_encode(&self.consent_redirect_uri, QUERY_VALUE));
        }
        url
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
            ] {
                for cloud in Cloud::ALL {
                    let url = links.url(target, &subject(true, Some(*cloud)));
                    table += &format!("{target:?} {cloud} redirect={} {url}\n", !redirect.is_empty());
                }
                table += &format!("{target:?} without app {}\n", links.url(target, &subject(true, None)));
                table += &format!("{target:?} without connection {}\n", links.url(target, &subject(false, None)));
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
