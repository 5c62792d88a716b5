//! The address of the API. A token goes there, so it is HTTPS, or a server on this machine.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The API's base address. May have a path, below which the API's own begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Url);

/// Why a text is not the address of an API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No URL at all.
    #[error("not a URL")]
    Malformed(#[from] url::ParseError),
    /// A token would be readable on the way.
    #[error("must be https (http only for this machine)")]
    Insecure,
    /// It would be shown in messages.
    #[error("must not hold a user name, a password, a query or a fragment")]
    Extra,
}

impl ApiUrl {
    /// Whether nobody on the way can read what is sent.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address of a path of the API.
    pub(super) fn join(&self, path: &str, query: &[(&str, String)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl FromStr for ApiUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url: Url = text.parse()?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err(InvalidUrl::Insecure);
        }
        let extra = !url.username().is_empty() || url.password().is_some();
        if extra || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidUrl::Extra);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_to_https_or_stay_on_this_machine() {
        for good in
            ["https://api.example.com", "http://127.0.0.1:4510/x/$default", "http://[::1]:1", "http://localhost:2/"]
        {
            assert!(good.parse::<ApiUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "ftp://localhost",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert_eq!(bad.parse::<ApiUrl>(), Err(InvalidUrl::Insecure), "{bad}");
        }
        for bad in ["https://user@api.example.com", "https://api.example.com?a=b", "https://api.example.com#a"] {
            assert_eq!(bad.parse::<ApiUrl>(), Err(InvalidUrl::Extra), "{bad}");
        }
        assert!(matches!("api.example.com".parse::<ApiUrl>(), Err(InvalidUrl::Malformed(_))));
    }

    #[test]
    fn paths_go_below_the_base_and_never_to_another_host() {
        let base: ApiUrl = "http://127.0.0.1:4510/x/$default/".parse().expect("an address");
        let query = [("page_token", "a&b=c".to_owned())];
        assert_eq!(
            base.join("/runs/1", &query).as_str(),
            "http://127.0.0.1:4510/x/$default/runs/1?page_token=a%26b%3Dc"
        );
        assert_eq!(base.join("//evil.example.com/?x", &[]).host_str(), Some("127.0.0.1"));
    }
}
