//! An origin that requests may go to: the allow-list of one cloud is its login and its Graph origin, nothing else.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The one address that may be spoken to without TLS: a stand-in on the same machine.
const LOOPBACK: std::net::Ipv4Addr = std::net::Ipv4Addr::LOCALHOST;

/// The same machine as a container of it sees it. Docker's name, and below a domain that no public name has.
const LOOPBACK_OF_CONTAINER: &str = "host.docker.internal";

/// Why a text is not an origin to send requests to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is https://host[:port] without user, path or query; http is allowed for 127.0.0.1 and host.docker.internal alone"
)]
pub struct InvalidOrigin;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin(Url);

impl Origin {
    /// Whether requests go out without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether a URL stays within this origin and carries no user or password.
    pub(crate) fn permits(&self, url: &Url) -> bool {
        url.origin() == self.0.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// The URL of a path with its query. The path is made of our own words and parsed ids.
    pub(crate) fn url(&self, path_and_query: &str) -> Url {
        debug_assert!(path_and_query.starts_with('/'), "a path begins with a slash");
        self.0.join(path_and_query).expect("a path of literals and GUIDs joins any origin")
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        let scheme = match (url.scheme(), url.host()) {
            ("https", Some(_)) => true,
            ("http", Some(Host::Ipv4(address))) => address == LOOPBACK,
            ("http", Some(Host::Domain(name))) => name == LOOPBACK_OF_CONTAINER,
            _ => false,
        };
        if bare && anonymous && scheme { Ok(Self(url)) } else { Err(InvalidOrigin) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().expect("an origin")
    }

    #[test]
    fn an_origin_is_https_or_this_machine() {
        for text in [
            "https://login.example",
            "https://login.example:8443/",
            "http://127.0.0.1:5000",
            "http://host.docker.internal:5000",
        ] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in [
            "",
            "login.example",
            "http://login.example",
            "http://localhost:5000",
            "http://127.0.0.2",
            "http://host.docker.internal.example",
            "http://docker.internal",
            "http://[::1]",
            "https://user@login.example",
            "https://login.example/path",
            "https://login.example/?x",
            "https://login.example/#x",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }

    #[test]
    fn only_urls_of_the_same_origin_are_permitted() {
        let graph = origin("https://graph.microsoft.com");
        let permits = |text: &str| graph.permits(&Url::parse(text).expect("a URL"));
        assert!(permits("https://graph.microsoft.com/v1.0/x?$skiptoken=1"));
        assert!(permits("https://GRAPH.microsoft.com:443/"));
        for text in [
            "http://graph.microsoft.com/",
            "https://graph.microsoft.com:8443/",
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com@evil.example/",
            "https://user@graph.microsoft.com/",
            "https://graph.microsoft.us/",
            "https://169.254.169.254/",
        ] {
            assert!(!permits(text), "{text}");
        }
    }
}
