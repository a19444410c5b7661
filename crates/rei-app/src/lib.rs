//! The use cases, one per file: what the product does, above the parts that do it.
//!
//! Decides what belongs into one transaction. Knows storage, queue, blobs, providers and Telegram's client;
//! knows neither the conversation nor a door.

pub mod admin;
mod catalog_in_use;
pub mod chats;
mod crash;
mod desk;
pub mod health;
mod house;
pub mod orders;
pub mod panel;
mod pictures;
mod statement;
pub mod updates;
pub mod upkeep;
mod wallet;

pub use catalog_in_use::CatalogInUse;
pub use crash::CrashPoint;
pub use desk::{Desk, Guest, OrderLine};
pub use house::{House, Policy};
pub use wallet::{WalletView, reader_of, wallet_of};

/// Why the book could not be used.
pub use rei_storage::BookError;
/// One transaction; doors pass it on and never look into it.
pub use rei_storage::Tx;
/// Why the book refused; the transaction was given up.
pub use rei_storage::ledger::LedgerError;
