//! What the function is made of. Made once at start-up and used by every request.

use domain::bounds::Bounds;
use runtime::{Clock, Environment, Frame, SettingError};
use store::Store;

/// The function's parts.
#[derive(Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// The token's claim that identifies the user in memberships and entitlements.
    pub user_id_claim: String,
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
            user_id_claim: environment.text("USER_ID_CLAIM")?,
            bounds: frame.bounds()?,
            store: frame.store,
            clock: Clock::default(),
        })
    }
}
