//! Where a credential is stored: what a connection's reference in the directory file names.

use std::str::FromStr;

use domain::credential::{CredentialReference, Stage};
use domain::id::WorkspaceId;

/// The name of a parameter that a connection may refer to: `/tenantcheck/STAGE/WORKSPACE/NAME` or `/tenantcheck/STAGE/platform/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(CredentialReference);

/// Why a text is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// It is in Secrets Manager, which the parameter store only reads.
    #[error("it is a secret of Secrets Manager; store it there")]
    SecretsManager,
    /// No connection may refer to it.
    #[error(
        "no connection may refer to it; it must be /tenantcheck/STAGE/WORKSPACE/NAME or /tenantcheck/STAGE/platform/NAME, in letters, \
         digits and _.-"
    )]
    Foreign,
}

impl Place {
    /// The parameter's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        if text.starts_with("/aws/reference/secretsmanager/") {
            return Err(InvalidPlace::SecretsManager);
        }
        let mut segments = text.strip_prefix("/tenantcheck/").ok_or(InvalidPlace::Foreign)?.split('/');
        let mut next = || segments.next().ok_or(InvalidPlace::Foreign);
        let stage: Stage = next()?.parse().map_err(|_| InvalidPlace::Foreign)?;
        let reference = match next()? {
            "platform" => CredentialReference::of_platform(text, &stage),
            workspace => {
                let workspace: WorkspaceId = workspace.parse().map_err(|_| InvalidPlace::Foreign)?;
                CredentialReference::parse(text, &stage, workspace)
            }
        };
        reference.map(Self).map_err(|_| InvalidPlace::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_connection_may_refer_to_is_a_place() {
        for text in
            ["/tenantcheck/production/7/contoso", "/tenantcheck/dev/platform/app", "/tenantcheck/dev/7/eu/contoso-2"]
        {
            assert_eq!(text.parse::<Place>().expect("a place").as_str(), text);
        }
        for text in [
            "",
            "contoso",
            "/tenantcheck/production/contoso",
            "/tenantcheck/production/7",
            "/tenantcheck/production/7/",
            "/tenantcheck/Production/7/x",
            "/tenantcheck/production/0/x",
            "/tenantcheck/production/platform/",
            "/tenantcheck/production/7/a b",
            "/other/production/7/x",
        ] {
            assert_eq!(text.parse::<Place>(), Err(InvalidPlace::Foreign), "{text:?}");
        }
        let secret = "/aws/reference/secretsmanager/tenantcheck/production/7/x";
        assert_eq!(secret.parse::<Place>(), Err(InvalidPlace::SecretsManager));
    }
}
