//! A breaker that all processes share: one that opens it opens it for all, and after the rest one of them makes the
//! trial. While nobody can tell, each process goes by its own breaker.

use std::time::Duration;

use crate::breaker::{Breaker, BreakerPolicy, Change, Health, Leave, Rest};
use crate::clock::SharedClock;
use crate::shared::{Known, SharedLimits};

/// A process that makes the trial and dies holds the others back for so long.
const TRIAL_WITHIN: Duration = Duration::from_secs(60);
/// How long a call waits while another process makes the trial.
const OTHERS_TRY_FOR: Duration = Duration::from_secs(1);

/// One service's breaker over all processes.
pub struct Circuit {
    breaker: Breaker,
    limits: SharedLimits,
    /// Open for any reason.
    name: String,
    /// Open because everybody is refused.
    name_locked: String,
}

impl Circuit {
    /// A closed circuit, such as `provider:kling`.
    pub fn new(
        name: impl Into<String>,
        policy: BreakerPolicy,
        clock: SharedClock,
        limits: SharedLimits,
    ) -> Self {
        let name = name.into();
        let name_locked = format!("{name}:locked");
        Self { breaker: Breaker::new(policy, clock), limits, name, name_locked }
    }

    /// How long calls are still held; none when they are not.
    pub fn rest(&self) -> Option<Rest> {
        self.hear();
        self.breaker.rest()
    }

    /// Lets a call out, or says how long to wait. Every leave must come back by [`Self::leave`] or [`Self::abandon`].
    ///
    /// # Errors
    /// The rest that is left.
    pub async fn enter(&self) -> Result<Leave, Rest> {
        self.hear();
        let leave = self.breaker.enter()?;
        if leave == Leave::Ordinary {
            return Ok(leave);
        }
        // Whoever stops waiting for the answer makes no trial.
        let unsure = Unsure { circuit: self, is_sure: false };
        let is_ours = self.limits.trial(&self.name, TRIAL_WITHIN).await;
        unsure.decided();
        if is_ours == Known::Yes(false) {
            self.breaker.put_off(leave, OTHERS_TRY_FOR);
            let is_locked = self.breaker.rest().is_some_and(|rest| rest.is_locked);
            return Err(Rest { left: OTHERS_TRY_FOR, is_locked });
        }
        Ok(leave)
    }

    /// Takes in how a call ended, and tells the others when that changes something for them.
    pub fn leave(&self, leave: Leave, health: Health) -> Change {
        let change = self.breaker.leave(leave, health);
        match change {
            Change::None => {}
            Change::Closed => {
                self.limits.close(&self.name);
                self.limits.close(&self.name_locked);
            }
            Change::Opened | Change::Locked | Change::Again => self.tell(),
        }
        change
    }

    /// Takes back a leave whose call was given up without an end: somebody else may try.
    pub fn abandon(&self, leave: Leave) {
        self.breaker.abandon(leave);
        if leave == Leave::Trial {
            self.limits.open(&self.name, Duration::ZERO);
        }
    }

    fn tell(&self) {
        let Some(rest) = self.breaker.rest() else { return };
        self.limits.open(&self.name, rest.left);
        if rest.is_locked {
            self.limits.open(&self.name_locked, rest.left);
        }
    }

    fn hear(&self) {
        if let Some(left) = self.limits.open_for(&self.name) {
            let is_locked = self.limits.open_for(&self.name_locked).is_some();
            self.breaker.heard(Rest { left, is_locked });
        }
    }
}

/// A trial that nobody has agreed to yet.
struct Unsure<'a> {
    circuit: &'a Circuit,
    is_sure: bool,
}

impl Unsure<'_> {
    fn decided(mut self) {
        self.is_sure = true;
    }
}

