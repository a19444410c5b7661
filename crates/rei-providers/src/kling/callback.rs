//! Callbacks: proof that the provider sent one, and which task it is about.
//!
//! A callback is only ever a reason to ask: deliveries repeat, overtake each other, and without a secret anybody can
//! send one. So nothing but the task's names is read from it.
//!
//! Source: Kling API reference, callbacks; Standard Webhooks 1.0 (read 2026-11-22).

use std::time::Duration;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use rei_domain::clock::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::task::Task;

/// How far the sender's clock may be from ours, either way.
const SKEW_MAX: Duration = Duration::from_secs(300);
/// The most signatures that are looked at; there are two while a secret is being replaced.
const SIGNATURES_MAX: usize = 8;
/// What the console puts in front of a secret.
const SECRET_PREFIX: &str = "whsec_";

/// Standard base64, with or without its closing signs.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which task changed. Ask how it stands before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The provider's id, without the endpoint that names a task of the older generation.
    pub task: Option<String>,
    /// The key of the request that created it.
    pub external_id: Option<String>,
}

/// Why a callback is not acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// A secret is set, and a header is missing: answer 401.
    #[error("the callback carries no signature")]
    Unsigned,
    /// Too old or from the future, perhaps replayed: answer 401.
    #[error("the callback's time is too far from ours")]
    Stale,
    /// No signature fits: answer 401, and check that the secret is the console's.
    #[error("the callback's signature does not fit")]
    Forged,
    /// Not a callback: answer 400.
    #[error("the callback names no task")]
    Unreadable,
    /// Our secret is not what the console shows; only the owner can mend it.
    #[error("the webhook secret is not base64")]
    Secret,
}

/// Verifies a callback and reads which task it is about.
///
/// `id`, `timestamp`, `signature`: the headers `webhook-id`, `webhook-timestamp`, `webhook-signature`. `body`: the
/// bytes as they came; bounded by the caller. Without a secret the body is read unverified.
///
/// # Errors
/// [`CallbackError`]: what to answer.
pub fn read(
    id: Option<&str>,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
    secret: Option<&SecretString>,
    now: Timestamp,
) -> Result<Hint, CallbackError> {
    if let Some(secret) = secret {
        let headers = id.zip(timestamp).zip(signature);
        let ((id, timestamp), signature) = headers.ok_or(CallbackError::Unsigned)?;
        verify(id, timestamp, signature, body, secret, now)?;
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| CallbackError::Unreadable)?;
    let task = Task::read(&body);
    if task.id.is_none() && task.external_id.is_none() {
        return Err(CallbackError::Unreadable);
    }
    Ok(Hint { task: task.id, external_id: task.external_id })
}

/// Whether a secret is of the form that the console shows, so that a mistake is found at the start.
pub fn is_secret(secret: &SecretString) -> bool {
    key(secret).is_ok()
}

