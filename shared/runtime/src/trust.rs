//! Whose certificates the AWS clients trust: Amazon's own roots first, which are built in. The machine's store has a hundred and more, and to
//! parse them all took most of a function's start-up. A server whose certificate comes from somebody else, as in a partition of AWS with an
//! authority of its own, is asked again with the machine's store, and so is everything after it.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::ErrorKind;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::CertificateError;

/// The roots of Amazon Trust Services: Amazon Root CA 1 to 4, and the one of Starfield that older chains end in.
const AMAZON: &[u8] = include_bytes!("amazon-roots.pem");

/// A client that trusts Amazon's roots, and the machine's as soon as a server needs them. `settings` are what both have in common.
pub(crate) fn http_client(settings: &Builder) -> SharedHttpClient {
    let with = |store| {
        let tls = TlsContext::builder().with_trust_store(store).build().expect("a context is only its parts");
        settings.clone().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build_https()
    };
    SharedHttpClient::new(AmazonFirst {
        amazon: with(TrustStore::empty().with_pem_certificate(AMAZON)),
        machine: with(TrustStore::default()),
        needs_machine: Arc::default(),
    })
}

#[derive(Debug)]
struct AmazonFirst {
    amazon: SharedHttpClient,
    machine: SharedHttpClient,
    needs_machine: Arc<AtomicBool>,
}

impl HttpClient for AmazonFirst {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        if self.needs_machine.load(Ordering::Relaxed) {
            return self.machine.http_connector(settings, components);
        }
        let amazon = self.amazon.http_connector(settings, components);
        SharedHttpConnector::new(OfAmazon { amazon, needs_machine: Arc::clone(&self.needs_machine) })
    }
}

#[derive(Debug)]
struct OfAmazon {
    amazon: SharedHttpConnector,
    needs_machine: Arc<AtomicBool>,
}

impl HttpConnector for OfAmazon {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, needs_machine) = (self.amazon.call(request), Arc::clone(&self.needs_machine));
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| {
                if !is_unknown_issuer(&error) {
                    return error;
                }
                tracing::warn!("an AWS endpoint's certificate is not Amazon's: the machine's certificates are used");
                needs_machine.store(true, Ordering::Relaxed);
                // To be tried again, like a connection that broke: the next try has the machine's certificates.
                ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
            })
        })
    }
}

/// Whether a connection failed because nobody trusted has issued the server's certificate. An [`io::Error`] hides what it carries from
/// its own source.
fn is_unknown_issuer(error: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    });
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    causes.filter_map(|cause| cause.downcast_ref::<rustls::Error>()).any(|cause| *cause == unknown)
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::AMAZON;

    #[test]
    fn the_built_in_roots_are_the_five_of_amazon_that_mozilla_trusts() {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(AMAZON) {
            store.add(certificate.expect("PEM")).expect("a trust anchor");
        }
        let of_amazon = |subject: &[u8]| {
            let names: [&[u8]; 2] = [b"Amazon Root CA", b"Starfield Services Root"];
            names.iter().any(|name| subject.windows(name.len()).any(|part| part == *name))
        };
        let mozilla = webpki_roots::TLS_SERVER_ROOTS.iter().filter(|root| of_amazon(&root.subject));
        let key = |subject: &[u8], public_key: &[u8]| (subject.to_vec(), public_key.to_vec());
        let mut expected: Vec<_> = mozilla.map(|root| key(&root.subject, &root.subject_public_key_info)).collect();
        let mut built_in: Vec<_> =
            store.roots.iter().map(|root| key(&root.subject, &root.subject_public_key_info)).collect();
        expected.sort();
        built_in.sort();
        assert_eq!(built_in.len(), 5);
        assert!(built_in == expected, "Mozilla has {} of Amazon, which are not these", expected.len());
    }
}
