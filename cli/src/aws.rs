//! The connections to AWS, or to whatever `AWS_ENDPOINT_URL` names.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Long enough for any connection, short enough for a person who waits: the SDK has no such limits of its own.
const CONNECT: Duration = Duration::from_secs(5);

/// For one answer, of which the largest has 100 items.
const READ: Duration = Duration::from_secs(20);

/// What every client is made of: the region and credentials of the environment, which are looked for when the first request is sent.
pub async fn config() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts);
    config.load().await
}
