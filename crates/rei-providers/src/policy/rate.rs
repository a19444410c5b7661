//! At most so many calls in any minute, as providers count them: over all processes where they can ask each other, else
//! this process's part.
//!
//! By itself a process keeps a log of its latest calls. What is shared is a bucket, which must not start as full as
//! the minute, or it would let twice as many out in its first one.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rei_domain::clock::{SharedClock, Timestamp};
use rei_domain::shared::{Bucket, Known, SharedLimits};

const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Rate {
    clock: SharedClock,
    per_minute: u32,
    limits: SharedLimits,
    bucket: [Bucket; 1],
    calls: Mutex<VecDeque<Timestamp>>,
}

impl Rate {
    /// `per_minute`: one at least.
    pub(crate) fn new(
        name: String,
        per_minute: u32,
        clock: SharedClock,
        limits: SharedLimits,
    ) -> Self {
        let per_minute = per_minute.max(1);
        let bucket = [shared_bucket(name, per_minute)];
        Self { clock, per_minute, limits, bucket, calls: Mutex::new(VecDeque::new()) }
    }

    /// Counts a call, or says how long to wait for the next free place.
    pub(crate) async fn take(&self) -> Result<(), Duration> {
        match self.limits.admit(&self.bucket).await {
            Known::Yes(Ok(())) => {
                // Should the others be out of reach a moment later, it still counts.
                self.calls().push_back(self.clock.now());
                Ok(())
            }
            Known::Yes(Err(wait)) => Err(wait),
            Known::No => self.take_here(self.limits.share(self.per_minute)),
        }
    }

    fn take_here(&self, per_minute: u32) -> Result<(), Duration> {
        let per_minute = usize::try_from(per_minute).unwrap_or(usize::MAX);
        let now = self.clock.now();
        let mut calls = self.calls();
        match calls.front() {
            Some(oldest) if calls.len() >= per_minute => Err(MINUTE - now.since(*oldest)),
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }

    /// The calls of the last minute.
    fn calls(&self) -> MutexGuard<'_, VecDeque<Timestamp>> {
        let now = self.clock.now();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        // Calls of the future come from a clock that was set back since.
        calls.retain(|at| *at <= now && now.since(*at) < MINUTE);
        calls
    }
}

/// A bucket out of which no minute ever gets more than this: what it holds and what it regains are together as much.
fn shared_bucket(name: String, per_minute: u32) -> Bucket {
    let burst = (per_minute / 10).max(1);
    // A refill that ends with the minute belongs to the next one.
    let refills = per_minute - burst + 1;
    Bucket { name, refill: MINUTE / refills, burst, takes: 1 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use rei_domain::clock::{Clock, ManualClock};
    use rei_domain::shared::Alone;

    use super::*;
    use crate::policy::testing::Lonely;

    fn rate(per_minute: u32, clock: &Arc<ManualClock>) -> Rate {
        Rate::new("r".to_owned(), per_minute, clock.clone(), Arc::new(Alone))
    }

    #[tokio::test]
    async fn the_call_after_the_last_free_one_is_told_when_to_come() {
        let clock = Arc::new(ManualClock::at(Timestamp(0)));
        let rate = rate(2, &clock);
        assert_eq!(rate.take().await, Ok(()));
        clock.advance(Duration::from_secs(10));
        assert_eq!(rate.take().await, Ok(()));
        assert_eq!(rate.take().await, Err(Duration::from_secs(50)));
        clock.advance(Duration::from_secs(50));
        assert_eq!(rate.take().await, Ok(()));
        assert_eq!(rate.take().await, Err(Duration::from_secs(10)));
    }

    #[tokio::test]
    async fn without_a_word_of_the_others_a_process_keeps_to_its_share() {
        let clock = Arc::new(ManualClock::at(Timestamp(0)));
        let lonely = Arc::new(Lonely { processes: 2 });
        let rate = Rate::new("r".to_owned(), 5, clock, lonely);
        assert_eq!([rate.take().await, rate.take().await], [Ok(()), Ok(())]);
        assert_eq!(rate.take().await, Err(MINUTE));
    }

    #[test]
    fn what_a_shared_bucket_holds_and_regains_in_a_minute_is_the_minute() {
        for (per_minute, burst, refill_ms) in
            [(1, 1, 60_000), (2, 1, 30_000), (10, 1, 6_000), (60, 6, 1_090), (600, 60, 110)]
        {
            let bucket = shared_bucket("r".to_owned(), per_minute);
            assert_eq!((bucket.burst, bucket.refill.as_millis()), (burst, refill_ms));
        }
    }

    proptest! {
        #[test]
        fn no_minute_ever_has_more_calls_than_allowed(
            per_minute in 1_u32..8,
            pauses_ms in proptest::collection::vec(0_u64..30_000, 1..100),
        ) {
            let clock = Arc::new(ManualClock::at(Timestamp(0)));
            let rate = rate(per_minute, &clock);
            let mut out = Vec::new();
            for pause in pauses_ms {
                clock.advance(Duration::from_millis(pause));
                if rate.take_here(per_minute).is_ok() {
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
