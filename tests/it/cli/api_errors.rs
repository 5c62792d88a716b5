//! What an operator reads when the API refuses: always code 1, and what to do about it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::stand_in::{Reply, StandIn, reply};

async fn refused(reply: Reply) -> String {
    let api = StandIn::start().await.on("POST /workspaces/1/tenants/2/verifications", &[reply]);
    api.tenantcheck(&["verify", "--workspace", "1", "--tenant", "2"]).await.complained(1)
}

#[tokio::test]
async fn each_refusal_says_why_and_what_helps() {
    let problem = |status: u16, title: &str, detail: &str| json!({ "type": "urn:x", "title": title, "status": status, "detail": detail });
    let mut busy = problem(409, "Another operation is active", "The connection is in use.");
    busy["active_run"] = json!({ "id": 40, "url": "/runs/40" });
    busy["reason_code"] = json!("scope_busy");
    busy["next_steps"] = json!([{ "label": "Wait for it", "url": "https://console.example.com/runs/40" }]);
    let refusals: [(u16, Value); 7] = [
        (401, json!({ "message": "Unauthorized" })),
        (403, json!({ "message": "Forbidden" })),
        (403, problem(403, "Forbidden", "This needs the capability provider.run.")),
        (404, problem(404, "Not found", "There is no such thing, or you may not see it.")),
        (409, busy),
        (422, problem(422, "Invalid input", "provider_connection_id: an id is from 1 to 9007199254740991")),
        (500, problem(500, "Internal error", "Something went wrong on our side.")),
    ];
    let mut text = String::new();
    for (status, body) in refusals {
        let error = refused(reply(status, &body).with("x-request-id", "abc-1")).await;
        writeln!(text, "{error}").unwrap();
    }
    insta::assert_snapshot!("refusals", text);
}

#[tokio::test]
async fn what_is_no_answer_of_the_api_is_told_apart() {
    let redirect = reply(302, &json!({})).with("location", "https://evil.example.com/");
    assert!(refused(redirect).await.starts_with("tenantcheck: the API refuses (status 302)"));
    let other = refused(reply(404, &json!("a web page"))).await;
    assert!(other.contains("is this the API's address"), "{other}");
    let other = refused(reply(202, &json!({ "id": "forty" }))).await;
    assert!(other.contains("has another form than this version reads"), "{other}");
}

#[tokio::test]
async fn a_service_that_stays_unavailable_is_given_up() {
    let busy = reply(503, &json!({ "title": "Unavailable", "status": 503 })).with("retry-after", "0");
    let api = StandIn::start().await.on("GET /runs/41", &[busy]);
    let error = api.tenantcheck(&["show", "41"]).await.complained(1);
    assert_eq!(error, "tenantcheck: Unavailable (status 503)\n");
    assert_eq!(api.seen().len(), 5);
}
