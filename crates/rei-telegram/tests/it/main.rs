//! The client against small servers on loopback that behave and misbehave as Telegram does.

mod server;

mod downloads;
mod payments;
mod requests;
mod transport;
mod updates;
mod uploads;
