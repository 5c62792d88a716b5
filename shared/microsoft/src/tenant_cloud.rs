//! Which cloud a tenant is in. Every authority knows the tenants of all clouds by their public OpenID metadata, which needs no token.
//!
//! Source: OpenID Connect Discovery 1.0, and Microsoft, "Microsoft Entra authentication and national clouds".

use domain::cloud::Cloud;
use domain::connection::CredentialKind;
use domain::facts::Cause;
use domain::id::EntraTenantId;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::answer::Answer;
use crate::entra_refusal;
use crate::origin::Origin;
use crate::requester::Requester;
use crate::transport::{Content, Outgoing};
use crate::trouble::{Trouble, UpstreamError};

/// The most bytes of an answer: the document has about 2 KiB.
const BODY_LIMIT: usize = 64 * 1024;

/// The members that tell the cloud.
#[derive(Deserialize)]
struct Document {
    tenant_region_sub_scope: Option<String>,
    msgraph_host: Option<String>,
}

/// Asks one cloud's authority in which cloud a tenant is; none when it names none that is known.
pub(crate) async fn request(
    requester: &Requester<'_>,
    login: &Origin,
    tenant: &EntraTenantId,
) -> Result<Option<Cloud>, Cause> {
    let url = login.url(&format!("/{tenant}/v2.0/.well-known/openid-configuration"));
    let outgoing =
        || Outgoing { url: url.clone(), allowed: login, content: Content::Anonymous, body_limit: BODY_LIMIT };
    requester.ask("tenant cloud", outgoing, read).await
}

fn read(answer: &Answer) -> Result<Option<Cloud>, Trouble> {
    if answer.status != StatusCode::OK {
        return Err(entra_refusal::trouble(answer, CredentialKind::Federated));
    }
    let document: Document = answer.json().ok_or_else(|| answer.failed(UpstreamError::Garbage))?;
    Ok(document.cloud())
}

impl Document {
    /// GCC High and DoD have one authority and are told apart by the part of their region; the rest by the host of its Graph.
    fn cloud(&self) -> Option<Cloud> {
        match self.tenant_region_sub_scope.as_deref() {
            Some("DODCON") => return Some(Cloud::UsGov),
            Some("DOD") => return Some(Cloud::UsGovDod),
            Some(_) | None => {}
        }
        let host = self.msgraph_host.as_deref()?;
        let is_its = |cloud: &&Cloud| cloud.endpoints().graph.strip_prefix("https://") == Some(host);
        Cloud::ALL.iter().find(is_its).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::answer;

    #[test]
    fn the_region_and_the_host_of_graph_tell_the_cloud() {
        let cloud = |json: &str| read(&answer(200, json)).expect("a document");
        let of = |sub: &str, host: &str| {
            cloud(&format!(r#"{{"tenant_region_scope":"X","tenant_region_sub_scope":{sub},"msgraph_host":"{host}"}}"#))
        };
        assert_eq!(of("null", "graph.microsoft.com"), Some(Cloud::Global));
        assert_eq!(of(r#""GCC""#, "graph.microsoft.com"), Some(Cloud::Global), "GCC is in the worldwide cloud");
        assert_eq!(of(r#""DODCON""#, "graph.microsoft.us"), Some(Cloud::UsGov));
        assert_eq!(of(r#""DOD""#, "graph.microsoft.us"), Some(Cloud::UsGovDod));
        assert_eq!(of("null", "microsoftgraph.chinacloudapi.cn"), Some(Cloud::China));
        assert_eq!(of("null", "graph.microsoft.com.evil.example"), None);
        assert_eq!(cloud("{}"), None);
        assert!(read(&answer(200, "<html>")).is_err() && read(&answer(400, r#"{"error":"invalid_tenant"}"#)).is_err());
    }
}
