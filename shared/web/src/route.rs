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
    /// `GET /openapi.json`
    OpenApi,
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
        /// What it knows, as `Allow` says it.
        allow: &'static str,
    },
    /// No path of this API.
    Unknown,
}

/// A path of the API and the one method that it knows, besides HEAD where that is GET.
struct Path {
    method: &'static str,
    /// The path as the contract and the gateway spell it: a name in braces stands for one segment.
    template: &'static str,
    /// What the segments in the braces' places come to; none when one of them is malformed.
    route: fn(&[&str]) -> Option<Route>,
}

/// Every path. Whether it is called, listed or refused is decided from this table alone.
const PATHS: [Path; 12] = [
    Path {
        method: "POST",
        template: "/workspaces/{workspace_id}/tenants/{tenant_id}/verifications",
        route: |segments| both(segments).map(|(workspace, tenant)| Route::StartVerification(workspace, tenant)),
    },
    Path {
        method: "GET",
        template: "/workspaces/{workspace_id}/tenants/{tenant_id}/verification",
        route: |segments| both(segments).map(|(workspace, tenant)| Route::LatestVerification(workspace, tenant)),
    },
    Path {
        method: "GET",
        template: "/workspaces/{workspace_id}/tenants/{tenant_id}/connections",
        route: |segments| both(segments).map(|(workspace, tenant)| Route::Connections(workspace, tenant)),
    },
    Path {
        method: "GET",
        template: "/workspaces/{workspace_id}/tenants/{tenant_id}/permissions",
        route: |segments| both(segments).map(|(workspace, tenant)| Route::Permissions(workspace, tenant)),
    },
    Path {
        method: "GET",
        template: "/workspaces/{workspace_id}/tenants/{tenant_id}/runs",
        route: |segments| both(segments).map(|(workspace, tenant)| Route::TenantRuns(workspace, tenant)),
    },
    Path {
        method: "GET",
        template: "/workspaces/{workspace_id}/runs",
        route: |segments| id(segments, 0).map(Route::WorkspaceRuns),
    },
    Path { method: "GET", template: "/runs/{run_id}", route: |segments| id(segments, 0).map(Route::Run) },
    Path { method: "GET", template: "/runs/{run_id}/report", route: |segments| id(segments, 0).map(Route::Report) },
    Path {
        method: "POST",
        template: "/runs/{run_id}/checks/{check_key}/acknowledgement",
        route: |segments| both(segments).map(|(run, check)| Route::Acknowledge(run, check)),
    },
    Path {
        method: "GET",
        template: "/onboarding-sessions/{session_id}",
        route: |segments| id(segments, 0).map(Route::Session),
    },
    Path {
        method: "POST",
        template: "/onboarding-sessions/{session_id}/verifications",
        route: |segments| id(segments, 0).map(Route::StartFromSession),
    },
    Path { method: "GET", template: "/openapi.json", route: |_| Some(Route::OpenApi) },
];

/// Every method and path template that is known, to be compared with the contract and the gateway's routes.
pub fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    PATHS.iter().map(|path| (path.method, path.template))
}

/// Finds the route. The path is taken as it was sent: an id has one spelling, without percent signs and trailing slashes.
#[must_use]
pub fn parse(method: &Method, path: &str) -> Routed {
    let found = PATHS.iter().find_map(|known| segments(known.template, path).map(|segments| (known, segments)));
    let Some((known, segments)) = found else { return Routed::Unknown };
    // HEAD asks for what GET answers, without the body.
    let asked = if method == Method::HEAD { Method::GET.as_str() } else { method.as_str() };
    if asked != known.method {
        return Routed::WrongMethod { allow: if known.method == "GET" { "GET, HEAD" } else { known.method } };
    }
    (known.route)(&segments).map_or(Routed::MalformedId, Routed::To)
}

/// What stands in the places of the template's braces; none when the path is another one.
fn segments<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let (expected, found) = (template.split('/'), path.split('/'));
    if expected.clone().count() != found.clone().count() {
        return None;
    }
    let mut segments = Vec::new();
    for (expected, found) in expected.zip(found) {
        if expected.starts_with('{') {
            segments.push(found);
        } else if expected != found {
            return None;
        }
    }
    Some(segments)
}

fn id<T: FromStr>(segments: &[&str], index: usize) -> Option<T> {
    segments.get(index)?.parse().ok()
}

fn both<A: FromStr, B: FromStr>(segments: &[&str]) -> Option<(A, B)> {
    Some((id(segments, 0)?, id(segments, 1)?))
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
            "GET /openapi.json",
            "POST /openapi.json",
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
    #[test]
    fn every_path_of_the_table_can_be_called() {
        for (method, template) in templates() {
            let filled: Vec<_> =
                template.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
            let routed = parse(&method.parse().expect("a method"), &filled.join("/"));
            assert!(matches!(routed, Routed::To(_)), "{method} {template} -> {routed:?}");
        }
    }
}
