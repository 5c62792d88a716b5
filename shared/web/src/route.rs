//! The routes of the API. Functions parse the path themselves and do not depend on which of the gateway's routes matched, so its
//! `$default` route tells an unknown path from a known one with another method.

use std::str::FromStr;

use domain::check::CheckKey;
use domain::id::{RunId, SessionId, TenantId, WorkspaceId};
use lambda_http::http::Method;

/// A known path with its ids, called with its method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `POST /workspaces/{workspace_id}/tenants/{tenant_id}/verifications`
    StartVerification(WorkspaceId, TenantId),
    /// `POST /onboarding-sessions/{session_id}/verifications`
    StartFromSession(SessionId),
    /// `GET /runs/{run_id}`
    Run(RunId),
    /// `GET /runs/{run_id}/report`
    Report(RunId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/verification`
    LatestVerification(WorkspaceId, TenantId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/connections`
    Connections(WorkspaceId, TenantId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/permissions`
    Permissions(WorkspaceId, TenantId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/runs`
    TenantRuns(WorkspaceId, TenantId),
    /// `GET /workspaces/{workspace_id}/runs`
    WorkspaceRuns(WorkspaceId),
    /// `GET /onboarding-sessions/{session_id}`
    Session(SessionId),
    /// `POST /runs/{run_id}/checks/{check_key}/acknowledgement`
    Acknowledge(RunId, CheckKey),
}

/// What a method and a path come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// A route.
    To(Route),
    /// A route but for an id that is none: answered like one that does not exist.
    MalformedId,
    /// A known path that is called with another method.
    WrongMethod {
        /// The method that it knows.
        allow: &'static str,
    },
    /// No path of this API.
    Unknown,
}

/// Finds the route. The path is taken as it was sent: an id has one spelling, without percent signs and trailing slashes.
#[must_use]
pub fn parse(method: &Method, path: &str) -> Routed {
    let Some(path) = path.strip_prefix('/') else { return Routed::Unknown };
    let segments: Vec<&str> = path.split('/').collect();
    let (allow, route) = match segments[..] {
        ["workspaces", workspace, "runs"] => ("GET", workspace.parse().ok().map(Route::WorkspaceRuns)),
        ["workspaces", workspace, "tenants", tenant, what] => {
            let (allow, route): (_, fn(WorkspaceId, TenantId) -> Route) = match what {
                "verifications" => ("POST", Route::StartVerification),
                "verification" => ("GET", Route::LatestVerification),
                "connections" => ("GET", Route::Connections),
                "permissions" => ("GET", Route::Permissions),
                "runs" => ("GET", Route::TenantRuns),
                _ => return Routed::Unknown,
            };
            (allow, both(workspace, tenant).map(|(workspace, tenant)| route(workspace, tenant)))
        }
        ["runs", run] => ("GET", run.parse().ok().map(Route::Run)),
        ["runs", run, "report"] => ("GET", run.parse().ok().map(Route::Report)),
        ["runs", run, "checks", check, "acknowledgement"] => {
            ("POST", both(run, check).map(|(run, check)| Route::Acknowledge(run, check)))
        }
        ["onboarding-sessions", session] => ("GET", session.parse().ok().map(Route::Session)),
        ["onboarding-sessions", session, "verifications"] => {
            ("POST", session.parse().ok().map(Route::StartFromSession))
        }
        _ => return Routed::Unknown,
    };
    if method.as_str() != allow {
        return Routed::WrongMethod { allow };
    }
    route.map_or(Routed::MalformedId, Routed::To)
}

fn both<A: FromStr, B: FromStr>(one: &str, other: &str) -> Option<(A, B)> {
    one.parse().ok().zip(other.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_and_paths_come_to_routes() {
        let mut table = String::new();
        for line in [
            "POST /workspaces/1/tenants/2/verifications",
            "GET /runs/3",
            "GET /runs/3/report",
            "GET /workspaces/1/tenants/2/verification",
            "GET /workspaces/1/tenants/2/connections",
            "GET /workspaces/1/tenants/2/permissions",
            "GET /workspaces/1/tenants/2/runs",
            "GET /workspaces/1/runs",
            "GET /onboarding-sessions/4",
            "POST /onboarding-sessions/4/verifications",
            "POST /runs/3/checks/permissions.intune_apps/acknowledgement",
            "GET /runs/3/checks/permissions.intune_apps/acknowledgement",
            "POST /runs/3/checks/Permissions/acknowledgement",
            "POST /runs/3/checks//acknowledgement",
            "POST /workspaces/1/runs",
            "GET /workspaces/1/tenants/2/everything",
            "GET /workspaces/1/tenants/2/verifications",
            "DELETE /runs/3",
            "HEAD /runs/3",
            "POST /runs/abc",
            "GET /runs/abc",
            "GET /runs/0",
            "GET /runs/007",
            "GET /runs/9007199254740992",
            "GET /runs/%33/report",
            "GET /runs/",
            "GET /workspaces/0/tenants/2/connections",
            "POST /workspaces/1/tenants/-2/verifications",
            "GET /runs/3/",
            "GET //runs/3",
            "GET /",
            "GET ",
            "GET /runs",
            "GET /workspaces/1/tenants/2",
            "GET /workspaces/1/tenants/2/verifications/3",
        ] {
            let (method, path) = line.split_once(' ').expect("two words");
            let routed = parse(&method.parse().expect("a method"), path);
            table += &format!("{line} -> {routed:?}\n");
        }
        insta::assert_snapshot!("routes", table);
    }
}
