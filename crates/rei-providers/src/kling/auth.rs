//! The key: one opaque string, or a pair of access key and secret key that signs short-lived tokens.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rei_domain::clock::{SharedClock, Timestamp};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::Sha256;

use crate::policy::wire::ClientError;

/// What stands between an access key and its secret key. No opaque key has either sign.
const BETWEEN_THE_PAIR: [char; 2] = [':', '|'];
/// How long a token is valid, in seconds.
const VALID_S: i64 = 1800;
/// How far a token reaches into the past, in seconds, for clocks that are not quite the same.
const SKEW_S: i64 = 5;
/// How long a token is used; well below its validity, since a large request takes a while to arrive.
const USED_FOR: Duration = Duration::from_secs(25 * 60);

/// What goes into the `Authorization` header.
pub(super) enum Auth {
    /// The same for every call.
    Opaque(HeaderValue),
    /// Signed anew now and then.
    Signed(Signer),
}

/// Signs tokens with a pair of keys.
pub(super) struct Signer {
    access: SecretString,
    secret: SecretString,
    clock: SharedClock,
    latest: Mutex<Option<(Timestamp, HeaderValue)>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    exp: i64,
    nbf: i64,
}

impl Auth {
    /// Reads the owner's key. A lone string is never an access key: nobody could sign with it.
    ///
    /// # Errors
    /// [`ClientError::Key`] when a part is missing or does not fit into a header.
    pub(super) fn read(key: &SecretString, clock: SharedClock) -> Result<Self, ClientError> {
        let key = key.expose_secret().trim();
        match key.split_once(BETWEEN_THE_PAIR) {
            None => bearer(key).filter(|_| !key.is_empty()).map(Self::Opaque),
            Some((access, secret)) => {
                let (access, secret) = (access.trim(), secret.trim());
                // A line break or a space inside comes from a careless paste, and would only sign wrong tokens.
                let is_key = |text: &str| {
                    !text.is_empty()
                        && text.chars().all(|it| !it.is_control() && !it.is_whitespace())
                };
                let whole = is_key(access) && is_key(secret);
                whole.then(|| Self::Signed(Signer::new(access, secret, clock)))
            }
        }
        .ok_or(ClientError::Key)
    }

    /// The header's value for a call that goes out now.
    pub(super) fn header(&self) -> HeaderValue {
        match self {
            Self::Opaque(header) => header.clone(),
            Self::Signed(signer) => signer.header(),
        }
    }

    /// Forgets a token that was found stale; whether there is a new one to try.
    pub(super) fn renew(&self) -> bool {
        match self {
            Self::Opaque(_) => false,
            Self::Signed(signer) => {
                *signer.lock() = None;
                true
            }
        }
    }

    /// What must never be quoted, apart from the key as the owner wrote it.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        match self {
            Self::Opaque(_) => Vec::new(),
            Self::Signed(signer) => vec![signer.access.clone(), signer.secret.clone()],
        }
    }
}

impl Signer {
    fn new(access: &str, secret: &str, clock: SharedClock) -> Self {
        let (access, secret) = (access.to_owned().into(), secret.to_owned().into());
        Self { access, secret, clock, latest: Mutex::new(None) }
    }

    fn header(&self) -> HeaderValue {
        let now = self.clock.now();
        let mut latest = self.lock();
        // A token of the future comes from a clock that was set back since.
        let usable = |signed: Timestamp| signed <= now && now.since(signed) < USED_FOR;
        match &*latest {
            Some((signed, header)) if usable(*signed) => header.clone(),
            _ => {
                let token = self.token(now);
                let header = bearer(&token).expect("base64 and dots fit into a header");
                *latest = Some((now, header.clone()));
                header
            }
        }
    }

    fn token(&self, now: Timestamp) -> String {
        let seconds = now.millis().div_euclid(1000);
        let claims = Claims {
            iss: self.access.expose_secret(),
            exp: seconds.saturating_add(VALID_S),
            nbf: seconds.saturating_sub(SKEW_S),
        };
        let claims = serde_json::to_vec(&claims).expect("claims have only plain fields");
        signed(&claims, self.secret.expose_secret())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Timestamp, HeaderValue)>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A JSON web token over these claims.
fn signed(claims: &[u8], secret: &str) -> String {
    let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{text}.{tag}")
}

fn bearer(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rei_domain::clock::ManualClock;

    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const VECTOR: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJpc3MiOiJhay10ZXN0IiwiZXhwIjoxNzkwMDAxODAwLCJuYmYiOjE3ODk5OTk5OTV9.\
        0NAdQ8PB_L5-9Xx3H1DQB_7RWezVNnXV6wN7m0qhe0s";

    fn auth(key: &str) -> (Auth, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(NOW));
        (Auth::read(&key.to_owned().into(), clock.clone()).expect("a key"), clock)
    }

    fn shown(auth: &Auth) -> String {
        auth.header().to_str().expect("text").to_owned()
    }

    #[test]
    fn the_vector_of_the_facts_sheet_is_signed() {
        for pair in ["ak-test:sk-test", "ak-test|sk-test", " ak-test : sk-test\n"] {
            assert_eq!(shown(&auth(pair).0), format!("Bearer {VECTOR}"), "{pair}");
        }
    }

    #[test]
    fn a_lone_string_is_sent_as_it_is() {
        let (auth, _clock) = auth(" api-key-kling-1\n");
        assert!(matches!(auth, Auth::Opaque(_)));
        assert_eq!(shown(&auth), "Bearer api-key-kling-1");
        assert!(!auth.renew(), "there is nothing to sign it with");
    }

    #[test]
    fn half_a_pair_and_an_impossible_key_are_refused() {
        let clock: SharedClock = Arc::new(ManualClock::at(NOW));
        for wrong in ["", " ", ":", "ak:", "|sk", "key\nx", "ak\nx: sk", "ak:s k"] {
            let read = Auth::read(&wrong.to_owned().into(), clock.clone());
            assert_eq!(read.map(|_| ()).expect_err("refused"), ClientError::Key, "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_signed_anew_after_25_minutes() {
        let (auth, clock) = auth("ak:sk");
        let first = shown(&auth);
        clock.advance(USED_FOR - Duration::from_millis(1));
        assert_eq!(shown(&auth), first);
        clock.advance(Duration::from_millis(1));
        assert_ne!(shown(&auth), first);
    }

    #[test]
    fn a_token_that_was_found_stale_is_signed_anew_at_once() {
        let (auth, clock) = auth("ak:sk");
        let first = shown(&auth);
        clock.advance(Duration::from_secs(1));
        assert!(auth.renew());
        assert_ne!(shown(&auth), first);
    }

    #[test]
    fn a_token_from_the_future_is_not_used() {
        let late: SharedClock = Arc::new(ManualClock::at(NOW));
        let signer = Signer::new("ak", "sk", late);
        let header = HeaderValue::from_static("Bearer of-tomorrow");
        *signer.lock() = Some((NOW.plus(Duration::from_secs(60)), header.clone()));
        assert_ne!(signer.header(), header);
    }
}
