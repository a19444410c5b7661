//! The circuit breaker: an outside service that keeps failing, or that does not accept our key, is left alone for a
//! while, then tried with one call.
//!
//! Closed: calls go out. Open: none does until a moment. Trial: one does, and its end decides.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{SharedClock, Timestamp};

/// When the breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub failures_in_a_row: u32,
    /// The share of failed calls that opens it, in per cent of the latest ones; none: the share does not matter.
    pub failures_percent: Option<u32>,
    /// How many calls the share is taken of, at most.
    pub calls_max: usize,
    /// How many calls the share needs to mean anything.
    pub calls_min: usize,
    /// Calls older than this do not count for the share.
    pub calls_within: Duration,
    /// The first rest after failures; doubled each time the trial call fails.
    pub rest: Duration,
    /// The longest rest after failures.
    pub rest_max: Duration,
    /// The first rest after the service refused everybody: only the owner ends that.
    pub lock: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            failures_percent: Some(50),
            calls_max: 20,
            calls_min: 10,
            calls_within: Duration::from_secs(120),
            rest: Duration::from_secs(5),
            rest_max: Duration::from_secs(60),
            lock: Duration::from_secs(5),
        }
    }
}

/// How a call ended, as far as the service's health is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered sensibly, be it with a refusal.
    Well,
    /// It is overloaded, broken, unreachable or silent.
    Ill,
    /// It will refuse everybody until the owner mends something.
    Locked,
}

/// Leave to make one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// One of many.
    Ordinary,
    /// The one call that decides whether the breaker closes.
    Trial,
}

/// What the end of a call did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It opened.
    Opened,
    /// It opened, or rests on, because everybody is refused.
    Locked,
    /// The trial failed, which is no news: it rests again.
    Again,
    /// It closed.
    Closed,
}

/// How long calls are still held, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long.
    pub left: Duration,
    /// Whether everybody is refused until the owner mends something.
    pub is_locked: bool,
}

/// One service's breaker in one process. Time comes from the injected clock.
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
    Open { until: Timestamp, rests: u32, is_locked: bool },
    Trial { rests: u32, is_locked: bool },
}

impl Breaker {
    /// A closed breaker.
    pub fn new(policy: BreakerPolicy, clock: SharedClock) -> Self {
        let inner = Inner { state: State::Closed, failures_in_a_row: 0, latest: VecDeque::new() };
        Self { clock, policy, inner: Mutex::new(inner) }
    }

    /// How long calls are still held; none when they are not. A rest that is over counts as none, else nobody would
    /// ever make the call that closes the breaker.
    pub fn rest(&self) -> Option<Rest> {
        match self.lock().state {
            State::Closed | State::Trial { .. } => None,
            State::Open { until, is_locked, .. } => {
                let left = self.left_until(until)?;
                Some(Rest { left, is_locked })
            }
        }
    }

    /// Lets a call out, or says how long to wait.
    ///
    /// # Errors
    /// The rest that is left.
    pub fn enter(&self) -> Result<Leave, Rest> {
        let mut inner = self.lock();
        match inner.state {
            State::Closed => Ok(Leave::Ordinary),
            State::Trial { is_locked, .. } => Err(Rest { left: self.policy.rest, is_locked }),
            State::Open { until, rests, is_locked } => match self.left_until(until) {
                Some(left) => Err(Rest { left, is_locked }),
                None => {
                    inner.state = State::Trial { rests, is_locked };
                    Ok(Leave::Trial)
                }
            },
        }
    }

