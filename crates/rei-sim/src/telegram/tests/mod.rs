//! The double is tested over HTTP, as the bot meets it.

mod checkout;
mod control;
mod editing;
mod faults;
mod media;
mod people;
mod polling;
mod profile;
mod strictness;
mod webhook;
