//! The frame of every `main`: logs first, then the function, and a line that says why when it cannot start.

use std::error::Error;
use std::process::ExitCode;

use crate::environment::Environment;
use crate::logs::{self, Chain};
use crate::metric;

/// Why a function does not start, or stops.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Runs a function until Lambda ends the process. A function that fails to start logs one line, which names the variable when one
/// is missing, and ends with a status other than 0, so Lambda reports the start as failed.
pub async fn run(function: impl AsyncFnOnce(Environment) -> Result<(), BoxError>) -> ExitCode {
    logs::init();
    let environment = Environment::of_process();
    metric::init(environment.optional("STAGE"));
    match function(environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %Chain(error.as_ref()), "the function cannot run");
            ExitCode::FAILURE
        }
    }
}
