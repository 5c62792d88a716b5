//! Tokens that AWS issues for the worker's own role (IAM outbound identity federation), with which a federated connection signs in
//! to Entra. Nothing is stored, so nothing can be stolen or expire.

use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_web_identity_token::GetWebIdentityTokenError;
use domain::reason::Reason;
use microsoft::ClientAssertion;
use runtime::Chain;
use secrecy::SecretString;

use crate::credential_error::CredentialError;

/// Entra accepts only this algorithm from other issuers.
const ALGORITHM: &str = "RS256";

/// Long enough for the retries of one check; AWS allows 60 to 3600.
const LIFETIME_SECONDS: i32 = 300;

/// An answer without a token.
#[derive(Debug, thiserror::Error)]
#[error("AWS answered without a token")]
struct NoToken;

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
    pub(crate) async fn token(&self, audience: &str) -> Result<ClientAssertion, CredentialError> {
        let answer = self
            .client
            .get_web_identity_token()
            .audience(audience)
            .signing_algorithm(ALGORITHM)
            .duration_seconds(LIFETIME_SECONDS)
            .send()
            .await
            .map_err(classify)?;
        let token =
            answer.web_identity_token.map(SecretString::from).ok_or_else(|| CredentialError::unavailable(NoToken))?;
        Ok(ClientAssertion::new(token))
    }
}

/// What is wrong with the account or the role blocks the run, and tells whoever runs this; whatever passes by itself is tried again.
fn classify(error: SdkError<GetWebIdentityTokenError>) -> CredentialError {
    let Some(said) = error.as_service_error() else { return CredentialError::unavailable(error) };
    if said.is_outbound_web_identity_federation_disabled_exception() {
        tracing::error!(error = %Chain(&error), "the AWS account does not issue tokens: switch outbound web identity federation on");
        return CredentialError::Unusable(Reason::ProviderAwsFederationDisabled);
    }
    // What every service answers with has no type of its own.
    let refused = matches!(said.code(), Some("AccessDenied" | "AccessDeniedException" | "ValidationError"));
    // The session of the role ends before the token would: another one is a matter of minutes.
    if said.is_session_duration_escalation_exception() || !refused {
        return CredentialError::unavailable(error);
    }
    tracing::error!(error = %Chain(&error), "AWS does not let the worker have a token");
    CredentialError::Unusable(Reason::ProviderCredentialInvalid)
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::error::ErrorMetadata;
    use aws_sdk_sts::types::error::{
        OutboundWebIdentityFederationDisabledException, SessionDurationEscalationException,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

    use super::*;

    fn judged(error: GetWebIdentityTokenError) -> CredentialError {
        let response = HttpResponse::new(403.try_into().expect("a status"), "".into());
        classify(SdkError::service_error(error, response))
    }

    #[test]
    fn an_account_that_issues_no_tokens_is_told_from_a_role_that_may_not_and_from_trouble_that_passes() {
        let disabled = OutboundWebIdentityFederationDisabledException::builder().build();
        let disabled = GetWebIdentityTokenError::OutboundWebIdentityFederationDisabledException(disabled);
        assert!(matches!(judged(disabled), CredentialError::Unusable(Reason::ProviderAwsFederationDisabled)));
        let ends = SessionDurationEscalationException::builder().build();
        let ends = GetWebIdentityTokenError::SessionDurationEscalationException(ends);
        assert!(matches!(judged(ends), CredentialError::Unavailable(_)));
        let other = |code| judged(GetWebIdentityTokenError::generic(ErrorMetadata::builder().code(code).build()));
        assert!(matches!(other("AccessDenied"), CredentialError::Unusable(Reason::ProviderCredentialInvalid)));
        assert!(matches!(other("Throttling"), CredentialError::Unavailable(_)));
    }
}
