//! The pictures of the answers: drawn for each request, or a template that is made once a size.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use image::{Rgb, RgbImage};
use serde::{Deserialize, Serialize};

use super::ask::Ask;
use super::collage;
use super::models::pixels;
use crate::draw::Drawing;

/// How much work a picture is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureMode {
    /// In full size, with the prompt on it, and with the pictures that it was made from.
    Drawn,
    /// In full size, the same for every prompt: made once a size.
    #[default]
    Cached,
    /// The ordered ratio at a sixteenth of the size, each with other pixels: for benches that measure everything but
    /// pictures. The same bytes again and again would measure how a file system replaces files.
    Tiny,
}

/// Makes pictures, as base64.
#[derive(Debug)]
pub struct Pictures {
    mode: PictureMode,
    templates: Mutex<HashMap<(u32, u32, PictureFormat), Arc<str>>>,
    tiny: Mutex<HashMap<(u32, u32), RgbImage>>,
    made: AtomicU32,
}

/// How a picture is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// `image/png`.
    Png,
    /// `image/jpeg`.
    Jpeg,
}

impl PictureFormat {
    /// Its MIME type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

impl Pictures {
    /// A maker of pictures.
    pub fn new(mode: PictureMode) -> Self {
        let (templates, tiny) = (Mutex::default(), Mutex::default());
        Self { mode, templates, tiny, made: AtomicU32::new(0) }
    }

    /// The picture that was asked for, as base64. Drawing happens where blocking is allowed.
    pub async fn make(&self, ask: &Ask, format: PictureFormat) -> Arc<str> {
        let (width, height) = pixels(&ask.ratio, &ask.size);
        match self.mode {
            PictureMode::Drawn => {
                let note = format!("{} · {} · {}", ask.model.title, ask.ratio, ask.size);
                let contents = &ask.contents;
                let (prompt, sources) = (contents.prompt.clone(), contents.pictures.clone());
                draw(width, height, prompt, note, sources, format).await
            }
            PictureMode::Cached => self.template(width, height, format).await,
            PictureMode::Tiny => self.numbered(width / 16, height / 16, format).await,
        }
    }

    /// A picture like all others of its size, but for the pixels that its number colours.
    async fn numbered(&self, width: u32, height: u32, format: PictureFormat) -> Arc<str> {
        let key = (width, height);
        let known = self.tiny.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let mut picture = match known {
            Some(picture) => picture,
            None => {
                let png = self.template(width, height, PictureFormat::Png).await;
                let png = STANDARD.decode(png.as_bytes()).unwrap_or_default();
                let picture = image::load_from_memory(&png).map(|it| it.to_rgb8());
                let picture = picture.unwrap_or_else(|_| RgbImage::new(width, height));
                let mut tiny = self.tiny.lock().unwrap_or_else(PoisonError::into_inner);
                tiny.entry(key).or_insert(picture).clone()
            }
        };
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        // Blocks, not points: the preview is a smaller, packed copy and has to differ, too.
        for (bit, x) in (0..u32::BITS).zip((0..width).step_by(2)) {
            let shade = if number >> bit & 1 == 1 { 255 } else { 0 };
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                if x + dx < width && dy < height {
                    picture.put_pixel(x + dx, dy, Rgb([shade; 3]));
                }
            }
        }
        let mut bytes = std::io::Cursor::new(Vec::new());
        let packed = match format {
            PictureFormat::Png => picture.write_to(&mut bytes, image::ImageFormat::Png),
            PictureFormat::Jpeg => picture.write_to(&mut bytes, image::ImageFormat::Jpeg),
        };
        match packed {
            Ok(()) => STANDARD.encode(bytes.into_inner()).into(),
            Err(_) => self.template(width, height, format).await,
        }
    }

    async fn template(&self, width: u32, height: u32, format: PictureFormat) -> Arc<str> {
        let key = (width, height, format);
        if let Some(template) =
            self.templates.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
        {
            return Arc::clone(template);
        }
        let template =
            draw(width, height, String::new(), format!("{width} × {height}"), Vec::new(), format)
                .await;
        self.templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&template));
        template
    }
}

async fn draw(
    width: u32,
    height: u32,
    prompt: String,
    note: String,
    sources: Vec<Bytes>,
    format: PictureFormat,
) -> Arc<str> {
    let drawn = tokio::task::spawn_blocking(move || {
        let reference = collage::of(&sources, width, height);
        let drawing = Drawing {
            width,
            height,
            prompt: &prompt,
            note: &note,
            reference: reference.as_deref(),
        };
        STANDARD.encode(match format {
            PictureFormat::Png => drawing.png(),
            PictureFormat::Jpeg => drawing.jpeg(),
        })
    });
    drawn.await.unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[tokio::test]
    async fn tiny_pictures_are_whole_and_differ_all() {
        let pictures = Pictures::new(PictureMode::Tiny);
        let mut seen = HashSet::new();
        for format in [PictureFormat::Png, PictureFormat::Jpeg] {
            for _ in 0..20 {
                let made = STANDARD.decode(pictures.numbered(64, 64, format).await.as_bytes());
                let decoded = image::load_from_memory(&made.expect("base64")).expect("a picture");
                assert_eq!((decoded.width(), decoded.height()), (64, 64));
                assert!(seen.insert(decoded.to_rgb8().into_raw()), "one came twice");
            }
        }
    }
}
