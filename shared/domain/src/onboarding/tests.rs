//! What a session selects, and until when its verification counts.

use super::*;
use crate::testing;

const DAYS_30: Duration = Duration::from_hours(24 * 30);
const INSTANT: Duration = Duration::from_millis(1);

/// A session whose verification was run 41, of the tenant's default connection 3.
fn session() -> OnboardingSession {
    let user = |name: &str| UserId::try_from(name.to_owned()).expect("a user id");
    OnboardingSession {
        id: SessionId::try_from(7).expect("an id"),
        workspace_id: testing::tenant().workspace_id,
        tenant_id: Some(testing::tenant().id),
        entra_tenant_id: testing::entra_tenant_id(),
        current_step: "verify".parse().expect("a step"),
        state: SessionState { provider_connection_id: None, verification_operation_run_id: Some(testing::run_id(41)) },
        started_by: user("ada"),
        updated_by: user("grace"),
        progress: Progress::Open,
        version: 1,
    }
}

fn connection(id: u64, is_default: bool) -> ProviderConnection {
    ProviderConnection { id: ConnectionId::try_from(id).expect("an id"), is_default, ..testing::connection() }
}

fn queued() -> OperationRun {
    OperationRun::queue(testing::header())
}

fn completed(at: Timestamp) -> OperationRun {
    let report = testing::seal(testing::passing_checks());
    let claimed = queued().claim(at, at + DAYS_30, &testing::BOUNDS).expect("queued runs are claimed");
    claimed.finish(at, &report).expect("claimed runs finish")
}

fn of_default(run: Option<&OperationRun>, age: Duration) -> Option<StaleReason> {
    session().staleness(run, Some(&testing::connection()), testing::now() + age)
}

#[test]
fn the_one_in_the_state_is_selected_and_else_the_default() {
    let connections = [connection(3, false), connection(4, true)];
    let selected = |id: Option<u64>| {
        let id = id.map(|id| ConnectionId::try_from(id).expect("an id"));
        let state = SessionState { provider_connection_id: id, ..SessionState::default() };
        OnboardingSession { state, ..session() }.selected(&connections).map(|connection| connection.id.get())
    };
    assert_eq!(selected(Some(3)), Some(3));
    assert_eq!(selected(None), Some(4));
    assert_eq!(selected(Some(9)), None, "one that is gone is not replaced by another");
    assert!(session().selected(&[connection(3, false)]).is_none());
}

#[test]
fn without_a_pointer_there_is_no_run_whatever_is_given() {
    let session = OnboardingSession { state: SessionState::default(), ..session() };
    let (run, connection) = (queued(), testing::connection());
    for run in [None, Some(&run)] {
        assert_eq!(session.staleness(run, Some(&connection), testing::now()), Some(StaleReason::NoRun));
    }
}

#[test]
fn a_run_that_is_not_kept_any_more_has_expired() {
    assert_eq!(of_default(None, Duration::ZERO), Some(StaleReason::Expired));
}

#[test]
fn a_run_of_another_connection_says_nothing_of_the_selected_one() {
    let staleness = |run: &OperationRun, selected: Option<&ProviderConnection>| {
        session().staleness(Some(run), selected, testing::now())
    };
    let mut without = queued();
    without.header.target.connection_id = None;
    let mismatch = Some(StaleReason::ConnectionMismatch);
    assert_eq!(staleness(&queued(), Some(&connection(4, true))), mismatch);
    assert_eq!(staleness(&queued(), None), mismatch);
    assert_eq!(staleness(&without, Some(&connection(3, true))), mismatch);
    assert_eq!(staleness(&without, None), None, "blocked because there is none, and there still is none");
}

#[test]
fn a_connection_that_changed_after_the_run_was_made_needs_another() {
    let staleness = |updated_at: Timestamp| {
        let connection = ProviderConnection { updated_at, ..testing::connection() };
        session().staleness(Some(&queued()), Some(&connection), testing::now())
    };
    assert_eq!(staleness(testing::now()), None);
    assert_eq!(staleness(testing::now() + INSTANT), Some(StaleReason::ConnectionUpdated));
}

#[test]
fn a_verification_counts_for_30_days() {
    let day_later = testing::now() + Duration::from_hours(24);
    for (run, age) in [(queued(), DAYS_30), (completed(day_later), DAYS_30 + Duration::from_hours(24))] {
        assert_eq!(of_default(Some(&run), age), None);
        assert_eq!(of_default(Some(&run), age + INSTANT), Some(StaleReason::Expired));
    }
}

#[test]
fn the_first_reason_that_holds_is_named() {
    let late = testing::now() + DAYS_30 + INSTANT;
    let changed = |id| ProviderConnection { updated_at: late, ..connection(id, true) };
    let staleness = |selected: &ProviderConnection| session().staleness(Some(&queued()), Some(selected), late);
    assert_eq!(staleness(&changed(4)), Some(StaleReason::ConnectionMismatch));
    assert_eq!(staleness(&changed(3)), Some(StaleReason::ConnectionUpdated));
    assert_eq!(staleness(&connection(3, true)), Some(StaleReason::Expired));
}

#[test]
fn a_step_is_one_plain_word() {
    for text in ["a", "add_connection", "step_2", &"x".repeat(64)] {
        assert_eq!(text.parse::<Step>().map(String::from).as_deref(), Ok(text));
    }
    for text in ["", "2nd", "_a", "Verify", "a-b", "a b", "ä", "a\n", &"x".repeat(65)] {
        assert_eq!(text.parse::<Step>(), Err(InvalidStep), "{text:?}");
    }
    assert!(serde_json::from_str::<Step>("\"Verify\"").is_err());
}
