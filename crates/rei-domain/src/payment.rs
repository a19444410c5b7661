//! Payments from outside: their states, and the rules for sums.

use serde::{Deserialize, Serialize};

use crate::ledger::Rail;
use crate::money::Kopecks;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Stored with its key and its request; the payment system has not answered yet.
    Preparing,
    /// The payment system knows it and the customer may pay.
    Waiting,
    /// Credited. Final.
    Paid,
    /// The payment system closed it, or refused to open it. A payment that was made all the same is still credited.
    Cancelled,
    /// It was paid and does not fit what we asked for: a person decides.
    Review,
}

/// What happened to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentEvent {
    /// The payment system took the request.
    Opened,
    /// The payment system says that it was paid, and everything fits.
    Succeeded,
    /// The payment system closed it, or will never open it.
    Closed,
    /// It was paid and something does not fit.
    Differs,
}

impl PaymentState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Preparing, Self::Waiting, Self::Paid, Self::Cancelled, Self::Review];

    /// The state after an event; `None` when nothing changes. Money that came is credited from every state but
    /// [`Self::Paid`].
    pub const fn next(self, event: PaymentEvent) -> Option<Self> {
        use PaymentEvent as E;
        match (self, event) {
            (Self::Paid, _) | (Self::Review, E::Opened | E::Closed | E::Differs) => None,
            (_, E::Succeeded) => Some(Self::Paid),
            (_, E::Differs) => Some(Self::Review),
            (Self::Preparing, E::Opened) => Some(Self::Waiting),
            (Self::Preparing | Self::Waiting, E::Closed) => Some(Self::Cancelled),
            (Self::Waiting | Self::Cancelled, E::Opened) | (Self::Cancelled, E::Closed) => None,
        }
    }

    /// Whether the customer may still pay it, as far as we know.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Preparing | Self::Waiting)
    }

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Review => "review",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Where money stands that goes back to the customer's card or Stars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// On hold in the wallet; the payment system was asked or will be.
    Asked,
    /// The money left. Final.
    Succeeded,
    /// The payment system refused; the money is back in the wallet. Final.
    Cancelled,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Succeeded, Self::Cancelled];

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A way to pay that is open to customers, and its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailRules {
    /// Which one.
    pub rail: Rail,
    /// The least that may be paid at once.
    pub min: Kopecks,
    /// The most that may be paid at once.
    pub max: Kopecks,
    /// What one unit of the rail's own currency is credited as; none where it is rubles.
    pub unit: Option<Kopecks>,
}

impl RailRules {
    /// What is paid when `missing` is needed: rounded up to whole units and to the least of the rail; `None` above its
    /// most.
    pub fn sum_for(&self, missing: Kopecks) -> Option<Kopecks> {
        let sum = self.in_units(missing.max(self.min))?;
        (sum <= self.max).then_some(sum)
    }

    /// How many of the rail's own units a sum is; `None` where it is rubles.
    pub fn units(&self, sum: Kopecks) -> Option<i64> {
        let unit = self.unit?;
        Some(sum.get().div_euclid(unit.get().max(1)))
    }

    /// Whether a sum may be paid at once.
    pub fn takes(&self, sum: Kopecks) -> bool {
        (self.min..=self.max).contains(&sum) && self.in_units(sum) == Some(sum)
    }

    fn in_units(&self, sum: Kopecks) -> Option<Kopecks> {
        let unit = self.unit.unwrap_or(Kopecks::from_rubles(1)).get().max(1);
        let units = sum.get().checked_add(unit - 1)?.div_euclid(unit);
        units.checked_mul(unit).map(Kopecks::new)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CARD: RailRules = RailRules {
        rail: Rail::YooKassa,
        min: Kopecks::from_rubles(10),
        max: Kopecks::from_rubles(15_000),
        unit: None,
    };

    #[test]
    fn money_that_came_is_credited_once_from_every_state() {
        for state in PaymentState::ALL {
            let next = state.next(PaymentEvent::Succeeded);
            let expected = (state != PaymentState::Paid).then_some(PaymentState::Paid);
            assert_eq!(next, expected, "{state:?}");
        }
    }

    #[test]
    fn nothing_leaves_paid_and_only_money_leaves_review() {
        use PaymentEvent::{Closed, Differs, Opened};
        for event in [Opened, Closed, Differs] {
            assert_eq!(PaymentState::Paid.next(event), None);
            assert_eq!(PaymentState::Review.next(event), None);
        }
    }

    #[test]
    fn words_come_back_as_states() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_word(state.as_str()), Some(state));
        }
        for state in RefundState::ALL {
            assert_eq!(RefundState::from_word(state.as_str()), Some(state));
        }
    }

    #[test]
    fn p11_what_is_missing_is_rounded_up_to_the_least_that_can_be_paid() {
        assert_eq!(CARD.sum_for(Kopecks::from_rubles(3)), Some(Kopecks::from_rubles(10)));
        assert_eq!(CARD.sum_for(Kopecks::new(6_001)), Some(Kopecks::from_rubles(61)));
        assert_eq!(CARD.sum_for(Kopecks::from_rubles(15_001)), None);
    }

    proptest! {
        #[test]
        fn what_is_offered_suffices_and_can_be_paid(missing in 1_i64..2_000_000, unit in 1_i64..500) {
            let rules = RailRules { unit: Some(Kopecks::new(unit)), ..CARD };
            if let Some(sum) = rules.sum_for(Kopecks::new(missing)) {
                prop_assert!(sum >= Kopecks::new(missing));
                prop_assert!(rules.takes(sum));
                prop_assert_eq!(rules.units(sum).map(|units| units * unit), Some(sum.get()));
            }
        }
    }
}
