//! Decoding a picture within bounds, the right way up.

use std::fs::File;
use std::io::{Cursor, Read};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use rei_domain::media::MediaType;

use super::scan;
use crate::{Fault, MediaError};

/// The memory that decoding one picture may take, in bytes: a 64-megapixel photo, or 4K with 16 bits a channel.
const DECODED_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// The longest picture file, in bytes. No provider takes a longer one, and the JPEG decoder holds all of it.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A decoded picture, turned as it is shown.
pub(super) struct Decoded {
    pub picture: DynamicImage,
    /// The colours that its numbers mean, if they are RGB and the file says so.
    pub rgb_profile: Option<Vec<u8>>,
}

/// Reads a picture file, but never more than any picture should have.
pub fn read_whole(file: File) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::new();
    file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(MediaError::Io)?;
    if bytes.len() as u64 > FILE_MAX_BYTES {
        return Err(MediaError::TooLarge { bytes_max: FILE_MAX_BYTES });
    }
    Ok(bytes)
}

/// Width and height as shown, after decoding all of it.
pub fn shown_size(bytes: &[u8], kind: MediaType) -> Result<(u32, u32), MediaError> {
    let (decoder, orientation) = open(bytes, kind)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    // Turning the pixels would take as much memory again, and only the sides are asked for.
    let (width, height) = (picture.width(), picture.height());
    Ok(if turns_sides(orientation) { (height, width) } else { (width, height) })
}

/// Decodes all of it and turns it as it is shown.
pub(super) fn decode(bytes: &[u8], kind: MediaType) -> Result<Decoded, MediaError> {
    let (mut decoder, orientation) = open(bytes, kind)?;
    let profile = decoder.icc_profile().map_err(why)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    picture.apply_orientation(orientation);
    Ok(Decoded { picture, rgb_profile: profile.filter(|profile| is_rgb(profile)) })
}

fn open(bytes: &[u8], kind: MediaType) -> Result<(impl ImageDecoder, Orientation), MediaError> {
    let format = match kind {
        MediaType::Png => ImageFormat::Png,
        MediaType::Jpeg => ImageFormat::Jpeg,
        MediaType::Webp => ImageFormat::WebP,
        MediaType::Heic => return Err(MediaError::Heic),
        MediaType::Mp4 | MediaType::Mov | MediaType::Csv => return Err(MediaError::NotMedia),
    };
    scan::refuse_torn(bytes, kind)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(why)?;
    limits.reserve(decoder.total_bytes()).map_err(why)?;
    decoder.set_limits(limits).map_err(why)?;
    // A picture with broken notes about itself is still a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((decoder, orientation))
}

const fn turns_sides(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

/// An ICC profile names its space at byte 16; a decoder may have turned CMYK or grey into RGB meanwhile.
fn is_rgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ")
}

fn why(error: ImageError) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooLarge { bytes_max: DECODED_MAX_BYTES },
        error => MediaError::Broken(Fault::Pixels(error)),
    }
}
