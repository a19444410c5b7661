//! The clips of a service: drawn for each request, or a still one that is made once a size and length.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::{OnceCell, Semaphore};

use super::{Clip, Container, frame_count, h264, mux, sides};
use crate::draw::Drawing;

/// How much work a clip is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoMode {
    /// In full size, with the prompt on it and something that moves.
    Drawn,
    /// In full size and length, still and almost empty, the same for every prompt: made once a size and length.
    #[default]
    Cached,
}

/// Clips that are drawn at the same moment; others wait, so that the machine stays answerable.
const DRAWN_AT_ONCE: usize = 2;

type Key = (u32, u32, u32, Container);

/// Makes clips.
#[derive(Debug)]
pub struct Videos {
    mode: VideoMode,
    places: Semaphore,
}

/// Clips of [`VideoMode::Cached`] by size and length: all makers of the process share them.
static MADE: LazyLock<Mutex<HashMap<Key, Arc<OnceCell<Bytes>>>>> = LazyLock::new(Mutex::default);

impl Videos {
    /// A maker of clips.
    pub fn new(mode: VideoMode) -> Self {
        Self { mode, places: Semaphore::new(DRAWN_AT_ONCE) }
    }

    /// How it works.
    pub fn mode(&self) -> VideoMode {
        self.mode
    }

    /// The clip that was asked for. The work is done where blocking is allowed.
    pub async fn make(&self, clip: Clip) -> Bytes {
        match self.mode {
            VideoMode::Drawn => {
                // The semaphore is never closed.
                let _place = self.places.acquire().await;
                blocking(move || clip.encode()).await
            }
            VideoMode::Cached => shared(&clip).await,
        }
    }
}

async fn shared(clip: &Clip) -> Bytes {
    let (width, height) = sides(clip.width, clip.height);
    let count = frame_count(clip.length_ms);
    let key = (width, height, count, clip.container);
    let cell = {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(key).or_default())
    };
    let make = || blocking(move || template(width, height, count, key.3));
    cell.get_or_init(make).await.clone()
}

/// A grey picture with the size in a corner: a few kilobytes for any length.
fn template(width: u32, height: u32, count: u32, container: Container) -> Bytes {
    let stream = h264::encode_still(width, height, count, || {
        Drawing::label(width, height, &format!("{width} × {height}"))
    });
    mux::pack(&stream, width, height, container).into()
}

async fn blocking(work: impl FnOnce() -> Bytes + Send + 'static) -> Bytes {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}
