//! The first frame of a clip, as a picture.

use bytes::Bytes;
use image::{DynamicImage, RgbImage};
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig};
use openh264::formats::YUVSource;

use super::clip::Clip;
use super::top::Source;
use super::track::Turn;
use crate::picture::{PREVIEW_QUALITY, PREVIEW_SIDE_PX, encode, fit};

/// A coded frame longer than this is no frame of a clip that we sell, in bytes.
const FRAME_MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A JPEG of the first frame, turned as it is shown; `None` when it cannot be decoded.
pub fn cover(source: &mut Source<'_>, clip: &Clip) -> Option<Bytes> {
    let frame = first_frame(source, clip)?;
    let frame = match clip.turn {
        Turn::None => frame,
        Turn::Quarter => frame.rotate90(),
        Turn::Half => frame.rotate180(),
        Turn::ThreeQuarters => frame.rotate270(),
    };
    encode(&fit(frame, PREVIEW_SIDE_PX), PREVIEW_QUALITY, None).ok()
}

fn first_frame(source: &mut Source<'_>, clip: &Clip) -> Option<DynamicImage> {
    let avc = clip.avc.as_ref()?;
    // Without concealment, a broken frame is an error and not a grey picture.
    let mut decoder =
        Decoder::with_api_config(OpenH264API::from_source(), DecoderConfig::new()).ok()?;
    let mut stream = avc.parameters.clone();
    for span in &clip.head {
        if span.length > FRAME_MAX_BYTES {
            return None;
        }
        let sample = source.read(span.start, span.length).ok()?;
        stream.extend_from_slice(&avc.to_annex_b(&sample));
        if let Ok(Some(frame)) = decoder.decode(&stream) {
            let (width, height) = frame.dimensions();
            let mut pixels = vec![0; width.checked_mul(height)?.checked_mul(3)?];
            frame.write_rgb8(&mut pixels);
            let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
            return RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8);
        }
        stream.clear();
    }
    None
}
