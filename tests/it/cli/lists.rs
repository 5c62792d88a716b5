//! `tenantcheck runs` and `connections`.

use serde_json::{Value, json};

use super::stand_in::{StandIn, reply};
use super::{completed, in_list, run};

fn listed(id: u64, overall: Option<&str>) -> Value {
    let run = if overall.is_some() { completed("succeeded", super::READY) } else { run("queued", "pending") };
    let mut run = in_list(run, overall);
    run["id"] = json!(id);
    run
}

fn page(ids: &[u64], next: Option<&str>) -> Value {
    let mut page = json!({ "runs": ids.iter().map(|id| listed(*id, Some("ready"))).collect::<Vec<_>>() });
    if let Some(next) = next {
        page["next_page_token"] = json!(next);
    }
    page
}

#[tokio::test]
async fn runs_are_collected_through_every_page_also_an_empty_one() {
    let pages = [page(&[45, 44], Some("a&b")), page(&[], Some("c")), page(&[43], None)].map(|page| reply(200, &page));
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &pages);
    let printed = api.tenantcheck(&["runs", "--workspace", "1", "-o", "quiet"]).await.printed(0);
    assert_eq!(printed, "45\n44\n43\n");
    assert_eq!(
        api.lines(),
        [
            "GET /workspaces/1/runs?page_size=50",
            "GET /workspaces/1/runs?page_size=48&page_token=a%26b",
            "GET /workspaces/1/runs?page_size=48&page_token=c",
        ]
    );
}

#[tokio::test]
async fn a_list_that_goes_round_in_a_circle_is_left() {
    let pages = [page(&[45, 44], Some("a")), page(&[], Some("b")), page(&[43], Some("a")), page(&[], None)];
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &pages.map(|page| reply(200, &page)));
    let circle = api.tenantcheck(&["runs", "--workspace", "1"]).await.complained(1);
    assert_eq!(api.seen().len(), 3);
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &[reply(200, &page(&[], Some("a")))]);
    let standstill = api.tenantcheck(&["runs", "--workspace", "1"]).await.complained(1);
    assert_eq!(api.seen().len(), 2);
    insta::assert_snapshot!("circle", circle + &standstill);
}

#[tokio::test]
async fn empty_pages_are_followed_only_so_far() {
    let empty = |prefix: &str| (0..199).map(|number| page(&[], Some(&format!("{prefix}{number}")))).collect::<Vec<_>>();
    let pages = |last| {
        let pages = [empty("a"), vec![page(&[44], Some("b"))], empty("c"), vec![last]].concat();
        pages.iter().map(|page| reply(200, page)).collect::<Vec<_>>()
    };
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &pages(page(&[43], None)));
    assert_eq!(api.tenantcheck(&["runs", "--workspace", "1", "-o", "quiet"]).await.printed(0), "44\n43\n");

    let api = StandIn::start().await.on("GET /workspaces/1/runs", &pages(page(&[], Some("z"))));
    let error = api.tenantcheck(&["runs", "--workspace", "1", "-o", "quiet"]).await.complained(1);
    assert_eq!(api.seen().len(), 400);
    insta::assert_snapshot!("empty_pages", error);
}

#[tokio::test]
async fn no_more_runs_are_asked_for_than_wanted() {
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &[reply(200, &page(&[45, 44, 43], Some("next")))]);
    let printed = api.tenantcheck(&["runs", "--workspace", "1", "--limit", "2", "-o", "json"]).await.printed(0);
    let runs: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(runs, json!([listed(45, Some("ready")), listed(44, Some("ready"))]));
    assert_eq!(api.lines(), ["GET /workspaces/1/runs?page_size=2"]);
    api.tenantcheck(&["runs", "--workspace", "1", "--limit", "0"]).await.complained(2);
}

#[tokio::test]
async fn filters_go_to_the_api_and_runs_are_shown_in_a_table() {
    let runs = json!({ "runs": [listed(45, None), listed(44, Some("needs_attention"))] });
    let api = StandIn::start().await.on("GET /workspaces/1/tenants/2/runs", &[reply(200, &runs)]);
    let arguments = [
        "runs",
        "--workspace",
        "1",
        "--tenant",
        "2",
        "--status",
        "completed",
        "--outcome",
        "failed",
        "--created-after",
        "2026-11-01",
        "--created-before",
        "2026-11-02T10:00:00+02:00",
        "--limit",
        "200",
    ];
    insta::assert_snapshot!("runs", api.tenantcheck(&arguments).await.printed(0));
    insta::assert_snapshot!("runs_request", api.lines()[0]);
    api.tenantcheck(&["runs", "--workspace", "1", "--status", "done"]).await.complained(2);
    api.tenantcheck(&["runs", "--workspace", "1", "--created-after", "yesterday"]).await.complained(2);
}

#[tokio::test]
async fn an_empty_list_says_how_far_it_goes_back() {
    let page = reply(200, &json!({ "runs": [] }));
    let api = StandIn::start().await.on("GET /workspaces/1/runs", &[page.clone(), page.clone(), page]);
    let runs = ["runs", "--workspace", "1"];
    let hint = "no runs in the last 30 days (--created-after goes further back)\n";
    assert_eq!(api.tenantcheck(&runs).await.printed(0), hint);
    let before = [&runs[..], &["--created-before", "40d"]].concat();
    assert_eq!(api.tenantcheck(&before).await.printed(0), hint);
    let after = [&before[..], &["--created-after", "90d"]].concat();
    assert_eq!(api.tenantcheck(&after).await.printed(0), "no runs\n");
}

#[tokio::test]
async fn connections_are_shown_with_their_health() {
    let connection = json!({
        "id": 3, "workspace_id": 1, "tenant_id": 2, "provider": "microsoft", "module": "intune", "cloud": "global",
        "entra_tenant_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "entra_tenant_name": null,
        "display_name": "Contoso \u{1b}]0;owned\u{7} \u{202e}", "client_id": "c", "connection_type": "dedicated",
        "is_default": true, "is_enabled": true, "consent_status": "granted",
        "credential": { "kind": "client_secret", "expires_at": "2027-01-01T00:00:00.000Z", "certificate_algorithm": null },
        "verification_status": "degraded", "last_verified_at": "2026-11-01T08:00:00.000Z",
        "last_error_reason_code": "provider_credential_expiring", "run_id": 41, "updated_at": "2026-10-01T08:00:00.000Z", "version": 1,
    });
    let document = json!({ "default_connection_id": 3, "connections": [connection] });
    let api = StandIn::start().await.on("GET /workspaces/1/tenants/2/connections", &[reply(200, &document)]);
    let arguments = ["connections", "--workspace", "1", "--tenant", "2"];
    insta::assert_snapshot!("connections", api.tenantcheck(&arguments).await.printed(0));
    assert_eq!(api.tenantcheck(&[&arguments[..], &["-o", "quiet"]].concat()).await.printed(0), "3\n");
    let printed = api.tenantcheck(&[&arguments[..], &["-o", "json"]].concat()).await.printed(0);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), document);
}
