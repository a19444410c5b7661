//! Making a picture smaller.

use image::{DynamicImage, Rgb, RgbImage, Rgba};

/// The longer side of a preview, in pixels: what Telegram shows without squeezing again.
pub const PREVIEW_SIDE_PX: u32 = 1280;

/// The picture in RGB, its longer side at most `side_px_max`. Never larger than it was.
pub fn fit(picture: DynamicImage, side_px_max: u32) -> RgbImage {
    let pixels = opaque(picture);
    let longer = pixels.width().max(pixels.height());
    if longer <= side_px_max {
        return pixels;
    }
    let pixels = DynamicImage::ImageRgb8(pixels);
    shrink(&pixels, longer, side_px_max)
        .unwrap_or_else(|| pixels.thumbnail(side_px_max, side_px_max))
        .into_rgb8()
}

/// What shines through is white, as in a chat: dropping the alpha channel would show whatever is behind it, mostly black.
pub(super) fn opaque(picture: DynamicImage) -> RgbImage {
    // Moved, not copied: a 4K picture takes 50 MB.
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let pixels = picture.into_rgba8();
    let mut opaque = RgbImage::new(pixels.width(), pixels.height());
    for (below, Rgba([red, green, blue, alpha])) in opaque.pixels_mut().zip(pixels.pixels()) {
        *below = Rgb([*red, *green, *blue].map(|value| over_white(value, *alpha)));
    }
    opaque
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    // Halves are rounded up; the sum never passes 255 × 255.
    u8::try_from((value * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

/// `None` when the fast path does not take the picture; the slow one then does it.
fn shrink(picture: &DynamicImage, longer: u32, side_px_max: u32) -> Option<DynamicImage> {
    let scale = |side: u32| {
        let scaled = u64::from(side) * u64::from(side_px_max) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(side_px_max).max(1)
    };
    let mut small = DynamicImage::new_rgb8(scale(picture.width()), scale(picture.height()));
    fast_image_resize::Resizer::new().resize(picture, &mut small, None).ok()?;
    Some(small)
}
