//! The gate: every call to a provider passes it on its way out, and reports how it ended on its way back.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::breaker::{BreakerPolicy, Change, Health, Leave};
use rei_domain::circuit::Circuit;
use rei_domain::clock::SharedClock;
use rei_domain::shared::SharedLimits;

use super::budget::Budget;
use super::places::{Places, Taken};
use super::rate::Rate;
use crate::provider::{Availability, Done, Submission};
use crate::rejection::{Class, Reason, Rejection};
use crate::telemetry;

/// How long a call waits when all places are taken: pictures take tens of seconds, so a place frees up every few.
const FULL_WAIT: Duration = Duration::from_secs(2);

/// What one provider is asked at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// Calls of this process at once; one at least.
    pub concurrency: usize,
    /// Calls of all processes at once; none for no limit.
    pub total: Option<u32>,
    /// Calls of all processes in any minute; none for no limit.
    pub per_minute: Option<u32>,
    /// When to leave the provider alone.
    pub breaker: BreakerPolicy,
}

impl Default for GateLimits {
    /// A modest start: providers tell their limits only in the owner's console.
    fn default() -> Self {
        Self {
            concurrency: 4,
            total: None,
            per_minute: Some(10),
            breaker: BreakerPolicy::default(),
        }
    }
}

/// One provider's gate. Cheap to clone; all clones count together, and all processes as far as they can ask each other.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
}

struct Shared {
    provider: &'static str,
    circuit: Circuit,
    places: Places,
    rate: Option<Rate>,
    budget: Budget,
}

/// Leave for one call. Dropped without [`Pass::end`], the call counts as never made.
pub struct Pass {
    gate: Gate,
    leave: Leave,
    ended: bool,
    _place: Option<Taken>,
}

impl Gate {
    /// An open gate. `shared`: what it keeps together with the other processes.
    pub fn new(
        provider: &'static str,
        limits: GateLimits,
        clock: SharedClock,
        shared: SharedLimits,
    ) -> Self {
        let name = format!("provider:{provider}");
        let rate = limits
            .per_minute
            .map(|rate| Rate::new(name.clone(), rate, clock.clone(), Arc::clone(&shared)));
        Self {
            shared: Arc::new(Shared {
                provider,
                places: Places::new(
                    name.clone(),
                    limits.concurrency,
                    limits.total,
                    Arc::clone(&shared),
                ),
                circuit: Circuit::new(name, limits.breaker, clock, shared),
                rate,
                budget: Budget::new(),
            }),
        }
    }

    /// Whether calls are let out; for the menu, before money is put on hold.
    pub fn availability(&self) -> Availability {
        match self.shared.circuit.rest() {
            None => Availability::Up,
            Some(rest) => Availability::Down { retry_after: rest.left },
        }
    }

    /// Lets a call out at once, or never; asks the other processes only for as long as an answer of theirs may take.
    ///
    /// # Errors
    /// A rejection of class `Queue` with the time to come again.
    pub async fn enter(&self) -> Result<Pass, Rejection> {
        let refused = |code: &str, wait| Rejection::queue(code, Some(wait));
        let leave = self.shared.circuit.enter().await;
        let leave = leave.map_err(|rest| refused("breaker-open", rest.left))?;
        let mut pass = Pass { gate: self.clone(), leave, ended: false, _place: None };
        let place = self.shared.places.take().await;
        pass._place = Some(place.ok_or_else(|| refused("all-places-taken", FULL_WAIT))?);
        if let Some(rate) = &self.shared.rate {
            rate.take().await.map_err(|wait| refused("minute-is-full", wait))?;
        }
        self.shared.budget.called();
        Ok(pass)
    }
}

impl Pass {
    /// Reports how the call ended; a repeat that would join a storm is told to wait longer.
    pub fn end(mut self, submission: &mut Submission) {
        self.ended = true;
        let shared = &self.gate.shared;
        let health = health(submission);
        match shared.circuit.leave(self.leave, health) {
            Change::None | Change::Again => {}
            Change::Opened | Change::Locked => telemetry::breaker(shared.provider, true),
            Change::Closed => telemetry::breaker(shared.provider, false),
        }
        if let Submission::Rejected(rejection) = submission
            && will_be_repeated(rejection)
            && let Some(least) = shared.budget.repeat()
        {
            let wait = rejection.retry_after.unwrap_or_default().max(least);
            rejection.retry_after = Some(wait);
        }
    }
}

impl Pass {
    /// Reports a call that was sent away because our own share of the provider is in use: it is in good health, and
    /// the menu must not call it down.
    pub fn end_in_good_health(self) {
        self.end(&mut Submission::Done(Done::default()));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.ended {
            self.gate.shared.circuit.abandon(self.leave);
        }
    }
}

fn will_be_repeated(rejection: &Rejection) -> bool {
    matches!(rejection.class, Class::Retry { at_most: 1.. } | Class::Unknown)
}

