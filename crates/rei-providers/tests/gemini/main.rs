//! The Gemini client against small servers on loopback: good answers, refusals, and every way a wire can break.

mod answers;
mod edits;
mod faults;
mod files_api;
mod limits;
mod secrets;
mod server;
mod uploads;
