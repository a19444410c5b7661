//! The one place that turns a rejection into what happens to the order.

use std::time::Duration;

use rei_domain::chance::Chance;

use crate::rejection::{Class, Rejection};

/// A "sent, no answer" is repeated at most so often: the repeat may be billed twice, at the owner's cost.
const UNKNOWN_REPEATS_MAX: u32 = 1;

/// How calls are repeated; from the owner's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all for one cause, the first included; one means that nothing is repeated.
    pub attempts: u32,
    /// The pause after the first failure, and the least after being told to wait; doubled each time.
    pub base_delay: Duration,
    /// The longest pause that doubling leads to.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, base_delay: Duration::from_secs(1), max_delay: Duration::from_secs(60) }
    }
}

/// What happens to the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The job waits and is tried again.
    Again {
        /// How long it waits.
        after: Duration,
        /// Whether the last try may have been carried out (and billed) unseen.
        unknown: bool,
    },
    /// The money goes back.
    GiveBack {
        /// Whether the customer can mend it by asking for something else: the text is chosen by the reason.
        event_is_refusal: bool,
        /// Whether the owner must be told, because only the owner can mend it.
        owner: bool,
        /// Whether the model is to be taken off sale.
        model_gone: bool,
        /// Whether nothing of this provider is to be sold until a person resumes it.
        sales_paused: bool,
    },
}

/// Decides what follows a rejection.
///
/// `same`: attempts of this order that ended with this code, the present one included. `total`: all its attempts;
/// an order that went through many troubles waits longer before its next try. Waits are exponential with jitter,
/// and never shorter than what the provider asked for.
pub fn next_step(
    rejection: &Rejection,
    same: usize,
    total: usize,
    policy: &RetryPolicy,
    chance: &dyn Chance,
) -> NextStep {
    let repeats_max = match rejection.class {
        Class::Queue => {
            return NextStep::Again {
                after: snooze(rejection, same, policy, chance),
                unknown: false,
            };
        }
        Class::Retry { at_most } => at_most,
        Class::Unknown => UNKNOWN_REPEATS_MAX,
        Class::UserFault | Class::OwnerFault { .. } => 0,
        Class::OutOfFunds | Class::ModelGone => 0,
    };
    let repeats_max = repeats_max.min(policy.attempts.saturating_sub(1));
    if u32::try_from(same).is_ok_and(|tried| tried.max(1) <= repeats_max) {
        let asked = rejection.retry_after.unwrap_or_default();
        let after = asked.saturating_add(chance.up_to(ceiling(total.max(same), policy)));
        return NextStep::Again { after, unknown: rejection.class == Class::Unknown };
    }
    NextStep::give_back(rejection)
}

impl NextStep {
    /// The end, whatever the rejection would allow: where nothing is to be tried again.
    pub fn give_back(rejection: &Rejection) -> Self {
        Self::GiveBack {
            event_is_refusal: rejection.reason.is_refusal(),
            owner: rejection.class.is_for_the_owner(),
            model_gone: rejection.class == Class::ModelGone,
            sales_paused: rejection.class == Class::OutOfFunds,
        }
    }
}

/// How long a queued order sleeps. Told how long: that and a little more, so that those who were sent away together
/// do not come back together. Not told: at least the base delay, at most its doublings.
fn snooze(
    rejection: &Rejection,
    same: usize,
    policy: &RetryPolicy,
    chance: &dyn Chance,
) -> Duration {
    match rejection.retry_after {
        Some(asked) => asked.saturating_add(chance.up_to(policy.base_delay.max(asked / 4))),
        None => {
            let most = ceiling(same, policy);
            let least = policy.base_delay.min(most);
            least + chance.up_to(most - least)
        }
    }
}

