//! The routes of the API. Functions parse the path themselves and do not depend on which of the gateway's routes matched, so its
//! `$default` route tells an unknown path from a known one with another method.

use domain::id::{RunId, TenantId, WorkspaceId};
use lambda_http::http::Method;

/// A known path with its ids, called with its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /workspaces/{workspace_id}/tenants/{tenant_id}/verifications`
    StartVerification(WorkspaceId, TenantId),
    /// `GET /runs/{run_id}`
    Run(RunId),
    /// `GET /runs/{run_id}/report`
    Report(RunId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/verification`
    LatestVerification(WorkspaceId, TenantId),
    /// `GET /workspaces/{workspace_id}/tenants/{tenant_id}/connections`
    Connections(WorkspaceId, TenantId),
}

/// What a method and a path come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        ["workspaces", workspace, "tenants", tenant, "verifications"] => {
            ("POST", scope(workspace, tenant).map(|(workspace, tenant)| Route::StartVerification(workspace, tenant)))
        }
        ["runs", run] => ("GET", run.parse().ok().map(Route::Run)),
        ["runs", run, "report"] => ("GET", run.parse().ok().map(Route::Report)),
        ["workspaces", workspace, "tenants", tenant, "verification"] => {
            ("GET", scope(workspace, tenant).map(|(workspace, tenant)| Route::LatestVerification(workspace, tenant)))
        }
        ["workspaces", workspace, "tenants", tenant, "connections"] => {
            ("GET", scope(workspace, tenant).map(|(workspace, tenant)| Route::Connections(workspace, tenant)))
        }
        _ => return Routed::Unknown,
    };
    if method.as_str() != allow {
        return Routed::WrongMethod { allow };
    }
    route.map_or(Routed::MalformedId, Routed::To)
}

fn scope(workspace: &str, tenant: &str) -> Option<(WorkspaceId, TenantId)> {
    Some((workspace.parse().ok()?, tenant.parse().ok()?))
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
