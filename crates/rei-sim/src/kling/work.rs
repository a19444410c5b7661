//! Makes the clip of an order: gets the inputs, decides size and length, draws.

use std::io::Cursor;

use bytes::Bytes;

use super::SharedState;
use super::order::{Order, Role};
use super::sources::{self, Material};
use crate::video::{Clip, FPS, SIDE_MAX, VideoMode, first_picture};

/// The clip, or why there is none.
pub(super) type Worked = Result<Made, String>;

/// A finished clip.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) bytes: Bytes,
    /// As long as the file is.
    pub(super) length_ms: u64,
    /// What is paid for, in micro-dollars.
    pub(super) cost_micro_usd: u64,
}

/// Does the whole work.
pub(super) async fn run(state: &SharedState, order: &Order) -> Worked {
    let materials = match sources::gather(&state.http, order).await {
        Ok(materials) => materials,
        Err(reason) => {
            let (path, model) = (order.endpoint.path(), order.model.id);
            state.violation(format!("{path}/{model}: {reason}"));
            return Err(reason);
        }
    };
    let billed_s = match (order.seconds, materials.iter().find_map(|input| input.video)) {
        (Some(seconds), _) => u64::from(seconds),
        (None, Some(video)) => video.duration_ms.div_ceil(1_000),
        (None, None) => return Err("simulated: neither a duration nor a video".to_owned()),
    };
    // A picture more than was ordered, as the live service makes it: 5 seconds are 5.041.
    let source_ms = materials.iter().find_map(|input| input.video).map(|video| video.duration_ms);
    let wanted_ms = match order.seconds {
        Some(seconds) => u64::from(seconds) * 1_000 + 1_000 / u64::from(FPS),
        None => source_ms.unwrap_or_default(),
    };
    let (width, height) = size(order, &materials);
    let is_drawn = state.videos.mode() == VideoMode::Drawn;
    let clip = Clip {
        width,
        height,
        length_ms: wanted_ms,
        prompt: order.prompt.clone(),
        note: format!("{} · {} · {billed_s} s", order.model.id, order.resolution),
        first: if is_drawn { beginning(&materials).await } else { None },
        last: bytes_of(&materials, Role::LastFrame).filter(|_| is_drawn),
        ..Clip::default()
    };
    let bytes = state.videos.make(clip).await;
    let cost_micro_usd = billed_s * price(order);
    let length_ms = crate::video::probe(&bytes).map_or(wanted_ms, |made| made.duration_ms);
    Ok(Made { bytes, length_ms, cost_micro_usd })
}

/// Micro-dollars for a second.
fn price(order: &Order) -> u64 {
    let Some(price) = order.model.price(&order.resolution) else { return 0 };
    match (order.has_video(), order.has_sound) {
        (true, _) => price.with_video,
        (false, true) => price.with_sound,
        (false, false) => price.silent,
    }
}

fn size(order: &Order, materials: &[Material]) -> (u32, u32) {
    let short: u32 = match order.resolution.as_str() {
        "4k" => 2160,
        "1080p" => 1080,
        _ => 720,
    };
    let of_input = || {
        let shaping = materials
            .iter()
            .find(|input| !matches!(input.role, Role::ReferImage | Role::LastFrame));
        shaping.map_or((16, 9), |input| input.size)
    };
    let (wide, high) = match order.ratio.as_deref() {
        Some("9:16") => (9, 16),
        // Squares have the pixels of the other shapes.
        Some("1:1") => return (short / 3 * 4, short / 3 * 4),
        Some(_) => (16, 9),
        None => of_input(),
    };
    let long = u64::from(short) * u64::from(wide.max(high)) / u64::from(wide.min(high).max(1));
    let long = u32::try_from(long).unwrap_or(SIDE_MAX).min(SIDE_MAX);
    if wide >= high { (long, short) } else { (short, long) }
}

/// The picture that the clip begins with.
async fn beginning(materials: &[Material]) -> Option<Bytes> {
    let roles = [Role::FirstFrame, Role::Image, Role::ReferImage];
    let picture = roles.iter().find_map(|role| bytes_of(materials, *role));
    if picture.is_some() {
        return picture;
    }
    let video = materials.iter().find(|input| input.video.is_some())?.bytes.clone();
    let decoded = tokio::task::spawn_blocking(move || {
        let (rgb, width, height) = first_picture(&video)?;
        let picture = image::RgbImage::from_raw(width, height, rgb)?;
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Jpeg).ok()?;
        Some(Bytes::from(bytes.into_inner()))
    });
    decoded.await.ok().flatten()
}

fn bytes_of(materials: &[Material], role: Role) -> Option<Bytes> {
    materials.iter().find(|input| input.role == role).map(|input| input.bytes.clone())
}
