//! Clips: reading what an MP4 or QuickTime file says about itself, checking results, making covers.
//!
//! The boxes are read by hand, a dozen kinds of them. Strangers send these files, so nothing may be allocated or
//! counted by a size that a file merely declares: the tables are walked where they lie, in a movie header of bounded
//! length, and the pixels of a clip are never read. The libraries do more than we need and bound it less: `re_mp4`
//! builds a record for each declared sample, of which a few bytes can declare four milliards, `shiguredo_mp4` reads
//! every table into a list, and neither says that it knows QuickTime's older habits.

mod avc;
mod boxes;
mod clip;
mod cover;
mod fragments;
mod samples;
mod top;
mod track;
mod verify;

pub(crate) use clip::read_clip;
pub use verify::{VerifiedVideo, verify_video};
