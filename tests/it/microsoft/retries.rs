//! Asking again: what passes by itself is tried again within the budget, and what does not fit is handed back.

use std::time::Duration;

use domain::facts::Known;
use domain::reason::Reason;
use harness::microsoft::{RETRY_AFTER_SECONDS, Scenario};
use microsoft::Budget;

use super::{Bench, HEALTHY_CALLS, calls, detail};

#[tokio::test]
async fn a_throttled_request_is_sent_again_after_the_wait() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::ThrottledOnce, calls(HEALTHY_CALLS + 1)).await;
    assert!(matches!(checked.graph().organization, Known::Known(_)));
    assert_eq!(checked.count(), HEALTHY_CALLS + 1);
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_handed_back_at_once() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::Throttled, calls(60)).await;
    let cause = checked.no_token();
    assert_eq!((cause.reason, cause.retry_after), (Reason::Throttled, Some(Duration::from_secs(RETRY_AFTER_SECONDS))));
    assert_eq!(checked.calls.len(), 1);

    let checked = bench.check(Scenario::ThrottledOrganization, calls(60)).await;
    let cause = checked.graph().organization.cause().expect("throttled");
    assert_eq!((cause.reason, cause.retry_after), (Reason::Throttled, Some(Duration::from_secs(RETRY_AFTER_SECONDS))));
    assert!(matches!(checked.graph().assignments, Known::Known(_)), "the others answer for themselves");
    assert_eq!(checked.count(), HEALTHY_CALLS);
}

#[tokio::test]
async fn a_failing_service_is_tried_again_until_the_calls_are_used_up() {
    let bench = Bench::start().await;
    for (scenario, reason, word) in [
        (Scenario::ThrottledWithoutRetryAfter, Reason::Throttled, None),
        (Scenario::Down, Reason::DependencyUnreachable, Some("upstream.unavailable")),
        (Scenario::Garbage, Reason::DependencyUnreachable, Some("upstream.garbage")),
    ] {
        let checked = bench.check(scenario, calls(2)).await;
        let cause = checked.no_token();
        assert_eq!((cause.reason, detail(cause), cause.retry_after), (reason, word, None), "{scenario}");
        assert_eq!(checked.calls.len(), 2, "{scenario}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_asked_again() {
    let bench = Bench::start().await;
    for scenario in [Scenario::WrongSecret, Scenario::ConditionalAccess, Scenario::UnknownErrorCode] {
        assert_eq!(bench.check(scenario, calls(60)).await.calls.len(), 1, "{scenario}");
    }
    assert_eq!(bench.check(Scenario::NoConsent, calls(60)).await.count(), HEALTHY_CALLS);
}

#[tokio::test]
async fn a_silent_service_ends_with_the_budget() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::Slow, Budget::of(Duration::from_millis(300))).await;
    assert_eq!(detail(checked.no_token()), Some("upstream.timeout"));
    assert_eq!(checked.calls.len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_without_a_budget() {
    let bench = Bench::start().await;
    for budget in [Budget::of(Duration::ZERO), calls(0)] {
        let checked = bench.check(Scenario::Healthy, budget).await;
        assert_eq!(detail(checked.no_token()), Some("upstream.budget_used_up"));
        assert_eq!(checked.calls, []);
    }
    let checked = bench.check(Scenario::Healthy, calls(1)).await;
    assert!(checked.graph().token.is_some(), "what the token says is kept");
    assert_eq!(detail(checked.graph().organization.cause().expect("not asked")), Some("upstream.budget_used_up"));
}
