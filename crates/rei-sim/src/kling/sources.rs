//! The customer's files: read out of the body, fetched by ourselves, and checked as the service checks them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;

use super::fields::Reader;
use super::matrix::Endpoint;
use super::order::{Order, Role};
use crate::draw;
use crate::video::{Probe, probe};

const MB: usize = 1024 * 1024;
const IMAGE_MAX_BYTES: usize = 50 * MB;
const IMAGE_SIDE_MIN: u32 = 300;
const RATIO: (f64, f64) = (0.4, 2.5);
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the bytes of an input are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Url(String),
    Bytes(Bytes),
}

/// An input whose bytes are there and fit.
#[derive(Clone, Debug)]
pub(super) struct Material {
    pub(super) role: Role,
    pub(super) bytes: Bytes,
    /// In pixels.
    pub(super) size: (u32, u32),
    /// None for pictures.
    pub(super) video: Option<Probe>,
}

/// Whether it is an address that can be fetched.
pub(super) fn is_web(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Reads an address, or a picture as bare base64.
pub(super) fn read(reader: &mut Reader, text: &str, path: &str, role: Role) -> Option<Source> {
    if text.starts_with("data:") {
        reader.wrong(format!("{path} must not have a data: prefix"));
        return None;
    }
    if is_web(text) {
        let is_telegram = text.contains("/file/bot");
        reader.demand(!is_telegram, format!("{path} is an address that holds a bot's token"));
        return (!is_telegram).then(|| Source::Url(text.to_owned()));
    }
    if role.is_video() {
        reader.wrong(format!("{path} must be an address: videos are taken by URL only"));
        return None;
    }
    let Ok(bytes) = STANDARD.decode(text) else {
        reader.wrong(format!("{path} is neither an address nor base64"));
        return None;
    };
    if let Err(reason) = check_picture(&bytes) {
        reader.wrong(format!("{path}: {reason}"));
        return None;
    }
    Some(Source::Bytes(bytes.into()))
}

/// Gets all inputs of an order; an error is the reason of the task's failure.
pub(super) async fn gather(http: &reqwest::Client, order: &Order) -> Result<Vec<Material>, String> {
    let mut materials = Vec::with_capacity(order.inputs.len());
    for input in &order.inputs {
        let role = input.role;
        let bytes = match &input.source {
            Source::Bytes(bytes) => bytes.clone(),
            Source::Url(url) => fetch(http, url, role, order).await?,
        };
        materials.push(if role.is_video() {
            let video = check_video(&bytes, order)?;
            Material { role, bytes, size: (video.width, video.height), video: Some(video) }
        } else {
            let size = check_picture(&bytes)?;
            Material { role, bytes, size, video: None }
        });
    }
    Ok(materials)
}

async fn fetch(
    http: &reqwest::Client,
    url: &str,
    role: Role,
    order: &Order,
) -> Result<Bytes, String> {
    let bytes_max = match order.model.video.filter(|_| role.is_video()) {
        Some(limits) => limits.bytes_max,
        None => IMAGE_MAX_BYTES,
    };
    let failed = |what: String| format!("Failed to fetch the media resource: {what}");
    let response = http.get(url).timeout(FETCH_TIMEOUT).send().await;
    let mut response = response.map_err(|error| failed(error.without_url().to_string()))?;
    if !response.status().is_success() {
        return Err(failed(response.status().to_string()));
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default();
    let fits = match role.is_video() {
        true => kind.starts_with("video/mp4") || kind.starts_with("video/quicktime"),
        false => kind.starts_with("image/"),
    };
    if !fits {
        return Err(failed(format!("unexpected content type \"{kind}\"")));
    }
    let mut bytes = BytesMut::new();
    while let Some(piece) =
        response.chunk().await.map_err(|error| failed(error.without_url().to_string()))?
    {
        if bytes.len() + piece.len() > bytes_max {
            return Err(failed("the file is too large".to_owned()));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

fn check_picture(bytes: &[u8]) -> Result<(u32, u32), String> {
    if bytes.len() > IMAGE_MAX_BYTES {
        return Err("Image file is too large".to_owned());
    }
    if !matches!(draw::type_of(bytes), Some("image/jpeg" | "image/png")) {
        return Err("Image format is not supported: jpg, jpeg, png".to_owned());
    }
    let Some((width, height)) = draw::size_of(bytes) else {
        return Err("Image is unreadable".to_owned());
    };
    if width.min(height) < IMAGE_SIDE_MIN {
        return Err("Image pixel is invalid: sides must be at least 300 px".to_owned());
    }
    within(f64::from(width) / f64::from(height), RATIO, "Image aspect ratio is invalid")?;
    Ok((width, height))
}

fn check_video(bytes: &[u8], order: &Order) -> Result<Probe, String> {
    let video = probe(bytes).ok_or("Video is unreadable")?;
    let limits = order.model.video.ok_or("Video is not supported by this model")?;
    let (short, long) = (video.width.min(video.height), video.width.max(video.height));
    let area = u64::from(video.width) * u64::from(video.height);
    if short < limits.side.0 || long > limits.side.1 || area > limits.area_max {
        return Err(format!("Video pixel is invalid: {} x {}", video.width, video.height));
    }
    let is_short = order.endpoint == Endpoint::Motion && order.follows_image;
    let seconds = (limits.seconds.0, if is_short { 10.05 } else { limits.seconds.1 });
    within(video.duration_ms as f64 / 1_000.0, seconds, "Video duration is invalid")?;
    let ratio = f64::from(video.width) / f64::from(video.height.max(1));
    within(ratio, limits.ratio, "Video aspect ratio is invalid")?;
    within(video.fps(), limits.fps, "Video frame rate is invalid")?;
    Ok(video)
}

fn within(value: f64, (least, most): (f64, f64), complaint: &str) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("{complaint}: {value:.2}, expected {least} to {most}"))
}
