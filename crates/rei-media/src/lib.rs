//! Looks at pictures and clips: what they are, how large, whether they are whole; makes previews and covers.
//!
//! Pure work on bytes and files. It never asks a sender's word for anything, and it blocks: a large picture takes
//! a second of a core, so the caller puts it where blocking is allowed. What strangers send is looked at within
//! named bounds and never decoded by C code; only a provider's finished clip is, for its cover.

mod error;
mod kind;
mod measure;
mod picture;
#[cfg(test)]
mod testing;
mod video;

pub use error::{Fault, MediaError};
pub use measure::measure;
pub use picture::{VerifiedPicture, as_jpeg, verify_picture};
pub use video::{VerifiedVideo, verify_video};
