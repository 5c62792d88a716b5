//! Sessions as they are stored, there and back, and what cannot be read.

use super::*;
use crate::testing::{id, now, show, user};

fn session(progress: Progress) -> OnboardingSession {
    OnboardingSession {
        id: id("7"),
        workspace_id: id("1"),
        tenant_id: Some(id("2")),
        entra_tenant_id: id("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
        current_step: id("verify"),
        state: SessionState { provider_connection_id: Some(id("3")), verification_operation_run_id: Some(id("41")) },
        started_by: user("auth0|ada#1"),
        updated_by: user("grace"),
        progress,
        version: 4,
    }
}

/// A session that has just begun.
fn bare() -> OnboardingSession {
    OnboardingSession { tenant_id: None, state: SessionState::default(), ..session(Progress::Open) }
}

#[test]
fn sessions_come_back_whatever_is_left_out() {
    for progress in [Progress::Open, Progress::Completed(now()), Progress::Cancelled(now())] {
        for session in [session(progress), OnboardingSession { progress, ..bare() }] {
            assert_eq!(to_session(of_session(&session)).expect("readable"), session);
        }
    }
}

#[test]
fn a_session_is_found_by_its_tenant_and_its_state_is_always_a_map() {
    let items = [("full", session(Progress::Completed(now()))), ("bare", bare())];
    let shown = items.map(|(name, session)| format!("# {name}\n{}\n", show(&of_session(&session))));
    insta::assert_snapshot!("session_items", shown.concat());
}

#[test]
fn a_session_that_is_both_completed_and_cancelled_is_corrupt() {
    let mut item = of_session(&session(Progress::Completed(now())));
    item.insert("cancelled_at".to_owned(), item::text(now().to_string()));
    let Err(Damaged { entity, key, source }) = to_session(item) else { panic!("read") };
    assert_eq!((entity, key.to_string().as_str()), ("onboarding_session", "SESSION#0000000000000007/SESSION"));
    assert!(matches!(&*source, Unreadable::Exclusive("completed_at", "cancelled_at")));
}
