//! This process's copy of which circuits are open, so that asking costs nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The copy.
#[derive(Default)]
pub(crate) struct Circuits(Mutex<HashMap<String, Entry>>);

#[derive(Clone, Copy)]
struct Entry {
    /// In the past when closed.
    open_until: Instant,
    /// Our own word, which the others' copy may not show yet.
    changed_here: Option<Instant>,
}

/// Our own word stands against an older copy for so long; it has reached Redis by then.
const OWN_WORD_STANDS: Duration = Duration::from_secs(1);

impl Circuits {
    pub(crate) fn open_for(&self, circuit: &str) -> Option<Duration> {
        let entry = self.lock().get(circuit).copied()?;
        let left = entry.open_until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    pub(crate) fn open(&self, circuit: &str, until: Instant) {
        let mut circuits = self.lock();
        let known = circuits.get(circuit).map_or(until, |entry| entry.open_until);
        let entry = Entry { open_until: known.max(until), changed_here: Some(Instant::now()) };
        circuits.insert(circuit.to_owned(), entry);
    }

    pub(crate) fn close(&self, circuit: &str) {
        let now = Instant::now();
        let entry = Entry { open_until: now, changed_here: Some(now) };
        self.lock().insert(circuit.to_owned(), entry);
    }

    /// Takes over what Redis told; `asked_at`: when it was asked.
    pub(crate) fn heard(&self, open: Vec<(String, Duration)>, asked_at: Instant) {
        let mut circuits = self.lock();
        let is_own_word =
            |entry: &Entry| entry.changed_here.is_some_and(|at| at + OWN_WORD_STANDS > asked_at);
        circuits.retain(|_, entry| is_own_word(entry));
        for (circuit, left) in open {
            let heard = Entry { open_until: asked_at + left, changed_here: None };
            circuits.entry(circuit).or_insert(heard);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // Plain values: a panic elsewhere cannot leave them half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_word_counts_unless_our_own_is_newer() {
        let circuits = Circuits::default();
        let now = Instant::now();
        circuits.heard(vec![("a".to_owned(), Duration::from_secs(5))], now);
        assert!(circuits.open_for("a").is_some());
        circuits.close("a");
        circuits.open("b", now + Duration::from_secs(90));
        // An answer that was on its way while we spoke.
        circuits.heard(vec![("a".to_owned(), Duration::from_secs(5))], now);
        assert_eq!(circuits.open_for("a"), None);
        assert!(circuits.open_for("b").is_some());
        circuits.heard(Vec::new(), now + Duration::from_secs(2));
        assert_eq!(circuits.open_for("b"), None);
    }
}
