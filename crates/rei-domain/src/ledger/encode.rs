//! Bytes to be hashed: every field with its length in front, so that no two contents spell the same.

use sha2::{Digest, Sha256};

/// A SHA-256 over fields.
pub(super) struct FieldHasher(Sha256);

impl FieldHasher {
    /// Starts with what is being hashed, so that hashes of different things never meet.
    pub(super) fn new(purpose: &str) -> Self {
        Self(Sha256::new()).text(purpose)
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.add(bytes);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(super) fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// A missing field differs from an empty one.
    pub(super) fn optional(mut self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.add(bytes),
            None => self.0.update(u64::MAX.to_be_bytes()),
        }
        self
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn add(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).expect("a length fits 64 bits");
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }
}
