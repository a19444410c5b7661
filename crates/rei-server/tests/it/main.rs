//! The product's tests: the real product with its real clients and a real database, fakes on the network.

mod app;
#[cfg(feature = "crash-points")]
mod crash;
mod delivery;
mod first_order;
mod money;
mod orders;
mod outcomes;
mod processes;
mod secrets;
mod shortcuts;
mod telegram;
mod world;
