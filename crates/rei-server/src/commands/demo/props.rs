//! What the demo's people send when they have nothing of their own: drawn pictures, each another one, and clips.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use bytes::Bytes;
use rei_sim::draw::Drawing;
use rei_sim::video::sample_clip;

/// Of a picture.
const PICTURE_PX: (u32, u32) = (1280, 960);
/// Of a clip.
const CLIP_PX: (u32, u32) = (1280, 720);

/// A picture as a telephone takes it.
pub(super) async fn photo() -> anyhow::Result<Bytes> {
    drawn(|drawing| drawing.jpeg()).await
}

/// Several, for an album.
pub(super) async fn photos(count: usize) -> anyhow::Result<Vec<Bytes>> {
    let mut photos = Vec::with_capacity(count);
    for _ in 0..count {
        photos.push(photo().await?);
    }
    Ok(photos)
}

/// A picture to be sent as a file.
pub(super) async fn png() -> anyhow::Result<Bytes> {
    drawn(|drawing| drawing.png()).await
}

/// A clip of this length.
pub(super) async fn clip(seconds: u64) -> anyhow::Result<Bytes> {
    let (width, height) = CLIP_PX;
    blocking(move || sample_clip(width, height, seconds.saturating_mul(1_000))).await
}

async fn drawn(pack: fn(&Drawing<'_>) -> Vec<u8>) -> anyhow::Result<Bytes> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let prompt = format!("photo {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let (width, height) = PICTURE_PX;
    let draw =
        move || pack(&Drawing { width, height, prompt: &prompt, note: "", reference: None }).into();
    blocking(draw).await
}

async fn blocking(work: impl FnOnce() -> Bytes + Send + 'static) -> anyhow::Result<Bytes> {
    tokio::task::spawn_blocking(work).await.context("it could not be drawn")
}
