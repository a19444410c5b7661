//! Checking a picture before its price is captured, and making the preview that Telegram shows.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageReader, Limits};
use rei_blobs::media::{MediaType, sniff};

/// A decoded picture larger than this is refused: 4K and some room, in bytes of pixels.
const DECODED_MAX_BYTES: u64 = 512 * 1024 * 1024;
/// The longer side of a preview, in pixels: what Telegram shows without squeezing again.
const PREVIEW_SIDE_PX: u32 = 1280;
const PREVIEW_QUALITY: u8 = 85;
/// How far the ratio of the result may be from the ordered one, in thousandths.
const RATIO_TOLERANCE_PERMILLE: u64 = 40;

/// A picture that was looked at.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What its bytes are, whatever the provider called them.
    pub media: MediaType,
    /// A smaller JPEG for the chat.
    pub preview: Bytes,
    /// Whether its ratio is the ordered one within tolerance.
    pub ratio_as_ordered: bool,
}

/// Why bytes are not a picture that can be sold.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The bytes start like nothing we know.
    #[error("the result is not a picture")]
    NotAPicture,
    /// The bytes start like a picture and then break.
    #[error("the picture cannot be decoded")]
    Broken(#[source] image::ImageError),
}

/// Decodes the picture fully, so that a torn one is never sold, and makes its preview. Takes milliseconds to
/// a second of a core: call it where blocking is allowed.
///
/// # Errors
/// [`PictureError`] when there is nothing to sell.
pub fn verify(bytes: &Bytes, ratio: &str) -> Result<Verified, PictureError> {
    let media = sniff(bytes).filter(|media| media.is_picture()).ok_or(PictureError::NotAPicture)?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PictureError::NotAPicture)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    reader.limits(limits);
    let picture = reader.decode().map_err(PictureError::Broken)?;
    let ratio_as_ordered = ratio_fits(picture.width(), picture.height(), ratio);
    Ok(Verified { media, preview: preview_of(picture)?, ratio_as_ordered })
}

fn preview_of(picture: DynamicImage) -> Result<Bytes, PictureError> {
    // Moved, not copied: a 4K picture takes 50 MB.
    let pixels = DynamicImage::ImageRgb8(picture.into_rgb8());
    let longer = pixels.width().max(pixels.height());
    let small = if longer > PREVIEW_SIDE_PX {
        shrink(&pixels, longer)
            .unwrap_or_else(|| pixels.thumbnail(PREVIEW_SIDE_PX, PREVIEW_SIDE_PX))
    } else {
        pixels
    };
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, PREVIEW_QUALITY)
        .encode_image(&small.into_rgb8())
        .map_err(PictureError::Broken)?;
    Ok(Bytes::from(jpeg))
}

/// `None` when the fast path does not take the picture; the slow one then does it.
fn shrink(picture: &DynamicImage, longer: u32) -> Option<DynamicImage> {
    let scale = |side: u32| {
        let scaled = u64::from(side) * u64::from(PREVIEW_SIDE_PX) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(PREVIEW_SIDE_PX).max(1)
    };
    let mut small = DynamicImage::new_rgb8(scale(picture.width()), scale(picture.height()));
    fast_image_resize::Resizer::new().resize(picture, &mut small, None).ok()?;
    Some(small)
}

fn ratio_fits(width: u32, height: u32, ratio: &str) -> bool {
    let Some((wide, high)) = ratio.split_once(':') else { return true };
    let (Ok(wide), Ok(high)) = (wide.parse::<u64>(), high.parse::<u64>()) else { return true };
    // width / height against wide / high, multiplied out so that no fraction is needed.
    let (found, ordered) = (u64::from(width) * high, u64::from(height) * wide);
    found.abs_diff(ordered) * 1000 <= ordered * RATIO_TOLERANCE_PERMILLE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .expect("memory takes it");
        Bytes::from(bytes.into_inner())
    }

    #[test]
    fn a_large_picture_gets_a_small_preview() {
        let verified = verify(&png(2048, 1024), "2:1").expect("it is a picture");
        assert!(verified.ratio_as_ordered);
        let preview = image::load_from_memory(&verified.preview).expect("the preview decodes");
        assert_eq!((preview.width(), preview.height()), (1280, 640));
    }

    #[test]
    fn a_torn_picture_is_not_sold() {
        let whole = png(512, 512);
        assert!(matches!(
            verify(&whole.slice(..whole.len() / 2), "1:1"),
            Err(PictureError::Broken(_))
        ));
        assert!(matches!(
            verify(&Bytes::from_static(b"<html>"), "1:1"),
            Err(PictureError::NotAPicture)
        ));
    }

    #[test]
    fn j10_the_ratio_is_compared_with_the_order() {
        assert!(ratio_fits(1376, 768, "16:9"));
        assert!(!ratio_fits(1024, 1024, "16:9"));
    }
}
