//! An OpenID Connect issuer, as small as the API's authorizer needs: discovery, keys, and tokens for any user at once.
//! Its key is kept in a file, because the emulator remembers an issuer's keys for two hours.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::python::Python;

/// The audience that local tokens are for.
pub const AUDIENCE: &str = "tenantcheck";
/// The scope that the local API asks for.
pub const SCOPE: &str = "tenantcheck.use";
/// A working day with `cargo dev`.
const LIFETIME: Duration = Duration::from_hours(10);
const KEY_ID: &str = "local";
const NEW_KEY: &str = "
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
print(rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
";

/// A running issuer.
#[derive(Clone)]
pub struct Issuer {
    url: String,
    key: EncodingKey,
}

impl Issuer {
    /// Serves on `address` (port 0: any) until the process ends, with the key in `key_file`, made when there is none.
    ///
    /// # Errors
    /// When the address is taken or the key cannot be made or read.
    pub async fn start(address: SocketAddr, python: &Python, key_file: &Path) -> Result<Self> {
        let key = load_key(python, key_file)?;
        let jwk = Jwk { common: common(), ..Jwk::from_encoding_key(&key, Algorithm::RS256)? };
        let keys = JwkSet { keys: vec![jwk] };
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("port {} is taken. Stop what listens there, or choose another one with --port", address.port())
        })?;
        let url = format!("http://{}", listener.local_addr().context("a bound socket has no address")?);
        let discovery = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(discovery)))
            .route("/keys", get(async move || Json(keys)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, key })
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A token for a user that the API accepts.
    ///
    /// # Panics
    /// Never: the key was used before.
    #[must_use]
    pub fn token(&self, user: &str) -> String {
        self.token_with(user, json!({}))
    }

    /// The same with other claims; a claim that is null is left out.
    ///
    /// # Panics
    /// When `claims` is not an object.
    #[must_use]
    pub fn token_with(&self, user: &str, claims: Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs();
        let mut token = json!({
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": user,
            "name": format!("{user} (local)"),
            "scope": SCOPE,
            "iat": now,
            "exp": now + LIFETIME.as_secs(),
        });
        let all = token.as_object_mut().expect("built as an object above");
        let Value::Object(claims) = claims else { panic!("claims are a JSON object") };
        all.extend(claims);
        all.retain(|_, value| !value.is_null());
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::RS256) };
        encode(&header, &token, &self.key).expect("an RSA key signs any claims")
    }
}

fn common() -> jsonwebtoken::jwk::CommonParameters {
    jsonwebtoken::jwk::CommonParameters {
        key_id: Some(KEY_ID.to_owned()),
        key_algorithm: Some(jsonwebtoken::jwk::KeyAlgorithm::RS256),
        ..Default::default()
    }
}

fn load_key(python: &Python, file: &Path) -> Result<EncodingKey> {
    if !file.exists() {
        let made = python.code(NEW_KEY).output().context("cannot make a key")?;
        ensure!(made.status.success(), "cannot make a key: {}", String::from_utf8_lossy(&made.stderr));
        fs::write(file, made.stdout).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let pem = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    EncodingKey::from_rsa_pem(&pem).with_context(|| format!("{} is not an RSA key", file.display()))
}
