//! The keys that are derived from one root, and the tags they make.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

pub(super) type HmacSha256 = Hmac<Sha256>;

/// What a root of its own (`YOOKASSA_WEBHOOK_SECRET`) must have at least, in bytes.
pub const ROOT_MIN_BYTES: usize = 32;
/// What any root must have: the shop's secret key serves where none of its own is set.
const ANY_ROOT_MIN_BYTES: usize = 16;

/// Bytes of a tag.
const TAG_BYTES: usize = 32;
/// Characters of a tag: base64url without padding.
const TAG_CHARS: usize = 43;
/// Hexadecimal digits of a key's name.
const KID_CHARS: usize = 8;

/// A root that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret that notifications are checked with is shorter than 16 bytes")]
pub struct KeyError;

/// Whether a root of its own is long enough, so that a weak one is found at the start.
pub fn is_strong_root(root: &SecretString) -> bool {
    root.expose_secret().len() >= ROOT_MIN_BYTES
}

/// The keys of one root.
pub(super) struct Keys {
    pub(super) kid: String,
    pub(super) url: Key,
    pub(super) meta: Key,
}

/// A derived key.
#[derive(Clone)]
pub(super) struct Key(HmacSha256);

impl Keys {
    pub(super) fn derive(root: &SecretString) -> Result<Self, KeyError> {
        let root = root.expose_secret().as_bytes();
        if root.len() < ANY_ROOT_MIN_BYTES {
            return Err(KeyError);
        }
        let root = Key::new(root);
        let derived = |name: &str| root.mac(format!("rei-bot/yookassa/{name}/v1").as_bytes());
        let kid = derived("kid").iter().take(KID_CHARS / 2).map(|it| format!("{it:02x}")).collect();
        Ok(Self { kid, url: Key::new(&derived("url")), meta: Key::new(&derived("meta")) })
    }
}

impl Key {
    fn new(bytes: &[u8]) -> Self {
        Self(HmacSha256::new_from_slice(bytes).expect("HMAC takes a key of any length"))
    }

    fn mac(&self, message: &[u8]) -> [u8; TAG_BYTES] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// The tag of a message.
    pub(super) fn tag(&self, message: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(message.as_bytes()))
    }

    /// Whether a tag is that of a message, in constant time over its decoded bytes.
    pub(super) fn is_tag(&self, message: &str, tag: &str) -> bool {
        if tag.len() != TAG_CHARS {
            return false;
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        let mut mac = self.0.clone();
        mac.update(message.as_bytes());
        mac.verify_slice(&bytes).is_ok()
    }
}
