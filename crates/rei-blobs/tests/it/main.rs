//! The store against a real S3 server on loopback, which verifies every signature.

mod cleaning;
mod faults;
mod links;
mod server;
mod sharing;
