//! The rules of the double-entry book: which accounts exist, which transfers may move money between
//! them, how a price is split over a wallet's pockets, and what an audit must find.
//!
//! Owns no storage and no time: `rei-storage` keeps the rows and asks here what they may be.

mod account;
mod audit;
mod encode;
mod kind;
pub mod model;
mod money;
mod request;
mod seal;
mod split;
mod transfer;
mod wallet;

pub use account::{Account, Currency, Expense, Pocket, ProviderName, Rail, Sale, Side};
pub use audit::{
    AccountRow, Auditor, CheckpointRow, Finding, Findings, OpenHoldRow, OrderPaper, PaperCredit,
    PaperLeg, PaperOrigin, PaymentPaper, RefundPaper, SealRow, Sums, TrialBalance, TrialLine,
};
pub use kind::TransferKind;
pub use money::Money;
pub use request::{IdempotencyKey, NewHold, NewTransfer, Resolution, RuleError, Verdict};
pub use seal::{SealHash, Sealer};
pub use split::{HoldLeg, LegShare, NotEnough, PocketOrder, share_capture, split_price};
pub use transfer::{Actor, HoldId, Phase, RequestHash, Transfer};
pub use wallet::{Balance, Wallet};
