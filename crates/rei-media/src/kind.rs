//! What a file on the disk is, by its first bytes.

use std::fs::File;
use std::io::{Read, Seek};

use rei_domain::media::{MediaType, SNIFF_BYTES, sniff};

use crate::MediaError;

/// Looks at an open file and leaves it at its start.
pub fn sniff_file(file: &mut File) -> Result<MediaType, MediaError> {
    let mut first = Vec::with_capacity(SNIFF_BYTES);
    file.take(SNIFF_BYTES as u64).read_to_end(&mut first).map_err(MediaError::Io)?;
    file.rewind().map_err(MediaError::Io)?;
    sniff(&first).ok_or(MediaError::NotMedia)
}
