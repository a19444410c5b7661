//! The double-entry book on disk: holds, captures, releases and postings, each inside the caller's
//! transaction.
//!
//! Money moves only through these functions. Each takes its time from the caller and derives its ids
//! from the request, so a transaction that is run again writes the same rows; an error of this module
//! leaves no trace in the transaction, except [`LedgerError::Book`] and [`LedgerError::Broken`], after
//! which it must be given up.
//!
//! A customer's accounts have a row each, and it is locked before anything is decided about it. All
//! other accounts are summed from checkpoints and the transfers after them, so that nobody waits for
//! a row that all share.

mod audit;
mod balances;
mod checkpoint;
mod error;
#[cfg(any(test, feature = "testing"))]
mod filling;
mod hold;
mod lists;
mod orders;
pub(crate) mod papers;
mod post;
mod resolve;
mod rows;
mod seals;
mod sql;
mod wallet;

#[cfg(test)]
mod tests;

pub use audit::{AuditReport, audit, audit_ledger, audit_tail};
pub use balances::{account_balance, trial_balance};
pub use checkpoint::{checkpoint, settle};
pub use error::LedgerError;
#[cfg(any(test, feature = "testing"))]
pub use filling::fill;
pub use hold::{HoldReceipt, hold};
pub use lists::{OpenHold, Statement, StatementPage, open_holds_older_than, recent, statement};
pub use orders::{
    NewSplitHold, capture_order, expire_order, hold_of_order, hold_split, void_order,
};
pub use post::{Posted, post};
pub use resolve::{Resolved, ResolvedLeg, capture, expire, void};
pub use seals::seal;
pub use sql::ALL;
pub use wallet::{balances, lock_wallet, open_customer};

pub use rei_domain::ledger::{
    Account, Actor, Balance, HoldId, IdempotencyKey, Money, NewHold, NewTransfer, Phase, Pocket,
    PocketOrder, Resolution, TransferKind, TrialBalance, TrialLine, Wallet,
};
