//! The circuit breaker: an API that keeps failing, or that does not accept our key, is left alone for a while, then
//! tried with one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rei_domain::clock::{SharedClock, Timestamp};

/// When the breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub failures_in_a_row: u32,
    /// The first rest after failures; doubled each time the trial call fails.
    pub rest: Duration,
    /// The longest rest after failures.
    pub rest_max: Duration,
    /// The rest after the key was not accepted: only the owner ends that.
    pub lock: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            rest: Duration::from_secs(5),
            rest_max: Duration::from_secs(60),
            lock: Duration::from_secs(300),
        }
    }
}

/// How a call ended, as far as the API's health is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It answered sensibly, be it with a refusal.
    Well,
    /// It is broken, unreachable or silent.
    Ill,
    /// It does not accept our key.
    Locked,
}

/// Leave to make one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// One of many.
    Ordinary,
    /// The one call that decides whether the breaker closes.
    Trial,
}

/// What a change did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Opened,
    Locked,
    Closed,
}

/// How long calls are still held, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) left: Duration,
    pub(super) is_locked: bool,
}

pub(super) struct Breaker {
    clock: SharedClock,
    policy: BreakerPolicy,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
enum State {
    Closed { failures: u32 },
    Open { until: Timestamp, rests: u32, is_locked: bool },
    Trial { rests: u32, is_locked: bool },
}

impl Breaker {
    pub(super) fn new(policy: BreakerPolicy, clock: SharedClock) -> Self {
        Self { clock, policy, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    /// How long calls are still held; none when they are not. A rest that is over counts as none, else nobody would
    /// ever make the call that closes the breaker.
    pub(super) fn rest(&self) -> Option<Rest> {
        match *self.lock() {
            State::Closed { .. } | State::Trial { .. } => None,
            State::Open { until, is_locked, .. } => {
                let left = self.left_until(until)?;
                Some(Rest { left, is_locked })
            }
        }
    }

    /// Lets a call out, or says how long to wait.
    pub(super) fn enter(&self) -> Result<Leave, Rest> {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => Ok(Leave::Ordinary),
            State::Trial { is_locked, .. } => Err(Rest { left: self.policy.rest, is_locked }),
            State::Open { until, rests, is_locked } => match self.left_until(until) {
                Some(left) => Err(Rest { left, is_locked }),
                None => {
                    *state = State::Trial { rests, is_locked };
                    Ok(Leave::Trial)
                }
            },
        }
    }

    /// Takes in how a call ended. Calls that were let out before the breaker opened no longer matter then, unless they
    /// tell that the key is not accepted.
    pub(super) fn leave(&self, leave: Leave, health: Health) -> Change {
        let mut state = self.lock();
        match (*state, leave, health) {
            (State::Trial { .. }, Leave::Trial, Health::Well) => {
                *state = State::Closed { failures: 0 };
                Change::Closed
            }
            (State::Trial { rests, .. }, Leave::Trial, Health::Ill) => {
                *state = self.resting(rests.saturating_add(1));
                Change::None
            }
            (State::Trial { is_locked, .. }, Leave::Trial, Health::Locked) => {
                *state = self.locked();
                if is_locked { Change::None } else { Change::Locked }
            }
            (State::Closed { .. } | State::Open { is_locked: false, .. }, _, Health::Locked) => {
                *state = self.locked();
                Change::Locked
            }
            (State::Closed { .. }, _, Health::Well) => {
                *state = State::Closed { failures: 0 };
                Change::None
            }
            (State::Closed { failures }, _, Health::Ill) => {
                let failures = failures.saturating_add(1);
                if failures < self.policy.failures_in_a_row {
                    *state = State::Closed { failures };
                    return Change::None;
                }
                *state = self.resting(0);
                Change::Opened
            }
            (State::Open { .. } | State::Trial { .. }, ..) => Change::None,
        }
    }

    /// Takes back a leave whose call was given up without an end: somebody else may try.
    pub(super) fn abandon(&self, leave: Leave) {
        let mut state = self.lock();
        if let (Leave::Trial, State::Trial { rests, is_locked }) = (leave, *state) {
            *state = State::Open { until: self.clock.now(), rests, is_locked };
        }
    }

    fn resting(&self, rests: u32) -> State {
        let factor = 2_u32.checked_pow(rests).unwrap_or(u32::MAX);
        let rest = self.policy.rest.saturating_mul(factor).min(self.policy.rest_max);
        State::Open { until: self.clock.now().plus(rest), rests, is_locked: false }
    }

    fn locked(&self) -> State {
        let until = self.clock.now().plus(self.policy.lock);
        State::Open { until, rests: 0, is_locked: true }
    }

    /// The rest that is left; a clock that was set back cannot make it longer than the longest.
    fn left_until(&self, until: Timestamp) -> Option<Duration> {
        let longest = self.policy.rest_max.max(self.policy.lock);
        let left = until.since(self.clock.now()).min(longest);
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Plain values: a panic elsewhere cannot leave them half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rei_domain::clock::ManualClock;

    use super::*;

    struct Bench {
        clock: Arc<ManualClock>,
        breaker: Breaker,
    }

    fn bench() -> Bench {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        Bench { breaker: Breaker::new(BreakerPolicy::default(), clock.clone()), clock }
    }

    impl Bench {
        fn call(&self, health: Health) -> Change {
            let leave = self.breaker.enter().expect("the breaker lets calls out");
            self.breaker.leave(leave, health)
        }

        fn rest_s(&self) -> Option<(u64, bool)> {
            self.breaker.rest().map(|rest| (rest.left.as_secs(), rest.is_locked))
        }

        fn advance(&self, seconds: u64) {
            self.clock.advance(Duration::from_secs(seconds));
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_good_trial_closes_it() {
        let bench = bench();
        for _ in 0..4 {
            assert_eq!(bench.call(Health::Ill), Change::None);
        }
        assert_eq!(bench.call(Health::Well), Change::None, "and the count starts anew");
        for _ in 0..4 {
            assert_eq!(bench.call(Health::Ill), Change::None);
        }
        assert_eq!(bench.call(Health::Ill), Change::Opened);
        assert_eq!(bench.rest_s(), Some((5, false)));
        assert!(bench.breaker.enter().is_err());
        bench.advance(5);
        assert_eq!(bench.rest_s(), None);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
        assert!(bench.breaker.enter().is_err(), "one trial at a time");
        assert_eq!(bench.breaker.leave(Leave::Trial, Health::Well), Change::Closed);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Ordinary));
    }

    #[test]
    fn each_failed_trial_doubles_the_rest_up_to_the_limit() {
        let bench = bench();
        for _ in 0..5 {
            bench.call(Health::Ill);
        }
        let mut rests = Vec::new();
        for _ in 0..6 {
            let rest = bench.breaker.rest().expect("it rests").left;
            rests.push(rest.as_secs());
            bench.clock.advance(rest);
            bench.call(Health::Ill);
        }
        assert_eq!(rests, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_key_that_is_not_accepted_opens_it_at_once_and_for_longer() {
        let bench = bench();
        assert_eq!(bench.call(Health::Locked), Change::Locked);
        assert_eq!(bench.rest_s(), Some((300, true)));
        bench.advance(300);
        assert_eq!(bench.call(Health::Locked), Change::None, "reported once");
        assert_eq!(bench.rest_s(), Some((300, true)));
        bench.advance(300);
        assert_eq!(bench.call(Health::Well), Change::Closed);
    }

    #[test]
    fn a_late_word_about_the_key_lengthens_an_ordinary_rest() {
        let bench = bench();
        let early = bench.breaker.enter().expect("a call");
        for _ in 0..5 {
            bench.call(Health::Ill);
        }
        assert_eq!(bench.breaker.leave(early, Health::Well), Change::None);
        assert_eq!(bench.breaker.leave(early, Health::Locked), Change::Locked);
        assert_eq!(bench.rest_s(), Some((300, true)));
    }

    #[test]
    fn a_trial_that_was_given_up_lets_another_one_try() {
        let bench = bench();
        bench.call(Health::Locked);
        bench.advance(300);
        let leave = bench.breaker.enter().expect("a trial");
        bench.breaker.abandon(leave);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lengthen_the_rest() {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000_000)));
        let breaker = Breaker::new(BreakerPolicy::default(), clock);
        *breaker.lock() = State::Open { until: Timestamp(i64::MAX), rests: 0, is_locked: false };
        assert_eq!(breaker.rest().map(|rest| rest.left.as_secs()), Some(300));
    }
}
