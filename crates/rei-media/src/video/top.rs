//! The outermost boxes, in the file itself.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::boxes::{Fields, Name};
use crate::MediaError;

/// A recording of two hours in fragments of a second has a third of these.
const BOXES_MAX: usize = 65_536;
/// The movie header of two hours of film takes 8 MB.
const BODY_MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Where an outermost box lies.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub name: Name,
    /// Where its header begins.
    pub start: u64,
    body_start: u64,
    /// May lie behind the end of the file when it was cut off.
    end: u64,
}

/// A file with its size.
pub struct Source<'f> {
    pub file: &'f mut File,
    pub size_bytes: u64,
}

impl Source<'_> {
    /// The outermost boxes in order; the last may be longer than the file.
    pub fn boxes(&mut self) -> Result<Vec<Placed>, MediaError> {
        let mut found = Vec::new();
        let mut start = 0;
        while let Some(placed) = self.box_at(start)? {
            if found.len() == BOXES_MAX {
                return Err(MediaError::broken("the file has too many boxes"));
            }
            found.push(placed);
            start = placed.end;
        }
        Ok(found)
    }

    /// All of a box, in memory.
    pub fn body(&mut self, placed: Placed) -> Result<Vec<u8>, MediaError> {
        self.read(placed.body_start, placed.end - placed.body_start)
    }

    /// These bytes of the file.
    pub fn read(&mut self, start: u64, length: u64) -> Result<Vec<u8>, MediaError> {
        if start.checked_add(length).is_none_or(|end| end > self.size_bytes) {
            return Err(MediaError::broken("the file is cut off"));
        }
        if length > BODY_MAX_BYTES {
            return Err(MediaError::TooLarge { bytes_max: BODY_MAX_BYTES });
        }
        self.file.seek(SeekFrom::Start(start)).map_err(MediaError::Io)?;
        let mut bytes = Vec::new();
        self.file.take(length).read_to_end(&mut bytes).map_err(MediaError::Io)?;
        Ok(bytes)
    }

    /// `None` at the end, or where no box can begin.
    fn box_at(&mut self, start: u64) -> Result<Option<Placed>, MediaError> {
        let header_bytes = self.size_bytes.saturating_sub(start).min(16);
        if header_bytes < 8 {
            return Ok(None);
        }
        let header = self.read(start, header_bytes)?;
        Ok(placed(&header, start, self.size_bytes))
    }
}

fn placed(header: &[u8], start: u64, size_bytes: u64) -> Option<Placed> {
    let mut fields = Fields(header);
    let size = u64::from(fields.u32()?);
    let name = fields.array::<4>()?;
    let (header_bytes, box_bytes) = match size {
        0 => (8, size_bytes - start),
        1 => (16, fields.u64()?),
        size => (8, size),
    };
    let end = start.checked_add(box_bytes)?;
    (box_bytes >= header_bytes).then_some(Placed {
        name,
        start,
        body_start: start + header_bytes,
        end,
    })
}
