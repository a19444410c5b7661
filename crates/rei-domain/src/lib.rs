//! The rules of the house as pure values: money, ids, time, the ledger's accounts and transfers,
//! the states of an order, the catalogue and its prices.
//!
//! Value in, value out. Nothing here waits, reads a clock, rolls dice or talks to the outside:
//! time and chance come in through [`clock::Clock`] and [`chance::Chance`].

pub mod breaker;
pub mod catalog;
pub mod chance;
pub mod circuit;
pub mod clock;
pub mod ids;
pub mod ledger;
pub mod media;
pub mod money;
pub mod order;
pub mod payment;
pub mod quote;
pub mod shared;
