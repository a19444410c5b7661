//! The signature of a trusted relay that forwards notifications: over the time and the bytes as they came.

use std::fmt;
use std::time::Duration;

use hmac::{KeyInit, Mac};
use rei_domain::clock::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::keys::HmacSha256;

/// The header that carries the signature: `t=<unix seconds>,v1=<hex>`.
pub const RELAY_HEADER: &str = "X-Webhook-Signature";

/// How far the relay's clock may be from ours, either way.
const SKEW_MAX: Duration = Duration::from_secs(300);
/// The most signatures that are looked at; there are two while a secret is being replaced.
const SIGNATURES_MAX: usize = 8;
/// The most digits of a time.
const TIME_DIGITS_MAX: usize = 12;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 32;

/// Why a forwarded notification is not acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// The header is not of the form `t=…,v1=…`.
    #[error("the relay's signature is malformed")]
    Malformed,
    /// Too old or from the future, perhaps replayed.
    #[error("the relay's time is too far from ours")]
    Stale,
    /// No signature fits.
    #[error("the relay's signature does not fit")]
    Forged,
}

/// The secret that is shared with the relay (`YOOKASSA_RELAY_SECRET`).
pub struct RelayKey(HmacSha256);

impl RelayKey {
    /// The key of a secret; its length is for the settings to check.
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        Self(HmacSha256::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// Verifies the header over the body's bytes as they came.
    ///
    /// # Errors
    /// [`RelayError`]; answer 401 to each.
    pub fn check(&self, header: &str, body: &[u8], now: Timestamp) -> Result<(), RelayError> {
        let (time, signatures) = parts(header)?;
        let seconds: i64 = time.parse().map_err(|_| RelayError::Malformed)?;
        let sent = Timestamp(seconds.checked_mul(1000).ok_or(RelayError::Stale)?);
        if sent.since(now) > SKEW_MAX || now.since(sent) > SKEW_MAX {
            return Err(RelayError::Stale);
        }
        let mac = self.mac(time, body);
        // `verify_slice` compares in constant time.
        let is_genuine = signatures.iter().any(|it| mac.clone().verify_slice(it).is_ok());
        if is_genuine { Ok(()) } else { Err(RelayError::Forged) }
    }

    /// The header for a body, as the relay makes it.
    pub fn sign(&self, body: &[u8], now: Timestamp) -> String {
        let time = now.millis().div_euclid(1000).to_string();
        let signature = self.mac(&time, body).finalize().into_bytes();
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={time},v1={signature}")
    }

    fn mac(&self, time: &str, body: &[u8]) -> HmacSha256 {
        let mut mac = self.0.clone();
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac
    }
}

impl fmt::Debug for RelayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayKey")
    }
}

/// The one time and the signatures. Other parts are of other versions and left alone.
fn parts(header: &str) -> Result<(&str, Vec<[u8; SIGNATURE_BYTES]>), RelayError> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        let (name, value) = part.trim().split_once('=').ok_or(RelayError::Malformed)?;
        match name {
            "t" if time.is_some() => return Err(RelayError::Malformed),
            "t" => time = Some(value),
            "v1" if signatures.len() < SIGNATURES_MAX => signatures.extend(from_hex(value)),
            _ => {}
        }
    }
    let is_time = |time: &&str| {
        (1..=TIME_DIGITS_MAX).contains(&time.len()) && time.bytes().all(|it| it.is_ascii_digit())
    };
    let time = time.filter(is_time).ok_or(RelayError::Malformed)?;
    Ok((time, signatures))
}

fn from_hex(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    if text.len() != 2 * SIGNATURE_BYTES || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |letter: u8| char::from(letter).to_digit(16);
        let value = digit(pair[0])? * 16 + digit(pair[1])?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &[u8] = br#"{"type":"notification","event":"payment.succeeded","object":{"id":"30b1f0aa-000f-5000-8000-1f2e3d4c5b6a","status":"succeeded"}}"#;
    const HEX: &str = "c345980c879ef75529ce01606dc1d4f73ac80bc9ab965fc67271e30bf421a4b7";
    const SENT: Timestamp = Timestamp(1_767_225_600_000);

    fn key() -> RelayKey {
        RelayKey::new(&"relay-secret-0123456789abcdef".to_owned().into())
    }

    fn check(header: &str) -> Result<(), RelayError> {
        key().check(header, BODY, SENT)
    }

    #[test]
    fn the_vector_of_the_facts_sheet_is_genuine() {
        let header = format!("t=1767225600,v1={HEX}");
        assert_eq!(check(&header), Ok(()));
        assert_eq!(key().sign(BODY, SENT), header);
    }

    #[test]
    fn one_fitting_signature_among_several_is_enough() {
        let wrong = "0".repeat(64);
        for header in [
            format!("t=1767225600, v1={wrong}, v1={HEX}"),
            format!("v1={HEX},t=1767225600"),
            format!("t=1767225600,v0=x,v1=short,v1={}", HEX.to_uppercase()),
        ] {
            assert_eq!(check(&header), Ok(()), "{header}");
        }
        let late = format!("t=1767225600,{},v1={HEX}", vec![format!("v1={wrong}"); 8].join(","));
        assert_eq!(check(&late), Err(RelayError::Forged), "only so many are looked at");
    }

    #[test]
    fn anything_changed_is_a_forgery() {
        let forged = Err(RelayError::Forged);
        assert_eq!(check(&format!("t=1767225601,v1={HEX}")), forged);
        assert_eq!(check(&format!("t=1767225600,v0={HEX}")), forged);
        assert_eq!(check("t=1767225600"), forged);
        let header = format!("t=1767225600,v1={HEX}");
        assert_eq!(key().check(&header, &BODY[1..], SENT), forged);
        let other = RelayKey::new(&"another-secret-0123456789abcdef".to_owned().into());
        assert_eq!(other.check(&header, BODY, SENT), forged);
    }

    #[test]
    fn a_signature_is_good_for_five_minutes_either_way() {
        let at = |millis| {
            let header = format!("t=1767225600,v1={HEX}");
            key().check(&header, BODY, Timestamp(SENT.0 + millis))
        };
        assert!(at(300_000).is_ok() && at(-300_000).is_ok());
        assert_eq!(at(300_001), Err(RelayError::Stale));
        assert_eq!(at(-300_001), Err(RelayError::Stale));
    }

    #[test]
    fn another_form_is_refused() {
        for header in [
            "",
            "t",
            HEX,
            &format!("v1={HEX}"),
            &format!("t=,v1={HEX}"),
            &format!("t=+1767225600,v1={HEX}"),
            &format!("t=1767225600.0,v1={HEX}"),
            &format!("t=1767225600000000,v1={HEX}"),
            &format!("t=1767225600,t=1767225600,v1={HEX}"),
            &format!("t=1767225600,v1={HEX},"),
        ] {
            assert_eq!(check(header), Err(RelayError::Malformed), "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_the_relay_signs_is_genuine(body: Vec<u8>, seconds in 0..4_000_000_000_i64) {
            let now = Timestamp(seconds * 1000);
            prop_assert_eq!(key().check(&key().sign(&body, now), &body, now), Ok(()));
        }

        #[test]
        fn any_header_is_answered(header in "(t=[0-9]{0,14}|v1=[0-9a-fA-F]{0,70}|,|\\PC){0,8}") {
            prop_assert!(check(&header).is_err());
        }
    }
}
