//! What the function is made of. Made once at start-up and used by every request.

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
    /// Where the token says more of them.
    pub claims: ClaimNames,
    /// The present; read once for each decision.
    pub clock: Clock,
}

/// The token's claims that the function reads.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    /// The claim with a name for people.
    pub user_name: String,
    /// The claim with the user's address.
    pub user_email: String,
}

impl App {
    /// Makes the parts from the environment.
    ///
    /// # Errors
    /// [`SettingError`] naming the variable that is missing or malformed.
    pub async fn wire(environment: &Environment) -> Result<Self, SettingError> {
        let frame = Frame::writing(environment).await?;
        Ok(Self {
            store: frame.store,
            callers: Callers::of(environment)?,
            claims: ClaimNames {
                user_name: environment.text("USER_NAME_CLAIM")?,
                user_email: environment.text("USER_EMAIL_CLAIM")?,
            },
            clock: Clock::default(),
        })
    }
}
