//! The use cases, one per file: what the product does, above the parts that do it.
//!
//! Decides what belongs into one transaction. Knows storage, queue, blobs, providers and Telegram's client;
//! knows neither the conversation nor a door.

pub mod admin;
pub mod callbacks;
mod catalog_in_use;
pub mod chats;
mod crash;
mod desk;
mod desk_money;
mod duty;
pub mod files;
pub mod happenings;
pub mod health;
mod house;
pub mod orders;
pub mod panel;
pub mod payments;
pub mod presents;
pub mod statement;
#[cfg(test)]
mod together_tests;
pub mod updates;
pub mod upkeep;
mod wallet;

pub use catalog_in_use::CatalogInUse;
pub use crash::CrashPoint;
pub use desk::{Desk, Guest, OrderLine, Visitor};
pub use duty::{Duty, TELEGRAM_POLLER};
pub use house::{Files, FirstTopupBonus, House, Policy, Polling, QueueRules, UploadMethod};
pub use wallet::{WalletView, reader_of, wallet_of};

/// Why the book could not be used.
pub use rei_storage::BookError;
/// One transaction; doors pass it on and never look into it.
pub use rei_storage::Tx;
/// Why the book refused; the transaction was given up.
pub use rei_storage::ledger::LedgerError;
/// Which of a customer's orders a list shows.
pub use rei_storage::orders::HistoryFilter;

/// The address that providers are told for their reports; `None` where there is none.
pub(crate) fn callback_url(house: &House) -> Option<String> {
    let base = house.files.public_base_url.as_ref().filter(|_| house.files.callbacks)?;
    Some(format!("{base}{}", callbacks::KLING_CALLBACK_PATH))
}
