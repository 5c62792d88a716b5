//! When a delivered message comes back, should nobody acknowledge it.

use std::time::Duration;

use domain::time::Timestamp;
use runtime::Chain;

use crate::app::App;
use crate::batch::Delivery;

/// SQS hides a message for 12 hours at most.
const MOST: Duration = Duration::from_hours(12);

/// Lets a message come back when the lease of this invocation has ended, and not after the queue's visibility: that is long, because
/// Lambda may hold messages back, and a run whose worker dies would wait for it in vain.
pub(crate) async fn until_the_lease_ends(app: &App, delivery: &Delivery, deadline: Timestamp) {
    let now = app.clock.now();
    after(app, delivery, app.settings.bounds.lease(now, deadline).since(now)).await;
}

/// Lets a message come back after this time.
pub(crate) async fn after(app: &App, delivery: &Delivery, delay: Duration) {
    let change = app.queue.change_message_visibility().queue_url(&app.settings.queue_url);
    let change = change.receipt_handle(&delivery.receipt_handle).visibility_timeout(whole_seconds(delay));
    if let Err(error) = change.send().await {
        // It comes back after the queue's own visibility at the latest: at another time than it should, but it comes.
        tracing::warn!(message.id = delivery.message_id, error = %Chain(&error), "a message's visibility was not changed");
    }
}

/// A second more than asked for: SQS counts whole seconds, and a message that comes early is delivered in vain.
fn whole_seconds(delay: Duration) -> i32 {
    i32::try_from(delay.as_secs().saturating_add(1).min(MOST.as_secs())).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_hidden_for_whole_seconds_and_never_too_short() {
        let seconds = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([0, 1, 999, 1000, 30_400].map(seconds), [1, 1, 1, 2, 31]);
        assert_eq!(whole_seconds(Duration::MAX), 43_200);
    }
}
