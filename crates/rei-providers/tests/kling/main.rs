//! The Kling client against small servers on loopback: new tasks, questions, downloads, and every way a wire can break.

mod creating;
mod faults;
mod files;
mod keys;
mod legacy;
mod questions;
mod secrets;
mod server;
