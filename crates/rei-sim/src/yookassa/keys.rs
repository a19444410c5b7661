//! Idempotence keys: what was done under them, for a day.

use std::collections::HashMap;

use bytes::Bytes;

use super::refusals::Refusal;

pub(super) const HEADER: &str = "Idempotence-Key";
const KEY_CHARS_MAX: usize = 64;
const LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a call made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Payment(String),
    Refund(String),
    Receipt(String),
}

#[derive(Debug)]
struct Used {
    path: String,
    body: Bytes,
    at_ms: i64,
    made: Made,
}

/// The keys of all shops.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<(String, String), Used>);

impl Keys {
    /// What was done under the key; none: it is free.
    pub(super) fn find(
        &self,
        shop_id: &str,
        key: &str,
        path: &str,
        body: &Bytes,
        now_ms: i64,
    ) -> Result<Option<Made>, Refusal> {
        let used = self.0.get(&(shop_id.to_owned(), key.to_owned()));
        let Some(used) = used.filter(|used| now_ms - used.at_ms < LIFE_MS) else {
            return Ok(None);
        };
        if used.path != path || used.body != body {
            return Err(Refusal::invalid(HEADER, "Idempotence key duplicated"));
        }
        Ok(Some(used.made.clone()))
    }

    /// Takes the key for a day.
    pub(super) fn keep(
        &mut self,
        shop_id: &str,
        key: &str,
        path: &str,
        body: &Bytes,
        at_ms: i64,
        made: Made,
    ) {
        let used = Used { path: path.to_owned(), body: body.clone(), at_ms, made };
        self.0.insert((shop_id.to_owned(), key.to_owned()), used);
    }
}

/// Checks the header itself.
pub(super) fn check(key: Option<&str>) -> Result<&str, Refusal> {
    match key {
        Some(key) if (1..=KEY_CHARS_MAX).contains(&key.chars().count()) => Ok(key),
        Some("") | None => Err(Refusal::invalid(HEADER, "the header is required on every POST")),
        Some(_) => Err(Refusal::invalid(HEADER, "the key is longer than 64 characters")),
    }
}
