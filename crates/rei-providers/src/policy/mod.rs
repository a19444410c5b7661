//! The policy that every outside call goes through: timeouts, size limits and proxy ([`wire`]), and the gate that
//! lets a call out or sends it back to the queue ([`Gate`]): breaker, concurrency, rate, retry budget.
//!
//! Nothing here waits for its turn: a call that may not go out now is told when to come again. What all processes
//! keep together is asked for within a short bound.

mod budget;
mod gate;
mod places;
mod rate;
#[cfg(test)]
mod testing;
pub mod wire;

pub use gate::{Gate, GateLimits, Pass};
pub use wire::{WireError, WireLimits};
