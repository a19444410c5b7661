//! The outside world in small: HTTP servers with memory, time that can be moved, and faults.
//!
//! They serve the tests, the benches and `rei demo`, and know nothing of the product: it just gets other base URLs.
//! Where the live services are silent, these are strict.

pub mod common;
pub mod draw;
pub mod gemini;
pub mod kling;
#[cfg(feature = "s3")]
pub mod s3;
pub mod telegram;
pub mod video;
pub mod yookassa;
