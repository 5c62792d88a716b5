//! A run with everything that a run can have.

use serde_json::json;

use super::text;
use crate::document::Run;

fn report() -> serde_json::Value {
    let document = include_str!("../../../schemas/examples/verification-report.blocked-by-permission.json");
    serde_json::from_str(document).expect("the example is a report")
}

#[test]
fn people_read_who_what_when_and_what_has_changed() {
    let run = json!({
        "id": 41, "workspace_id": 1, "tenant_id": 2, "type": "provider.connection.check",
        "status": "completed", "outcome": "failed", "run_identity_hash": "x",
        "initiator": { "user_id": "auth0|ada", "name": "Ada \u{1b}[2J" },
        "context": {
            "provider": "microsoft", "module": "intune", "provider_connection_id": 3,
            "target_scope": { "entra_tenant_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "entra_tenant_name": "contoso.example" },
            "verification_report": report(),
        },
        "failure_summary": [{ "code": "throttled", "message": "Microsoft was busy.", "count": 2 }],
        "summary_counts": null, "version": 3, "attempt": 2, "freshness": "reconciled_failed", "something": "new",
        "created_at": "2026-11-01T08:00:00.000Z", "started_at": "2026-11-01T08:00:01.000Z",
        "completed_at": "2026-11-01T08:00:05.000Z",
        "change_indicator": { "state": "changed", "compared_with": 40, "checks": [
            { "key": "permissions.intune_apps",
              "before": null,
              "after": { "status": "fail", "severity": "high", "blocking": true, "reason_code": "provider_permission_missing" } },
            { "key": "permissions.excessive",
              "before": { "status": "warn", "severity": "low", "blocking": false, "reason_code": "provider_permission_excessive" },
              "after": { "status": "pass", "severity": "low", "blocking": false, "reason_code": "ok" },
              "added": [{ "kind": "excessive_permission", "value": "Mail.ReadWrite" }],
              "removed": [{ "kind": "directory_role", "value": "User Administrator" }] },
        ], "app": { "before": "11111111-2222-4333-8444-555555555555", "after": "66666666-7777-4888-8999-000000000000" } },
        "acknowledgements": [{
            "report_id": 41, "check_key": "permissions.intune_apps", "ack_reason": "Known: ticket 7",
            "expires_at": "2026-12-01T00:00:00.000Z", "acknowledged_at": "2026-11-01T09:00:00.000Z",
            "acknowledged_by": { "id": "grace", "name": "Grace", "email": "grace@example.com" },
        }],
        "previously_acknowledged": [{
            "check_key": "permissions.intune_apps", "run_id": 39, "by": { "id": "linus" },
            "at": "2026-10-01T09:00:00.000Z", "reason": "Will be granted",
        }],
    });
    let run: Run = serde_json::from_value(run).expect("a run");
    insta::assert_snapshot!("run_with_everything", text(&run));
}

#[test]
fn an_active_run_has_no_report() {
    let run = json!({
        "id": 41, "workspace_id": 1, "tenant_id": null, "type": "provider.connection.check",
        "status": "running", "outcome": "pending", "initiator": { "user_id": null, "name": null },
        "context": { "provider": "microsoft", "module": null, "provider_connection_id": null },
        "failure_summary": [], "created_at": "2026-11-01T08:00:00.000Z", "started_at": null, "completed_at": null,
        "attempt": 0, "freshness": "likely_stale", "change_indicator": null,
    });
    let run: Run = serde_json::from_value(run).expect("a run");
    insta::assert_snapshot!("active_run", text(&run));
}
