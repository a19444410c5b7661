//! A file's name in the store: the hash of its contents and what it is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::Sha256;
use sha2::digest::Output;

use crate::media::MediaType;

/// The letters of a SHA-256 in hex.
const HASH_LETTERS: usize = 64;

/// `<sha256 in lower-case hex>.<ending>`. Only such names exist, so a key can never lead out of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(String);

/// A text that names no file of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the key of a stored file")]
pub struct NotAKey;

impl BlobKey {
    pub(crate) fn new(hash: &Output<Sha256>, media: MediaType) -> Self {
        Self(format!("{}.{}", hex(hash), media.extension()))
    }

    /// The text under which the book stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the file was when it was stored.
    pub fn media(&self) -> MediaType {
        MediaType::from_extension(self.parts().1).expect("a key is made with a known ending only")
    }

    /// The hash of the contents, in hex.
    pub fn hash(&self) -> &str {
        self.parts().0
    }

    /// The folder of the file: two levels, so that no folder grows large.
    pub(crate) fn shard(&self, root: &Path) -> PathBuf {
        root.join(&self.0[..2]).join(&self.0[2..4])
    }

    pub(crate) fn path(&self, root: &Path) -> PathBuf {
        self.shard(root).join(&self.0)
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('.').expect("a key is made with a dot only")
    }
}

impl FromStr for BlobKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (hash, extension) = text.split_once('.').ok_or(NotAKey)?;
        let is_hash = hash.len() == HASH_LETTERS && hash.bytes().all(is_hex);
        if is_hash && MediaType::from_extension(extension).is_some() {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAKey)
        }
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn hex(hash: &[u8]) -> String {
    use fmt::Write;
    hash.iter().fold(String::with_capacity(HASH_LETTERS), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_no_keys() {
        let hash = "a".repeat(64);
        for wrong in [
            String::new(),
            hash.clone(),
            format!("{hash}."),
            format!("{hash}.exe"),
            format!("{hash}.png.png"),
            format!("{hash}.png/.."),
            format!("{hash}.PNG"),
            format!("../{}.png", &hash[..61]),
            format!("{}.png", hash.to_uppercase()),
            format!("{}.png", &hash[..63]),
            format!("{hash}a.png"),
            format!("{hash}.png\0"),
            "..".to_owned(),
            "/etc/passwd".to_owned(),
        ] {
            assert_eq!(wrong.parse::<BlobKey>(), Err(NotAKey), "{wrong}");
        }
        assert!(format!("{hash}.png").parse::<BlobKey>().is_ok());
    }

    proptest! {
        #[test]
        fn a_key_comes_back_from_its_text(bytes: Vec<u8>, media in proptest::sample::select(&MediaType::ALL)) {
            let key = BlobKey::new(&Sha256::digest(&bytes), media);
            prop_assert_eq!(key.as_str().parse(), Ok(key.clone()));
            prop_assert_eq!(key.media(), media);
            prop_assert_eq!(key.hash().len(), HASH_LETTERS);
        }

        #[test]
        fn whatever_is_a_key_stays_inside_the_store(text in "[a-f0-9./\\\\]{0,80}|[0-9a-f]{64}\\.[a-z0-9]{3,4}|\\PC*") {
            if let Ok(key) = text.parse::<BlobKey>() {
                let path = key.path(Path::new("/store"));
                let parts: Vec<_> = path.components().collect();
                prop_assert_eq!(parts.len(), 5);
                prop_assert!(path.starts_with("/store"));
                prop_assert!(parts[2..].iter().all(|part| matches!(part, std::path::Component::Normal(_))));
            }
        }
    }
}
