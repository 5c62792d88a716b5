//! The questions to Graph. All are asked side by side and answer for themselves: each may be refused alone.

use std::collections::BTreeSet;

use domain::facts::{AppRegistration, AppRoleAssignment, Cause, Organization, ServicePrincipal};
use domain::id::{ClientId, ObjectId};
use domain::manifest::GRAPH_APP_ID;
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::access_token::AccessToken;
use crate::answer::Answer;
use crate::credential::ClientCredential;
use crate::graph_documents::{
    ApplicationDocument, AssignmentDocument, Collection, DelegatedGrant, GrantDocument, OrganizationDocument,
    OwnPrincipalDocument, PrincipalDocument,
};
use crate::graph_refusal;
use crate::origin::Origin;
use crate::priority::Priority;
use crate::requester::Requester;
use crate::transport::{Content, Outgoing};
use crate::trouble::{Trouble, UpstreamError};

/// The most bytes of one answer: a full page of assignments has about 40 KiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// The most pages of a collection. A page has 100, and Graph has fewer than a thousand roles.
const MOST_PAGES: usize = 20;

/// The most items of all pages, whatever a page holds.
const MOST_ITEMS: usize = 5_000;

/// The one organization that a token reaches.
const ORGANIZATION: &str = "/v1.0/organization?$select=id,assignedPlans";

/// What is asked of the app's own principal.
const OWN_PRINCIPAL: &str =
    "?$select=id,accountEnabled,disabledByMicrosoftStatus,appOwnerOrganizationId,passwordCredentials,keyCredentials";

/// Graph in one cloud, seen with one token.
pub(crate) struct Graph<'a> {
    /// The check that asks.
    pub(crate) requester: &'a Requester<'a>,
    /// Graph's address.
    pub(crate) origin: &'a Origin,
    /// What Graph is asked with.
    pub(crate) token: &'a AccessToken,
    /// The app that asks.
    pub(crate) client_id: &'a ClientId,
    /// How urgently.
    pub(crate) priority: Priority,
}

impl Graph<'_> {
    /// The organization that the token reaches. There is always exactly one.
    pub(crate) async fn organization(&self) -> Result<Organization, Cause> {
        self.get("organization", self.origin.url(ORGANIZATION), BODY_LIMIT, organization).await
    }

    /// The app's own service principal. An app may read this without any permission.
    pub(crate) async fn service_principal(&self) -> Result<ServicePrincipal, Cause> {
        let url = self.own_principal(OWN_PRINCIPAL);
        let read = |answer: &Answer| document(answer).map(OwnPrincipalDocument::principal);
        self.get("service principal", url, BODY_LIMIT, read).await
    }

    /// What is granted to the app, over all pages.
    pub(crate) async fn assignments(&self) -> Result<Vec<AppRoleAssignment>, Cause> {
        let first = self.own_principal("/appRoleAssignments");
        self.pages("app role assignments", first, AssignmentDocument::granted).await
    }

    /// What of these permissions is granted to the app on behalf of whoever is signed in, for everybody in the tenant, over all pages.
    pub(crate) async fn delegated(&self, wanted: &BTreeSet<String>) -> Result<Vec<DelegatedGrant>, Cause> {
        let first = self.own_principal("/oauth2PermissionGrants");
        self.pages("delegated grants", first, |grant: GrantDocument| grant.for_everybody(wanted)).await
    }

    /// What the app is registered with. An app may read its own registration in its home tenant. Certificates are asked for where one
    /// is in use: reading them has a rate limit of its own.
    pub(crate) async fn registration(&self, credential: &ClientCredential) -> Result<AppRegistration, Cause> {
        let (certificate, members) = match credential {
            ClientCredential::Certificate(certificate, _) => {
                (Some(&**certificate), "keyCredentials,requiredResourceAccess")
            }
            ClientCredential::ClientSecret(_) | ClientCredential::Federated(_) => {
                (None, "passwordCredentials,requiredResourceAccess")
            }
        };
        let path = format!("/v1.0/applications(appId='{}')?$select={members}", self.client_id);
        let read = |answer: &Answer| document(answer).map(|found: ApplicationDocument| found.registration(certificate));
        self.get("application", self.origin.url(&path), BODY_LIMIT, read).await
    }

    /// Graph's own service principal in this tenant, which tells Graph's roles from those of other resources. Its list of roles is
    /// not asked for: it is half a megabyte, and their names are known.
    pub(crate) async fn resource(&self) -> Result<ObjectId, Cause> {
        let path = format!("/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id");
        let read = |answer: &Answer| document(answer).map(|found: PrincipalDocument| found.id);
        self.get("graph resource", self.origin.url(&path), BODY_LIMIT, read).await
    }

    fn own_principal(&self, rest: &str) -> Url {
        self.origin.url(&format!("/v1.0/servicePrincipals(appId='{}'){rest}", self.client_id))
    }

    /// Follows a collection from its first page to its last and keeps what counts of it.
    async fn pages<D: DeserializeOwned, T>(
        &self,
        question: &'static str,
        first: Url,
        keep: impl Fn(D) -> Option<T>,
    ) -> Result<Vec<T>, Cause> {
        let mut next = Some(first);
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { return Ok(all) };
            let page = self.get(question, url, BODY_LIMIT, |answer| page(answer, self.origin, &keep)).await?;
            all.extend(page.items);
            next = page.next;
            if all.len() > MOST_ITEMS {
                break;
            }
        }
        match next {
            None if all.len() <= MOST_ITEMS => Ok(all),
            _ => Err(Trouble::from(UpstreamError::TooManyPages).cause),
        }
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
            content: Content::Bearer(self.token.expose(), self.priority),
            body_limit,
        };
        self.requester.ask(question, outgoing, read).await
    }
}

