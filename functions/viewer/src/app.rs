//! What the function is made of. Made once at start-up and used by every request.

use domain::bounds::Bounds;
use runtime::{Clock, Environment, Frame, SettingError};
use store::Store;
use web::caller::Callers;

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Who may call.
    pub callers: Callers,
    /// What an active run's freshness is measured by.
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
        let frame = Frame::reading(environment).await?;
        Ok(Self {
            callers: Callers::of(environment)?,
            bounds: frame.bounds()?,
            store: frame.store,
            clock: Clock::default(),
        })
    }
}
