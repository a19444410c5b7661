//! The files of results, and the ways in which they cannot be had.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::SharedState;
use super::behaviour::ResultFault;
use super::refusals::{html, raw};
use super::tasks::Stage;
use crate::video::sample_clip;

const MP4: &str = "video/mp4";
/// Into how many pieces a slow body is cut.
const SLOW_PIECES: usize = 16;
static FILLER: [u8; 64 * 1024] = [0; 64 * 1024];

/// Serves `/files/{name}`.
pub(super) async fn serve(state: &SharedState, name: &str, headers: &HeaderMap) -> Response {
    if headers.contains_key("authorization") {
        state.violation("a result was downloaded with our key in the request".to_owned());
    }
    let id = name.trim_end_matches(".mp4").trim_end_matches("-watermark");
    let Some(task) = state.book.by_id(id) else { return html(404) };
    let Stage::Succeeded(made) = task.seen(state.clock.now_ms()).await.stage else {
        return html(404);
    };
    let is_first = task.downloads.fetch_add(1, Ordering::SeqCst) == 0;
    match task.result_fault {
        Some(ResultFault::ForbiddenOnce) if is_first => html(403),
        Some(ResultFault::Gone) => html(404),
        Some(ResultFault::TruncatedOnce) if is_first => truncated(&made.bytes),
        Some(ResultFault::Truncated) => truncated(&made.bytes),
        Some(ResultFault::Slow { ms }) => slowly(state, &made.bytes, Duration::from_millis(ms)),
        Some(ResultFault::NotMp4) => raw(200, MP4, "simulated junk, not a video"),
        Some(ResultFault::WrongDuration) => raw(200, MP4, sample_clip(320, 180, 1_000)),
        Some(ResultFault::Html) => html(200),
        Some(ResultFault::Huge { bytes }) => huge(bytes),
        _ => raw(200, MP4, made.bytes),
    }
}

/// Half of the bytes under the length of all of them.
fn truncated(bytes: &Bytes) -> Response {
    let half = bytes.slice(..bytes.len() / 2);
    let body = Body::from_stream(stream::once(async { Ok(half) }).chain(broken_line()));
    sized(body, bytes.len() as u64)
}

/// A stream that breaks, after what was sent before has left.
pub(super) fn broken_line() -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::once(async {
        tokio::task::yield_now().await;
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the simulator cut the line"))
    })
}

fn slowly(state: &SharedState, bytes: &Bytes, time: Duration) -> Response {
    let size = bytes.len().div_ceil(SLOW_PIECES).max(1);
    let pieces: Vec<Bytes> = (0..bytes.len())
        .step_by(size)
        .map(|at| bytes.slice(at..(at + size).min(bytes.len())))
        .collect();
    let clock = state.clock.clone();
    let trickle = stream::iter(pieces).then(move |piece| {
        let clock = clock.clone();
        async move {
            clock.sleep(time / SLOW_PIECES as u32).await;
            Ok::<_, std::convert::Infallible>(piece)
        }
    });
    sized(Body::from_stream(trickle), bytes.len() as u64)
}

fn huge(bytes: u64) -> Response {
    let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&FILLER)));
    sized(Body::from_stream(pieces), bytes)
}

fn sized(body: Body, bytes: u64) -> Response {
    let mut response = raw(200, MP4, body);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}
