//! Where credentials may be: the name of an encrypted parameter below a prefix of the connection's own workspace, or of the platform.
//! `apply`, the start and the worker hold this rule, and the worker's role allows exactly these prefixes, so one workspace cannot use
//! another's secret.

use crate::id::WorkspaceId;
use crate::parsed_text::parsed_text;

/// Why a text is not a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stage is 1 to 32 lower-case letters, digits and hyphens")]
pub struct InvalidStage;

parsed_text! {
    /// The name of one deployment, such as `production`; part of every credential's name.
    Stage, or InvalidStage, by parse_stage;
}

fn parse_stage(text: String) -> Result<String, InvalidStage> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_one = (1..=32).contains(&text.len()) && text.bytes().all(plain);
    is_one.then_some(text).ok_or(InvalidStage)
}

/// A secret of Secrets Manager is read through the parameter store by this prefix and its name.
const SECRETS_MANAGER: &str = "/aws/reference/secretsmanager";

/// The longest name of a parameter (AWS Systems Manager: 1011 with the ARN; 512 leaves room for it).
const MAX_NAME_BYTES: usize = 512;

/// The name of a parameter that this connection may use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CredentialReference(String);

/// The parameter is not one that the connection may use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reference must be the name of a parameter below {prefix}")]
pub struct ForeignReference {
    /// Below what it must be.
    pub prefix: String,
}

impl CredentialReference {
    /// Parses a reference for a dedicated connection of this workspace.
    ///
    /// # Errors
    /// [`ForeignReference`] when it is outside the allowed prefix or malformed.
    pub fn parse(text: &str, stage: &Stage, workspace_id: WorkspaceId) -> Result<Self, ForeignReference> {
        Self::below(text, format!("/tenantcheck/{stage}/{workspace_id}/"))
    }

    /// Parses a reference for one of the platform's own apps, of whichever workspace its connections are.
    ///
    /// # Errors
    /// [`ForeignReference`] as for any other.
    pub fn of_platform(text: &str, stage: &Stage) -> Result<Self, ForeignReference> {
        Self::below(text, format!("/tenantcheck/{stage}/platform/"))
    }

    fn below(text: &str, prefix: String) -> Result<Self, ForeignReference> {
        let name = text.strip_prefix(SECRETS_MANAGER).unwrap_or(text);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let segment = |segment: &str| !segment.is_empty() && segment.bytes().all(plain);
        match name.strip_prefix(&prefix) {
            Some(rest) if text.len() <= MAX_NAME_BYTES && rest.split('/').all(segment) => Ok(Self(text.to_owned())),
            _ => Err(ForeignReference { prefix }),
        }
    }

    /// The parameter's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_uses_only_parameters_of_its_own_workspace_or_platform() {
        let stage: Stage = "prod".parse().expect("a stage");
        let workspace: WorkspaceId = "7".parse().expect("an id");
        for (text, dedicated, platform) in [
            ("/tenantcheck/prod/7/contoso", true, false),
            ("/tenantcheck/prod/7/eu/contoso-2", true, false),
            ("/aws/reference/secretsmanager/tenantcheck/prod/7/contoso", true, false),
            ("/tenantcheck/prod/platform/app", false, true),
            ("/aws/reference/secretsmanager/tenantcheck/prod/platform/app", false, true),
            ("/tenantcheck/prod/70/contoso", false, false),
            ("/tenantcheck/prod/8/contoso", false, false),
            ("/tenantcheck/dev/7/contoso", false, false),
            ("/tenantcheck/prod/7/", false, false),
            ("/tenantcheck/prod/7//x", false, false),
            ("/tenantcheck/prod/7/a b", false, false),
            ("tenantcheck/prod/7/contoso", false, false),
            ("arn:aws:ssm:::parameter/tenantcheck/prod/7/x", false, false),
        ] {
            assert_eq!(CredentialReference::parse(text, &stage, workspace).is_ok(), dedicated, "{text}");
            assert_eq!(CredentialReference::of_platform(text, &stage).is_ok(), platform, "{text}");
        }
    }

    #[test]
    fn a_stage_is_a_short_name_that_may_stand_in_a_path() {
        for text in ["a", "prod", "eu-1", &"x".repeat(32)] {
            assert_eq!(text.parse::<Stage>().map(|stage| stage.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "Prod", "a b", "a/b", "a_b", "ä", &"x".repeat(33)] {
            assert!(text.parse::<Stage>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_reference_is_the_parameters_name() {
        let (text, stage) = ("/tenantcheck/prod/7/contoso", "prod".parse().expect("a stage"));
        let workspace = "7".parse().expect("an id");
        let reference = CredentialReference::parse(text, &stage, workspace);
        assert_eq!(reference.expect("its own").as_str(), text);
    }
}
