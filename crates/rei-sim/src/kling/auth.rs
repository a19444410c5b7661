//! Who may come in: the one opaque key, or a token that is signed with the secret key (older generation only).

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::refusals::Refusal;

/// The longest life of a token that the documentation shows, with some air.
const LIFE_MAX_S: i64 = 3_600;

/// The older kind of key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// `iss` of the token.
    pub access_key: String,
    /// What it is signed with.
    pub secret_key: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    exp: i64,
    nbf: i64,
}

/// Checks `Authorization`.
pub(super) fn check(
    headers: &HeaderMap,
    api_key: &str,
    access: Option<&AccessKey>,
    is_legacy: bool,
    now_ms: i64,
) -> Result<(), Refusal> {
    let invalid = || Refusal::usual(1002);
    let Some(value) = headers.get("authorization") else { return Err(Refusal::usual(1001)) };
    let bearer = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
    let token = bearer.ok_or_else(invalid)?;
    if token.is_empty() {
        return Err(Refusal::usual(1001));
    }
    if token == api_key {
        return Ok(());
    }
    match access {
        Some(access) if is_legacy => check_token(token, access, now_ms / 1_000),
        _ => Err(invalid()),
    }
}

fn check_token(token: &str, access: &AccessKey, now_s: i64) -> Result<(), Refusal> {
    let claims = read_token(token, &access.secret_key).ok_or_else(|| Refusal::usual(1002))?;
    if claims.iss != access.access_key || claims.exp - now_s > LIFE_MAX_S {
        return Err(Refusal::usual(1002));
    }
    if claims.nbf > now_s {
        return Err(Refusal::usual(1003));
    }
    if claims.exp <= now_s {
        return Err(Refusal::usual(1004));
    }
    Ok(())
}

/// The claims of a token, if it is signed with this secret.
fn read_token(token: &str, secret: &str) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    let is_known = head["alg"] == "HS256" && head["typ"] == "JWT";
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    is_known.then(|| serde_json::from_slice(&claims).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhay10ZXN0IiwiZXhwIjoxNzkwMDAxODAwLCJuYmYiOjE3ODk5OTk5OTV9.0NAdQ8PB_L5-9Xx3H1DQB_7RWezVNnXV6wN7m0qhe0s";

    fn code(token: &str, is_legacy: bool, now_s: i64) -> u16 {
        let access =
            AccessKey { access_key: "ak-test".to_owned(), secret_key: "sk-test".to_owned() };
        let mut headers = HeaderMap::new();
        headers.insert("authorization", token.parse().expect("a header"));
        let checked = check(&headers, "key", Some(&access), is_legacy, now_s * 1_000);
        checked.err().map_or(0, |refusal| refusal.code)
    }

    #[test]
    fn a_token_lives_between_its_two_moments_and_opens_the_older_doors_only() {
        let bearer = format!("Bearer {TOKEN}");
        assert_eq!(code(&bearer, true, 1_790_000_000), 0);
        assert_eq!(code(&bearer, false, 1_790_000_000), 1002);
        assert_eq!(code(&bearer, true, 1_789_999_994), 1003);
        assert_eq!(code(&bearer, true, 1_790_001_800), 1004);
        assert_eq!(code(&bearer.replace("qhe0s", "qhe1s"), true, 1_790_000_000), 1002);
    }

    #[test]
    fn the_opaque_key_opens_all_doors() {
        assert_eq!(code("Bearer key", false, 0), 0);
        assert_eq!(code("Bearer key", true, 0), 0);
        assert_eq!(code("Bearer other", true, 0), 1002);
        assert_eq!(code("key", false, 0), 1002);
        assert_eq!(code("Bearer ", false, 0), 1001);
    }
}
