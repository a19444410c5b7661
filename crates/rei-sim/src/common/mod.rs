//! What every simulator needs: time that can be moved, a loopback server whose connections can be cut, a record of calls.

pub mod client;
pub mod clock;
pub mod recorder;
pub mod server;
