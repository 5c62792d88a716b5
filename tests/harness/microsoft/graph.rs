//! Graph: the four questions of a connection check, for whoever holds a token of the stand-in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::id::ObjectId;
use domain::manifest::GRAPH_APP_ID;
use serde_json::{Value, json};
use uuid::Uuid;

use super::behaviour::Paging;
use super::refusal::graph_error;
use super::tenant::{Tenant, app_roles};
use super::{RecordedCall, State as StandIn};

/// Where an evil next page would be.
const EVIL_PAGE: &str = "https://graph.microsoft.com.evil.example/v1.0/page2";

/// Everything that is not the token endpoint.
pub(crate) async fn answer(
    State(stand_in): State<Arc<StandIn>>,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(tenant) = bearer.and_then(|token| stand_in.bearer(token)) else {
        return graph_error(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "Access token is empty or invalid.",
        );
    };
    tenant.record(RecordedCall::of(&method, &uri, &headers));
    let own = format!("/v1.0/servicePrincipals(appId='{}')", tenant.fixture.client_id);
    let resource = format!("/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')");
    let behaviour = &tenant.behaviour;
    let (trick, document): (_, fn(&StandIn, &Tenant, &Uri) -> Value) = match uri.path() {
        "/v1.0/organization" if method == Method::GET => (behaviour.organization, organization),
        path if method == Method::GET && path == own => (behaviour.service_principal, service_principal),
        path if method == Method::GET && path == resource => (behaviour.resource, graph_resource),
        path if method == Method::GET && path.strip_prefix(&own) == Some("/appRoleAssignments") => {
            (behaviour.assignments, assignments)
        }
        _ => return graph_error(StatusCode::NOT_FOUND, "Request_ResourceNotFound", "Resource does not exist."),
    };
    let tricked = match trick {
        Some(trick) => trick.answer(&tenant).await,
        None => None,
    };
    tricked.unwrap_or_else(|| {
        let request_id = [("request-id", Uuid::new_v4().to_string())];
        (request_id, Json(document(&stand_in, &tenant, &uri))).into_response()
    })
}

fn context(of: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#{of}")
}

fn organization(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    json!({ "@odata.context": context("organization(id)"), "value": [{ "id": tenant.organization() }] })
}

fn service_principal(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    json!({ "@odata.context": context("servicePrincipals(id)/$entity"), "id": tenant.service_principal.as_str() })
}

fn graph_resource(_: &StandIn, tenant: &Tenant, _: &Uri) -> Value {
    let role = |(name, id): (&str, &ObjectId)| {
        json!({
            "allowedMemberTypes": ["Application"],
            "description": format!("Allows the app to use {name} without a signed-in user."),
            "displayName": name,
            "id": id.as_str(),
            "isEnabled": true,
            "origin": "Application",
            "value": name,
        })
    };
    let roles: Vec<_> = app_roles().into_iter().map(role).collect();
    let of = context("servicePrincipals(id,appRoles)/$entity");
    json!({ "@odata.context": of, "id": tenant.resource.as_str(), "appRoles": roles })
}

/// One page. The skip token is simply how many were told before.
fn assignments(stand_in: &StandIn, tenant: &Tenant, uri: &Uri) -> Value {
    let skip_token = uri.query().and_then(|query| query.strip_prefix("$skiptoken="));
    let skipped: usize = skip_token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let granted = tenant.granted();
    let (size, next) = match tenant.behaviour.paging {
        Paging::Evil => (granted.len(), Some(EVIL_PAGE.to_owned())),
        Paging::Of(size) => {
            let told = skipped + size;
            let next = format!("{}{}?$skiptoken={told}", stand_in.origin, uri.path());
            (size, (told < granted.len()).then_some(next))
        }
    };
    let page: Vec<_> = granted.values().skip(skipped).take(size).map(|role| assignment(tenant, role)).collect();
    let mut document = json!({ "@odata.context": context("appRoleAssignments"), "value": page });
    if let Some(next) = next {
        document["@odata.nextLink"] = json!(next);
    }
    document
}

fn assignment(tenant: &Tenant, role: &ObjectId) -> Value {
    json!({
        "id": Uuid::new_v4().simple().to_string(),
        "deletedDateTime": null,
        "appRoleId": role.as_str(),
        "createdDateTime": "2026-01-31T08:30:00.1234567Z",
        "principalDisplayName": "Fabrikam Sync",
        "principalId": tenant.service_principal.as_str(),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": tenant.resource.as_str(),
    })
}
