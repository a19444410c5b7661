//! The pictures of the answers: drawn for each request, or a template that is made once a size.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
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
    /// The ordered ratio at a sixteenth of the size: for benches that measure everything but pictures.
    Tiny,
}

/// Makes pictures, as base64.
#[derive(Debug)]
pub struct Pictures {
    mode: PictureMode,
    templates: Mutex<HashMap<(u32, u32, PictureFormat), Arc<str>>>,
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
        Self { mode, templates: Mutex::default() }
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
            PictureMode::Tiny => self.template(width / 16, height / 16, format).await,
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
