//! What those who run the bot do and are told. Every change goes the way that `request` describes.

mod add;
pub mod alert;
mod audit_page;
mod ban;
mod card;
mod change;
mod chargeback;
mod chart;
mod commands;
mod doctor;
pub mod files;
mod grant;
mod jobs;
mod ledger_page;
mod money;
mod orders_page;
mod pages;
mod payments;
mod price;
mod promo;
mod refund;
mod request;
mod role;
mod router;
mod state;
mod stats;
mod suspense;
mod switch;
mod talk;
#[cfg(test)]
mod tests;
mod words;

pub use add::{AddOutcome, add};
pub use ban::{BanNotice, ban_of};
pub use commands::COMMANDS;
pub use role::{Permission, Role, role_of};
pub use router::{button, command};
pub use stats::{Figures, Stats, stats};
pub use switch::maintenance;
pub use talk::{Caller, Reply};
