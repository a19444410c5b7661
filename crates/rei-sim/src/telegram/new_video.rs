//! Videos that people send.

use bytes::Bytes;

use crate::video::probe;

/// A video as a person's application describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVideo {
    /// The file.
    pub bytes: Bytes,
    /// Telephones often give none.
    pub file_name: Option<String>,
    /// `video/mp4`, `video/quicktime` …
    pub mime_type: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In whole seconds.
    pub duration_s: u32,
}

impl NewVideo {
    /// A video as its file describes itself.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let probe = probe(&bytes);
        let is_mov = probe.is_some_and(|probe| &probe.brand == b"qt  ");
        let (width, height, duration_ms) =
            probe.map_or((1280, 720, 5_000), |seen| (seen.width, seen.height, seen.duration_ms));
        Self {
            bytes,
            file_name: Some(if is_mov { "video.mov" } else { "video.mp4" }.to_owned()),
            mime_type: if is_mov { "video/quicktime" } else { "video/mp4" }.to_owned(),
            width,
            height,
            duration_s: u32::try_from((duration_ms + 500) / 1_000).unwrap_or(u32::MAX),
        }
    }
}
