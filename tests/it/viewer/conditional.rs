//! Callers who have an answer already.

use domain::fingerprint::sha256_hex;
use harness::edge::{Call, Edge};
use harness::microsoft::Scenario;
use harness::scene::{BOUNDS, OPERATOR, OUTSIDER, READER, Scene};

#[tokio::test]
async fn a_run_and_a_report_that_the_caller_has_are_not_sent_again() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    scene.change_connection(|connection| connection.is_enabled = false).await;
    let run = edge.start(OPERATOR, "/workspaces/1/tenants/2/verifications").await.json()["id"].as_u64().unwrap();
    for path in [format!("/runs/{run}"), format!("/runs/{run}/report")] {
        let first = edge.get(READER, &path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(first.status, 200);
        let again = |user, tag| edge.send(Call::new("GET", &path).by(user).with_header("if-none-match", tag));
        let same = again(READER, tag.as_str()).await;
        assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", tag.as_str()));
        let headers = (same.header("cache-control"), same.header("vary"), same.header("content-type"));
        assert_eq!(headers, ("private, no-cache", "Authorization, Accept-Encoding", ""));
        let other = again(READER, "\"another\"").await;
        assert_eq!((other.status, other.text), (200, first.text));
        // Tags are compared only after the rights: a guess tells an outsider nothing.
        for guess in [tag.as_str(), "*"] {
            assert_eq!(again(OUTSIDER, guess).await.status, 404);
        }
    }
    assert_eq!(edge.get(READER, &format!("/runs/{run}/report")).await.header("etag"), format!("\"{run}\""));
}

#[tokio::test]
async fn the_contract_has_a_tag_that_changes_with_it_alone() {
    let edge = Edge::of(&Scene::new(Scenario::Healthy).await);
    let ask = async |codings: &str, tag: &str| {
        let call = Call::new("GET", "/openapi.json").with_header("accept-encoding", codings);
        edge.send(call.with_header("if-none-match", tag)).await
    };
    for codings in ["gzip", "gzip;q=0"] {
        let first = ask(codings, "\"another\"").await;
        let tag = first.header("etag");
        assert_eq!(tag.trim_start_matches("W/"), format!("\"{}\"", sha256_hex(first.text.as_bytes())));
        assert_eq!((first.status, first.header("content-encoding") == "gzip"), (200, codings == "gzip"));
        let again = ask(codings, tag).await;
        assert_eq!((again.status, again.body.len(), again.header("content-encoding")), (304, 0, ""));
    }
}

#[tokio::test]
async fn an_active_run_has_a_tag_that_changes_with_it() {
    let scene = Scene::new(Scenario::Healthy).await;
    let edge = Edge::of(&scene);
    let run = scene.queued_run().await;
    let path = format!("/runs/{}", run.header.id);
    let tag = edge.get(READER, &path).await.header("etag").to_owned();
    let again = || edge.send(Call::new("GET", &path).by(READER).with_header("if-none-match", &tag));
    let same = again().await;
    assert_eq!((same.status, same.header("retry-after")), (304, "2"));
    let lease = harness::scene::now() + std::time::Duration::from_secs(65);
    scene.store.claim(run.header.id, harness::scene::now(), lease, &BOUNDS).await.unwrap();
    assert_eq!(again().await.status, 200);
}
