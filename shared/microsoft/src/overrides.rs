//! Where Entra and Graph are reached. Nothing has to be set: each cloud's addresses stand in the domain's table. An
//! override *replaces* a cloud's address, so that a stand-in can take Microsoft's place and nothing else can be reached
//! beside it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::cloud::Cloud;
use rustls::pki_types::TrustAnchor;

use crate::origin::{InvalidOrigin, Origin};
use crate::tls::{self, InvalidCertificates};

/// The variable that names a PEM file with certificate authorities to trust beside the public ones.
const EXTRA_CA_FILE: &str = "MICROSOFT_EXTRA_CA_FILE";

/// Why the overrides cannot be used. Each names the variable that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum InvalidOverride {
    /// An override is not an origin.
    #[error("{variable} is not an origin")]
    Origin {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        source: InvalidOrigin,
    },
    /// An extra authority is to be trusted although requests go to Microsoft itself.
    #[error("{EXTRA_CA_FILE} is allowed only together with an override of a login or Graph origin")]
    ExtraCaWithoutOverride,
    /// The file cannot be read.
    #[error("the file that {EXTRA_CA_FILE} names cannot be read")]
    ExtraCaUnreadable(#[source] std::io::Error),
    /// The file holds no usable certificate.
    #[error("the file that {EXTRA_CA_FILE} names is not a PEM file of certificate authorities")]
    ExtraCaInvalid(#[source] InvalidCertificates),
}

/// Overrides of the addresses of Entra and Graph. The default has none.
#[derive(Debug, Default)]
pub struct Overrides {
    by_cloud: BTreeMap<Cloud, Override>,
    extra_roots: Vec<TrustAnchor<'static>>,
}

#[derive(Debug, Default)]
struct Override {
    login: Option<Origin>,
    graph: Option<Origin>,
}

/// The allow-list of one cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloudOrigins {
    /// Where tokens come from.
    pub(crate) login: Origin,
    /// Where Graph answers.
    pub(crate) graph: Origin,
}

impl Overrides {
    /// Reads `MICROSOFT_LOGIN_ORIGIN_<CLOUD>` and `MICROSOFT_GRAPH_ORIGIN_<CLOUD>` of every cloud (its name in upper
    /// case) and `MICROSOFT_EXTRA_CA_FILE`. A variable that is absent or empty overrides nothing.
    ///
    /// # Errors
    ///
    /// The first variable that is wrong, by its name.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidOverride> {
        let value = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let origin = |service: &str, cloud: Cloud| -> Result<Option<Origin>, InvalidOverride> {
            let variable = format!("MICROSOFT_{service}_ORIGIN_{}", cloud.as_str().to_ascii_uppercase());
            let parsed = value(&variable).map(|text| text.parse()).transpose();
            parsed.map_err(|source| InvalidOverride::Origin { variable, source })
        };
        let mut by_cloud = BTreeMap::new();
        for cloud in Cloud::ALL {
            let of_cloud = Override { login: origin("LOGIN", *cloud)?, graph: origin("GRAPH", *cloud)? };
            if of_cloud.login.is_some() || of_cloud.graph.is_some() {
                by_cloud.insert(*cloud, of_cloud);
            }
        }
        let extra_roots = match value(EXTRA_CA_FILE) {
            None => Vec::new(),
            Some(_) if by_cloud.is_empty() => return Err(InvalidOverride::ExtraCaWithoutOverride),
            Some(file) => {
                let pem = std::fs::read(PathBuf::from(file)).map_err(InvalidOverride::ExtraCaUnreadable)?;
                tls::trust_anchors(&pem).map_err(InvalidOverride::ExtraCaInvalid)?
            }
        };
        Ok(Self { by_cloud, extra_roots })
    }

    /// Certificate authorities to trust beside the public ones.
    pub(crate) fn extra_roots(&self) -> &[TrustAnchor<'static>] {
        &self.extra_roots
    }

    /// Where a cloud's requests may go.
    pub(crate) fn origins(&self, cloud: Cloud) -> CloudOrigins {
        let official = |origin: &str| origin.parse().expect("the table of clouds holds https origins");
        let replaced = self.by_cloud.get(&cloud);
        CloudOrigins {
            login: replaced
                .and_then(|origins| origins.login.clone())
                .unwrap_or_else(|| official(cloud.endpoints().authority)),
            graph: replaced
                .and_then(|origins| origins.graph.clone())
                .unwrap_or_else(|| official(cloud.endpoints().graph)),
        }
    }

    /// Each cloud whose addresses are replaced.
    pub(crate) fn overridden(&self) -> impl Iterator<Item = Cloud> {
        self.by_cloud.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(variables: &[(&str, &str)]) -> Result<Overrides, InvalidOverride> {
        Overrides::parse(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn without_overrides_each_cloud_has_its_own_addresses() {
        let overrides = parse(&[("MICROSOFT_LOGIN_ORIGIN_GLOBAL", "")]).expect("empty overrides nothing");
        for cloud in Cloud::ALL {
            let origins = overrides.origins(*cloud);
            assert_eq!(origins.login.to_string(), cloud.endpoints().authority);
            assert_eq!(origins.graph.to_string(), cloud.endpoints().graph);
        }
        assert_eq!(overrides.overridden().count(), 0);
    }

    #[test]
    fn an_override_replaces_one_address_of_one_cloud() {
        let overrides = parse(&[("MICROSOFT_GRAPH_ORIGIN_USGOV_DOD", "http://127.0.0.1:4000")]).expect("valid");
        let replaced = overrides.origins(Cloud::UsGovDod);
        assert_eq!(replaced.graph.to_string(), "http://127.0.0.1:4000");
        assert_eq!(replaced.login.to_string(), Cloud::UsGovDod.endpoints().authority);
        assert_eq!(overrides.origins(Cloud::UsGov).graph.to_string(), Cloud::UsGov.endpoints().graph);
        assert_eq!(overrides.overridden().collect::<Vec<_>>(), [Cloud::UsGovDod]);
    }

    #[test]
    fn a_wrong_override_is_named() {
        let message = |variables: &[(&str, &str)]| parse(variables).expect_err("refused").to_string();
        let plain = message(&[("MICROSOFT_LOGIN_ORIGIN_CHINA", "http://login.example")]);
        assert!(plain.contains("MICROSOFT_LOGIN_ORIGIN_CHINA"), "{plain}");
        let alone = message(&[("MICROSOFT_EXTRA_CA_FILE", "/ca.pem")]);
        assert!(alone.contains("MICROSOFT_EXTRA_CA_FILE") && alone.contains("override"), "{alone}");
        let login = ("MICROSOFT_LOGIN_ORIGIN_GLOBAL", "https://login.example");
        let absent = message(&[login, ("MICROSOFT_EXTRA_CA_FILE", "/nowhere/ca.pem")]);
        assert!(absent.contains("MICROSOFT_EXTRA_CA_FILE"), "{absent}");
        let garbage =
            message(&[login, ("MICROSOFT_EXTRA_CA_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))]);
        assert!(garbage.contains("MICROSOFT_EXTRA_CA_FILE"), "{garbage}");
    }
}
