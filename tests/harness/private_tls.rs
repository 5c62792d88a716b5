//! An endpoint of AWS whose certificate comes from an authority that no built-in list has. It answers every call with an empty document.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use axum::Router;
use tokio::task::JoinHandle;

use crate::microsoft::tls::Authority;

/// The endpoint. It stops when it is dropped.
#[derive(Debug)]
pub struct PrivateEndpoint {
    authority: Authority,
    url: String,
    answered: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl PrivateEndpoint {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When no port is free, or no certificate can be made.
    pub async fn start() -> Result<Self> {
        let authority = Authority::new()?;
        let listener = authority.listen(IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
        let url = format!("https://{}", listener.address()?);
        let answered = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&answered);
        let routes = Router::new().fallback(async move || {
            count.fetch_add(1, Ordering::Relaxed);
            "{}"
        });
        let server = tokio::spawn(async move {
            // It ends when the endpoint is dropped.
            _ = axum::serve(listener, routes).await;
        });
        Ok(Self { authority, url, answered, server })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file with the authority's certificate.
    #[must_use]
    pub fn authority(&self) -> &Path {
        self.authority.file()
    }

    /// How many calls it has answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for PrivateEndpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}
