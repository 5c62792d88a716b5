//! Onboarding sessions of a file against those that are stored.

use super::*;
use crate::id::RunId;
use crate::onboarding::{Progress, SessionState};

/// Session 7 of workspace 1, without a tenant.
fn session() -> OnboardingSession {
    OnboardingSession {
        id: SessionId::try_from(7).expect("an id"),
        workspace_id: workspace_id(1),
        tenant_id: None,
        entra_tenant_id: testing::guid(2).parse().expect("a GUID"),
        current_step: "identify".parse().expect("a step"),
        state: SessionState::default(),
        started_by: user("ada"),
        updated_by: user("ada"),
        progress: Progress::Open,
        version: 1,
    }
}

fn file_with(session: OnboardingSession) -> WantedWorkspace {
    WantedWorkspace { sessions: vec![session], ..file() }
}

/// The session after a verification was started from it.
fn with_pointer(session: OnboardingSession) -> OnboardingSession {
    let run: RunId = testing::run_id(41);
    let state = SessionState { verification_operation_run_id: Some(run), ..session.state };
    OnboardingSession { state, version: session.version + 1, ..session }
}

/// The file's session against a stored one.
fn edited(stored: OnboardingSession, wanted: OnboardingSession) -> Plan {
    plan(file_with(wanted), applied(&[file_with(stored)])).expect("a plan")
}

#[test]
fn a_new_session_is_created_and_an_equal_one_kept() {
    let created = plan(file_with(session()), applied(&[file()])).expect("a plan");
    assert!(shown(&created).ends_with("onboarding session 7 (workspace 1): created\n"), "{}", shown(&created));
    let kept = edited(session(), session());
    assert!(kept.changed_workspaces().is_empty());
    assert!(shown(&kept).ends_with("onboarding session 7 (workspace 1): unchanged\n"), "{}", shown(&kept));
}

#[test]
fn a_file_never_brings_a_pointer_to_a_run() {
    let plan = plan(file_with(with_pointer(session())), applied(&[file()])).expect("a plan");
    assert_eq!(plan.sessions, [Edit::Create(session())]);
}

#[test]
fn the_pointer_to_a_run_is_carried_on_and_is_no_difference() {
    let kept = edited(with_pointer(session()), session());
    assert_eq!(kept.sessions, [Edit::Keep(Versioned { value: with_pointer(session()), version: 2 })]);

    let moved = OnboardingSession { current_step: "verify".parse().expect("a step"), ..session() };
    let changed = edited(with_pointer(session()), moved);
    let after = changed.sessions[0].after().expect("kept");
    assert_eq!(after.state.verification_operation_run_id, Some(testing::run_id(41)));
    assert_eq!((after.current_step.as_str(), after.version), ("verify", 3));
}

#[test]
fn every_difference_of_a_session_is_named_and_audited() {
    let wanted = OnboardingSession {
        tenant_id: Some(tenant_id(2)),
        entra_tenant_id: testing::guid(5).parse().expect("a GUID"),
        current_step: "done".parse().expect("a step"),
        state: SessionState { provider_connection_id: Some(connection(3, 2).id), ..SessionState::default() },
        started_by: user("grace"),
        updated_by: user("grace"),
        progress: Progress::Completed(later()),
        ..session()
    };
    let plan = edited(OnboardingSession { progress: Progress::Cancelled(testing::now()), ..session() }, wanted);
    let fields = "tenant_id, entra_tenant_id, current_step, state.provider_connection_id, started_by, updated_by, \
                  completed_at, cancelled_at";
    assert!(shown(&plan).ends_with(&format!(": changed {fields}\n")), "{}", shown(&plan));
    assert_eq!(plan.changed_workspaces().into_iter().collect::<Vec<_>>(), [workspace_id(1)]);
}

#[test]
fn a_session_keeps_its_workspace_and_the_tenant_it_has() {
    let of = |workspace, tenant: Option<u64>| OnboardingSession {
        workspace_id: workspace_id(workspace),
        tenant_id: tenant.map(tenant_id),
        ..session()
    };
    let refusals = |stored, wanted| refused(plan(file_with(wanted), applied(&[file_with(stored)])));
    assert_eq!(
        refusals(of(9, None), of(1, None)),
        ["onboarding session 7 belongs to workspace 9, and a session never moves to another workspace"]
    );
    for other in [None, Some(5)] {
        assert_eq!(
            refusals(of(1, Some(2)), of(1, other)),
            ["onboarding session 7 is about tenant 2, and a session never changes the tenant it has"]
        );
    }
    assert!(plan(file_with(of(1, Some(2))), applied(&[file_with(of(1, None))])).is_ok());
}

#[test]
fn a_session_that_the_file_does_not_name_stays_and_never_counts_as_a_removal() {
    let limited =
        |file| Plan::make(vec![file], applied(&[file_with(session())]), Removals::Limited, AppMoves::Refused, later());
    let plan = limited(file()).expect("a plan");
    assert!(plan.sessions.is_empty());

    // Two of seven entries go: with the sessions counted it would be two of many.
    let mut smaller = file();
    smaller.tenants[0].connections.remove(1);
    smaller.memberships.remove(2);
    smaller.sessions =
        (1..100).map(|id| OnboardingSession { id: SessionId::try_from(id).expect("an id"), ..session() }).collect();
    let stored = applied(&[WantedWorkspace { sessions: smaller.sessions.clone(), ..file() }]);
    let refusals = refused(Plan::make(vec![smaller], stored, Removals::Limited, AppMoves::Refused, later()));
    assert!(refusals[0].starts_with("2 of 7 memberships"), "{refusals:?}");
}
