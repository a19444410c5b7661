//! The policy that every outside call goes through: timeouts, size limits and proxy ([`wire`]), and the gate that
//! lets a call out or sends it back to the queue ([`Gate`]): breaker, concurrency, rate, retry budget.
//!
//! Nothing here waits: a call that may not go out now is told when to come again.

mod breaker;
mod budget;
mod gate;
mod rate;
pub mod wire;

pub use breaker::{Breaker, BreakerPolicy};
pub use gate::{Gate, GateLimits, Pass};
pub use wire::{WireError, WireLimits};
