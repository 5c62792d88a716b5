//! Reading the claims of somebody else's JWT. Its signature is not ours to check and its format is no contract, so reading is optional:
//! whatever is odd makes it unreadable.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

/// Claims beyond this are not read: a token with every permission of Graph has less than half.
pub(crate) const MOST_CLAIM_BYTES: usize = 32 * 1024;

/// The claims, if it is a signed JWT and they have this shape.
pub(crate) fn claims<T: DeserializeOwned>(jwt: &str) -> Option<T> {
    let mut parts = jwt.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    if claims.len() > MOST_CLAIM_BYTES {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
