//! The gate: every call passes it on its way out, and reports how it ended on its way back. Nothing here waits
//! for its turn.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::breaker::{BreakerPolicy, Change, Health, Leave, Rest};
use rei_domain::circuit::Circuit;
use rei_domain::clock::SharedClock;
use rei_domain::shared::SharedLimits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::WRONG_SHAPE;
use super::errors::{CallError, Held, Lost};
use crate::telemetry;

/// How long a call waits when all places are taken.
const FULL_WAIT: Duration = Duration::from_secs(2);
/// The rest after the key was not accepted: only the owner ends that.
const LOCK: Duration = Duration::from_secs(300);
/// The breaker's name among all processes.
const CIRCUIT: &str = "yookassa";

/// What the API is asked at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShopLimits {
    /// Calls at once; one at least.
    pub concurrency: usize,
    /// When to leave the API alone.
    pub breaker: BreakerPolicy,
}

impl Default for ShopLimits {
    fn default() -> Self {
        // Calls are few and far between, so a share of them says little.
        let breaker =
            BreakerPolicy { failures_percent: None, lock: LOCK, ..BreakerPolicy::default() };
        Self { concurrency: 8, breaker }
    }
}

/// Whether payments can be started now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Calls go out.
    Up,
    /// The API failed too often and is left alone for this long.
    Resting(Duration),
    /// The API does not accept our key; it is asked again after this long.
    Locked(Duration),
}

pub(super) struct Gate {
    circuit: Circuit,
    places: Arc<Semaphore>,
}

/// Leave for one call. Dropped without [`Pass::end`], the call counts as never made.
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    leave: Leave,
    is_ended: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(super) fn new(limits: ShopLimits, clock: SharedClock, shared: SharedLimits) -> Self {
        let places = limits.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            circuit: Circuit::new(CIRCUIT, limits.breaker, clock, shared),
            places: Arc::new(Semaphore::new(places)),
        }
    }

    pub(super) fn availability(&self) -> Availability {
        match self.circuit.rest() {
            None => Availability::Up,
            Some(Rest { left, is_locked: false }) => Availability::Resting(left),
            Some(Rest { left, is_locked: true }) => Availability::Locked(left),
        }
    }

    /// Lets a call out at once, or never.
    pub(super) async fn enter(&self) -> Result<Pass<'_>, CallError> {
        let held = |held, after| CallError::NotExecuted { after: Some(after), held };
        let leave = self.circuit.enter().await.map_err(|rest| {
            held(if rest.is_locked { Held::Locked } else { Held::Resting }, rest.left)
        })?;
        let mut pass = Pass { gate: self, leave, is_ended: false, _place: None };
        let place = Arc::clone(&self.places).try_acquire_owned();
        pass._place = Some(place.map_err(|_| held(Held::NoPlace, FULL_WAIT))?);
        Ok(pass)
    }
}

impl Pass<'_> {
    /// Reports how the call ended.
    pub(super) fn end(mut self, error: Option<&CallError>) {
        self.is_ended = true;
        match self.gate.circuit.leave(self.leave, health(error)) {
            Change::None | Change::Again => {}
            Change::Opened => telemetry::resting(),
            Change::Locked => telemetry::locked(error),
            Change::Closed => telemetry::works_again(),
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.gate.circuit.abandon(self.leave);
        }
    }
}

/// A refusal is a healthy answer, and so is a whole answer of a strange shape.
fn health(error: Option<&CallError>) -> Health {
    match error {
        Some(CallError::Credentials(_)) => Health::Locked,
        Some(CallError::Unknown { lost: Lost::Unreadable(WRONG_SHAPE), .. }) => Health::Well,
        Some(CallError::Unknown { .. }) => Health::Ill,
        Some(_) | None => Health::Well,
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::clock::{ManualClock, Timestamp};
    use rei_domain::shared::Alone;

    use super::*;

    fn gate(concurrency: usize) -> (Gate, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        let limits = ShopLimits { concurrency, ..ShopLimits::default() };
        (Gate::new(limits, clock.clone(), Arc::new(Alone)), clock)
    }

    async fn refusal(gate: &Gate) -> (Held, Option<Duration>) {
        match gate.enter().await.map(|_| ()) {
            Err(CallError::NotExecuted { after, held }) => (held, after),
            other => panic!("{other:?}"),
        }
    }

    fn silence() -> CallError {
        CallError::Unknown { after: None, lost: Lost::Unanswered(String::new()) }
    }

    #[tokio::test]
    async fn more_calls_than_places_are_not_made() {
        let (gate, _clock) = gate(2);
        let first = gate.enter().await.expect("a place");
        let _second = gate.enter().await.expect("a place");
        assert_eq!(refusal(&gate).await, (Held::NoPlace, Some(FULL_WAIT)));
        first.end(None);
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn trouble_opens_the_breaker_and_the_menu_can_see_it() {
        let (gate, clock) = gate(9);
        for _ in 0..5 {
            gate.enter().await.expect("let out").end(Some(&silence()));
        }
        let rest = Duration::from_secs(5);
        assert_eq!(gate.availability(), Availability::Resting(rest));
        assert_eq!(refusal(&gate).await, (Held::Resting, Some(rest)));
        clock.advance(rest);
        assert_eq!(gate.availability(), Availability::Up);
    }

    #[tokio::test]
    async fn a_wrong_key_closes_the_gate_at_once() {
        let (gate, _clock) = gate(9);
        let error = CallError::Credentials(super::super::Complaint::ours("http_401"));
        gate.enter().await.expect("let out").end(Some(&error));
        assert_eq!(gate.availability(), Availability::Locked(Duration::from_secs(300)));
        assert_eq!(refusal(&gate).await.0, Held::Locked);
    }

    #[tokio::test]
    async fn refusals_and_strange_objects_leave_it_open() {
        let (gate, _clock) = gate(9);
        let complaint = super::super::Complaint::ours("x");
        for error in [
            CallError::Refused(complaint.clone()),
            CallError::NotFound(complaint),
            CallError::Processing { after: None },
            CallError::NotExecuted { after: None, held: Held::TooMany },
            CallError::Unknown { after: None, lost: Lost::Unreadable(WRONG_SHAPE) },
        ] {
            for _ in 0..20 {
                gate.enter().await.expect("let out").end(Some(&error));
            }
        }
        assert_eq!(gate.availability(), Availability::Up);
    }

    #[tokio::test]
    async fn a_trial_that_finds_no_place_is_left_to_somebody_else() {
        let (gate, clock) = gate(1);
        let slow = gate.enter().await.expect("a place");
        for _ in 0..5 {
            gate.circuit.leave(Leave::Ordinary, Health::Ill);
        }
        clock.advance(Duration::from_secs(5));
        assert_eq!(refusal(&gate).await.0, Held::NoPlace);
        drop(slow);
        assert_eq!(gate.enter().await.expect("the trial").leave, Leave::Trial);
    }
}
