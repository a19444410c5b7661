//! The retry budget: when many calls fail at once, their repeats must not become a storm.
//!
//! Every call puts a little aside, every failure that will be repeated takes a whole repeat out. While there is
//! something left, repeats follow their usual pauses; afterwards each is told to wait considerably longer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What one call puts aside, in hundredths of a repeat: one repeat for five calls.
const PUT_ASIDE: u32 = 20;
/// What one repeat costs.
const REPEAT: u32 = 100;
/// The most that can be put aside, and what there is at the start.
const ASIDE_MAX: u32 = 10 * REPEAT;
/// How long a repeat waits when nothing is left.
const SPENT_WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Budget(Mutex<u32>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(ASIDE_MAX))
    }

    /// Counts a call that went out.
    pub(crate) fn called(&self) {
        let mut aside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *aside = (*aside + PUT_ASIDE).min(ASIDE_MAX);
    }

    /// Counts a failure that will be repeated; says how long the repeat must wait at least.
    pub(crate) fn repeat(&self) -> Option<Duration> {
        let mut aside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match aside.checked_sub(REPEAT) {
            Some(left) => {
                *aside = left;
                None
            }
            None => Some(SPENT_WAIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_of_failures_is_slowed_down_and_calm_calls_fill_the_budget_again() {
        let budget = Budget::new();
        for _ in 0..10 {
            assert_eq!(budget.repeat(), None);
        }
        assert_eq!(budget.repeat(), Some(SPENT_WAIT));
        for _ in 0..5 {
            budget.called();
        }
        assert_eq!(budget.repeat(), None);
        assert_eq!(budget.repeat(), Some(SPENT_WAIT));
    }
}
