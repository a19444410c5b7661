//! YooKassa: the client of its API, the bodies it is sent, and the proof that a notification is genuine.
//!
//! - [`YooKassa`], [`ShopOptions`]: one shop. Each call is one attempt; whoever calls keeps the key and the bytes and
//!   repeats them. [`CallError`] says what to do next.
//! - [`objects`]: what the API answers, read tolerantly but for ids, states and sums.
//! - [`bodies`]: what is sent, made once and then stored.
//! - [`money`]: sums as the API writes them, whole kopecks everywhere else.
//! - [`authenticity`]: the unguessable address, signed metadata, signed relays, the sender's address.
//! - [`notice`]: what a notification says; a reason to ask, never a proof.
//! - [`confirmation`]: which payment pages a customer may be sent to.
//!
//! Owns no orders and no storage, never decides whether a payment is credited, never shows a card, an e-mail or a key.

pub mod authenticity;
pub mod bodies;
mod client;
pub mod confirmation;
mod moment;
pub mod money;
pub mod notice;
pub mod objects;
mod redact;
mod telemetry;
mod words;

pub use client::{
    Availability, CallError, Complaint, Held, ListWindow, Lost, Page, RefundQuery, ShopError,
    ShopLimits, ShopOptions, Timeouts, YooKassa, is_test_key,
};
