//! The hash over a table's rows, the same on both engines.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Value;

/// How many rows a table has, and the hash over them in the order of their keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TableDigest {
    /// Rows.
    pub rows: u64,
    /// SHA-256 over every value of every row.
    pub hash: [u8; 32],
}

impl fmt::Debug for TableDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for TableDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, sha256 ", self.rows)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Adds up rows as they pass.
#[derive(Default)]
pub(super) struct Digester {
    hasher: Sha256,
    rows: u64,
}

impl Digester {
    /// Adds a row: each value with its kind and its length, so that none can pass for two.
    pub(super) fn add(&mut self, values: &[Value]) {
        self.rows += 1;
        for value in values {
            match value {
                Value::Null => self.hasher.update(b"n"),
                Value::Int(number) => {
                    self.hasher.update(b"i");
                    self.hasher.update(number.to_be_bytes());
                }
                Value::Text(text) => self.add_bytes(b"t", text.as_bytes()),
                Value::Blob(bytes) => self.add_bytes(b"b", bytes),
            }
        }
    }

    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn finish(self) -> TableDigest {
        TableDigest { rows: self.rows, hash: self.hasher.finalize().into() }
    }

    fn add_bytes(&mut self, kind: &[u8; 1], bytes: &[u8]) {
        self.hasher.update(kind);
        self.hasher.update((bytes.len() as u64).to_be_bytes());
        self.hasher.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Value]]) -> TableDigest {
        let mut digester = Digester::default();
        rows.iter().for_each(|row| digester.add(row));
        digester.finish()
    }

    #[test]
    fn other_values_in_other_places_have_another_hash() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(of(&[&[text("ab"), Value::Null]]), of(&[&[text("ab"), Value::Null]]));
        assert_ne!(of(&[&[text("ab"), text("c")]]), of(&[&[text("a"), text("bc")]]));
        assert_ne!(of(&[&[text("a")]]), of(&[&[Value::Blob(b"a".to_vec())]]));
        assert_ne!(of(&[&[Value::Null]]), of(&[&[Value::Int(0)]]));
        assert_ne!(
            of(&[&[Value::Int(1)], &[Value::Int(2)]]),
            of(&[&[Value::Int(2)], &[Value::Int(1)]])
        );
    }
}
