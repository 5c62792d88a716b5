//! Who works at the table: the trail names whoever holds the AWS credentials, by AWS's own word and not by the file's.

use aws_config::SdkConfig;
use domain::audit::{InvalidArn, OperatorArn};

use crate::chain::Chain;
use crate::exit::{CommandError, Exit};

/// Why nobody can be named.
#[derive(Debug, thiserror::Error)]
enum Unnamed {
    #[error("the answer has no ARN")]
    Missing,
    #[error("the answer has none that can be recorded")]
    Invalid(#[from] InvalidArn),
}

/// Asks AWS STS who sends its requests with these credentials: nobody needs a right for that.
///
/// # Errors
/// [`CommandError`] when STS does not answer, or not so. Then nothing may be written: the trail could not say who did it.
pub async fn operator(config: &SdkConfig) -> Result<OperatorArn, CommandError> {
    let asked = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let arn = asked.map_err(|error| unnamed(&error))?.arn;
    let arn = arn.ok_or(Unnamed::Missing).and_then(|arn| Ok(arn.parse()?));
    arn.map_err(|error: Unnamed| unnamed(&error))
}

fn unnamed(error: &(dyn std::error::Error + 'static)) -> CommandError {
    let why = Chain(error);
    CommandError::new(Exit::Failed, format_args!("AWS STS does not say who you are: {why}\nnothing was written"))
}
