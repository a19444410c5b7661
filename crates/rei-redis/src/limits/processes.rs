//! How many share the limits.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// What the last heartbeat told.
#[derive(Default)]
pub(crate) struct Processes {
    last: AtomicU32,
    /// Whether there were ever others; they may have come back unseen.
    knew_others: AtomicBool,
}

impl Processes {
    pub(crate) fn heard(&self, count: u32) {
        self.last.store(count, Ordering::Relaxed);
        if count > 1 {
            self.knew_others.store(true, Ordering::Relaxed);
        }
    }

    /// While nobody can be counted, those who were there are believed to be there still.
    pub(crate) fn count(&self, is_up: bool) -> u32 {
        let least = if !is_up && self.knew_others.load(Ordering::Relaxed) { 2 } else { 1 };
        self.last.load(Ordering::Relaxed).max(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_knew_others_never_believes_itself_alone_without_redis() {
        let processes = Processes::default();
        assert_eq!((processes.count(false), processes.count(true)), (1, 1));
        processes.heard(3);
        assert_eq!((processes.count(false), processes.count(true)), (3, 3));
        processes.heard(1);
        assert_eq!((processes.count(false), processes.count(true)), (2, 1));
    }
}
