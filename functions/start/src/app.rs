//! What the function is made of. Made once at start-up and used by every request.

use queue::Queue;
use runtime::{Clock, Environment, Frame, SettingError};
use starting::Starter;
use web::caller::Callers;

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// What starts need.
    pub starter: Starter,
    /// Who may call.
    pub callers: Callers,
    /// The token's claim with a name for people.
    pub user_name_claim: String,
    /// How often one user may start something within a minute.
    pub starts_per_minute: u32,
    /// The present; read once for each decision.
    pub clock: Clock,
}

impl App {
    /// Makes the parts from the environment.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn wire(environment: &Environment) -> Result<Self, SettingError> {
        let frame = Frame::writing(environment).await?;
        let queue = Queue::new(aws_sdk_sqs::Client::new(&frame.aws), environment.text("QUEUE_URL")?);
        Ok(Self {
            starter: Starter { queue, rules: frame.rules()?, store: frame.store },
            callers: Callers::of(environment)?,
            user_name_claim: environment.text("USER_NAME_CLAIM")?,
            starts_per_minute: environment.parsed("STARTS_PER_MINUTE")?,
            clock: Clock::default(),
        })
    }
}
