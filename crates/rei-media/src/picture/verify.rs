//! Checking a picture before its price is captured, and making the preview that Telegram shows.

use bytes::Bytes;
use rei_domain::media::sniff;

use super::decode::{Decoded, decode};
use super::jpeg::{PREVIEW_QUALITY, encode};
use super::shrink::{PREVIEW_SIDE_PX, fit};
use crate::MediaError;

/// How far the ratio of the result may be from the ordered one, in thousandths.
const RATIO_TOLERANCE_PERMILLE: u64 = 40;

/// A picture that was looked at.
#[derive(Clone, Debug)]
pub struct VerifiedPicture {
    /// What its bytes are, whatever the provider called them: `png`, `jpg` or `webp`.
    pub file_type: &'static str,
    /// Pixels from side to side, as shown.
    pub width: u32,
    /// Pixels from top to bottom, as shown.
    pub height: u32,
    /// A smaller JPEG for the chat.
    pub preview: Bytes,
    /// Whether its ratio is the ordered one within tolerance.
    pub ratio_as_ordered: bool,
}

/// Decodes the picture fully, so that a torn one is never sold, and makes its preview. Takes milliseconds to
/// a second of a core: call it where blocking is allowed.
///
/// `ratio`: as ordered, `16:9`; anything else (`auto`) fits every picture.
///
/// # Errors
/// [`MediaError`] when there is nothing to sell.
pub fn verify_picture(bytes: &Bytes, ratio: &str) -> Result<VerifiedPicture, MediaError> {
    let kind = sniff(bytes).ok_or(MediaError::NotMedia)?;
    let Decoded { picture, rgb_profile } = decode(bytes, kind)?;
    let (width, height) = (picture.width(), picture.height());
    Ok(VerifiedPicture {
        file_type: kind.extension(),
        width,
        height,
        preview: encode(&fit(picture, PREVIEW_SIDE_PX), PREVIEW_QUALITY, rgb_profile)?,
        ratio_as_ordered: ratio_fits(width, height, ratio),
    })
}

fn ratio_fits(width: u32, height: u32, ratio: &str) -> bool {
    let Some((wide, high)) = ratio.split_once(':') else { return true };
    let (Ok(wide), Ok(high)) = (wide.parse::<u32>(), high.parse::<u32>()) else { return true };
    // width / height against wide / high, multiplied out so that no fraction is needed.
    let (found, ordered) =
        (u64::from(width) * u64::from(high), u64::from(height) * u64::from(wide));
    u128::from(found.abs_diff(ordered)) * 1000
        <= u128::from(ordered) * u128::from(RATIO_TOLERANCE_PERMILLE)
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;
    use crate::testing::{picture, with_orientation};

    fn png(width: u32, height: u32) -> Bytes {
        picture(width, height, ImageFormat::Png)
    }

    #[test]
    fn a_large_picture_gets_a_small_preview() {
        let verified = verify_picture(&png(2048, 1024), "2:1").expect("it is a picture");
        assert!(verified.ratio_as_ordered);
        assert_eq!((verified.file_type, verified.width, verified.height), ("png", 2048, 1024));
        let preview = image::load_from_memory(&verified.preview).expect("the preview decodes");
        assert_eq!((preview.width(), preview.height()), (1280, 640));
    }

    #[test]
    fn a_turned_picture_is_judged_and_previewed_as_it_is_shown() {
        let turned = Bytes::from(with_orientation(&picture(90, 160, ImageFormat::Jpeg), 6));
        let verified = verify_picture(&turned, "16:9").expect("it is a picture");
        assert!(verified.ratio_as_ordered);
        assert_eq!((verified.file_type, verified.width, verified.height), ("jpg", 160, 90));
        let preview = image::load_from_memory(&verified.preview).expect("the preview decodes");
        assert_eq!((preview.width(), preview.height()), (160, 90));
    }

    #[test]
    fn a_torn_picture_is_not_sold() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let whole = picture(512, 512, format);
            let torn = verify_picture(&whole.slice(..whole.len() / 2), "1:1");
            assert!(matches!(torn, Err(MediaError::Broken(_))), "{format:?}");
        }
        let page = verify_picture(&Bytes::from_static(b"<html>"), "1:1");
        assert!(matches!(page, Err(MediaError::NotMedia)));
    }

    #[test]
    fn j10_the_ratio_is_compared_with_the_order() {
        assert!(ratio_fits(1376, 768, "16:9"));
        assert!(!ratio_fits(1024, 1024, "16:9"));
        assert!(ratio_fits(1024, 1024, "auto"));
        assert!(!ratio_fits(u32::MAX, u32::MAX, &format!("1:{}", u32::MAX)));
    }
}
