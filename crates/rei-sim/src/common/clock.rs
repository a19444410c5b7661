//! The simulators' time: the machine's, or one that a test moves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// A clock that simulators and their test share; clones tell the same time.
#[derive(Clone, Debug)]
pub struct SimClock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Real,
    Manual(watch::Sender<i64>),
}

impl SimClock {
    /// The machine's own time.
    pub fn real() -> Self {
        Self(Arc::new(Source::Real))
    }

    /// A clock that stands at `start_ms` (milliseconds since 1970-01-01 UTC) until it is advanced.
    pub fn manual(start_ms: i64) -> Self {
        Self(Arc::new(Source::Manual(watch::Sender::new(start_ms))))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        match &*self.0 {
            Source::Real => system_ms(),
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock forward and wakes everybody whose sleep is over. Does nothing to a real clock.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &*self.0 {
            now.send_modify(|now| *now = now.saturating_add(millis(by)));
        }
    }

    /// Waits; on a manual clock until somebody has advanced it far enough.
    pub async fn sleep(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        match &*self.0 {
            Source::Real => tokio::time::sleep(time).await,
            Source::Manual(now) => {
                let until = now.borrow().saturating_add(millis(time));
                let mut watcher = now.subscribe();
                // The sender lives in `self`, so the wait ends by reaching `until` alone.
                let _reached = watcher.wait_for(|now| *now >= until).await;
            }
        }
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the simulators that asks the machine for the time"
)]
fn system_ms() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_1970.map_or(0, millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_on_a_manual_clock_wakes_when_it_is_advanced() {
        let clock = SimClock::manual(1_000);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_secs(5)).await;
                clock.now_ms()
            }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        assert_eq!(sleeper.await.expect("the sleeper does not panic"), 6_000);
    }

    #[tokio::test]
    async fn no_time_is_no_wait() {
        SimClock::manual(0).sleep(Duration::ZERO).await;
    }

    #[test]
    fn a_real_clock_cannot_be_moved() {
        let clock = SimClock::real();
        let before = clock.now_ms();
        clock.advance(Duration::from_secs(3_600));
        assert!(clock.now_ms() - before < 60_000);
    }
}