struct Page<T> {
    items: Vec<T>,
    next: Option<Url>,
}

fn page<D: DeserializeOwned, T>(
    answer: &Answer,
    origin: &Origin,
    keep: impl Fn(D) -> Option<T>,
) -> Result<Page<T>, Trouble> {
    let found: Collection<D> = document(answer)?;
    let next = match found.next_link.map(|link| Url::parse(&link)) {
        None => None,
        Some(Ok(url)) if origin.permits(&url) => Some(url),
        Some(Ok(_)) => return Err(answer.failed(UpstreamError::ForeignLink)),
        Some(Err(_)) => return Err(answer.failed(UpstreamError::Garbage)),
    };
    Ok(Page { items: found.value.into_iter().filter_map(keep).collect(), next })
}

fn organization(answer: &Answer) -> Result<Organization, Trouble> {
    let found: Collection<OrganizationDocument<'_>> = document(answer)?;
    let [organization] =
        <[OrganizationDocument<'_>; 1]>::try_from(found.value).map_err(|_| answer.failed(UpstreamError::Garbage))?;
    Ok(organization.into())
}

/// The document of a successful answer, or what the answer means instead.
fn document<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, Trouble> {
    if answer.status != StatusCode::OK {
        return Err(graph_refusal::trouble(answer));
    }
    answer.json().ok_or_else(|| answer.failed(UpstreamError::Garbage))
}

#[cfg(test)]
mod tests {
    use domain::evidence::{Evidence, EvidenceKind};

    use super::*;
    use crate::answer::answer;

    const ID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

    fn grants(next: &str) -> Result<Page<DelegatedGrant>, Trouble> {
        let grant = |consent: &str| format!(r#"{{"consentType":"{consent}","resourceId":"{ID}","scope":"User.Read"}}"#);
        let body = format!(r#"{{"value":[{},{}]{next}}}"#, grant("AllPrincipals"), grant("Principal"));
        let origin = "https://graph.microsoft.com".parse().expect("an origin");
        let wanted = ["User.Read".to_owned()].into();
        page(&answer(200, &body), &origin, |grant: GrantDocument| grant.for_everybody(&wanted))
    }

    fn detail<T>(read: Result<T, Trouble>) -> Option<Evidence> {
        read.err().and_then(|trouble| trouble.cause.evidence.last().cloned())
    }

    #[test]
    fn a_page_keeps_what_counts_and_leads_to_the_next_of_the_same_origin_alone() {
        let last = grants("").expect("a page");
        assert_eq!((last.items.len(), last.next), (1, None));
        let link = |url: &str| grants(&format!(r#","@odata.nextLink":"{url}""#));
        let more = link("https://graph.microsoft.com/v1.0/x?$skiptoken=1").expect("a page");
        assert_eq!(more.next.map(String::from).as_deref(), Some("https://graph.microsoft.com/v1.0/x?$skiptoken=1"));
        let upstream = |word| Some(Evidence::text(EvidenceKind::Detail, word));
        assert_eq!(detail(link("https://169.254.169.254/latest")), upstream("upstream.foreign_link"));
        assert_eq!(detail(link("/v1.0/x")), upstream("upstream.garbage"));
    }

    #[test]
    fn there_is_exactly_one_organization() {
        let one = format!(r#"{{"id":"{ID}","assignedPlans":[{{"service":"SCO","capabilityStatus":"Enabled"}}]}}"#);
        let read = |items: &str| organization(&answer(200, &format!(r#"{{"value":[{items}]}}"#)));
        let found = read(&one).expect("an organization");
        assert_eq!((found.id.as_str(), found.plans.len()), (ID, 1));
        let garbage = Some(Evidence::text(EvidenceKind::Detail, "upstream.garbage"));
        assert_eq!(detail(read("")), garbage);
        assert_eq!(detail(read(&format!("{one},{one}"))), garbage);
    }
}
