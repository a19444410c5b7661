//! The pictures that an edit was made from, framed and side by side, so that its result shows which they were.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageEncoder, ImageReader, Rgb, RgbImage};

/// The longer side of the collage; whoever draws it enlarges it.
const SIDE_MAX: u32 = 1024;
/// The first picture at this size is the background: enlarged, it is all colour and no detail.
const BLUR_SIDE: u32 = 6;
/// The background's brightness, of 256, so that frames and words stand out.
const DIMMED: u16 = 150;
/// Where the frames stand, as shares of the height; below are the words.
const TOP: f32 = 0.14;
const BOTTOM: f32 = 0.66;
/// Free at both sides, and between frames, as shares of the width.
const MARGIN: f32 = 0.05;
const GAP: f32 = 0.015;
const FRAME: Rgb<u8> = Rgb([245, 245, 240]);

/// A PNG with the ratio of `width` and `height`, or nothing when no picture can be decoded.
pub fn of(sources: &[Bytes], width: u32, height: u32) -> Option<Vec<u8>> {
    let decoded: Vec<DynamicImage> = sources.iter().filter_map(|bytes| decode(bytes)).collect();
    let first = decoded.first()?;
    let longer = width.max(height).max(1);
    let scaled = |side: u32| (side * SIDE_MAX.min(longer) / longer).max(1);
    let (width, height) = (scaled(width), scaled(height));
    let mut canvas = background(first, width, height);
    let area_top = height as f32 * TOP;
    let (area_width, area_height) =
        (width as f32 * (1.0 - 2.0 * MARGIN), height as f32 * (BOTTOM - TOP));
    let (columns, cell) = grid(decoded.len(), area_width, area_height);
    let gap = width as f32 * GAP;
    let rows = decoded.len().div_ceil(columns);
    let left = (width as f32 - cell * columns as f32) / 2.0;
    let top = area_top + (area_height - cell * rows as f32) / 2.0;
    for (index, picture) in decoded.iter().enumerate() {
        let at = |place: usize, start: f32| start + cell * place as f32;
        let corner = (at(index % columns, left), at(index / columns, top));
        hang(&mut canvas, picture, corner, cell, gap);
    }
    encode(&canvas)
}

/// How many columns make the squares largest, and how large they are.
fn grid(count: usize, width: f32, height: f32) -> (usize, f32) {
    let cell = |columns: usize| {
        let rows = count.div_ceil(columns);
        (width / columns as f32).min(height / rows as f32)
    };
    let best = (1..=count.max(1)).max_by(|one, other| cell(*one).total_cmp(&cell(*other)));
    best.map_or((1, width.min(height)), |columns| (columns, cell(columns)))
}

fn background(picture: &DynamicImage, width: u32, height: u32) -> RgbImage {
    let blurred = picture.thumbnail_exact(BLUR_SIDE, BLUR_SIDE).into_rgb8();
    let mut canvas = imageops::resize(&blurred, width, height, FilterType::Triangle);
    for value in canvas.iter_mut() {
        *value = (u16::from(*value) * DIMMED / 256) as u8;
    }
    canvas
}

/// Puts a picture in its frame into the middle of a square.
fn hang(canvas: &mut RgbImage, picture: &DynamicImage, corner: (f32, f32), cell: f32, gap: f32) {
    let frame = (cell / 60.0).max(1.0);
    let inner = (cell - gap - frame * 2.0).max(1.0) as u32;
    let shown = picture.thumbnail(inner, inner).into_rgb8();
    let (width, height) = (shown.width() as f32, shown.height() as f32);
    let (x, y) = (corner.0 + (cell - width) / 2.0, corner.1 + (cell - height) / 2.0);
    let plate = RgbImage::from_pixel(
        shown.width() + frame as u32 * 2,
        shown.height() + frame as u32 * 2,
        FRAME,
    );
    imageops::overlay(canvas, &plate, x as i64 - frame as i64, y as i64 - frame as i64);
    imageops::overlay(canvas, &shown, x as i64, y as i64);
}

fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.decode().ok()
}

fn encode(canvas: &RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, PngFilter::Adaptive);
    let (width, height) = canvas.dimensions();
    encoder.write_image(canvas, width, height, image::ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(colour: [u8; 3], width: u32, height: u32) -> Bytes {
        encode(&RgbImage::from_pixel(width, height, Rgb(colour))).expect("it encodes").into()
    }

    fn share_of(collage: &[u8], colour: [u8; 3]) -> f32 {
        let picture = image::load_from_memory(collage).expect("it decodes").into_rgb8();
        let near = |pixel: &&Rgb<u8>| pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 12);
        picture.pixels().filter(near).count() as f32 / picture.pixels().len() as f32
    }

    #[test]
    fn every_source_can_be_seen() {
        let colours = [[250, 10, 10], [10, 240, 10], [10, 10, 250]];
        for (width, height) in [(1024, 1024), (1584, 672), (768, 1376), (352, 2816)] {
            let sources = colours.map(|colour| source(colour, 120, 90));
            let collage = of(&sources, width, height).expect("a collage");
            for colour in colours {
                assert!(share_of(&collage, colour) > 0.01, "{width} × {height}: {colour:?}");
            }
        }
    }

    #[test]
    fn fourteen_and_one_find_their_places_and_junk_is_left_out() {
        let one = source([250, 10, 10], 400, 100);
        for count in [1, 2, 7, 14] {
            assert!(of(&vec![one.clone(); count], 5504, 3072).is_some());
        }
        assert!(of(&[Bytes::from_static(b"junk"), one], 1, 1).is_some());
        assert_eq!(of(&[], 100, 100), None);
        assert_eq!(of(&[Bytes::from_static(b"junk")], 100, 100), None);
    }

    #[test]
    fn the_grid_makes_the_squares_as_large_as_it_can() {
        assert_eq!(grid(1, 300.0, 100.0), (1, 100.0));
        assert_eq!(grid(3, 300.0, 100.0), (3, 100.0));
        assert_eq!(grid(2, 100.0, 300.0).0, 1);
        assert_eq!(grid(4, 100.0, 100.0), (2, 50.0));
    }
}
