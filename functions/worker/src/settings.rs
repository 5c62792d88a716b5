//! What the worker takes from its environment, and that it fits together: with times that cannot work the function does not start.

use std::time::Duration;

use domain::bounds::Bounds;
use runtime::{Environment, Frame, SettingError};

/// What is left of the invocation for writing the outcome once Microsoft has been asked.
pub(crate) const WRITING_TIME: Duration = Duration::from_secs(10);

/// Numbers that the template fixes for queue and function alike.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The queue whose messages are delivered, to change their visibility.
    pub queue_url: String,
    /// After this many deliveries SQS moves a message to the dead-letter queue.
    pub max_receive_count: u32,
    /// The most time that one attempt spends on Microsoft.
    pub check_budget: Duration,
    /// How long after a change a refusal may only be late; zero believes it at once.
    pub propagation: Duration,
    /// What active runs are measured by.
    pub bounds: Bounds,
}

impl Settings {
    /// Reads `QUEUE_URL`, `MAX_RECEIVE_COUNT`, `CHECK_BUDGET_SECONDS`, `PROPAGATION_SECONDS`, `VISIBILITY_TIMEOUT_SECONDS` and the frame's times.
    ///
    /// # Errors
    /// [`SettingError`] with the name of the variable that is missing, malformed or does not fit the others.
    pub fn from(environment: &Environment, frame: &Frame<'_>) -> Result<Self, SettingError> {
        let settings = Self {
            queue_url: environment.text("QUEUE_URL")?,
            max_receive_count: environment.parsed("MAX_RECEIVE_COUNT")?,
            check_budget: environment.seconds("CHECK_BUDGET_SECONDS")?,
            propagation: environment.seconds("PROPAGATION_SECONDS")?,
            bounds: frame.bounds()?,
        };
        settings.fit(environment.seconds("VISIBILITY_TIMEOUT_SECONDS")?)?;
        Ok(settings)
    }

    /// Holds that a check fits into an invocation, and that no message comes back while the worker that took it may still hold its run.
    fn fit(&self, visibility: Duration) -> Result<(), SettingError> {
        let timeout = self.bounds.worker_timeout;
        let least = self.check_budget + WRITING_TIME;
        if timeout < least {
            let problem = format!("a check of {:?} and its writing take {least:?}", self.check_budget);
            return Err(SettingError::Unfit { name: "WORKER_TIMEOUT_SECONDS", problem });
        }
        let held = self.bounds.longest_own_lease();
        if visibility < held {
            let problem = format!("a worker may hold a run for {held:?}");
            return Err(SettingError::Unfit { name: "VISIBILITY_TIMEOUT_SECONDS", problem });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(timeout: u64, budget: u64, visibility: u64) -> Result<(), String> {
        let settings = Settings {
            queue_url: String::new(),
            max_receive_count: 5,
            check_budget: Duration::from_secs(budget),
            propagation: Duration::ZERO,
            bounds: Bounds {
                worker_timeout: Duration::from_secs(timeout),
                patience: Duration::from_mins(2),
                run_deadline: Duration::from_hours(6),
            },
        };
        settings.fit(Duration::from_secs(visibility)).map_err(|error| error.to_string())
    }

    #[test]
    fn times_that_cannot_work_are_refused_by_name() {
        assert_eq!(fits(60, 45, 360), Ok(()));
        assert_eq!(fits(20, 10, 25), Ok(()));
        let too_short =
            "the environment variable WORKER_TIMEOUT_SECONDS cannot work: a check of 4s and its writing take 14s";
        assert_eq!(fits(10, 4, 360), Err(too_short.to_owned()));
        let early = "the environment variable VISIBILITY_TIMEOUT_SECONDS cannot work: a worker may hold a run for 25s";
        assert_eq!(fits(20, 4, 20), Err(early.to_owned()));
    }
}