/// A refusal is a healthy answer, and so is a picture that did not come out.
fn health(submission: &Submission) -> Health {
    let Submission::Rejected(rejection) = submission else { return Health::Well };
    match rejection.class {
        Class::OwnerFault { pause: true } | Class::OutOfFunds => Health::Locked,
        Class::Queue | Class::Retry { .. } | Class::Unknown => {
            if rejection.reason == Reason::Overloaded { Health::Ill } else { Health::Well }
        }
        Class::UserFault | Class::OwnerFault { pause: false } | Class::ModelGone => Health::Well,
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::clock::{ManualClock, Timestamp};
    use rei_domain::shared::Alone;

    use super::*;

    fn gate(concurrency: usize, per_minute: Option<u32>) -> (Gate, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
        let limits = GateLimits { concurrency, per_minute, ..GateLimits::default() };
        (Gate::new("test", limits, clock.clone(), Arc::new(Alone)), clock)
    }

    async fn refusal(gate: &Gate) -> (String, Option<Duration>) {
        let rejection = gate.enter().await.map(|_| ()).expect_err("refused");
        assert_eq!(rejection.class, Class::Queue);
        (rejection.code, rejection.retry_after)
    }

    async fn call(gate: &Gate, rejection: Rejection) -> Option<Duration> {
        let mut submission = Submission::Rejected(rejection);
        gate.enter().await.expect("let out").end(&mut submission);
        let Submission::Rejected(rejection) = submission else { panic!("still rejected") };
        rejection.retry_after
    }

    #[tokio::test]
    async fn more_calls_than_places_go_back_to_the_queue() {
        let (gate, _clock) = gate(2, None);
        let first = gate.enter().await.expect("a place");
        let _second = gate.enter().await.expect("a place");
        assert_eq!(refusal(&gate).await, ("all-places-taken".to_owned(), Some(FULL_WAIT)));
        first.end(&mut Submission::Done(Done::default()));
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn a_full_minute_sends_back_to_the_queue() {
        let (gate, clock) = gate(9, Some(1));
        drop(gate.enter().await.expect("the first"));
        assert_eq!(
            refusal(&gate).await,
            ("minute-is-full".to_owned(), Some(Duration::from_secs(60)))
        );
        clock.advance(Duration::from_secs(60));
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn trouble_opens_the_breaker_and_the_menu_can_see_it() {
        let (gate, clock) = gate(9, None);
        for _ in 0..5 {
            call(&gate, Rejection::queue("UNAVAILABLE", None)).await;
        }
        assert_eq!(gate.availability(), Availability::Down { retry_after: Duration::from_secs(5) });
        assert_eq!(refusal(&gate).await, ("breaker-open".to_owned(), Some(Duration::from_secs(5))));
        clock.advance(Duration::from_secs(5));
        assert_eq!(gate.availability(), Availability::Up);
        gate.enter().await.expect("the trial").end(&mut Submission::Done(Done::default()));
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn customers_refusals_and_pictures_that_fail_leave_it_closed() {
        let (gate, _clock) = gate(9, None);
        for _ in 0..50 {
            call(&gate, Rejection::user_fault("SAFETY", Reason::Moderation)).await;
            call(&gate, Rejection::no_result("OTHER", 1)).await;
            call(&gate, Rejection::owner_fault("BAD_REQUEST")).await;
            call(&gate, Rejection::model_gone("NOT_FOUND")).await;
        }
        assert_eq!(gate.availability(), Availability::Up);
    }

    #[tokio::test]
    async fn a_wrong_key_closes_the_gate_for_all() {
        let (gate, _clock) = gate(9, None);
        call(&gate, Rejection::owner_fault_for_all("API_KEY_INVALID")).await;
        assert!(gate.availability().is_down());
    }

    #[tokio::test]
    async fn an_empty_account_closes_the_gate_once() {
        let (gate, clock) = gate(9, None);
        call(&gate, Rejection::out_of_funds("1102")).await;
        assert_eq!(gate.availability(), Availability::Down { retry_after: Duration::from_secs(5) });
        clock.advance(Duration::from_secs(5));
        assert_eq!(gate.availability(), Availability::Up);
    }

    #[tokio::test]
    async fn being_sent_away_for_ones_own_number_of_calls_is_no_trouble() {
        let (gate, _clock) = gate(9, None);
        for _ in 0..50 {
            gate.enter().await.expect("let out").end_in_good_health();
        }
        assert_eq!(gate.availability(), Availability::Up);
    }

    #[tokio::test]
    async fn a_trial_that_finds_no_place_is_left_to_somebody_else() {
        let (gate, clock) = gate(1, None);
        let slow = gate.enter().await.expect("a place");
        for _ in 0..5 {
            gate.shared.circuit.leave(Leave::Ordinary, Health::Ill);
        }
        clock.advance(Duration::from_secs(5));
        assert_eq!(refusal(&gate).await.0, "all-places-taken");
        drop(slow);
        assert_eq!(gate.enter().await.expect("the trial").leave, Leave::Trial);
    }

    #[tokio::test]
    async fn repeats_beyond_the_budget_wait_longer() {
        let (gate, _clock) = gate(9, None);
        let mut waits = Vec::new();
        for _ in 0..40 {
            waits.push(call(&gate, Rejection::no_result("OTHER", 1)).await);
        }
        assert_eq!(waits[0], None);
        assert_eq!(waits[39], Some(Duration::from_secs(30)));
    }
}