impl Drop for Unsure<'_> {
    fn drop(&mut self) {
        if !self.is_sure {
            self.circuit.abandon(Leave::Trial);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::Poll;

    use crate::clock::{Clock, ManualClock, Timestamp};
    use crate::shared::{Later, Limits};

    use super::*;

    /// What two processes would share, on the tests' clock.
    struct Board {
        clock: Arc<ManualClock>,
        /// Whether answers come at all.
        is_slow: Arc<AtomicBool>,
        open: Mutex<HashMap<String, Timestamp>>,
        trial: Mutex<Option<Timestamp>>,
    }

    impl Limits for Board {
        fn open_for(&self, circuit: &str) -> Option<Duration> {
            let until = *self.open.lock().expect("unpoisoned").get(circuit)?;
            Some(until.since(self.clock.now())).filter(|left| !left.is_zero())
        }

        fn open(&self, circuit: &str, length: Duration) {
            *self.trial.lock().expect("unpoisoned") = None;
            let until = self.clock.now().plus(length);
            self.open.lock().expect("unpoisoned").insert(circuit.to_owned(), until);
        }

        fn close(&self, circuit: &str) {
            *self.trial.lock().expect("unpoisoned") = None;
            self.open.lock().expect("unpoisoned").remove(circuit);
        }

        fn trial<'a>(&'a self, _: &'a str, within: Duration) -> Later<'a, Known<bool>> {
            let now = self.clock.now();
            let mut trial = self.trial.lock().expect("unpoisoned");
            let is_free = trial.is_none_or(|until| until <= now);
            if is_free {
                *trial = Some(now.plus(within));
            }
            let is_slow = Arc::clone(&self.is_slow);
            Box::pin(std::future::poll_fn(move |_| match is_slow.load(Ordering::Relaxed) {
                true => Poll::Pending,
                false => Poll::Ready(Known::Yes(is_free)),
            }))
        }

        fn processes(&self) -> u32 {
            2
        }
    }

    fn two_processes() -> (Circuit, Circuit, Arc<ManualClock>) {
        let (one, other, clock, _) = two_with_a_slow_board();
        (one, other, clock)
    }

    fn two_with_a_slow_board() -> (Circuit, Circuit, Arc<ManualClock>, Arc<AtomicBool>) {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        let is_slow = Arc::new(AtomicBool::new(false));
        let board = Board {
            clock: clock.clone(),
            is_slow: Arc::clone(&is_slow),
            open: Mutex::default(),
            trial: Mutex::default(),
        };
        let board: SharedLimits = Arc::new(board);
        let policy = BreakerPolicy { lock: Duration::from_secs(300), ..Default::default() };
        let circuit = || Circuit::new("c", policy, clock.clone(), Arc::clone(&board));
        (circuit(), circuit(), clock, is_slow)
    }

    async fn fail(circuit: &Circuit) {
        for _ in 0..5 {
            let leave = circuit.enter().await.expect("let out");
            circuit.leave(leave, Health::Ill);
        }
    }

    #[tokio::test]
    async fn what_one_process_opens_is_open_for_the_other() {
        let (one, other, _clock) = two_processes();
        fail(&one).await;
        let rest = Rest { left: Duration::from_secs(5), is_locked: false };
        assert_eq!(other.rest(), Some(rest));
        assert_eq!(other.enter().await, Err(rest));
    }

    #[tokio::test]
    async fn after_the_rest_one_process_makes_the_trial() {
        let (one, other, clock) = two_processes();
        fail(&one).await;
        assert!(other.rest().is_some());
        clock.advance(Duration::from_secs(5));
        assert_eq!(other.enter().await, Ok(Leave::Trial));
        let waits = Rest { left: OTHERS_TRY_FOR, is_locked: false };
        assert_eq!(one.enter().await, Err(waits));
        assert_eq!(other.leave(Leave::Trial, Health::Well), Change::Closed);
        clock.advance(OTHERS_TRY_FOR);
        assert!(one.enter().await.is_ok() && other.enter().await.is_ok());
    }

    #[tokio::test]
    async fn a_failed_trial_holds_the_others_for_the_longer_rest() {
        let (one, other, clock) = two_processes();
        fail(&one).await;
        clock.advance(Duration::from_secs(5));
        assert_eq!(one.enter().await, Ok(Leave::Trial));
        assert_eq!(one.leave(Leave::Trial, Health::Ill), Change::Again);
        assert_eq!(other.rest().map(|rest| rest.left), Some(Duration::from_secs(10)));
    }

    #[tokio::test]
    async fn a_trial_that_was_given_up_is_left_to_another_process() {
        let (one, other, clock) = two_processes();
        fail(&one).await;
        assert!(other.rest().is_some());
        clock.advance(Duration::from_secs(5));
        let leave = one.enter().await.expect("the trial");
        one.abandon(leave);
        assert_eq!(other.enter().await, Ok(Leave::Trial));
    }

    #[tokio::test]
    async fn whoever_stops_waiting_for_the_word_on_a_trial_leaves_it_to_another_process() {
        let (one, other, clock, is_slow) = two_with_a_slow_board();
        fail(&one).await;
        assert!(other.rest().is_some());
        clock.advance(Duration::from_secs(5));
        is_slow.store(true, Ordering::Relaxed);
        let mut asks = Box::pin(one.enter());
        let polled = std::future::poll_fn(|cx| Poll::Ready(asks.as_mut().poll(cx).is_pending()));
        assert!(polled.await, "nobody answers");
        drop(asks);
        is_slow.store(false, Ordering::Relaxed);
        assert_eq!(other.enter().await, Ok(Leave::Trial));
    }

    #[tokio::test]
    async fn the_other_learns_that_the_key_is_not_accepted() {
        let (one, other, _clock) = two_processes();
        let leave = one.enter().await.expect("let out");
        assert_eq!(one.leave(leave, Health::Locked), Change::Locked);
        let rest = Rest { left: Duration::from_secs(300), is_locked: true };
        assert_eq!(other.rest(), Some(rest));
    }

    #[tokio::test]
    async fn a_process_alone_goes_by_its_own_breaker() {
        let clock = Arc::new(ManualClock::at(Timestamp(0)));
        let alone: SharedLimits = Arc::new(crate::shared::Alone);
        let circuit = Circuit::new("c", BreakerPolicy::default(), clock.clone(), alone);
        fail(&circuit).await;
        assert!(circuit.enter().await.is_err());
        clock.advance(Duration::from_secs(5));
        assert_eq!(circuit.enter().await, Ok(Leave::Trial));
    }
}
