//! TLS towards Microsoft: rustls on *ring*, with Mozilla's root certificates built in. Nothing of the machine is read,
//! neither its certificate store nor a platform verifier, so a function starts fast and trusts the same everywhere.

use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::{ClientConfig, RootCertStore};

/// Why a PEM file cannot be used as certificate authorities.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCertificates {
    /// It is not PEM.
    #[error("the file is not PEM")]
    Pem(#[source] pem::Error),
    /// It holds no certificate.
    #[error("the file holds no certificate")]
    None,
    /// A certificate in it cannot be a trust anchor.
    #[error("a certificate cannot be used")]
    Certificate(#[source] rustls::Error),
}

/// Reads certificate authorities from PEM.
pub(crate) fn trust_anchors(pem: &[u8]) -> Result<Vec<TrustAnchor<'static>>, InvalidCertificates> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(InvalidCertificates::Pem)?;
        store.add(certificate).map_err(InvalidCertificates::Certificate)?;
    }
    if store.is_empty() { Err(InvalidCertificates::None) } else { Ok(store.roots) }
}

/// TLS 1.2 and 1.3 with certificate and host name verification against the built-in roots and the extra ones.
pub(crate) fn client_config(extra_roots: &[TrustAnchor<'static>]) -> Result<ClientConfig, rustls::Error> {
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().chain(extra_roots).cloned();
    let store: RootCertStore = roots.collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
