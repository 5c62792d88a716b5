//! The questions to Graph. All four are asked side by side and answer for themselves: each may be refused alone.

use domain::facts::{AppRoleAssignment, Cause, GraphResource};
use domain::id::{ClientId, EntraTenantId, ObjectId};
use domain::manifest::GRAPH_APP_ID;
use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;

use crate::access_token::AccessToken;
use crate::answer::Answer;
use crate::graph_refusal;
use crate::origin::Origin;
use crate::session::Session;
use crate::transport::{Content, Outgoing};
use crate::trouble::{Failure, Trouble};

/// The most bytes of one answer: a full page of assignments has about 40 KiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// Graph's own principal lists every app role with its description, some 500 KiB and growing.
const RESOURCE_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// The most pages of assignments. A page has 100, and Graph has fewer than a thousand roles.
const MOST_PAGES: usize = 20;

/// The most assignments of all pages, whatever a page holds.
const MOST_ASSIGNMENTS: usize = 5_000;

/// An assignment without a role, which grants nothing.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// Graph in one cloud, seen with one token.
pub(crate) struct Graph<'a> {
    /// The check that asks.
    pub(crate) session: &'a Session<'a>,
    /// Graph's address.
    pub(crate) origin: &'a Origin,
    /// What Graph is asked with.
    pub(crate) token: &'a AccessToken,
    /// The app that asks.
    pub(crate) client_id: &'a ClientId,
}

#[derive(Deserialize)]
struct Collection<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

#[derive(Deserialize)]
struct Organization {
    id: EntraTenantId,
}

#[derive(Deserialize)]
struct ServicePrincipal {
    id: ObjectId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    app_role_id: ObjectId,
    resource_id: ObjectId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    id: ObjectId,
    app_roles: Vec<AppRole>,
}

#[derive(Deserialize)]
struct AppRole {
    id: ObjectId,
    value: Option<String>,
}

impl Graph<'_> {
    /// The organization that the token reaches. There is always exactly one.
    pub(crate) async fn organization(&self) -> Result<EntraTenantId, Cause> {
        let read = |answer: &Answer| {
            let found: Collection<Organization> = document(answer)?;
            let [organization] =
                <[Organization; 1]>::try_from(found.value).map_err(|_| answer.failed(Failure::Garbage))?;
            Ok(organization.id)
        };
        self.get("organization", self.origin.url("/v1.0/organization?$select=id"), BODY_LIMIT, read).await
    }

    /// The app's own service principal. An app may read this without any permission.
    pub(crate) async fn service_principal(&self) -> Result<ObjectId, Cause> {
        let url = self.origin.url(&format!("/v1.0/servicePrincipals(appId='{}')?$select=id", self.client_id));
        let read = |answer: &Answer| document(answer).map(|found: ServicePrincipal| found.id);
        self.get("service principal", url, BODY_LIMIT, read).await
    }

    /// What is granted to the app, over all pages.
    pub(crate) async fn assignments(&self) -> Result<Vec<AppRoleAssignment>, Cause> {
        let path = format!("/v1.0/servicePrincipals(appId='{}')/appRoleAssignments", self.client_id);
        let mut next = Some(self.origin.url(&path));
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { return Ok(all) };
            let page = self.get("app role assignments", url, BODY_LIMIT, |answer| self.page(answer)).await?;
            all.extend(page.assignments);
            next = page.next;
            if all.len() > MOST_ASSIGNMENTS {
                break;
            }
        }
        match next {
            None if all.len() <= MOST_ASSIGNMENTS => Ok(all),
            _ => Err(Trouble::from(Failure::TooManyPages).cause),
        }
    }

    /// Graph's own service principal in this tenant, which gives app roles their names.
    pub(crate) async fn resource(&self) -> Result<GraphResource, Cause> {
        let path = format!("/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id,appRoles");
        let read = |answer: &Answer| {
            let found: Resource = document(answer)?;
            let named = found.app_roles.into_iter().filter_map(|role| Some((role.id, role.value?)));
            Ok(GraphResource { object_id: found.id, app_roles: named.collect() })
        };
        self.get("graph resource", self.origin.url(&path), RESOURCE_BODY_LIMIT, read).await
    }

    async fn get<T>(
        &self,
        question: &'static str,
        url: Url,
        body_limit: usize,
        read: impl Fn(&Answer) -> Result<T, Trouble>,
    ) -> Result<T, Cause> {
        let outgoing = || Outgoing {
            url: url.clone(),
            allowed: self.origin,
            content: Content::Bearer(self.token.expose()),
            body_limit,
        };
        self.session.ask(question, outgoing, read).await
    }

    fn page(&self, answer: &Answer) -> Result<Page, Trouble> {
        let found: Collection<Assignment> = document(answer)?;
        let next = match found.next_link.map(|link| Url::parse(&link)) {
            None => None,
            Some(Ok(url)) if self.origin.permits(&url) => Some(url),
            Some(Ok(_)) => return Err(answer.failed(Failure::ForeignLink)),
            Some(Err(_)) => return Err(answer.failed(Failure::Garbage)),
        };
        let assignments = found
            .value
            .into_iter()
            .filter(|assignment| assignment.app_role_id.as_str() != NO_ROLE)
            .map(|found| AppRoleAssignment { app_role_id: found.app_role_id, resource_id: found.resource_id });
        Ok(Page { assignments: assignments.collect(), next })
    }
}

struct Page {
    assignments: Vec<AppRoleAssignment>,
    next: Option<Url>,
}

/// The document of a successful answer, or what the answer means instead.
fn document<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, Trouble> {
    if answer.status != StatusCode::OK {
        return Err(graph_refusal::trouble(answer));
    }
    answer.json().ok_or_else(|| answer.failed(Failure::Garbage))
}
