//! Why the book did not do what it was asked, by what the caller does next.

use rei_domain::ledger::{NotEnough, Phase, RuleError};
use rei_domain::money::Kopecks;

use crate::BookError;

/// Why the book refused.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The wallet cannot pay it: offer a top-up of what is missing.
    #[error("the wallet has {free}, {missing} are missing")]
    NotEnough {
        /// What the allowed pockets have.
        free: Kopecks,
        /// What is missing.
        missing: Kopecks,
    },
    /// A foreign refund overdrew the wallet: ask the customer to pay the debt first.
    #[error("the wallet is frozen until its debt is paid")]
    Frozen,
    /// The key names another request already: refuse this one.
    #[error("the key {key} was used for another request")]
    KeyConflict {
        /// The key.
        key: String,
    },
    /// Somebody else ended the hold: go by how it ended.
    #[error("the hold was resolved before ({how})")]
    AlreadyResolved {
        /// How it ended.
        how: Phase,
    },
    /// There never was such a hold.
    #[error("there is no such hold")]
    UnknownHold,
    /// More is to be captured than was held.
    #[error("{asked} are to be captured of a hold of {held}")]
    AboveHold {
        /// What was held.
        held: Kopecks,
        /// What was asked for.
        asked: Kopecks,
    },
    /// The customer has no accounts: open them first.
    #[error("the customer has no accounts")]
    UnknownCustomer,
    /// The request can never be carried out.
    #[error("the request breaks a rule of the book")]
    Rule(#[from] RuleError),
    /// The book contradicts itself: give up the transaction and run an audit.
    #[error("the book contradicts itself: {0}")]
    Broken(&'static str),
    /// The database failed.
    #[error("the book could not be used")]
    Book(#[from] BookError),
}

impl From<NotEnough> for LedgerError {
    fn from(short: NotEnough) -> Self {
        Self::NotEnough { free: short.free, missing: short.missing }
    }
}
