//! Pictures: decoding within bounds, checking results, smaller and other copies.

mod decode;
mod jpeg;
mod scan;
mod shrink;
mod verify;

pub(crate) use decode::{read_whole, shown_size};
pub use jpeg::as_jpeg;
pub(crate) use jpeg::{PREVIEW_QUALITY, encode};
pub(crate) use shrink::{PREVIEW_SIDE_PX, fit};
pub use verify::{VerifiedPicture, verify_picture};