fn verify(
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    secret: &SecretString,
    now: Timestamp,
) -> Result<(), CallbackError> {
    let key = key(secret)?;
    let seconds: i64 = timestamp.parse().map_err(|_| CallbackError::Stale)?;
    let sent = Timestamp(seconds.checked_mul(1000).ok_or(CallbackError::Stale)?);
    if sent.since(now) > SKEW_MAX || now.since(sent) > SKEW_MAX {
        return Err(CallbackError::Stale);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    let given = signatures.split(' ').take(SIGNATURES_MAX);
    let mut given = given.filter_map(|it| BASE64.decode(it.strip_prefix("v1,")?).ok());
    // `verify_slice` compares in constant time.
    if given.any(|tag| mac.clone().verify_slice(&tag).is_ok()) {
        Ok(())
    } else {
        Err(CallbackError::Forged)
    }
}

fn key(secret: &SecretString) -> Result<Vec<u8>, CallbackError> {
    let secret = secret.expose_secret().trim();
    let secret = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
    let key = BASE64.decode(secret).map_err(|_| CallbackError::Secret)?;
    if key.is_empty() { Err(CallbackError::Secret) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_cmVpLWJvdC10ZXN0LXdlYmhvb2stc2VjcmV0LTAwMDE=";
    const SIGNATURE: &str = "v1,oCg8QSxm6jx1B3/8zp4xgcmXYxdrAbXV9isZbomf11Y=";
    const BODY: &str = r#"{"id":"t-1","status":"failed","message":"risk control","outputs":[]}"#;
    const SENT: Timestamp = Timestamp(1_790_000_000_000);

    fn checked(
        id: &str,
        time: &str,
        signature: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Hint, CallbackError> {
        let secret = SecretString::from(SECRET.to_owned());
        read(Some(id), Some(time), Some(signature), body.as_bytes(), Some(&secret), now)
    }

    fn signed(signature: &str) -> Result<Hint, CallbackError> {
        checked("evt-1", "1790000000", signature, BODY, SENT)
    }

    fn unsigned(body: &str) -> Result<Hint, CallbackError> {
        read(None, None, None, body.as_bytes(), None, SENT)
    }

    #[test]
    fn the_vector_of_the_facts_sheet_is_genuine() {
        let hint = signed(SIGNATURE).expect("it is genuine");
        assert_eq!(hint, Hint { task: Some("t-1".to_owned()), external_id: None });
    }

    #[test]
    fn one_fitting_signature_among_several_is_enough() {
        let wrong = "v1,AAAA6jx1B3/8zp4xgcmXYxdrAbXV9isZbomf11YoCg8=";
        for signatures in [
            format!("{wrong} {SIGNATURE}"),
            format!("{SIGNATURE} {wrong}"),
            format!("v1a,x v2,{wrong} v1,### {SIGNATURE}"),
            SIGNATURE.trim_end_matches('=').to_owned(),
        ] {
            assert!(signed(&signatures).is_ok(), "{signatures}");
        }
    }

    #[test]
    fn anything_changed_is_a_forgery() {
        let forged = Err(CallbackError::Forged);
        assert_eq!(checked("evt-2", "1790000000", SIGNATURE, BODY, SENT), forged);
        assert_eq!(checked("evt-1", "1790000001", SIGNATURE, BODY, SENT), forged);
        assert_eq!(
            checked("evt-1", "1790000000", SIGNATURE, &BODY.replace("t-1", "t-2"), SENT),
            forged
        );
        for wrong in ["", "v1,", "v1,AAAA", "v2,oCg8QSxm6jx1B3/8zp4xgcmXYxdrAbXV9isZbomf11Y=", "v1"]
        {
            assert_eq!(signed(wrong), forged, "{wrong}");
        }
        let late = format!("{} {SIGNATURE}", ["v1,AAAA"; SIGNATURES_MAX].join(" "));
        assert_eq!(signed(&late), forged, "only so many are looked at");
    }

    #[test]
    fn a_callback_is_genuine_for_five_minutes_either_way() {
        let at =
            |millis| checked("evt-1", "1790000000", SIGNATURE, BODY, Timestamp(SENT.0 + millis));
        assert!(at(300_000).is_ok() && at(-300_000).is_ok());
        assert_eq!(at(300_001), Err(CallbackError::Stale));
        assert_eq!(at(-300_001), Err(CallbackError::Stale));
        for odd in ["", "soon", "1790000000.5", "9223372036854775807"] {
            assert_eq!(checked("evt-1", odd, SIGNATURE, BODY, SENT), Err(CallbackError::Stale));
        }
    }

    #[test]
    fn with_a_secret_every_header_is_needed() {
        let secret = SecretString::from(SECRET.to_owned());
        let (id, time, signature) = (Some("evt-1"), Some("1790000000"), Some(SIGNATURE));
        for (id, time, signature) in
            [(None, time, signature), (id, None, signature), (id, time, None)]
        {
            let read = read(id, time, signature, BODY.as_bytes(), Some(&secret), SENT);
            assert_eq!(read, Err(CallbackError::Unsigned));
        }
    }

    #[test]
    fn a_secret_that_is_not_the_consoles_is_named() {
        for wrong in ["", "whsec_", "whsec_не base64"] {
            let secret = SecretString::from(wrong.to_owned());
            assert!(!is_secret(&secret));
            let read = read(Some("a"), Some("1"), Some("v1,"), b"{}", Some(&secret), SENT);
            assert_eq!(read, Err(CallbackError::Secret));
        }
        assert!(is_secret(&SecretString::from(SECRET.to_owned())));
    }

    #[test]
    fn without_a_secret_the_body_of_either_generation_is_a_hint() {
        let new = unsigned(r#"{"id":"893","status":"processing","external_id":"job-42"}"#);
        let legacy = r#"{"task_id":"893","task_status":"succeed","task_info":{"external_task_id":"job-42"}}"#;
        let hint = Hint { task: Some("893".to_owned()), external_id: Some("job-42".to_owned()) };
        assert_eq!((new, unsigned(legacy)), (Ok(hint.clone()), Ok(hint)));
        for wrong in ["", "[]", "{}", "null", "{\"id\":null}", "{\"id\":\"893\""] {
            assert_eq!(unsigned(wrong), Err(CallbackError::Unreadable), "{wrong}");
        }
    }
}
