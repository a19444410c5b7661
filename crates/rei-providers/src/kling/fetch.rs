//! Downloading a result: without any key, piece by piece, never more than allowed and never slower than bearable.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::Url;
use reqwest::header::LOCATION;
use tokio::time::{Instant, timeout, timeout_at};

use super::calls::unanswered;
use super::{lost, task};
use crate::policy::wire::Wire;
use crate::provider::{AskError, RemoteFile};
use crate::rejection::Rejection;

/// The longest wait for the next piece.
pub(super) const STALL_MAX: Duration = Duration::from_secs(60);
/// The longest download, however steadily it drips.
const DOWNLOAD_MAX: Duration = Duration::from_secs(30 * 60);
/// How often a download may be sent elsewhere.
const REDIRECTS_MAX: usize = 3;

/// How large a result may be, and how long it may keep us waiting.
#[derive(Clone, Copy)]
pub(super) struct FileLimits {
    pub(super) max_bytes: u64,
    pub(super) stall: Duration,
}

/// A download under way.
struct Download {
    response: reqwest::Response,
    limits: FileLimits,
    read_bytes: u64,
    until: Instant,
}

/// Opens a download.
///
/// # Errors
/// No file came; a fresh link and another try may do. Only a file that is too large will stay so.
pub(super) async fn open(
    wire: &Wire,
    file: &RemoteFile,
    limits: FileLimits,
) -> Result<BoxStream<'static, Result<Bytes, Rejection>>, AskError> {
    let failed = |rejection: Rejection| unanswered("fetch", &rejection, "");
    let until = Instant::now() + DOWNLOAD_MAX;
    let mut url = address(&file.url).ok_or_else(|| failed(again("file-address")))?;
    for _ in 0..=REDIRECTS_MAX {
        let answer = timeout(limits.stall, wire.open(wire.get(url.clone()))).await;
        let response = answer
            .map_err(|_| failed(again("file-unanswered")))?
            .map_err(|error| unanswered("fetch", &lost(&error), &error.to_string()))?;
        match elsewhere(&response, &url) {
            Elsewhere::No => {}
            Elsewhere::To(next) => {
                url = next;
                continue;
            }
            Elsewhere::Nowhere => return Err(failed(again("file-redirect"))),
        }
        let status = response.status();
        if !status.is_success() {
            return Err(failed(again(&format!("FILE_HTTP_{}", status.as_u16()))));
        }
        if response.content_length().is_some_and(|length| length > limits.max_bytes) {
            // The one trouble that no other try mends, and that the owner can.
            let _ = failed(too_large());
            return Err(AskError::Rejected(too_large()));
        }
        return Ok(pieces(Download { response, limits, read_bytes: 0, until }));
    }
    Err(failed(again("file-redirects")))
}

enum Elsewhere {
    No,
    To(Url),
    Nowhere,
}

fn elsewhere(response: &reqwest::Response, from: &Url) -> Elsewhere {
    if !response.status().is_redirection() {
        return Elsewhere::No;
    }
    let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
    let next = location.and_then(|it| from.join(it).ok()).and_then(|it| address(it.as_str()));
    next.map_or(Elsewhere::Nowhere, Elsewhere::To)
}

/// An address that is asked over http or https, without the name and password that it may bring along.
fn address(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(|_| task::is_address(text))?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

fn pieces(download: Download) -> BoxStream<'static, Result<Bytes, Rejection>> {
    let next = |download: Option<Download>| async move {
        let mut download = download?;
        match download.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(download))),
            Ok(None) => None,
            // Nothing sensible comes after it.
            Err(rejection) => Some((Err(rejection), None)),
        }
    };
    stream::unfold(Some(download), next).boxed()
}

impl Download {
    async fn next(&mut self) -> Result<Option<Bytes>, Rejection> {
        let until = self.until.min(Instant::now() + self.limits.stall);
        let piece = timeout_at(until, self.response.chunk()).await;
        let piece = piece.map_err(|_| again("file-stalled"))?.map_err(|_| again("file-cut"))?;
        let Some(piece) = piece else {
            return if self.read_bytes == 0 { Err(again("file-empty")) } else { Ok(None) };
        };
        self.read_bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if self.read_bytes > self.limits.max_bytes {
            return Err(too_large());
        }
        Ok(Some(piece))
    }
}

fn again(code: &str) -> Rejection {
    Rejection::retry(code, u32::MAX)
}

fn too_large() -> Rejection {
    Rejection::owner_fault("file-too-large")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_password_in_an_address_are_not_used() {
        let shown = |text| address(text).map(|url| url.to_string());
        assert_eq!(shown("https://u:p@h/v.mp4?s=1").as_deref(), Some("https://h/v.mp4?s=1"));
        for wrong in ["ftp://h/v", "file:///etc/passwd", "data:,x", "/v.mp4", ""] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
