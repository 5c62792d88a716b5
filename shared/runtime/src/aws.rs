//! The AWS configuration of a function, built by hand from what Lambda puts into the environment. The SDK's own chain of
//! providers would cost start-up time to look for profiles and metadata services that a function does not have.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::{RetryConfig, SharedAsyncSleep, SharedCredentialsProvider, TimeoutConfig};

use crate::environment::{Environment, SettingError};
use crate::trust;

/// One try of one call, its connection included. What AWS answers within a region comes within tens of milliseconds; after this it does not
/// come any more. A start makes five calls one after the other, and within the 10 s of its function each of them may lose two tries.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);

/// The first try and two more: each call is repeatable, by its nature or by its conditions.
const ATTEMPTS: u32 = 3;

/// The first wait between tries. The SDK's own of one second is longer than a try.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Idle connections are closed after a while on the other side, and Lambda may freeze the process meanwhile: one that rested
/// longer than this is not used again.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// The configuration for every AWS client of a function.
///
/// # Errors
/// [`SettingError`] naming the variable that is missing.
pub fn config(environment: &Environment) -> Result<SdkConfig, SettingError> {
    let credentials = Credentials::new(
        environment.text("AWS_ACCESS_KEY_ID")?,
        environment.text("AWS_SECRET_ACCESS_KEY")?,
        environment.optional("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(environment.text("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_WAIT))
        .timeout_config(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(trust::http_client(&Builder::new().pool_idle_timeout(POOL_IDLE_TIMEOUT)));
    config.set_endpoint_url(environment.optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lambda_gives_is_enough_and_what_is_missing_is_named() {
        let given = |left_out: &'static str| {
            Environment::new(move |name| {
                let value = match name {
                    "AWS_REGION" => "eu-central-1",
                    "AWS_ACCESS_KEY_ID" => "AKIDEXAMPLE",
                    "AWS_SECRET_ACCESS_KEY" => "secret",
                    _ => return None,
                };
                (name != left_out).then(|| value.to_owned())
            })
        };
        let complete = config(&given("")).expect("everything is there");
        assert_eq!(complete.region().map(AsRef::as_ref), Some("eu-central-1"));
        assert_eq!(complete.endpoint_url(), None);
        assert!(complete.timeout_config().is_some_and(|timeouts| timeouts.operation_attempt_timeout().is_some()));
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let error = config(&given(name)).expect_err("a variable is missing");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
