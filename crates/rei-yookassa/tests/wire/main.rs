//! The client against small servers on loopback: what is sent, what is read, and every way a wire can break.

mod answers;
mod faults;
mod secrets;
mod sent;
mod server;
