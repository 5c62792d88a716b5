//! Whom the worker asks about a connection.

use domain::facts::{Facts, Questions};
use domain::next_step::App;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use microsoft::{Budget, ClientCredential, Priority};

/// Who finds out what a connection's app reaches and may do: Microsoft, or in a simulation whoever answers in its place.
pub trait Provider: Send + Sync {
    /// Finds it out within the budget. What cannot be found out is unknown, with its cause; nothing else fails.
    fn check<'a>(
        &'a self,
        app: &'a App,
        credential: &'a ClientCredential,
        questions: Questions,
        priority: Priority,
        budget: Budget,
    ) -> BoxFuture<'a, Facts>;
}

impl Provider for microsoft::Provider {
    fn check<'a>(
        &'a self,
        app: &'a App,
        credential: &'a ClientCredential,
        questions: Questions,
        priority: Priority,
        budget: Budget,
    ) -> BoxFuture<'a, Facts> {
        self.check(app, credential, questions, priority, budget).boxed()
    }
}
