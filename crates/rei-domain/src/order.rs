//! Where an order stands, what may happen to it, and what each step does to the money.
//!
//! The transition function is total: every state answers every event, with a new state or a refusal.
//! `docs/order-states.md` draws it and says who moves each arrow.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::OrderId;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The price is on hold and a job waits for a worker. Nothing has left for the provider.
    Queued,
    /// An attempt with its key is stored and its call may be under way.
    Submitting,
    /// The call was sent and nobody answered: only looking it up tells more.
    Unknown,
    /// The provider took the task; only asking it tells more.
    Running,
    /// The provider is done; the result is on its way into our storage.
    Fetching,
    /// The result is verified and stored, the price is captured, the delivery is in the outbox.
    Ready,
    /// Some of the result's messages have reached the customer.
    Delivering,
    /// Final: the customer has the original. The price was captured.
    Delivered,
    /// Final: stopped by the customer before it started; the hold went back.
    Cancelled,
    /// Final: the provider refused the prompt; the hold went back.
    Refused,
    /// Final: it could not be made; the hold went back.
    Failed,
    /// Final: it took too long; the hold went back.
    Expired,
    /// Final: the result came after the hold had gone back, and was given for nothing.
    Gifted,
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// A worker stored an attempt and is about to call the provider.
    Started,
    /// The provider asked to wait, or the attempt failed in a way that may heal.
    PutBack,
    /// The call was sent, no answer came.
    Unanswered,
    /// The provider took the task and works on it.
    Accepted,
    /// The provider has a result for us to fetch.
    Finished,
    /// The result is verified and stored.
    Stored,
    /// A part of the result reached the customer.
    PartDelivered,
    /// The original reached the customer.
    Delivered,
    /// The customer wants it stopped.
    Cancel,
    /// The provider refused the prompt.
    Refused,
    /// It cannot be made.
    Failed,
    /// The deadline passed.
    DeadlinePassed,
    /// A result came although the hold is gone.
    CameLate,
}

/// What a step does to the held money, in the transaction of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoneyMove {
    /// Nothing moves.
    Keep,
    /// The hold becomes a charge.
    Capture,
    /// The hold goes back.
    Release,
}

/// An event that makes no sense in the state the order is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {state} cannot take {event:?}")]
pub struct InvalidTransition {
    /// Where the order stands.
    pub state: OrderState,
    /// What was asked of it.
    pub event: OrderEvent,
}

