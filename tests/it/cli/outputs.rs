//! `tenantcheck show`, its outputs, and what of them reaches a terminal.

use serde_json::{Value, json};

use super::stand_in::{StandIn, foreign, reply};
use super::{NEEDS_ATTENTION, completed, run};

/// Clears the screen in two ways, rings, moves the cursor, and turns the direction of what follows.
const HOSTILE: &str = "x\u{1b}[2J\u{9b}2J\u{7}\r\u{8}\n\u{7f}\u{202e}";

fn is_harmless(text: &str) -> bool {
    text.chars().all(|char| char == '\n' || !char.is_control() && char != '\u{202e}')
}

#[tokio::test]
async fn a_run_can_be_shown_whatever_came_of_it() {
    let run = completed("succeeded", NEEDS_ATTENTION);
    let api = StandIn::start().await.on("GET /runs/41", &[reply(200, &run)]);
    insta::assert_snapshot!("shown", api.tenantcheck(&["show", "41"]).await.printed(0));
    assert_eq!(api.tenantcheck(&["show", "41", "-o", "quiet"]).await.printed(0), "");
    let printed = api.tenantcheck(&["show", "41", "-o", "json"]).await.printed(0);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), run);
    api.tenantcheck(&["show", "x"]).await.complained(2);
}

#[tokio::test]
async fn control_characters_from_the_network_never_reach_the_terminal() {
    let mut run = completed("succeeded", NEEDS_ATTENTION);
    run["initiator"]["name"] = json!(HOSTILE);
    run["context"]["verification_report"]["checks"][0]["message"] = json!(HOSTILE);
    run["acknowledgements"] = json!([{
        "check_key": HOSTILE, "ack_reason": HOSTILE, "acknowledged_at": HOSTILE, "acknowledged_by": { "id": HOSTILE, "name": HOSTILE },
    }]);
    let api = StandIn::start().await.on("GET /runs/41", &[foreign(200, &run)]);
    let table = api.tenantcheck(&["show", "41"]).await.printed(0);
    assert!(is_harmless(&table), "{table:?}");
    let printed = api.tenantcheck(&["show", "41", "-o", "json"]).await.printed(0);
    assert!(is_harmless(&printed), "{printed:?}");
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), run, "escaped, not lost");

    let problem = json!({
        "title": HOSTILE, "detail": HOSTILE, "reason_code": HOSTILE, "next_steps": [{ "label": HOSTILE, "url": HOSTILE }],
    });
    let api = StandIn::start().await.on("GET /runs/41", &[foreign(409, &problem)]);
    let error = api.tenantcheck(&["show", "41"]).await.complained(1);
    assert!(is_harmless(&error), "{error:?}");
    let api = StandIn::start().await.on("GET /runs/41", &[foreign(200, &json!({ "id": HOSTILE }))]);
    let error = api.tenantcheck(&["show", "41"]).await.complained(1);
    assert!(is_harmless(&error), "{error:?}");
}

#[tokio::test]
async fn an_active_run_has_no_report() {
    let api = StandIn::start().await.on("GET /runs/41", &[reply(200, &run("running", "pending")).at_once()]);
    assert!(api.tenantcheck(&["show", "41"]).await.printed(0).ends_with("\nThere is no report.\n"));
}
