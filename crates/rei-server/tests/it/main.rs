//! The product's tests: the real product with its real clients and a real database, fakes on the network.

mod albums;
mod app;
#[cfg(feature = "crash-points")]
mod crash;
mod delivery;
mod edits;
mod first_order;
mod legacy_videos;
mod library;
mod models;
mod money;
mod orders;
mod outcomes;
mod processes;
mod props;
mod secrets;
mod several;
mod shortcuts;
mod telegram;
mod uploads;
mod video_faults;
mod video_outcomes;
mod video_promises;
mod videos;
mod world;
