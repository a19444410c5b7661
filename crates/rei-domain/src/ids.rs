//! Ids, each its own type so that the compiler keeps them apart.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chance::Chance;
use crate::clock::Timestamp;

/// A time-ordered UUID (version 7) from an injected moment and source of chance.
pub fn time_ordered_uuid(now: Timestamp, chance: &dyn Chance) -> Uuid {
    let mut random = [0; 10];
    chance.fill(&mut random);
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! uuid_id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; ids made later sort later, so indexes over them grow at one end.
            pub fn new(now: Timestamp, chance: &dyn Chance) -> Self {
                Self(time_ordered_uuid(now, chance))
            }

            /// The 16 bytes under which the book stores it.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// Reads the book's 16 bytes; `None` when the length is wrong.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }

            /// The 22 characters (base64url) that fit into a Telegram button.
            pub fn to_short(self) -> String {
                URL_SAFE_NO_PAD.encode(self.0.as_bytes())
            }

            /// Reads [`Self::to_short`]; `None` for anything else.
            pub fn from_short(text: &str) -> Option<Self> {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
                Self::from_slice(&bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// An order: one thing a customer asked for at one price.
    OrderId,
    /// A transfer in the ledger.
    TransferId,
    /// A job in the queue.
    JobId,
    /// One try at a provider.
    AttemptId,
    /// A row of the outbox: one message on its way to a chat.
    OutboxId,
    /// A file of a customer's that was taken in.
    UploadId,
    /// A quote: an offer at a price, valid for a while.
    QuoteId,
    /// Money that a customer is to bring in.
    PaymentId,
    /// Money that goes back to where it was paid from.
    RefundId,
    /// The second receipt of a prepayment: what of it an order used up.
    OffsetId,
    /// A report of a payment system's.
    NoticeId,
    /// A comparison of the book with a payment system.
    ReconciliationId,
}

macro_rules! number_id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

number_id! {
    /// A customer; the number is the Telegram user's (up to 52 bits).
    CustomerId,
    /// A Telegram chat; groups and channels are negative.
    ChatId,
    /// A message within one chat.
    MessageId,
    /// An update of the Bot API.
    UpdateId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededChance;

    #[test]
    fn an_id_fits_a_button_and_comes_back() {
        let id = OrderId::new(Timestamp(1_790_000_000_000), &SeededChance::new(7));
        assert_eq!(id.to_short().len(), 22);
        assert_eq!(OrderId::from_short(&id.to_short()), Some(id));
        assert_eq!(OrderId::from_short("short"), None);
        assert_eq!(OrderId::from_short(&"A".repeat(64)), None);
    }

    #[test]
    fn later_ids_sort_later() {
        let chance = SeededChance::new(1);
        let first = OrderId::new(Timestamp(1_000), &chance);
        let second = OrderId::new(Timestamp(2_000), &chance);
        assert!(first < second);
    }
}
