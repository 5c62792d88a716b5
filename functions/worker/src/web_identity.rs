//! Tokens that AWS issues for the worker's own role (IAM outbound identity federation), with which a federated connection signs in
//! to Entra. Nothing is stored, so nothing can be stolen or expire.

use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_web_identity_token::GetWebIdentityTokenError;
use microsoft::ClientAssertion;
use secrecy::SecretString;

/// Entra accepts only this algorithm from other issuers.
const ALGORITHM: &str = "RS256";

/// Long enough for the retries of one check; AWS allows 60 to 3600.
const LIFETIME_SECONDS: i32 = 300;

/// Why AWS issued no token.
#[derive(Debug, thiserror::Error)]
pub enum WebIdentityError {
    /// Federation is not enabled for the account, or the role may not use it.
    #[error("AWS refuses to issue a token")]
    Refused(#[source] Box<SdkError<GetWebIdentityTokenError>>),
    /// No answer in time, or a fault of the service.
    #[error("AWS did not answer")]
    Unavailable(#[source] Box<SdkError<GetWebIdentityTokenError>>),
    /// An answer without a token.
    #[error("AWS answered without a token")]
    Empty,
}

/// The issuer of the worker's own tokens.
#[derive(Debug)]
pub struct WebIdentity {
    client: Client,
}

impl WebIdentity {
    /// Tokens by this client. The global endpoint of STS issues none: the client must be a regional one, as those of Lambda are.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// A fresh token for this audience. It is not kept: it lives for minutes.
    pub(crate) async fn token(&self, audience: &str) -> Result<ClientAssertion, WebIdentityError> {
        let answer = self
            .client
            .get_web_identity_token()
            .audience(audience)
            .signing_algorithm(ALGORITHM)
            .duration_seconds(LIFETIME_SECONDS)
            .send()
            .await
            .map_err(classify)?;
        let token = answer.web_identity_token.map(SecretString::from).ok_or(WebIdentityError::Empty)?;
        Ok(ClientAssertion::new(token))
    }
}

fn classify(error: SdkError<GetWebIdentityTokenError>) -> WebIdentityError {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match code {
        Some(
            "AccessDenied" | "AccessDeniedException" | "OutboundWebIdentityFederationDisabled" | "ValidationError",
        ) => WebIdentityError::Refused(Box::new(error)),
        Some(_) | None => WebIdentityError::Unavailable(Box::new(error)),
    }
}
