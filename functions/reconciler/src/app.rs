//! What the function is made of. Made once at start-up and used by every round.

use domain::bounds::Bounds;
use queue::Queue;
use runtime::{Clock, Environment, Frame, SettingError};
use store::Store;

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Where the workers take their messages from.
    pub queue: Queue,
    /// What active runs are measured by.
    pub bounds: Bounds,
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
        Ok(Self {
            queue: Queue::new(aws_sdk_sqs::Client::new(&frame.aws), environment.text("QUEUE_URL")?),
            bounds: frame.bounds()?,
            clock: Clock::default(),
            store: frame.store,
        })
    }
}
