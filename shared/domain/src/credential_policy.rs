//! Which credential a connection may use: one below the prefix of its own workspace, or the one that the deployment declares for the
//! platform's own app. A directory file chooses neither prefix nor app by itself: with `connection_type` alone it would reach what all
//! workspaces share.

use std::str::FromStr;

use crate::cloud::Cloud;
use crate::connection::{CertificateAlgorithm, Credential, CredentialKind};
use crate::credential::{CredentialReference, ForeignReference, Stage};
use crate::id::{ClientId, WorkspaceId};
use crate::reason::Reason;

/// Whose credential it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOwner {
    /// A workspace's, for an app of a customer's own.
    Workspace(WorkspaceId),
    /// The platform's, for its own app in a cloud.
    Platform(ClientId, Cloud),
}

/// The credential is not one that the connection may use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForbiddenCredential {
    /// It is somebody else's, or nobody's.
    #[error(transparent)]
    Foreign(#[from] ForeignReference),
    /// The deployment says nothing of such an app with such a credential.
    #[error("the deployment declares no platform app with this client id, cloud and credential")]
    Undeclared,
}

/// A credential whose parts are there and allowed. Whether it works, only Entra can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsableCredential {
    /// A shared secret.
    ClientSecret(CredentialReference),
    /// A key and certificate.
    Certificate(CredentialReference, CertificateAlgorithm),
    /// Nothing stored.
    Federated,
}

/// One of the platform's own apps.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PlatformApp {
    client_id: ClientId,
    cloud: Cloud,
    /// Nothing is stored where it signs in with a token of the worker's role.
    reference: Option<CredentialReference>,
}

/// Why a text declares no platform apps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} is not CLIENT_ID@CLOUD or CLIENT_ID@CLOUD=/tenantcheck/{stage}/platform/NAME")]
pub struct InvalidPlatformApps {
    /// Which one, counted from 1.
    entry: usize,
    stage: Stage,
}

/// Where a deployment's credentials may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialPolicy {
    stage: Stage,
    platform_apps: Vec<PlatformApp>,
}

impl CredentialPolicy {
    /// From the deployment's stage and its platform apps: entries like `CLIENT_ID@CLOUD=REFERENCE`, or `CLIENT_ID@CLOUD` for an app with
    /// a federated credential, with commas between them. Several credentials of one app are several entries.
    ///
    /// # Errors
    /// [`InvalidPlatformApps`] names the first entry that is none.
    pub fn new(stage: Stage, platform_apps: &str) -> Result<Self, InvalidPlatformApps> {
        let entries = platform_apps.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let parsed = entries.zip(1..).map(|(text, entry)| {
            platform_app(text, &stage).ok_or_else(|| InvalidPlatformApps { entry, stage: stage.clone() })
        });
        let platform_apps = parsed.collect::<Result<_, _>>()?;
        Ok(Self { stage, platform_apps })
    }

    /// The name of a parameter, if its owner's connection may use it.
    ///
    /// # Errors
    /// [`ForbiddenCredential`].
    pub fn reference(&self, text: &str, owner: &CredentialOwner) -> Result<CredentialReference, ForbiddenCredential> {
        match owner {
            CredentialOwner::Workspace(workspace) => Ok(CredentialReference::parse(text, &self.stage, *workspace)?),
            CredentialOwner::Platform(client_id, cloud) => {
                let reference = CredentialReference::of_platform(text, &self.stage)?;
                self.declared(client_id, *cloud, Some(&reference))?;
                Ok(reference)
            }
        }
    }

    /// Whether its owner's connection may sign in with a token of the worker's role.
    ///
    /// # Errors
    /// [`ForbiddenCredential`].
    pub fn federation(&self, owner: &CredentialOwner) -> Result<(), ForbiddenCredential> {
        match owner {
            CredentialOwner::Workspace(_) => Ok(()),
            CredentialOwner::Platform(client_id, cloud) => self.declared(client_id, *cloud, None),
        }
    }

    /// A stored credential, if its owner's connection may use it.
    ///
    /// # Errors
    /// The preflight's reason: missing, or invalid.
    pub fn usable(&self, credential: &Credential, owner: &CredentialOwner) -> Result<UsableCredential, Reason> {
        let reference = || {
            let text = credential.reference.as_deref().filter(|text| !text.is_empty());
            let text = text.ok_or(Reason::ProviderCredentialMissing)?;
            self.reference(text, owner).map_err(|_| Reason::ProviderCredentialInvalid)
        };
        match credential.kind {
            CredentialKind::ClientSecret => reference().map(UsableCredential::ClientSecret),
            CredentialKind::Certificate => {
                let algorithm = credential.certificate_algorithm.unwrap_or(CertificateAlgorithm::Ps256);
                reference().map(|reference| UsableCredential::Certificate(reference, algorithm))
            }
            CredentialKind::Federated => {
                self.federation(owner).map_err(|_| Reason::ProviderCredentialInvalid)?;
                Ok(UsableCredential::Federated)
            }
        }
    }

