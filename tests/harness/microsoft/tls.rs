//! TLS for the stand-in's hosts: a certificate authority that nobody trusts who is not told to, and a listener that axum can serve.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use uuid::Uuid;

/// A handshake on the same machine takes milliseconds; whoever says nothing must not keep the others waiting.
const HANDSHAKE: Duration = Duration::from_secs(2);

/// A private certificate authority, with its certificate in a file for as long as it lives.
#[derive(Debug)]
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
    connections: Arc<AtomicUsize>,
}

impl Authority {
    /// A new authority.
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Stand-in for Microsoft");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let file = std::env::temp_dir().join(format!("stand-in-{}.pem", Uuid::new_v4()));
        std::fs::write(&file, issuer.pem()).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { issuer, file, connections: Arc::default() })
    }

    /// The file with its certificate.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// How many connections its listeners have taken.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Listens on a free port of this address, with a certificate for this address alone.
    pub(crate) async fn listen(&self, address: IpAddr) -> Result<TlsListener> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new([address.to_string()])?.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| anyhow::anyhow!(error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let tcp = TcpListener::bind((address, 0)).await.with_context(|| format!("cannot listen on {address}"))?;
        let connections = Arc::clone(&self.connections);
        Ok(TlsListener { tcp, acceptor: TlsAcceptor::from(Arc::new(config)), connections })
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.file) {
            tracing::warn!(%error, file = %self.file.display(), "a certificate authority's file stays behind");
        }
    }
}

/// Accepts connections whose TLS handshake succeeds.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    connections: Arc<AtomicUsize>,
}

impl TlsListener {
    /// Where it listens.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.tcp).await;
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, self.acceptor.accept(stream)).await {
                self.connections.fetch_add(1, Ordering::Relaxed);
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.address()
    }
}
