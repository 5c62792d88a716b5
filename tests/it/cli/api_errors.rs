//! What an operator reads when the API refuses: always code 1, and what to do about it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::problem;
use super::stand_in::{Reply, StandIn, foreign, reply};

async fn refused(reply: Reply) -> String {
    let api = StandIn::start().await.on("POST /workspaces/1/tenants/2/verifications", &[reply]);
    api.tenantcheck(&["verify", "--workspace", "1", "--tenant", "2"]).await.complained(1)
}

#[tokio::test]
async fn each_refusal_says_why_and_what_helps() {
    let (conflict, mut busy) = problem("scope-busy");
    busy["next_steps"] = json!([{ "label": "Wait for it", "url": "https://console.example.com/runs/40" }]);
    let refusals: [(u16, Value); 7] = [
        (401, json!({ "message": "Unauthorized" })),
        (403, json!({ "message": "Forbidden" })),
        problem("forbidden"),
        problem("not-found"),
        (conflict, busy),
        problem("invalid-input"),
        problem("internal"),
    ];
    let mut text = String::new();
    for (status, body) in refusals {
        let error = refused(reply(status, &body)).await;
        writeln!(text, "{error}").unwrap();
    }
    insta::assert_snapshot!("refusals", text);
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_told_apart() {
    let redirect = foreign(302, &json!({})).with("location", "https://evil.example.com/");
    assert!(refused(redirect).await.starts_with("tenantcheck: the API refuses (status 302)"));
    let other = refused(foreign(404, &json!("a web page"))).await;
    assert!(other.contains("is this the API's address"), "{other}");
    let other = refused(foreign(202, &json!({ "id": "forty" }))).await;
    assert!(other.contains("has another form than this version reads"), "{other}");
}

#[tokio::test]
async fn a_service_that_stays_unavailable_is_given_up() {
    let (status, unavailable) = problem("unavailable");
    let busy = reply(status, &unavailable).at_once();
    let api = StandIn::start().await.on("GET /runs/41", &[busy]);
    let error = api.tenantcheck(&["show", "41"]).await.complained(1);
    assert!(error.starts_with("tenantcheck: Temporarily unavailable (status 503)\n"), "{error}");
    assert_eq!(api.seen().len(), 5);
}
