//! The national clouds of Microsoft 365: authority, Graph root, federation audience and portal change together, so they stand in
//! one table. GCC uses `global`; `usgov` is GCC High, `usgov_dod` is DoD. Source: Microsoft Graph, "National cloud deployments".

use crate::names::names;

names! {
    /// A national cloud. Tokens of one are worth nothing in another.
    Cloud: "a cloud" {
        /// Worldwide, GCC included.
        Global = "global",
        /// GCC High (US Government L4).
        UsGov = "usgov",
        /// DoD (US Government L5).
        UsGovDod = "usgov_dod",
        /// China, operated by 21Vianet.
        China = "china",
    }
}

/// The addresses of one cloud. Origins have no trailing slash.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Origin of the token endpoint and of admin consent.
    pub authority: &'static str,
    /// Origin of Microsoft Graph; the token's scope is `{graph}/.default`.
    pub graph: &'static str,
    /// Audience of a federated identity credential.
    pub federation_audience: &'static str,
    /// Origin of the administrators' portal.
    pub portal: &'static str,
}

impl Cloud {
    /// The cloud's addresses.
    #[must_use]
    pub fn endpoints(self) -> &'static Endpoints {
        match self {
            Cloud::Global => &Endpoints {
                authority: "https://login.microsoftonline.com",
                graph: "https://graph.microsoft.com",
                federation_audience: "api://AzureADTokenExchange",
                portal: "https://portal.azure.com",
            },
            Cloud::UsGov => &Endpoints {
                authority: "https://login.microsoftonline.us",
                graph: "https://graph.microsoft.us",
                federation_audience: "api://AzureADTokenExchangeUSGov",
                portal: "https://portal.azure.us",
            },
            Cloud::UsGovDod => &Endpoints {
                authority: "https://login.microsoftonline.us",
                graph: "https://dod-graph.microsoft.us",
                federation_audience: "api://AzureADTokenExchangeUSGov",
                portal: "https://portal.azure.us",
            },
            Cloud::China => &Endpoints {
                authority: "https://login.chinacloudapi.cn",
                graph: "https://microsoftgraph.chinacloudapi.cn",
                federation_audience: "api://AzureADTokenExchangeChina",
                portal: "https://portal.azure.cn",
            },
        }
    }
}
