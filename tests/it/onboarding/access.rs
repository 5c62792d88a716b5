//! Who may see a session and start from it.

use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::scene::{COLLEAGUE, MANAGER, OPERATOR, OUTSIDER, OWNER, READER, Scene};

use super::{SESSION, session, start, without_tenant};
use crate::table::items;

#[tokio::test]
async fn a_session_is_for_those_who_may_onboard_and_know_its_tenant() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let before = items(&scene).await;
    // Eve owns the workspace but has nothing to do with the tenant.
    for (user, status) in [(OUTSIDER, 404), (COLLEAGUE, 404), (READER, 403), (OPERATOR, 403)] {
        assert_eq!((edge.get(user, SESSION).await.status, start(&edge, user).await.status), (status, status), "{user}");
    }
    assert_eq!(items(&scene).await, before);
    for user in [MANAGER, OWNER] {
        assert_eq!((edge.get(user, SESSION).await.status, start(&edge, user).await.status), (200, 202), "{user}");
    }
}

#[tokio::test]
async fn before_its_tenant_is_known_a_session_belongs_to_the_workspace() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, without_tenant).await;
    for (user, shown, started) in
        [(OUTSIDER, 404, 404), (READER, 403, 403), (OPERATOR, 403, 403), (COLLEAGUE, 200, 409), (MANAGER, 200, 409)]
    {
        assert_eq!((edge.get(user, SESSION).await.status, start(&edge, user).await.status), (shown, started), "{user}");
    }
}

#[tokio::test]
async fn an_absent_session_looks_like_a_foreign_one() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    session(&scene, |_| {}).await;
    let absent = edge.get(MANAGER, "/onboarding-sessions/8").await;
    assert_eq!(absent.status, 404);
    assert_eq!(edge.get(OUTSIDER, SESSION).await.text, absent.text);
    assert_eq!(edge.get(MANAGER, "/onboarding-sessions/x").await.text, absent.text);
    assert_eq!(edge.start(MANAGER, "/onboarding-sessions/8/verifications").await.text, absent.text);
    assert_eq!(start(&edge, OUTSIDER).await.text, absent.text);
}
