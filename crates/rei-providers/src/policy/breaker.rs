//! The circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call.
//!
//! Closed: calls go out. Open: none does until a moment. Half-open: one does, and its end decides.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rei_domain::clock::{SharedClock, Timestamp};

/// When the breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub failures_in_a_row: u32,
    /// The share of failed calls that opens it, in per cent of the latest ones.
    pub failures_percent: u32,
    /// How many calls the share is taken of, at most.
    pub calls_max: usize,
    /// How many calls the share needs to mean anything.
    pub calls_min: usize,
    /// Calls older than this do not count for the share.
    pub calls_within: Duration,
    /// The first rest; doubled each time the trial call fails.
    pub rest: Duration,
    /// The longest rest.
    pub rest_max: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            failures_percent: 50,
            calls_max: 20,
            calls_min: 10,
            calls_within: Duration::from_secs(120),
            rest: Duration::from_secs(5),
            rest_max: Duration::from_secs(60),
        }
    }
}

/// How a call ended, as far as the provider's health is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered sensibly, be it with a refusal.
    Well,
    /// It is overloaded, broken, unreachable or silent.
    Ill,
    /// It will refuse everybody until the owner mends something.
    Closed,
}

/// One provider's breaker. Time comes from the injected clock.
pub struct Breaker {
    clock: SharedClock,
    policy: BreakerPolicy,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    failures_in_a_row: u32,
    /// When each of the latest calls ended, and whether it failed.
    latest: VecDeque<(Timestamp, bool)>,
}

#[derive(Clone, Copy)]
enum State {
    Closed,
    Open { until: Timestamp, rests: u32 },
    Trial { rests: u32 },
}

/// Leave to make one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// One of many.
    Ordinary,
    /// The one call that decides whether the breaker closes.
    Trial,
}

