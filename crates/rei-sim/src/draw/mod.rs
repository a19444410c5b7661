//! Real, decodable pictures that show what was asked: a landscape made of the prompt's hash (or the customer's own
//! picture), the prompt on it, and a mark that says that it is simulated.

mod canvas;
mod letters;
mod scene;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageReader, Limits, imageops};

pub(crate) use canvas::Canvas;

const MARK: &str = "SIMULATED";
/// More lines of the prompt end in an ellipsis.
const LINES_MAX: usize = 5;
const JPEG_QUALITY: u8 = 88;
const LABEL_GREY: u8 = 72;
/// A customer's picture that needs more memory than this is not drawn in.
const REFERENCE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What a picture shall show.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'a> {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Written on the picture; its hash decides the landscape.
    pub prompt: &'a str,
    /// A small line under the prompt, such as the model and the size.
    pub note: &'a str,
    /// PNG, JPEG or WebP that becomes the background, as a real model would start from it. Unreadable: a landscape.
    pub reference: Option<&'a [u8]>,
}

impl Drawing<'_> {
    /// RGB of one colour with a label in a corner: what costs least to encode.
    pub(crate) fn label(width: u32, height: u32, label: &str) -> Vec<u8> {
        let mut canvas = Canvas::new(width, height);
        canvas.pixels.fill(LABEL_GREY);
        let size = width.min(height) as f32 / 24.0;
        canvas.write(label, (size * 2.0, size * 2.0), size, [255; 3]);
        mark(&mut canvas, size * 2.0, size * 0.62);
        canvas.pixels
    }

    /// Draws it and packs it as PNG.
    pub fn png(&self) -> Vec<u8> {
        let canvas = self.paint();
        let mut bytes = Vec::new();
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Sub)
            .write_image(&canvas.pixels, canvas.width, canvas.height, ExtendedColorType::Rgb8)
            .expect("memory takes a picture whose buffer fits its size");
        bytes
    }

    /// Draws it and packs it as JPEG.
    pub fn jpeg(&self) -> Vec<u8> {
        let canvas = self.paint();
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
            .write_image(&canvas.pixels, canvas.width, canvas.height, ExtendedColorType::Rgb8)
            .expect("memory takes a picture whose buffer fits its size");
        bytes
    }

    pub(crate) fn paint(&self) -> Canvas {
        let mut canvas = Canvas::new(self.width.max(1), self.height.max(1));
        match self.reference.and_then(|bytes| backdrop(bytes, canvas.width, canvas.height)) {
            Some(pixels) => canvas.pixels = pixels,
            None => scene::paint(&mut canvas, self.prompt),
        }
        self.write(&mut canvas);
        canvas
    }

    fn write(&self, canvas: &mut Canvas) {
        let (width, height) = (canvas.width as f32, canvas.height as f32);
        let unit = width.min(height * 1.4) / 100.0;
        let (margin, size) = (unit * 5.0, unit * 3.6);
        let line_height = size / letters::CAPITAL * letters::LINE;
        let mut lines =
            letters::wrap(self.prompt, (width - margin * 2.0) / size * letters::CAPITAL);
        if lines.len() > LINES_MAX {
            lines.truncate(LINES_MAX);
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
        }
        let note_size = size * 0.5;
        let note_top = height - margin - note_size;
        let mut top = note_top - note_size - line_height * lines.len() as f32;
        canvas.shade(((top - line_height * 2.0) / height).clamp(0.0, 0.9), 0.62);
        canvas.write(self.note, (margin, note_top), note_size, [206, 214, 230]);
        for line in &lines {
            canvas.write(line, (margin, top), size, [255; 3]);
            top += line_height;
        }
        mark(canvas, margin, size * 0.62);
    }
}

/// The MIME type that the bytes begin as: PNG, JPEG or WebP.
pub fn type_of(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes).ok()? {
        image::ImageFormat::Png => Some("image/png"),
        image::ImageFormat::Jpeg => Some("image/jpeg"),
        image::ImageFormat::WebP => Some("image/webp"),
        _ => None,
    }
}

/// Width and height in pixels, from the header of a PNG, JPEG or WebP.
pub fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.into_dimensions().ok()
}

fn mark(canvas: &mut Canvas, margin: f32, size: f32) {
    let text_width = letters::width(MARK) * size / letters::CAPITAL;
    let (width, height) = (text_width + size * 2.4, size * 2.4);
    let at = (canvas.width as f32 - margin - width, margin * 0.8);
    canvas.plate(at, width, height, [10, 12, 24], 0.62);
    canvas.write(MARK, (at.0 + size * 1.2, at.1 + size * 0.7), size, [255, 214, 92]);
}

fn backdrop(bytes: &[u8], width: u32, height: u32) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(REFERENCE_MAX_BYTES);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    Some(
        picture
            .resize_to_fill(width, height, imageops::FilterType::Triangle)
            .into_rgb8()
            .into_raw(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(prompt: &str) -> Drawing<'_> {
        Drawing { width: 320, height: 180, prompt, note: "16:9", reference: None }
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory(bytes).expect("it decodes");
        (picture.width(), picture.height())
    }

    #[test]
    fn a_picture_decodes_in_the_size_that_was_asked() {
        assert_eq!(size(&drawing("кот на Луне").png()), (320, 180));
        assert_eq!(size(&drawing("cat").jpeg()), (320, 180));
        let tiny = Drawing { width: 1, height: 1, ..drawing("") };
        assert_eq!(size(&tiny.png()), (1, 1));
    }

    #[test]
    fn the_same_words_give_the_same_picture_and_others_another() {
        assert_eq!(drawing("кот").png(), drawing("кот").png());
        assert_ne!(drawing("кот").png(), drawing("пёс").png());
    }

    #[test]
    fn a_reference_becomes_the_background_and_a_broken_one_does_not_matter() {
        let source = drawing("лес").jpeg();
        let edited = Drawing { reference: Some(&source), ..drawing("кот") }.png();
        assert_ne!(edited, drawing("кот").png());
        assert_eq!(size(&edited), (320, 180));
        let broken = Drawing { reference: Some(b"junk"), ..drawing("кот") }.png();
        assert_eq!(broken, drawing("кот").png());
    }
}
