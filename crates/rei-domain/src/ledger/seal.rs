//! Seals: a chain of hashes over batches of transfers. Whoever changes a sealed row must change every
//! later seal, and a copy of the newest seal kept elsewhere shows it.

use std::fmt;

use super::Transfer;
use super::encode::FieldHasher;
use super::transfer::HoldId;
use crate::ids::{OrderId, TransferId};

/// The hash of one seal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SealHash(pub [u8; 32]);

impl SealHash {
    /// What the first seal stands on.
    pub const GENESIS: Self = Self([0; 32]);
}

impl fmt::Debug for SealHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hashes one batch of transfers onto the seal before it.
pub struct Sealer {
    hasher: FieldHasher,
    transfers: i64,
}

impl Sealer {
    /// Starts the batch that follows `prev`.
    pub fn after(prev: SealHash) -> Self {
        Self { hasher: FieldHasher::new("seal").bytes(&prev.0), transfers: 0 }
    }

    /// Adds the next transfer with all that its row says.
    #[must_use]
    pub fn with(self, row: &Transfer) -> Self {
        let hasher = self
            .hasher
            .number(row.seq)
            .bytes(row.id.as_bytes())
            .text(row.phase.as_str())
            .text(row.kind.as_str())
            .text(&row.debit.to_string())
            .text(&row.credit.to_string())
            .text(row.amount.currency().as_str())
            .number(row.amount.minor())
            .number(row.total)
            .text(&row.key)
            .bytes(&row.request_hash.0)
            .optional(row.hold.as_ref().map(TransferId::as_bytes))
            .optional(row.linked.as_ref().map(HoldId::as_bytes))
            .optional(row.order.as_ref().map(OrderId::as_bytes))
            .optional(row.payment.as_deref().map(str::as_bytes))
            .text(&row.actor.to_string())
            .optional(row.memo.as_deref().map(str::as_bytes))
            .optional(row.prev.as_ref().map(TransferId::as_bytes))
            .number(row.at.millis());
        Self { hasher, transfers: self.transfers + 1 }
    }

    /// How many transfers were added.
    pub const fn transfers(&self) -> i64 {
        self.transfers
    }

    /// Ends the batch.
    pub fn finish(self) -> SealHash {
        SealHash(self.hasher.number(self.transfers).finish())
    }
}
