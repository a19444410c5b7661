//! Files of the chats, as the browser wants them: shown, saved, or played from any place.

use std::ops::Range;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rei_sim::draw::type_of;
use serde::Deserialize;

use super::SharedSite;
use super::acts::Refused;

pub(super) fn routes() -> Router<SharedSite> {
    Router::new().route("/file/{id}", get(file))
}

#[derive(Deserialize)]
struct Named {
    /// The file is to be kept under this name; without it, it is shown.
    name: Option<String>,
}

async fn file(
    State(site): State<SharedSite>,
    Path(id): Path<String>,
    Query(named): Query<Named>,
    asked: HeaderMap,
) -> Result<Response, Refused> {
    let bytes = site.telegram.file(&id)?;
    let kind =
        type_of(&bytes).or_else(|| (bytes.get(4..8) == Some(b"ftyp")).then_some("video/mp4"));
    let disposition = match &named.name {
        Some(name) => format!("attachment; filename*=UTF-8''{}", percent(name)),
        None => "inline".to_owned(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.unwrap_or("application/octet-stream").to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        // A file never changes under its id.
        (header::CACHE_CONTROL, "private, max-age=3600, immutable".to_owned()),
    ];
    let size = bytes.len();
    let Some(part) = asked.get(header::RANGE).and_then(|range| part(range, size)) else {
        return Ok((headers, bytes).into_response());
    };
    let place = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    let place = [(header::CONTENT_RANGE, place)];
    Ok((StatusCode::PARTIAL_CONTENT, headers, place, bytes.slice(part)).into_response())
}

/// `bytes=FROM-TO` or `bytes=FROM-`, as players ask; the whole file for anything else.
fn part(range: &HeaderValue, size: usize) -> Option<Range<usize>> {
    let (from, to) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    let to = if to.is_empty() { size } else { to.parse::<usize>().ok()?.checked_add(1)?.min(size) };
    (from < to).then_some(from..to)
}

fn percent(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    name.bytes()
        .map(
            |byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_the_player_asks_for() {
        for (asked, part_of_ten) in [
            ("bytes=0-", Some(0..10)),
            ("bytes=4-5", Some(4..6)),
            ("bytes=8-99", Some(8..10)),
            ("bytes=10-", None),
            ("bytes=5-4", None),
            ("bytes=-3", None),
            ("bytes=0-1,4-5", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(part(&HeaderValue::from_static(asked), 10), part_of_ten, "{asked}");
        }
    }
}
