//! A file that becomes base64 inside JSON piece by piece, so that its bytes are never in memory beside their base64.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

/// Read from a file at once. Three bytes make four signs, so that no piece but the last is padded.
pub(crate) const PIECE_BYTES: usize = 3 * 16 * 1024;

/// A file of exactly the announced length, in base64.
pub(crate) struct InBase64<'a> {
    path: &'a Path,
    size_bytes: u64,
    /// What the disk said. The serializer takes a text that cannot be written for a bug and panics, so it is put
    /// aside until the text has ended.
    trouble: Cell<Option<io::Error>>,
}

impl<'a> InBase64<'a> {
    /// A file of exactly so many bytes: one that grew or shrank is not the customer's any more.
    pub(crate) fn of(path: &'a Path, size_bytes: u64) -> Self {
        Self { path, size_bytes, trouble: Cell::new(None) }
    }
}

impl Serialize for InBase64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = serializer.collect_str(self)?;
        self.trouble.take().map_or(Ok(written), |trouble| Err(S::Error::custom(trouble)))
    }
}

impl fmt::Display for InBase64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |piece: &[u8]| fmt::Display::fmt(&Base64Display::new(piece, &STANDARD), f);
        match each_piece(self.path, self.size_bytes, write) {
            Ok(written) => written,
            Err(trouble) => {
                self.trouble.set(Some(trouble));
                Ok(())
            }
        }
    }
}

fn each_piece(
    path: &Path,
    announced: u64,
    mut write: impl FnMut(&[u8]) -> fmt::Result,
) -> io::Result<fmt::Result> {
    let mut opened = File::open(path)?;
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    let mut read_bytes = 0;
    loop {
        piece.clear();
        opened.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        read_bytes += piece.len() as u64;
        // A file that grew could break every limit, and one that shrank is torn.
        if read_bytes > announced || piece.is_empty() && read_bytes != announced {
            return Err(io::Error::other(format!("{read_bytes} bytes and not {announced}")));
        }
        if piece.is_empty() {
            return Ok(Ok(()));
        }
        if let Err(error) = write(&piece) {
            return Ok(Err(error));
        }
    }
}