    /// Takes in how a call ended. Calls that were let out before the breaker opened no longer matter then, unless they
    /// tell that everybody is refused.
    pub fn leave(&self, leave: Leave, health: Health) -> Change {
        let mut inner = self.lock();
        match (inner.state, leave, health) {
            (State::Trial { .. }, Leave::Trial, Health::Well) => {
                *inner =
                    Inner { state: State::Closed, failures_in_a_row: 0, latest: VecDeque::new() };
                Change::Closed
            }
            (State::Trial { rests, .. }, Leave::Trial, Health::Ill) => {
                self.open(&mut inner, rests.saturating_add(1), Health::Ill);
                Change::Again
            }
            (State::Trial { rests, is_locked }, Leave::Trial, Health::Locked) => {
                self.open(&mut inner, rests.saturating_add(1), Health::Locked);
                if is_locked { Change::Again } else { Change::Locked }
            }
            (State::Open { rests, is_locked: false, .. }, _, Health::Locked) => {
                self.open(&mut inner, rests, Health::Locked);
                Change::Locked
            }
            (State::Closed, _, Health::Locked) => {
                self.open(&mut inner, 0, Health::Locked);
                Change::Locked
            }
            (State::Closed, ..) => {
                self.count(&mut inner, health);
                if !self.too_many(&inner) {
                    return Change::None;
                }
                self.open(&mut inner, 0, Health::Ill);
                Change::Opened
            }
            (State::Open { .. } | State::Trial { .. }, ..) => Change::None,
        }
    }

    /// Takes back a leave whose call was given up without an end: somebody else may try.
    pub fn abandon(&self, leave: Leave) {
        self.put_off(leave, Duration::ZERO);
    }

    /// Takes back a leave whose call must not be made now: nobody tries for so long.
    pub fn put_off(&self, leave: Leave, by: Duration) {
        let mut inner = self.lock();
        if let (Leave::Trial, State::Trial { rests, is_locked }) = (leave, inner.state) {
            inner.state = State::Open { until: self.clock.now().plus(by), rests, is_locked };
        }
    }

    /// Another process's breaker is open for so long; afterwards this one wants a trial, too.
    pub fn heard(&self, rest: Rest) {
        let mut inner = self.lock();
        let until = self.clock.now().plus(rest.left);
        inner.state = match inner.state {
            State::Closed => State::Open { until, rests: 0, is_locked: rest.is_locked },
            State::Open { until: known, rests, is_locked } => {
                let is_locked = is_locked || rest.is_locked;
                State::Open { until: known.max(until), rests, is_locked }
            }
            // Its end tells more.
            trial @ State::Trial { .. } => trial,
        };
    }

    fn open(&self, inner: &mut Inner, rests: u32, why: Health) {
        let is_locked = why == Health::Locked;
        let first = if is_locked { self.policy.lock } else { self.policy.rest };
        let factor = 2_u32.checked_pow(rests).unwrap_or(u32::MAX);
        let rest = first.saturating_mul(factor).min(self.policy.rest_max.max(first));
        let until = self.clock.now().plus(rest);
        let until = match inner.state {
            State::Open { until: known, .. } => known.max(until),
            State::Closed | State::Trial { .. } => until,
        };
        inner.state = State::Open { until, rests, is_locked };
        inner.failures_in_a_row = 0;
        inner.latest.clear();
    }

    fn count(&self, inner: &mut Inner, health: Health) {
        let (failed, now) = (health != Health::Well, self.clock.now());
        inner.failures_in_a_row =
            if failed { inner.failures_in_a_row.saturating_add(1) } else { 0 };
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
        let Some(percent) = self.policy.failures_percent else { return false };
        let percent = usize::try_from(percent).unwrap_or(usize::MAX);
        let calls = inner.latest.len();
        let failed = inner.latest.iter().filter(|(_, failed)| *failed).count();
        calls >= self.policy.calls_min && failed * 100 >= calls.saturating_mul(percent)
    }

