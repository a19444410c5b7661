//! At most so many calls in any minute, as providers count them.
//!
//! A log of the latest calls rather than a token bucket: a bucket that starts full lets twice as many out in its
//! first minute as the provider allows.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rei_domain::clock::{SharedClock, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Rate {
    clock: SharedClock,
    per_minute: usize,
    calls: Mutex<VecDeque<Timestamp>>,
}

impl Rate {
    /// `per_minute`: one at least.
    pub(crate) fn new(per_minute: u32, clock: SharedClock) -> Self {
        let per_minute = usize::try_from(per_minute.max(1)).unwrap_or(usize::MAX);
        Self { clock, per_minute, calls: Mutex::new(VecDeque::new()) }
    }

    /// Counts a call, or says how long to wait for the next free place.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        // Calls of the future come from a clock that was set back since.
        calls.retain(|at| *at <= now && now.since(*at) < MINUTE);
        match calls.front() {
            Some(oldest) if calls.len() >= self.per_minute => Err(MINUTE - now.since(*oldest)),
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use rei_domain::clock::{Clock, ManualClock};

    use super::*;

    #[test]
    fn the_call_after_the_last_free_one_is_told_when_to_come() {
        let clock = Arc::new(ManualClock::at(Timestamp(0)));
        let rate = Rate::new(2, clock.clone());
        assert_eq!(rate.take(), Ok(()));
        clock.advance(Duration::from_secs(10));
        assert_eq!(rate.take(), Ok(()));
        assert_eq!(rate.take(), Err(Duration::from_secs(50)));
        clock.advance(Duration::from_secs(50));
        assert_eq!(rate.take(), Ok(()));
        assert_eq!(rate.take(), Err(Duration::from_secs(10)));
    }

    proptest! {
        #[test]
        fn no_minute_ever_has_more_calls_than_allowed(
            per_minute in 1_u32..8,
            pauses_ms in proptest::collection::vec(0_u64..30_000, 1..100),
        ) {
            let clock = Arc::new(ManualClock::at(Timestamp(0)));
            let rate = Rate::new(per_minute, clock.clone());
            let mut out = Vec::new();
            for pause in pauses_ms {
                clock.advance(Duration::from_millis(pause));
                if rate.take().is_ok() {
                    out.push(clock.now());
                }
            }
            let most = usize::try_from(per_minute).expect("small");
            for calls in out.windows(most + 1) {
                prop_assert!(calls[most].since(calls[0]) >= MINUTE);
            }
        }
    }
}
