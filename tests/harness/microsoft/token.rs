//! Access tokens as Entra issues them to apps: a JWT that its receiver is not meant to read, or one that it cannot
//! read.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::behaviour::TokenFormat;
use super::registration::Registration;
use super::tenant::{Tenant, Witness};

/// How long a token is valid, in seconds, as Entra has it.
pub(crate) const LIFETIME: u64 = 3599;

/// A fresh token for the tenant's app. Its signature is random: the stand-in's Graph knows its tokens by heart.
pub(crate) fn mint(tenant: &Tenant) -> String {
    tenant.count_token();
    let random = || URL_SAFE_NO_PAD.encode([Uuid::new_v4().into_bytes(); 16].concat());
    match tenant.behaviour.token {
        TokenFormat::Opaque => return random(),
        TokenFormat::Readable => {}
    }
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(json!({ "typ": "JWT", "alg": "RS256", "kid": "stand-in", "nonce": Uuid::new_v4().to_string() }));
    format!("{header}.{}.{}", part(claims(tenant)), random())
}

fn claims(tenant: &Tenant) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let tid = tenant.fixture.entra_tenant_id.as_str();
    // How the app signed in: 1 with a secret, 2 with an assertion.
    let assurance = match tenant.fixture.registration {
        Registration::ClientSecret => "1",
        Registration::Certificate(_) | Registration::Federated(_) => "2",
    };
    let mut claims = json!({
        "aud": tenant.fixture.cloud.endpoints().graph,
        "iss": format!("https://sts.windows.net/{tid}/"),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "app_displayname": "Fabrikam Sync",
        "appid": tenant.fixture.client_id.as_str(),
        "appidacr": assurance,
        "idtyp": "app",
        "oid": tenant.service_principal.as_str(),
        "sub": tenant.service_principal.as_str(),
        "tid": tid,
        "ver": "1.0",
    });
    // What every app's token carries, and no directory role.
    let mut directory_roles = vec!["0997a1d0-0d1d-4acb-b408-d5ca73121e90"];
    directory_roles.extend(tenant.behaviour.directory_role);
    claims["wids"] = json!(directory_roles);
    let roles: Vec<_> = tenant.granted(Witness::Token).into_keys().collect();
    // Without any grant Entra leaves the claim out.
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    claims
}
