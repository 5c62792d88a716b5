//! The only crate that knows Microsoft Entra and Graph: it asks both what one connection reaches and may do, and hands
//! back [`domain::facts::Facts`]. It judges nothing; whether a permission is missing or a connection is broken is the
//! domain's to say.
//!
//! One check is two waves: a token from Entra, then every question to Graph side by side. Each answer passes the same
//! narrow gate: the address must belong to the cloud, no redirect is followed, time and size are limited, and of an
//! answer only parsed ids, times and known codes are kept. What Microsoft refuses, cannot answer or answers strangely
//! becomes a cause, never an error and never a panic.

mod access_token;
mod allowance;
mod answer;
mod assertion;
mod certificate;
mod certificate_parts;
mod client_assertion;
mod credential;
mod entra_errors;
mod entra_refusal;
mod graph;
mod graph_documents;
mod graph_errors;
mod graph_refusal;
mod jwt;
mod origin;
mod overrides;
mod priority;
mod provider;
mod requester;
mod retry;
mod tenant_cloud;
mod tls;
mod token;
mod transport;
mod trouble;

pub use allowance::Budget;
pub use certificate::{Certificate, InvalidCertificate};
pub use client_assertion::ClientAssertion;
pub use credential::ClientCredential;
pub use origin::InvalidOrigin;
pub use overrides::{InvalidOverride, Overrides};
pub use priority::Priority;
pub use provider::{InvalidClient, Provider};
