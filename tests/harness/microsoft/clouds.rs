//! The hosts of every cloud. Each listens on a loopback address of its own with a certificate for that address alone, so that a
//! request to one cloud cannot pass for a request to another. Names below `localhost` would read better, but not every machine
//! resolves them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use anyhow::Result;
use domain::cloud::Cloud;

use super::tls::{Authority, TlsListener};

/// What a host answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Entra's token endpoint.
    Login,
    /// Graph.
    Graph,
}

/// A host of one cloud, listening.
pub(crate) struct Host {
    /// The cloud.
    pub(crate) cloud: Cloud,
    /// What it answers for.
    pub(crate) service: Service,
    /// Its address as a caller writes it.
    pub(crate) origin: String,
    /// Takes connections.
    pub(crate) listener: TlsListener,
}

impl Host {
    /// Listens for both services of every cloud.
    pub(crate) async fn listen_for_all(authority: &Authority) -> Result<Vec<Host>> {
        let mut hosts = Vec::new();
        for cloud in Cloud::ALL {
            for service in [Service::Login, Service::Graph] {
                let number = 2 + u8::try_from(hosts.len()).expect("a handful of hosts");
                let own = IpAddr::V4(Ipv4Addr::new(127, 0, 0, number));
                // Not every system has more than one loopback address; there the ports alone differ.
                let listener = match authority.listen(own).await {
                    Ok(listener) => listener,
                    Err(_) => authority.listen(Ipv4Addr::LOCALHOST.into()).await?,
                };
                let origin = format!("https://{}", listener.address()?);
                hosts.push(Host { cloud: *cloud, service, origin, listener });
            }
        }
        Ok(hosts)
    }

    /// The variable that sends requests here.
    pub(crate) fn variable(&self) -> String {
        let service = match self.service {
            Service::Login => "LOGIN",
            Service::Graph => "GRAPH",
        };
        format!("MICROSOFT_{service}_ORIGIN_{}", self.cloud.as_str().to_ascii_uppercase())
    }
}

/// The variables that lead to these hosts, and to the authority that they are to be trusted by.
pub(crate) fn variables(hosts: &[Host], authority: &Authority) -> BTreeMap<String, String> {
    let origins = hosts.iter().map(|host| (host.variable(), host.origin.clone()));
    let file = authority.file().display().to_string();
    origins.chain([("MICROSOFT_EXTRA_CA_FILE".to_owned(), file)]).collect()
}
