//! A transfer as it stands in the book, and the words it is made of.

use std::fmt;

use crate::clock::Timestamp;
use crate::ids::{CustomerId, OrderId, TransferId};

use super::encode::FieldHasher;
use super::{Account, Money, TransferKind};

/// One row of the book: one debit, one credit, one amount. Never changed, never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its place in the book.
    pub seq: i64,
    /// Its id, derived from its time and key.
    pub id: TransferId,
    /// What it does to the balances.
    pub phase: Phase,
    /// Why it was made.
    pub kind: TransferKind,
    /// The account that is debited.
    pub debit: Account,
    /// The account that is credited.
    pub credit: Account,
    /// How much, always positive. A release states what went back.
    pub amount: Money,
    /// The whole request this is a leg of, in the same units: the price of a hold, the sum of a
    /// capture, zero for a release.
    pub total: i64,
    /// The key as stored: the request's key and the number of the leg.
    pub key: String,
    /// What the request was, so that a repeated key with other contents is noticed.
    pub request_hash: RequestHash,
    /// The hold that this one resolves.
    pub hold: Option<TransferId>,
    /// The group of legs that it belongs to; equal to its own id in a hold's first leg.
    pub linked: Option<HoldId>,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The payment it belongs to.
    pub payment: Option<String>,
    /// Who caused it.
    pub actor: Actor,
    /// A reason for people.
    pub memo: Option<String>,
    /// The transfer before this one of the same customer's account.
    pub prev: Option<TransferId>,
    /// When.
    pub at: Timestamp,
}

/// What a transfer does to the balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Moves money at once.
    Post,
    /// Reserves: free becomes held.
    Hold,
    /// Takes all or a part of a hold; the rest becomes free again.
    Capture,
    /// Releases a hold.
    Void,
    /// Releases a hold whose time ran out.
    Expire,
}

/// Who caused a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The product, by its own rules.
    System,
    /// The customer whose money moves.
    Customer,
    /// An admin.
    Admin(CustomerId),
}

/// A hold: one or two linked transfers that reserve a price. Equal to the id of its first leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub TransferId);

/// A SHA-256 over what a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestHash(pub [u8; 32]);

impl Transfer {
    /// The id that a transfer of this time and key has. Ids made later sort later, and a request that
    /// is run again makes the same id.
    pub fn derive_id(at: Timestamp, stored_key: &str) -> TransferId {
        let hash = FieldHasher::new("transfer id").text(stored_key).finish();
        let random = hash.first_chunk::<10>().expect("a hash has more than ten bytes");
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        TransferId(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid())
    }

    /// The customer's account among the two; a transfer touches one at most.
    pub fn tracked(&self) -> Option<&Account> {
        [&self.debit, &self.credit].into_iter().find(|account| account.customer().is_some())
    }

    /// The hash of the request that this row answers, computed from the row itself.
    pub fn expected_hash(&self) -> RequestHash {
        let hasher = match self.phase {
            Phase::Post => FieldHasher::new("post")
                .text(self.kind.as_str())
                .text(&self.debit.to_string())
                .text(&self.credit.to_string())
                .text(self.amount.currency().as_str())
                .number(self.amount.minor()),
            Phase::Hold => FieldHasher::new("hold")
                .text(self.kind.as_str())
                .number(self.debit.customer().map_or(0, |customer| customer.0))
                .text(&self.credit.to_string())
                .number(self.total),
            Phase::Capture | Phase::Void | Phase::Expire => {
                // A leg that a partial capture left whole is released by it, not by a void.
                let phase = if self.total > 0 { Phase::Capture } else { self.phase };
                return RequestHash::of_resolution(phase, self.linked, self.total);
            }
        };
        RequestHash(
            hasher
                .optional(self.order.as_ref().map(OrderId::as_bytes))
                .optional(self.payment.as_deref().map(str::as_bytes))
                .finish(),
        )
    }
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 5] = [Self::Post, Self::Hold, Self::Capture, Self::Void, Self::Expire];

    /// Whether money changes its owner: holds and releases only move it between free and held.
    pub const fn moves_money(self) -> bool {
        matches!(self, Self::Post | Self::Capture)
    }

    /// Whether it ends a hold.
    pub const fn resolves(self) -> bool {
        matches!(self, Self::Capture | Self::Void | Self::Expire)
    }

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Expire => "expire",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Actor {
    /// Reads [`fmt::Display`]; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "system" => Some(Self::System),
            "customer" => Some(Self::Customer),
            _ => {
                let id = text.strip_prefix("admin:")?.parse().ok()?;
                Some(Self::Admin(CustomerId(id)))
            }
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Customer => f.write_str("customer"),
            Self::Admin(id) => write!(f, "admin:{id}"),
        }
    }
}

impl HoldId {
    /// The 16 bytes under which the book stores it.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Reads the book's 16 bytes; `None` when the length is wrong.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        TransferId::from_slice(bytes).map(Self)
    }
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl RequestHash {
    /// The hash of a request to end a hold: how, which, and how much of it is charged.
    pub(super) fn of_resolution(phase: Phase, hold: Option<HoldId>, total: i64) -> Self {
        let hasher = FieldHasher::new(phase.as_str())
            .optional(hold.as_ref().map(HoldId::as_bytes))
            .number(total);
        Self(hasher.finish())
    }
}

impl fmt::Debug for RequestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..6].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}
