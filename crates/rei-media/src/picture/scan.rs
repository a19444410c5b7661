//! Noticing a torn picture file where its decoder is too polite to.
//!
//! The JPEG decoder paints what is missing grey, as browsers do: right for showing, wrong for selling.

use crate::MediaError;
use rei_domain::media::MediaType;

/// Refuses a file that ends before its last byte should come.
pub(super) fn refuse_torn(bytes: &[u8], kind: MediaType) -> Result<(), MediaError> {
    let whole = match kind {
        MediaType::Jpeg => jpeg_ends(bytes),
        MediaType::Webp => webp_ends(bytes),
        // A PNG's decoder misses each missing pixel itself.
        MediaType::Png | MediaType::Heic => true,
        MediaType::Mp4 | MediaType::Mov | MediaType::Csv => true,
    };
    if whole { Ok(()) } else { Err(MediaError::broken("the picture is cut off")) }
}

/// Walks from marker to marker up to the end of the image; what cameras append after it is their business.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        // Between segments stand fill bytes, and after a scan's header its coded pixels, where 0xff is stuffed.
        let Some(start) = rest.iter().position(|byte| *byte == 0xff) else { return false };
        let Some(marker) = rest.get(start + 1) else { return false };
        rest = rest.get(start + 1..).unwrap_or_default();
        match marker {
            0xd9 => return true,
            // Another fill byte: it may be the marker's own 0xff.
            0xff => continue,
            0x00 | 0x01 | 0xd0..=0xd8 => rest = rest.get(1..).unwrap_or_default(),
            _ => {
                let Some([high, low]) = rest.get(1..3) else { return false };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(after) = rest.get(1 + length..) else { return false };
                rest = after;
            }
        }
    }
}

/// RIFF says how long the file is, without its first eight bytes.
fn webp_ends(bytes: &[u8]) -> bool {
    let declared = bytes.get(4..).and_then(|rest| rest.first_chunk::<4>());
    declared.is_some_and(|size| bytes.len() as u64 >= 8 + u64::from(u32::from_le_bytes(*size)))
}
