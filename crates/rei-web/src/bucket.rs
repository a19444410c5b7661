//! How much of something is borne: so much at once, and so much a second after that. One process counts for itself.

use std::sync::{Mutex, PoisonError};

use rei_domain::clock::Timestamp;

/// Parts of a token, so that it refills by the millisecond without fractions.
const PARTS: i64 = 1_000;

/// A bucket of tokens that refills by the clock.
#[derive(Debug)]
pub(crate) struct Bucket {
    most: i64,
    per_second: i64,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    parts: i64,
    at: Timestamp,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(at_once: u32, per_second: u32, now: Timestamp) -> Self {
        let most = i64::from(at_once) * PARTS;
        let level = Mutex::new(Level { parts: most, at: now });
        Self { most, per_second: i64::from(per_second), level }
    }

    /// Whether a token is left.
    pub(crate) fn has_room(&self, now: Timestamp) -> bool {
        self.with(now, |level| level.parts >= PARTS)
    }

    /// Takes one; of an empty bucket nothing is taken.
    pub(crate) fn take(&self, now: Timestamp) {
        self.with(now, |level| level.parts = (level.parts - PARTS).max(0));
    }

    fn with<T>(&self, now: Timestamp, act: impl FnOnce(&mut Level) -> T) -> T {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_ms = i64::try_from(now.since(level.at).as_millis()).unwrap_or(i64::MAX);
        // So many a second are as many thousandths a millisecond.
        let refilled = passed_ms.saturating_mul(self.per_second);
        level.parts = level.parts.saturating_add(refilled).min(self.most);
        // A clock that was set back must not stop the refilling.
        level.at = now;
        act(&mut level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_by_the_clock() {
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        let bucket = Bucket::new(3, 2, at(0));
        for _ in 0..3 {
            assert!(bucket.has_room(at(0)));
            bucket.take(at(0));
        }
        assert!(!bucket.has_room(at(0)));
        bucket.take(at(0));
        assert!(!bucket.has_room(at(499)), "an empty bucket owes nothing");
        assert!(bucket.has_room(at(500)));
        bucket.take(at(500));
        assert!(!bucket.has_room(at(500)));
        assert!(!bucket.has_room(at(-5_000)), "a clock set back gives nothing");
        assert!(bucket.has_room(at(-4_500)), "and takes nothing");
        assert!(bucket.has_room(Timestamp(i64::MAX)));
    }

    #[test]
    fn it_never_holds_more_than_at_once() {
        let bucket = Bucket::new(2, 1, Timestamp(0));
        let later = Timestamp(60_000);
        for _ in 0..2 {
            assert!(bucket.has_room(later));
            bucket.take(later);
        }
        assert!(!bucket.has_room(later));
    }
}
