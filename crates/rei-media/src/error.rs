//! Why a file can't be used.

use std::io;

/// Why a file can't be used; each variant is another answer to whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It begins like nothing that the house handles: ask for another kind of file.
    #[error("the file is neither a picture nor a clip that can be handled")]
    NotMedia,
    /// An iPhone's own picture format, for which there is no decoder: ask to send it as a photo.
    #[error("the picture is in HEIC, which cannot be decoded")]
    Heic,
    /// It begins as it should and then breaks: ask to send it again.
    #[error("the file is broken")]
    Broken(#[source] Fault),
    /// More memory would be needed than one file may take.
    #[error("the file would take more than {bytes_max} bytes of memory")]
    TooLarge {
        /// The bound that it broke.
        bytes_max: u64,
    },
    /// A container of the right kind with nothing to watch in it.
    #[error("the file has no video track")]
    NoVideo,
    /// A whole clip, but not of the length that was ordered.
    #[error("the clip runs {found_ms} ms instead of {ordered_ms} ms")]
    WrongLength {
        /// How long it runs.
        found_ms: u64,
        /// How long it should run.
        ordered_ms: u64,
    },
    /// The file could not be read; it says nothing about the file itself.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
}

/// What is broken in a file; for the log, nobody decides by it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The pixels of a picture.
    #[error("the picture cannot be decoded")]
    Pixels(#[source] image::ImageError),
    /// The structure of a file.
    #[error("{0}")]
    Structure(&'static str),
}

impl MediaError {
    pub(crate) const fn broken(what: &'static str) -> Self {
        Self::Broken(Fault::Structure(what))
    }
}