    /// The rest that is left; a clock that was set back cannot make it longer than the longest.
    fn left_until(&self, until: Timestamp) -> Option<Duration> {
        let longest = self.policy.rest_max.max(self.policy.lock);
        let left = until.since(self.clock.now()).min(longest);
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

    use crate::clock::ManualClock;

    use super::*;

    struct Bench {
        clock: Arc<ManualClock>,
        breaker: Breaker,
    }

    fn bench() -> Bench {
        bench_with(BreakerPolicy::default())
    }

    fn bench_with(policy: BreakerPolicy) -> Bench {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        Bench { breaker: Breaker::new(policy, clock.clone()), clock }
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

        /// Each rest with its trial, which ends like this.
        fn rests(&self, health: Health) -> Vec<u64> {
            let mut rests = Vec::new();
            for _ in 0..6 {
                let rest = self.breaker.rest().expect("it rests").left;
                rests.push(rest.as_secs());
                self.clock.advance(rest);
                assert_eq!(self.call(health), Change::Again);
            }
            rests
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_good_trial_closes_it() {
        let bench = bench();
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
    fn a_good_call_starts_the_count_of_failures_in_a_row_anew() {
        let bench = bench_with(BreakerPolicy { failures_percent: None, ..Default::default() });
        for call in 1..=99 {
            let health = if call % 5 == 0 { Health::Well } else { Health::Ill };
            assert_eq!(bench.call(health), Change::None);
        }
    }

    #[test]
    fn each_failed_trial_doubles_the_rest_up_to_the_limit() {
        let bench = bench();
        for _ in 0..5 {
            bench.call(Health::Ill);
        }
        assert_eq!(bench.rests(Health::Ill), [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn whoever_refuses_everybody_is_left_alone_at_once() {
        let bench = bench();
        assert_eq!(bench.call(Health::Locked), Change::Locked);
        assert_eq!(bench.rest_s(), Some((5, true)));
        assert_eq!(bench.rests(Health::Locked), [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_lock_that_is_longer_than_any_rest_stays_as_it_is() {
        let lock = Duration::from_secs(300);
        let bench = bench_with(BreakerPolicy { lock, ..Default::default() });
        assert_eq!(bench.call(Health::Locked), Change::Locked);
        assert_eq!(bench.rest_s(), Some((300, true)));
        assert_eq!(bench.rests(Health::Locked), [300; 6]);
        bench.advance(300);
        assert_eq!(bench.call(Health::Well), Change::Closed);
    }

    #[test]
    fn a_late_word_about_the_key_lengthens_an_ordinary_rest() {
        let lock = Duration::from_secs(300);
        let bench = bench_with(BreakerPolicy { lock, ..Default::default() });
        let early = bench.breaker.enter().expect("a call");
        for _ in 0..5 {
            bench.call(Health::Ill);
        }
        assert_eq!(bench.breaker.leave(early, Health::Well), Change::None);
        assert_eq!(bench.breaker.leave(early, Health::Locked), Change::Locked);
        assert_eq!(bench.rest_s(), Some((300, true)));
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
        bench.call(Health::Locked);
        bench.advance(5);
        let leave = bench.breaker.enter().expect("a trial");
        bench.breaker.abandon(leave);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
    }

    #[test]
    fn a_trial_that_another_process_makes_is_waited_for() {
        let bench = bench();
        bench.call(Health::Locked);
        bench.advance(5);
        let leave = bench.breaker.enter().expect("a trial");
        bench.breaker.put_off(leave, Duration::from_secs(1));
        assert_eq!(bench.rest_s(), Some((1, true)));
        bench.advance(1);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
    }

    #[test]
    fn the_rest_of_another_process_is_kept_and_ends_with_a_trial() {
        let bench = bench();
        let heard = |seconds| Rest { left: Duration::from_secs(seconds), is_locked: false };
        bench.breaker.heard(heard(20));
        bench.breaker.heard(heard(3));
        assert_eq!(bench.rest_s(), Some((20, false)));
        bench.advance(20);
        assert_eq!(bench.breaker.enter(), Ok(Leave::Trial));
        bench.breaker.heard(heard(20));
        assert_eq!(bench.breaker.leave(Leave::Trial, Health::Well), Change::Closed);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lengthen_the_rest() {
        let bench = bench();
        bench.breaker.lock().state =
            State::Open { until: Timestamp(i64::MAX), rests: 0, is_locked: false };
        assert_eq!(bench.rest_s(), Some((60, false)));
    }
}