impl OrderState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 13] = [
        Self::Queued,
        Self::Submitting,
        Self::Unknown,
        Self::Running,
        Self::Fetching,
        Self::Ready,
        Self::Delivering,
        Self::Delivered,
        Self::Cancelled,
        Self::Refused,
        Self::Failed,
        Self::Expired,
        Self::Gifted,
    ];

    /// The state after the event.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the event makes no sense here; the order stays as it is.
    pub fn next(self, event: OrderEvent) -> Result<Self, InvalidTransition> {
        use OrderEvent as E;
        use OrderState as S;
        let refused = Err(InvalidTransition { state: self, event });
        match self {
            S::Queued => match event {
                E::Started => Ok(S::Submitting),
                E::Cancel => Ok(S::Cancelled),
                E::Failed => Ok(S::Failed),
                E::DeadlinePassed => Ok(S::Expired),
                E::PutBack | E::Unanswered | E::Accepted | E::Finished | E::Stored => refused,
                E::PartDelivered | E::Delivered | E::Refused | E::CameLate => refused,
            },
            S::Submitting => match event {
                E::PutBack => Ok(S::Queued),
                E::Unanswered => Ok(S::Unknown),
                E::Accepted => Ok(S::Running),
                E::Finished => Ok(S::Fetching),
                E::Stored => Ok(S::Ready),
                E::Refused => Ok(S::Refused),
                E::Failed => Ok(S::Failed),
                E::DeadlinePassed => Ok(S::Expired),
                E::Started | E::PartDelivered | E::Delivered | E::Cancel | E::CameLate => refused,
            },
            S::Unknown => match event {
                E::Started => Ok(S::Submitting),
                E::Accepted => Ok(S::Running),
                E::Finished => Ok(S::Fetching),
                E::Stored => Ok(S::Ready),
                E::Refused => Ok(S::Refused),
                E::Failed => Ok(S::Failed),
                E::DeadlinePassed => Ok(S::Expired),
                E::PutBack | E::Unanswered | E::PartDelivered | E::Delivered => refused,
                E::Cancel | E::CameLate => refused,
            },
            S::Running => match event {
                E::Finished => Ok(S::Fetching),
                E::Stored => Ok(S::Ready),
                E::Refused => Ok(S::Refused),
                E::Failed => Ok(S::Failed),
                E::DeadlinePassed => Ok(S::Expired),
                E::Started | E::PutBack | E::Unanswered | E::Accepted => refused,
                E::PartDelivered | E::Delivered | E::Cancel | E::CameLate => refused,
            },
            S::Fetching => match event {
                E::Stored => Ok(S::Ready),
                E::Failed => Ok(S::Failed),
                E::DeadlinePassed => Ok(S::Expired),
                E::Started | E::PutBack | E::Unanswered | E::Accepted | E::Finished => refused,
                E::PartDelivered | E::Delivered | E::Cancel | E::Refused | E::CameLate => refused,
            },
            S::Ready => match event {
                E::PartDelivered => Ok(S::Delivering),
                E::Delivered => Ok(S::Delivered),
                E::Started | E::PutBack | E::Unanswered | E::Accepted | E::Finished => refused,
                E::Stored | E::Cancel | E::Refused | E::Failed => refused,
                E::DeadlinePassed | E::CameLate => refused,
            },
            S::Delivering => match event {
                E::PartDelivered => Ok(S::Delivering),
                E::Delivered => Ok(S::Delivered),
                E::Started | E::PutBack | E::Unanswered | E::Accepted | E::Finished => refused,
                E::Stored | E::Cancel | E::Refused | E::Failed => refused,
                E::DeadlinePassed | E::CameLate => refused,
            },
            S::Expired => match event {
                E::CameLate => Ok(S::Gifted),
                E::Started | E::PutBack | E::Unanswered | E::Accepted | E::Finished => refused,
                E::Stored | E::PartDelivered | E::Delivered | E::Cancel => refused,
                E::Refused | E::Failed | E::DeadlinePassed => refused,
            },
            S::Delivered | S::Cancelled | S::Refused | S::Failed | S::Gifted => refused,
        }
    }

    /// What entering this state does to the hold.
    pub const fn money_on_entry(self) -> MoneyMove {
        match self {
            Self::Ready => MoneyMove::Capture,
            Self::Cancelled | Self::Refused | Self::Failed | Self::Expired => MoneyMove::Release,
            Self::Queued | Self::Submitting | Self::Unknown | Self::Running | Self::Fetching => {
                MoneyMove::Keep
            }
            Self::Delivering | Self::Delivered | Self::Gifted => MoneyMove::Keep,
        }
    }

    /// Whether the price is still on hold: true until it is captured or released.
    pub const fn holds_money(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Submitting | Self::Unknown | Self::Running | Self::Fetching
        )
    }

    /// Whether nothing more can happen, except a late gift.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Delivered
                | Self::Cancelled
                | Self::Refused
                | Self::Failed
                | Self::Expired
                | Self::Gifted
        )
    }

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Submitting => "submitting",
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Fetching => "fetching",
            Self::Ready => "ready",
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Gifted => "gifted",
        }
    }

    /// Reads the book's word; `None` for one that this version does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The number a customer names to support, such as `J-1234-A7`: the order's number and a check of its id.
pub fn support_number(number: i64, order: OrderId) -> String {
    let check = order.as_bytes().last().copied().unwrap_or_default();
    format!("J-{number}-{check:02X}")
}

impl OrderEvent {
    /// Every event.
    pub const ALL: [Self; 13] = [
        Self::Started,
        Self::PutBack,
        Self::Unanswered,
        Self::Accepted,
        Self::Finished,
        Self::Stored,
        Self::PartDelivered,
        Self::Delivered,
        Self::Cancel,
        Self::Refused,
        Self::Failed,
        Self::DeadlinePassed,
        Self::CameLate,
    ];
}

/// Where an order stands on its way, and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How many jobs stand before it; none once it has begun.
    pub ahead: Option<i64>,
    /// In how many seconds it is there, from and to; none when it takes longer than usual.
    pub seconds: Option<[u32; 2]>,
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_state_answers_every_event() {
        let mut table = String::new();
        for state in OrderState::ALL {
            for event in OrderEvent::ALL {
                if let Ok(next) = state.next(event) {
                    writeln!(
                        table,
                        "{state:<10} --{event:?}--> {next} ({:?})",
                        next.money_on_entry()
                    )
                    .expect("a string takes everything");
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn money_is_captured_or_released_exactly_once_on_every_path() {
        // Walks every path of the graph; each must end with one capture or one release.
        let mut open = vec![(OrderState::Queued, 0_u32, 0_u32, 0_u32)];
        while let Some((state, captured, released, steps)) = open.pop() {
            assert_eq!(state.holds_money(), captured + released == 0, "{state}");
            assert!(captured + released <= 1, "{state} moved the money twice");
            if state.is_final() {
                assert_eq!(captured + released, 1, "{state} ended with an open hold");
            }
            if steps == 8 {
                continue;
            }
            for event in OrderEvent::ALL {
                match state.next(event) {
                    Ok(next) if next != state => open.push((
                        next,
                        captured + u32::from(next.money_on_entry() == MoneyMove::Capture),
                        released + u32::from(next.money_on_entry() == MoneyMove::Release),
                        steps + 1,
                    )),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn words_come_back_as_states() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_word(state.as_str()), Some(state));
        }
        assert_eq!(OrderState::from_word("sleeping"), None);
    }
}