/// The base delay doubled for each attempt after the first, within the limit.
fn ceiling(attempts: usize, policy: &RetryPolicy) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
    policy.base_delay.saturating_mul(factor).min(policy.max_delay)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rei_domain::chance::SeededChance;

    use super::*;
    use crate::rejection::Reason;

    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 3,
        base_delay: Duration::from_secs(1),
        max_delay: Duration::from_secs(60),
    };

    fn step(rejection: &Rejection, same: usize) -> NextStep {
        next_step(rejection, same, same, &POLICY, &SeededChance::new(5))
    }

    fn wait(rejection: &Rejection, same: usize, seed: u64) -> Duration {
        match next_step(rejection, same, same, &POLICY, &SeededChance::new(seed)) {
            NextStep::Again { after, .. } => after,
            given_back => panic!("{given_back:?}"),
        }
    }

    fn repeats(rejection: &Rejection, policy: &RetryPolicy) -> usize {
        let again = |same: &usize| {
            let step = next_step(rejection, *same, *same, policy, &SeededChance::new(5));
            matches!(step, NextStep::Again { .. })
        };
        (1..100).take_while(again).count()
    }

    #[test]
    fn each_class_leads_to_its_step() {
        let back = |event_is_refusal, owner, model_gone| NextStep::GiveBack {
            event_is_refusal,
            owner,
            model_gone,
            sales_paused: false,
        };
        let refused = Rejection::user_fault("SAFETY", Reason::Moderation);
        assert_eq!(step(&refused, 1), back(true, false, false));
        assert_eq!(step(&Rejection::owner_fault("KEY"), 1), back(false, true, false));
        assert_eq!(step(&Rejection::owner_fault_for_all("KEY"), 1), back(false, true, false));
        assert_eq!(step(&Rejection::model_gone("NOT_FOUND"), 1), back(false, true, true));
        let paused = NextStep::GiveBack {
            event_is_refusal: false,
            owner: true,
            model_gone: false,
            sales_paused: true,
        };
        assert_eq!(step(&Rejection::out_of_funds("1102"), 1), paused);
        assert_eq!(step(&Rejection::retry("INTERNAL", 0), 1), back(false, false, false));
        assert!(matches!(
            step(&Rejection::queue("BUSY", None), 99),
            NextStep::Again { unknown: false, .. }
        ));
        assert!(matches!(
            step(&Rejection::unknown("unanswered"), 1),
            NextStep::Again { unknown: true, .. }
        ));
        assert_eq!(step(&Rejection::unknown("unanswered"), 2), back(false, false, false));
    }

    #[test]
    fn an_answer_in_words_twice_is_a_refusal() {
        let words = Rejection::no_result(Reason::NO_IMAGE_CODE, 1).because(Reason::NoImage);
        assert!(matches!(step(&words, 1), NextStep::Again { .. }));
        assert!(matches!(step(&words, 2), NextStep::GiveBack { event_is_refusal: true, .. }));
    }

    #[test]
    fn repeats_are_bounded_by_the_code_and_by_the_settings() {
        let patient = RetryPolicy { attempts: 10, ..POLICY };
        let once = RetryPolicy { attempts: 1, ..POLICY };
        assert_eq!(repeats(&Rejection::retry("INTERNAL", 3), &patient), 3);
        assert_eq!(repeats(&Rejection::retry("INTERNAL", 3), &POLICY), 2);
        assert_eq!(repeats(&Rejection::retry("INTERNAL", 3), &once), 0);
        assert_eq!(repeats(&Rejection::unknown("unanswered"), &patient), 1);
        assert_eq!(repeats(&Rejection::unknown("unanswered"), &once), 0);
    }

    #[test]
    fn pauses_double_up_to_the_limit() {
        let seconds = |attempts| ceiling(attempts, &POLICY).as_secs();
        assert_eq!([1, 2, 3, 6, 7, 50, usize::MAX].map(seconds), [1, 2, 4, 32, 60, 60, 60]);
    }

    proptest! {
        #[test]
        fn nobody_comes_back_sooner_than_asked(seed: u64, same in 1_usize..40, asked_ms in 0_u64..100_000) {
            let asked = Duration::from_millis(asked_ms);
            let queued = wait(&Rejection::queue("BUSY", Some(asked)), same, seed);
            prop_assert!(queued >= asked && queued <= asked + POLICY.base_delay.max(asked / 4));
            let retried = Rejection::retry("INTERNAL", 2).after(Some(asked));
            prop_assert!(wait(&retried, 1, seed) >= asked);
        }

        #[test]
        fn without_a_word_the_wait_is_between_the_base_and_its_doubling(seed: u64, same in 1_usize..40) {
            let queued = wait(&Rejection::queue("BUSY", None), same, seed);
            prop_assert!(queued >= POLICY.base_delay && queued <= ceiling(same, &POLICY));
        }
    }
}
