//! A bounded memory of what was asked: the newest entries stay, the count goes on.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the newest entries of something.
#[derive(Debug)]
pub struct Recorder<T> {
    keep_max: usize,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    entries: VecDeque<T>,
    total: u64,
}

impl<T: Clone> Recorder<T> {
    /// A memory for `keep_max` entries; 0 only counts.
    pub fn new(keep_max: usize) -> Self {
        Self { keep_max, kept: Mutex::new(Kept { entries: VecDeque::new(), total: 0 }) }
    }

    /// Adds an entry and returns its number, from 1. The oldest one is forgotten when the memory is full.
    pub fn record(&self, entry: T) -> u64 {
        let mut kept = self.lock();
        kept.total += 1;
        if self.keep_max > 0 {
            if kept.entries.len() == self.keep_max {
                kept.entries.pop_front();
            }
            kept.entries.push_back(entry);
        }
        kept.total
    }

    /// Changes the entry with this number, if it is still kept.
    pub fn amend(&self, number: u64, change: impl FnOnce(&mut T)) {
        let mut kept = self.lock();
        let first = kept.total - kept.entries.len() as u64 + 1;
        let index = number.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| kept.entries.get_mut(index)) {
            change(entry);
        }
    }

    /// What is kept, oldest first.
    pub fn all(&self) -> Vec<T> {
        self.lock().entries.iter().cloned().collect()
    }

    /// How many entries there have ever been.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// Forgets the entries; the count goes on.
    pub fn forget(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entries_stay_and_the_count_goes_on() {
        let recorder = Recorder::new(2);
        for entry in ["a", "b", "c"] {
            recorder.record(entry.to_owned());
        }
        assert_eq!(recorder.all(), ["b", "c"]);
        assert_eq!(recorder.total(), 3);
        recorder.amend(1, |_| unreachable!("it was forgotten"));
        recorder.amend(3, |entry| entry.push('!'));
        assert_eq!(recorder.all(), ["b", "c!"]);
        recorder.forget();
        assert_eq!(recorder.record("d".to_owned()), 4);
        recorder.amend(4, |entry| entry.push('!'));
        assert_eq!(recorder.all(), ["d!"]);
    }

    #[test]
    fn a_memory_of_nothing_counts() {
        let recorder = Recorder::new(0);
        recorder.record(1);
        assert_eq!((recorder.all(), recorder.total()), (vec![], 1));
    }
}
