//! Looks after active runs, each minute: sends messages again that may be lost, ends what nothing can finish any more, and frees slots
//! that no run needs. It never calls Microsoft, and takes no run away from a worker that holds it.

mod act;
mod tick;

use domain::bounds::Bounds;
use queue::Queue;
use runtime::{Clock, Environment, Frame, SettingError};
use store::Store;

pub use tick::{Tick, tick};

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Where the workers take their messages from.
    pub queue: Queue,
    /// What active runs are measured by.
    pub bounds: Bounds,
    /// The time.
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