    fn declared(
        &self,
        client_id: &ClientId,
        cloud: Cloud,
        reference: Option<&CredentialReference>,
    ) -> Result<(), ForbiddenCredential> {
        let is_it = |app: &PlatformApp| {
            app.client_id == *client_id && app.cloud == cloud && app.reference.as_ref() == reference
        };
        if self.platform_apps.iter().any(is_it) { Ok(()) } else { Err(ForbiddenCredential::Undeclared) }
    }
}

fn platform_app(text: &str, stage: &Stage) -> Option<PlatformApp> {
    let (app, reference) = match text.split_once('=') {
        Some((app, reference)) => (app, Some(CredentialReference::of_platform(reference, stage).ok()?)),
        None => (text, None),
    };
    let (client_id, cloud) = app.split_once('@')?;
    Some(PlatformApp { client_id: client_id.parse().ok()?, cloud: Cloud::from_str(cloud).ok()?, reference })
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "11111111-2222-4333-8444-555555555555";
    const OTHER: &str = "99999999-2222-4333-8444-555555555555";

    fn policy(platform_apps: &str) -> Result<CredentialPolicy, InvalidPlatformApps> {
        CredentialPolicy::new("prod".parse().expect("a stage"), platform_apps)
    }

    fn platform(client_id: &str, cloud: Cloud) -> CredentialOwner {
        CredentialOwner::Platform(client_id.parse().expect("a GUID"), cloud)
    }

    #[test]
    fn a_platform_app_uses_what_is_declared_for_it_and_nothing_else() {
        let both = format!(" {APP}@global=/tenantcheck/prod/platform/app, {OTHER}@usgov ,");
        let policy = policy(&both).expect("two apps");
        let uses = |owner: &CredentialOwner, name: &str| policy.reference(name, owner).map(|it| it.as_str().to_owned());
        let name = "/tenantcheck/prod/platform/app";
        assert_eq!(uses(&platform(APP, Cloud::Global), name), Ok(name.to_owned()));
        let undeclared = Err(ForbiddenCredential::Undeclared);
        assert_eq!(uses(&platform(OTHER, Cloud::Global), name), undeclared, "another app");
        assert_eq!(uses(&platform(APP, Cloud::UsGov), name), undeclared, "another cloud");
        assert_eq!(uses(&platform(APP, Cloud::Global), "/tenantcheck/prod/platform/other"), undeclared);
        assert_eq!(uses(&platform(OTHER, Cloud::UsGov), name), undeclared, "it has none");
        let foreign = uses(&platform(APP, Cloud::Global), "/tenantcheck/prod/1/app");
        assert!(matches!(foreign, Err(ForbiddenCredential::Foreign(_))));
        assert_eq!(policy.federation(&platform(OTHER, Cloud::UsGov)), Ok(()));
        assert_eq!(policy.federation(&platform(APP, Cloud::Global)), Err(ForbiddenCredential::Undeclared));
    }

    #[test]
    fn a_workspaces_own_credentials_need_no_declaration() {
        let policy = policy("").expect("none at all");
        let owner = CredentialOwner::Workspace("7".parse().expect("an id"));
        assert!(policy.reference("/tenantcheck/prod/7/contoso", &owner).is_ok());
        assert!(policy.reference("/tenantcheck/prod/platform/app", &owner).is_err());
        assert_eq!(policy.federation(&owner), Ok(()));
        assert_eq!(policy.federation(&platform(APP, Cloud::Global)), Err(ForbiddenCredential::Undeclared));
    }

    #[test]
    fn the_entry_that_is_none_is_named() {
        for (text, entry) in [
            ("app@global", 1),
            (&format!("{APP}@mars"), 1),
            (APP, 1),
            (&format!("{APP}@global,{APP}@usgov=/tenantcheck/dev/platform/app"), 2),
            (&format!("{APP}@global=/tenantcheck/prod/7/app"), 1),
            (&format!("{APP}@global="), 1),
        ] {
            let error = policy(text).expect_err(text).to_string();
            assert!(error.starts_with(&format!("entry {entry} is not CLIENT_ID@CLOUD")), "{text}: {error}");
        }
    }
}
