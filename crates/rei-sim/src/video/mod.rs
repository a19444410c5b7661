//! Real, playable videos that show what was asked: H.264 in MP4 (or MOV), 24 pictures a second, without sound.
//!
//! A clip is drawn like a picture of [`crate::draw`]: the prompt on a landscape or on the customer's own picture, and
//! the mark that says that it is simulated. A sun that wanders and a bar that fills show that it moves.

mod frames;
mod h264;
mod maker;
mod mux;
mod probe;

use bytes::Bytes;

pub use maker::{VideoMode, Videos};
pub use probe::{Probe, first_picture, probe};

use frames::Frames;

/// Pictures a second, as Kling makes them.
pub const FPS: u32 = 24;
/// The encoder takes no longer side.
pub const SIDE_MAX: u32 = 3840;
/// The encoder takes no longer second side.
const SHORT_SIDE_MAX: u32 = 2160;

/// How the file is marked; the contents are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Container {
    /// `video/mp4`.
    #[default]
    Mp4,
    /// `video/quicktime`, as telephones of Apple write it.
    Mov,
}

/// What a clip shall show.
#[derive(Clone, Debug, Default)]
pub struct Clip {
    /// In pixels; odd ones lose one, and no side is above what the encoder takes.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Rounded to whole pictures, one at least.
    pub length_ms: u64,
    /// Written on it; its hash decides the landscape.
    pub prompt: String,
    /// A small line under the prompt.
    pub note: String,
    /// The picture that it begins with, instead of a landscape.
    pub first: Option<Bytes>,
    /// The picture that fades in at the end.
    pub last: Option<Bytes>,
    /// How it is packed.
    pub container: Container,
}

impl Clip {
    /// Draws, encodes and packs it: seconds of work where blocking is allowed.
    pub fn encode(&self) -> Bytes {
        let (width, height) = sides(self.width, self.height);
        let frames = Frames::new(self, width, height);
        let stream = h264::encode(width, height, frame_count(self.length_ms), |index, count| {
            frames.at(index, count)
        });
        mux::pack(&stream, width, height, self.container).into()
    }
}

/// A customer's own clip, for tests and the demo.
pub fn sample_clip(width: u32, height: u32, length_ms: u64) -> Bytes {
    sample(width, height, length_ms, Container::Mp4)
}

/// The same, as a telephone of Apple would send it.
pub fn sample_mov(width: u32, height: u32, length_ms: u64) -> Bytes {
    sample(width, height, length_ms, Container::Mov)
}

fn sample(width: u32, height: u32, length_ms: u64, container: Container) -> Bytes {
    let (width, height) = sides(width, height);
    let stream = h264::encode_still(width, height, frame_count(length_ms), || {
        let clip = Clip {
            prompt: "own clip".to_owned(),
            note: format!("{width} × {height}"),
            ..Clip::default()
        };
        Frames::new(&clip, width, height).at(0, 1)
    });
    mux::pack(&stream, width, height, container).into()
}

/// How many pictures a length has.
fn frame_count(length_ms: u64) -> u32 {
    let count = (length_ms * u64::from(FPS) + 500) / 1_000;
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

/// Even sides that the encoder takes.
fn sides(width: u32, height: u32) -> (u32, u32) {
    let (width_max, height_max) =
        if width >= height { (SIDE_MAX, SHORT_SIDE_MAX) } else { (SHORT_SIDE_MAX, SIDE_MAX) };
    let even = |side: u32, max: u32| side.clamp(16, max) / 2 * 2;
    (even(width, width_max), even(height, height_max))
}

#[cfg(test)]
mod tests;
