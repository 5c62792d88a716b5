//! The token endpoint. It judges the request as Entra does, before any trick of the scenario.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use domain::cloud::{Cloud, Endpoints};
use domain::id::EntraTenantId;
use serde_json::json;

use super::refusal::EntraRefusal;
use super::registration::Registration;
use super::tenant::Tenant;
use super::token::{LIFETIME, mint};
use super::trick::Trick;
use super::{Known, RecordedCall, State as StandIn, assertion};

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) async fn token(
    State(stand_in): State<Arc<StandIn>>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let Ok(id) = tenant.parse::<EntraTenantId>() else { return EntraRefusal::TenantMalformed.into_response() };
    // A tenant of another cloud remembers who looked for it here.
    if let Some(tenant) = stand_in.known.tenant(&id) {
        tenant.record(RecordedCall::of(&Method::POST, &uri, &headers));
    }
    let Some(tenant) = stand_in.tenant(&id) else {
        let elsewhere = stand_in.known.tenant(&id).is_some();
        let refusal = if elsewhere { EntraRefusal::OtherCloud } else { EntraRefusal::TenantNotFound };
        return refusal.into_response();
    };
    if let Err(refusal) = judge(&form, &tenant, &stand_in.known) {
        return refusal.into_response();
    }
    let trick = match tenant.behaviour.login {
        Some(trick) => Trick::answer(trick, &tenant).await,
        None => None,
    };
    let answer = trick.unwrap_or_else(|| {
        let token = mint(&tenant);
        stand_in.issue(token.clone(), Arc::clone(&tenant));
        let body = json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": token,
        });
        Json(body).into_response()
    });
    tenant.count_bytes(&answer);
    answer
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`: which cloud a tenant is in. Every authority knows the tenants of all.
pub(crate) async fn openid_configuration(
    State(stand_in): State<Arc<StandIn>>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = tenant.parse::<EntraTenantId>() else { return EntraRefusal::TenantMalformed.into_response() };
    let Some(tenant) = stand_in.known.tenant(&id) else { return EntraRefusal::TenantNotFound.into_response() };
    tenant.record(RecordedCall::of(&Method::GET, &uri, &headers));
    let Endpoints { authority, graph, .. } = tenant.fixture.cloud.endpoints();
    let (region, sub_region, instance) = match tenant.fixture.cloud {
        Cloud::Global => ("EU", None, "microsoftonline.com"),
        Cloud::UsGov => ("USGov", Some("DODCON"), "microsoftonline.us"),
        Cloud::UsGovDod => ("USGov", Some("DOD"), "microsoftonline.us"),
        Cloud::China => ("CN", None, "partner.microsoftonline.cn"),
    };
    Json(json!({
        "token_endpoint": format!("{authority}/{id}/oauth2/v2.0/token"),
        "issuer": format!("{authority}/{id}/v2.0"),
        "tenant_region_scope": region,
        "tenant_region_sub_scope": sub_region,
        "cloud_instance_name": instance,
        "msgraph_host": graph.trim_start_matches("https://"),
    }))
    .into_response()
}

fn judge(form: &HashMap<String, String>, tenant: &Tenant, known: &Known) -> Result<(), EntraRefusal> {
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type").ok_or(EntraRefusal::ParameterMissing)? != "client_credentials" {
        return Err(EntraRefusal::GrantUnsupported);
    }
    let scope = format!("{}/.default", tenant.fixture.cloud.endpoints().graph);
    if field("scope").ok_or(EntraRefusal::ParameterMissing)? != scope {
        return Err(EntraRefusal::ScopeInvalid);
    }
    if field("client_id").ok_or(EntraRefusal::ParameterMissing)? != tenant.fixture.client_id.as_str() {
        return Err(EntraRefusal::AppNotFound);
    }
    match (field("client_secret"), field("client_assertion")) {
        (None, None) => Err(EntraRefusal::CredentialMissing),
        // One proof is enough, and of two nobody could say which one counts.
        (Some(_), Some(_)) => Err(EntraRefusal::AssertionMalformed),
        (Some(secret), None) => match tenant.fixture.registration {
            Registration::ClientSecret if secret == tenant.fixture.secret => Ok(()),
            Registration::ClientSecret | Registration::Certificate(_) | Registration::Federated(_) => {
                Err(EntraRefusal::SecretInvalid)
            }
        },
        (None, Some(jwt)) => {
            if field("client_assertion_type") != Some(assertion::TYPE) {
                return Err(EntraRefusal::ParameterMissing);
            }
            assertion::judge(jwt, &tenant.fixture, |id| known.is_new_assertion(id))
        }
    }
}
