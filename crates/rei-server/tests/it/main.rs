//! The product's tests: the real product with its real clients and a real database, fakes on the network.

mod admins;
mod albums;
mod app;
mod attacks;
#[cfg(feature = "crash-points")]
mod crash;
#[cfg(feature = "crash-points")]
mod crash_payments;
mod delivery;
mod edits;
mod first_order;
mod held;
mod legacy_videos;
mod library;
mod models;
mod money;
mod orders;
mod outcomes;
mod payments;
mod processes;
mod props;
mod schedules;
mod secrets;
mod several;
mod shortcuts;
mod telegram;
mod till;
mod uploads;
mod video_faults;
mod video_outcomes;
mod video_promises;
mod videos;
mod world;
