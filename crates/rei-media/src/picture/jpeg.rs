//! JPEG copies of pictures.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, RgbImage};

use super::decode::{decode, read_whole};
use super::shrink::opaque;

use crate::kind::sniff_file;
use crate::{Fault, MediaError};

/// Good enough for looking at in a chat.
pub const PREVIEW_QUALITY: u8 = 85;
/// A provider works on from this copy: what is lost here is lost in its result.
const COPY_QUALITY: u8 = 93;

/// Turns any picture that can be decoded into a JPEG of good quality, the right way up, over white where it shines
/// through, its colour profile kept: for providers that do not take the original.
///
/// # Errors
/// [`MediaError`], as for [`crate::measure()`]; a clip is [`MediaError::NotMedia`].
pub fn as_jpeg(path: &Path) -> Result<Bytes, MediaError> {
    let mut file = File::open(path).map_err(MediaError::Io)?;
    let kind = sniff_file(&mut file)?;
    let decoded = decode(&read_whole(file)?, kind)?;
    encode(&opaque(decoded.picture), COPY_QUALITY, decoded.rgb_profile)
}

/// Encodes, with the meaning of its colours if it is known.
pub fn encode(
    picture: &RgbImage,
    quality: u8,
    rgb_profile: Option<Vec<u8>>,
) -> Result<Bytes, MediaError> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
    if let Some(profile) = rgb_profile {
        // A profile too long for a JPEG is left out: better slightly wrong colours than no picture.
        let _ = encoder.set_icc_profile(profile);
    }
    encoder.encode_image(picture).map_err(|error| MediaError::Broken(Fault::Pixels(error)))?;
    Ok(Bytes::from(jpeg))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

    use super::*;
    use crate::testing::{file, picture, with_orientation};

    #[test]
    fn a_copy_is_the_right_way_up() {
        let turned = with_orientation(&picture(64, 32, ImageFormat::Jpeg), 6);
        let copy = as_jpeg(file(&turned).path()).expect("it is a picture");
        let copy = image::load_from_memory(&copy).expect("it decodes").into_rgb8();
        assert_eq!((copy.width(), copy.height()), (32, 64));
        // What was on the left is above after a quarter turn clockwise.
        let (above, below) = (copy.get_pixel(16, 8), copy.get_pixel(16, 56));
        assert!(above.0[0] > 180 && below.0[2] > 180, "{above:?} {below:?}");
    }

    #[test]
    fn what_shines_through_becomes_white() {
        let glass = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 0]));
        let mut webp = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(glass).write_to(&mut webp, ImageFormat::WebP).expect("memory");
        let copy = as_jpeg(file(&webp.into_inner()).path()).expect("it is a picture");
        let copy = image::load_from_memory(&copy).expect("it decodes").into_rgb8();
        assert!(copy.get_pixel(8, 8).0.iter().all(|value| *value > 250));
    }

    #[test]
    fn a_colour_profile_travels_with_the_copy() {
        let mut profile = vec![0; 128];
        profile[16..20].copy_from_slice(b"RGB ");
        let with_profile =
            encode(&RgbImage::new(8, 8), 90, Some(profile.clone())).expect("it encodes");
        let copy = as_jpeg(file(&with_profile).path()).expect("it is a picture");
        assert!(copy.windows(profile.len()).any(|window| window == profile));
    }

    #[test]
    fn a_clip_has_no_jpeg_copy() {
        let copy = as_jpeg(file(b"\0\0\0\x10ftypisom\0\0\0\0").path());
        assert!(matches!(copy, Err(MediaError::NotMedia)));
    }
}
