//! The token request: OAuth 2.0 client credentials with the app's own credential.

use domain::facts::Cause;
use domain::next_step::App;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::access_token::AccessToken;
use crate::answer::Answer;
use crate::entra_refusal;
use crate::origin::Origin;
use crate::session::Session;
use crate::transport::{Content, Outgoing};
use crate::trouble::{Failure, Trouble};

/// The most bytes of a token answer: a token with every permission of Graph has about 12 KiB.
const BODY_LIMIT: usize = 64 * 1024;

/// The members of a successful answer that matter.
#[derive(Deserialize)]
struct Document {
    token_type: String,
    access_token: String,
}

/// Asks Entra for a fresh token. It is not kept: a cached one shows the grants of the past.
pub(crate) async fn request(
    session: &Session<'_>,
    login: &Origin,
    app: &App,
    secret: &SecretString,
) -> Result<AccessToken, Cause> {
    let url = login.url(&format!("/{}/oauth2/v2.0/token", app.entra_tenant_id));
    let scope = scope(app);
    let outgoing = || Outgoing {
        url: url.clone(),
        allowed: login,
        content: Content::Form(vec![
            ("grant_type", "client_credentials"),
            ("scope", &scope),
            ("client_id", app.client_id.as_str()),
            ("client_secret", secret.expose_secret()),
        ]),
        body_limit: BODY_LIMIT,
    };
    session.ask("token", outgoing, read).await
}

/// The resource is named by its official address, wherever requests really go.
fn scope(app: &App) -> String {
    format!("{}/.default", app.cloud.endpoints().graph)
}

fn read(answer: &Answer) -> Result<AccessToken, Trouble> {
    if answer.status != StatusCode::OK {
        return Err(entra_refusal::trouble(answer));
    }
    let document: Option<Document> = answer.json();
    document
        .filter(|document| document.token_type.eq_ignore_ascii_case("bearer"))
        .and_then(|document| AccessToken::parse(document.access_token))
        .ok_or_else(|| answer.failed(Failure::Garbage))
}

#[cfg(test)]
mod tests {
    use domain::cloud::Cloud;

    use super::*;
    use crate::answer::answer;

    #[test]
    fn the_scope_switches_with_the_cloud() {
        let scopes = Cloud::ALL.iter().map(|cloud| {
            let id = "11111111-2222-4333-8444-555555555555";
            let ids = (id.parse().expect("a GUID"), id.parse().expect("a GUID"));
            scope(&App { cloud: *cloud, entra_tenant_id: ids.0, client_id: ids.1 })
        });
        let expected = [
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.us/.default",
            "https://dod-graph.microsoft.us/.default",
            "https://microsoftgraph.chinacloudapi.cn/.default",
        ];
        assert!(scopes.eq(expected));
    }

    #[test]
    fn only_a_bearer_token_is_a_token() {
        let body = r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0"}"#;
        assert_eq!(read(&answer(200, body)).expect("a token").expose(), "eyJ0");
        for body in [
            "{}",
            "<html></html>",
            r#"{"token_type":"pop","access_token":"eyJ0"}"#,
            r#"{"token_type":"Bearer","access_token":""}"#,
            r#"{"token_type":"Bearer","access_token":7}"#,
        ] {
            assert!(read(&answer(200, body)).is_err(), "{body}");
        }
        assert!(read(&answer(201, body)).is_err(), "only 200 carries a token");
    }
}
