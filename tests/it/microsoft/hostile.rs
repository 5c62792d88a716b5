//! Answers that want more than to be read: each is refused without being followed, and the rest of the check goes on.

use domain::facts::{Cause, Known};
use domain::reason::Reason;
use harness::microsoft::{Scenario, StandIn};
use microsoft::{Overrides, Provider};

use super::{Bench, HEALTHY_CALLS, calls, detail};

fn unreachable(cause: Option<&Cause>, word: &str) {
    let cause = cause.expect("unknown");
    assert_eq!((cause.reason, detail(cause)), (Reason::DependencyUnreachable, Some(word)));
}

#[tokio::test]
async fn a_next_page_at_another_host_is_not_asked() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::EvilNextLink, calls(60)).await;
    unreachable(checked.graph().assignments.cause(), "upstream.foreign_link");
    assert!(matches!(checked.graph().organization, Known::Known(_)));
    assert_eq!(checked.count(), HEALTHY_CALLS);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::Redirect, calls(60)).await;
    unreachable(checked.graph().organization.cause(), "upstream.redirect");
    unreachable(checked.graph().graph_resource.cause(), "upstream.redirect");
    assert_eq!(checked.count(), HEALTHY_CALLS);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read_to_its_end() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::HugeBody, calls(60)).await;
    unreachable(checked.graph().organization.cause(), "upstream.oversize");
    unreachable(checked.graph().assignments.cause(), "upstream.oversize");
    unreachable(checked.graph().graph_resource.cause(), "upstream.oversize");
    assert_eq!(checked.count(), HEALTHY_CALLS);
}

#[tokio::test]
async fn json_nested_too_deep_is_garbage() {
    let bench = Bench::start().await;
    let checked = bench.check(Scenario::HostileJson, calls(HEALTHY_CALLS)).await;
    unreachable(checked.graph().organization.cause(), "upstream.garbage");
    unreachable(checked.graph().assignments.cause(), "upstream.garbage");
}

#[tokio::test]
async fn graph_is_not_reached_where_only_the_login_is_replaced() {
    let stand_in = StandIn::start().await.expect("a free port");
    let tenant = stand_in.tenant(Scenario::Healthy);
    // Nothing listens on port 9, the discard protocol's, so the token leads nowhere.
    let overrides = Overrides::parse(|variable| match variable {
        "MICROSOFT_LOGIN_ORIGIN_GLOBAL" => Some(stand_in.origin()),
        "MICROSOFT_GRAPH_ORIGIN_GLOBAL" => Some("http://127.0.0.1:9".to_owned()),
        _ => None,
    });
    let provider = Provider::new(&overrides.expect("valid overrides")).expect("a client");
    let checked = Bench { stand_in, provider }.check_tenant(&tenant, calls(HEALTHY_CALLS)).await;
    unreachable(checked.graph().organization.cause(), "upstream.connect");
    assert_eq!(checked.calls.len(), 1);
}