/// What a change did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It opened.
    Opened,
    /// It closed.
    Closed,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(policy: BreakerPolicy, clock: SharedClock) -> Self {
        let inner = Inner { state: State::Closed, failures_in_a_row: 0, latest: VecDeque::new() };
        Self { clock, policy, inner: Mutex::new(inner) }
    }

    /// Whether calls are refused right now. An open breaker whose rest is over counts as ready, else nobody would
    /// ever order the call that closes it.
    pub fn is_open(&self) -> bool {
        self.rest_left().is_some()
    }

    /// How long calls are still refused; `None` when they are not.
    pub fn rest_left(&self) -> Option<Duration> {
        let state = self.lock().state;
        match state {
            State::Closed | State::Trial { .. } => None,
            State::Open { until, .. } => self.left_until(until),
        }
    }

    /// Lets a call out, or says how long to wait.
    pub(crate) fn enter(&self) -> Result<Leave, Duration> {
        let mut inner = self.lock();
        match inner.state {
            State::Closed => Ok(Leave::Ordinary),
            State::Trial { .. } => Err(self.policy.rest),
            State::Open { until, rests } => match self.left_until(until) {
                Some(left) => Err(left),
                None => {
                    inner.state = State::Trial { rests };
                    Ok(Leave::Trial)
                }
            },
        }
    }

    /// Takes in how a call ended. Calls that were let out before the breaker opened no longer matter then.
    pub(crate) fn leave(&self, leave: Leave, health: Health) -> Change {
        let mut inner = self.lock();
        match (leave, inner.state) {
            (Leave::Trial, State::Trial { rests }) => {
                if health == Health::Well {
                    *inner = Inner {
                        state: State::Closed,
                        failures_in_a_row: 0,
                        latest: VecDeque::new(),
                    };
                    return Change::Closed;
                }
                self.open(&mut inner, rests.saturating_add(1));
                Change::None
            }
            (_, State::Closed) => {
                self.count(&mut inner, health);
                if health == Health::Closed || self.too_many(&inner) {
                    self.open(&mut inner, 0);
                    return Change::Opened;
                }
                Change::None
            }
            (_, State::Open { .. } | State::Trial { .. }) => Change::None,
        }
    }

    /// Takes back a leave whose call was given up without an end: somebody else may try.
    pub(crate) fn abandon(&self, leave: Leave) {
        let mut inner = self.lock();
        if let (Leave::Trial, State::Trial { rests }) = (leave, inner.state) {
            inner.state = State::Open { until: self.clock.now(), rests };
        }
    }

    fn open(&self, inner: &mut Inner, rests: u32) {
        let factor = 2_u32.checked_pow(rests).unwrap_or(u32::MAX);
        let rest = self.policy.rest.saturating_mul(factor).min(self.policy.rest_max);
        inner.state = State::Open { until: self.clock.now().plus(rest), rests };
        inner.failures_in_a_row = 0;
        inner.latest.clear();
    }

    fn count(&self, inner: &mut Inner, health: Health) {
        let (failed, now) = (health != Health::Well, self.clock.now());
        inner.failures_in_a_row = if failed { inner.failures_in_a_row + 1 } else { 0 };
        inner.latest.push_back((now, failed));
        let oldest = now.minus(self.policy.calls_within);
        let too_many = inner.latest.len().saturating_sub(self.policy.calls_max);
        inner.latest.drain(..too_many);
        inner.latest.retain(|(at, _)| *at >= oldest);
    }

    fn too_many(&self, inner: &Inner) -> bool {
        if inner.failures_in_a_row >= self.policy.failures_in_a_row {
            return true;
        }
        let calls = inner.latest.len();
        let failed = inner.latest.iter().filter(|(_, failed)| *failed).count();
        let percent = usize::try_from(self.policy.failures_percent).unwrap_or(usize::MAX);
        calls >= self.policy.calls_min && failed * 100 >= calls.saturating_mul(percent)
    }

    /// The rest that is left; a clock that was set back cannot make it longer than the longest.
    fn left_until(&self, until: Timestamp) -> Option<Duration> {
        let left = until.since(self.clock.now()).min(self.policy.rest_max);
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Plain values: a panic elsewhere cannot leave them half changed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
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
        assert_eq!(bench.call(Health::Ill), Change::Opened);
        assert!(bench.breaker.is_open());
        assert_eq!(bench.breaker.enter(), Err(Duration::from_secs(5)));
        bench.advance(5);
        assert!(!bench.breaker.is_open());
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
        assert!(bench.breaker.enter().is_err(), "one trial at a time");
        assert_eq!(bench.breaker.leave(Leave::Trial, Health::Well), Change::Closed);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Ordinary));
    }

    #[test]
    fn each_failed_trial_doubles_the_rest_up_to_the_limit() {
        let bench = bench();
        assert_eq!(bench.call(Health::Closed), Change::Opened, "a wrong key opens it at once");
        let mut rests = Vec::new();
        for _ in 0..6 {
            let rest = bench.breaker.rest_left().expect("it rests");
            rests.push(rest.as_secs());
            bench.clock.advance(rest);
            bench.call(Health::Ill);
        }
        assert_eq!(rests, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn refusals_never_open_it() {
        let bench = bench();
        for _ in 0..100 {
            assert_eq!(bench.call(Health::Well), Change::None);
        }
    }

    #[test]
    fn half_of_the_latest_calls_failing_opens_it() {
        let bench = bench();
        let mut calls = 0;
        loop {
            calls += 1;
            let health = if calls % 2 == 0 { Health::Ill } else { Health::Well };
            if bench.call(health) == Change::Opened {
                break;
            }
        }
        assert_eq!(calls, 10);
    }

    #[test]
    fn failures_of_long_ago_do_not_count_for_the_share() {
        let bench = bench();
        for call in 0..100 {
            let health = if call % 2 == 0 { Health::Ill } else { Health::Well };
            assert_eq!(bench.call(health), Change::None);
            bench.advance(30);
        }
    }

    #[test]
    fn a_trial_that_was_given_up_lets_another_one_try() {
        let bench = bench();
        bench.call(Health::Closed);
        bench.advance(5);
        let leave = bench.breaker.enter().expect("a trial");
        bench.breaker.abandon(leave);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
    }

    #[test]
    fn calls_from_before_the_rest_do_not_disturb_it() {
        let bench = bench();
        let early = bench.breaker.enter().expect("a call");
        bench.call(Health::Closed);
        assert_eq!(bench.breaker.leave(early, Health::Well), Change::None);
        assert!(bench.breaker.is_open());
    }
}
