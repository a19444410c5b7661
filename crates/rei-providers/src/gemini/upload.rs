//! The Files API: how a file that is too large for a request goes ahead of it.
//!
//! A session is opened, the bytes follow in parts that are streamed from the disk, and the file can be named once it
//! is active. Google forgets it after two days. Nothing here is billed, so whatever is lost here may be tried again.
//!
//! Source: Gemini API reference, `media.upload` and `files.get` (read 2026-11-22).

use std::io::SeekFrom;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, Stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Body, RequestBuilder, Url};
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::carriage::{Load, LocalFile};
use super::{Gemini, Refused, errors, is_success};
use crate::policy::WireError;
use crate::policy::wire::Answer;
use crate::rejection::{Class, Reason, Rejection};

/// The length of a part, as Google's own client has it.
const PART_BYTES: u64 = 8 * 1024 * 1024;
/// Read from the disk at once.
const PIECE_BYTES: usize = 64 * 1024;
/// All files of one request, from the first session to the last one being active.
const UPLOADS_TIMEOUT: Duration = Duration::from_secs(300);
/// Between two questions whether a file is active; doubled each time.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Questions about one file. Pictures are active at once; half a minute means that something is stuck.
const QUESTIONS_MAX: u32 = 20;
/// How often an upload that broke is begun again.
const REPEATS_MAX: u32 = 3;
/// The name that Google shows for a file; the customer's own name for it stays here.
const METADATA: &str = r#"{"file":{"display_name":"input"}}"#;

#[derive(Deserialize)]
struct Uploaded {
    file: RemoteState,
}

#[derive(Deserialize)]
struct RemoteState {
    name: String,
    uri: String,
    #[serde(default)]
    state: String,
}

impl Gemini {
    /// Uploads what goes ahead of the request, one file after the other, and returns the addresses to name them by.
    ///
    /// # Errors
    /// Never of class `Unknown`: the work itself has not been asked for.
    pub(super) async fn send_ahead(&self, load: &Load) -> Result<Vec<String>, Refused> {
        let uploads = async {
            let mut uris = Vec::new();
            for file in load.files.iter().filter(|file| file.goes_ahead) {
                uris.push(self.upload(file).await?);
            }
            Ok(uris)
        };
        let too_slow = |_| Err(Rejection::retry("upload-too-slow", REPEATS_MAX).into());
        tokio::time::timeout(UPLOADS_TIMEOUT, uploads).await.unwrap_or_else(too_slow)
    }

    async fn upload(&self, file: &LocalFile) -> Result<String, Refused> {
        check_length(file).await?;
        let session = self.open_session(file).await?;
        let mut remote = None;
        let mut offset = 0;
        while offset < file.size_bytes {
            let length = PART_BYTES.min(file.size_bytes - offset);
            remote = self.send_part(&session, file, offset, length).await?;
            offset += length;
        }
        // An empty file has no part; the API takes none either.
        let remote = remote.ok_or_else(|| bad_input("input-empty"))?;
        self.until_active(remote).await
    }

    async fn open_session(&self, file: &LocalFile) -> Result<Url, Refused> {
        let url = self.url(&["upload", "v1beta", "files"])?;
        let request = self
            .keyed(self.wire.post(url))
            .header("x-goog-upload-protocol", "resumable")
            .header("x-goog-upload-command", "start")
            .header("x-goog-upload-header-content-length", file.size_bytes)
            .header("x-goog-upload-header-content-type", &file.mime)
            .header(CONTENT_TYPE, "application/json")
            .body(METADATA);
        let (headers, _) = self.step(request).await?;
        let session = header(&headers, "x-goog-upload-url");
        let session = session.and_then(|address| session_url(&self.base, address));
        // A gateway that does not pass uploads on.
        session.ok_or_else(|| Rejection::owner_fault("upload-without-session").into())
    }

    /// The file when this was its last part.
    async fn send_part(
        &self,
        session: &Url,
        file: &LocalFile,
        offset: u64,
        length: u64,
    ) -> Result<Option<RemoteState>, Refused> {
        let last = offset + length == file.size_bytes;
        let part = part(file, offset, length).await.map_err(|error| unreadable(&error))?;
        let request = self
            .keyed(self.wire.post(session.clone()))
            .header("x-goog-upload-offset", offset)
            .header("x-goog-upload-command", if last { "upload, finalize" } else { "upload" })
            // Known beforehand, so that the part is not sent in chunks of unknown number.
            .header(CONTENT_LENGTH, length)
            .body(Body::wrap_stream(part));
        let (headers, answer) = self.step(request).await?;
        let status = header(&headers, "x-goog-upload-status").unwrap_or_default();
        match (last, status) {
            (false, "active") => Ok(None),
            (true, "final") => read::<Uploaded>(&answer).map(|uploaded| Some(uploaded.file)),
            _ => Err(Refused {
                rejection: Rejection::retry("upload-out-of-step", REPEATS_MAX),
                said: format!("the status of the upload is \"{status}\""),
            }),
        }
    }

    async fn until_active(&self, mut remote: RemoteState) -> Result<String, Refused> {
        let mut pause = PAUSE_FIRST;
        for _ in 0..QUESTIONS_MAX {
            match remote.state.as_str() {
                "ACTIVE" | "" => return Ok(remote.uri),
                "FAILED" => return Err(bad_input("FILE_FAILED")),
                // PROCESSING, and whatever comes next.
                _ => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            let id = remote.name.strip_prefix("files/").unwrap_or(&remote.name);
            let url = self.url(&["v1beta", "files", id])?;
            let (_, answer) = self.step(self.keyed(self.wire.get(url))).await?;
            remote = read(&answer)?;
        }
        Err(Rejection::retry("file-still-processing", REPEATS_MAX).into())
    }

    /// One exchange of the protocol.
    async fn step(&self, request: RequestBuilder) -> Result<(HeaderMap, Answer), Refused> {
        let exchanged = self.wire.exchange_with_headers(request).await;
        let (headers, answer) = exchanged.map_err(|error| broken(&error))?;
        if is_success(answer.status) {
            return Ok((headers, answer));
        }
        let Refused { rejection, said } = errors::classify(&answer);
        let said = format!("HTTP {} to an upload: {said}", answer.status);
        Err(Refused { rejection: before_the_work(rejection, answer.status), said })
    }
}

/// A broken exchange: whether it was sent or not, it is begun anew.
fn broken(error: &WireError) -> Refused {
    let rejection = match error {
        WireError::NotSent(_) => Rejection::retry("unreachable", u32::MAX),
        WireError::Unanswered(_) => Rejection::retry("upload-unanswered", REPEATS_MAX),
        WireError::TooLarge(_) => Rejection::owner_fault("upload-answer-too-large"),
    };
    Refused { rejection, said: error.to_string() }
}

/// What a refusal means while nothing that is billed was asked for, and no model was named.
fn before_the_work(rejection: Rejection, status: u16) -> Rejection {
    match rejection.class {
        // A session or a file that is not there any more.
        Class::Unknown | Class::ModelGone => {
            Rejection::retry(&rejection.code, REPEATS_MAX).after(rejection.retry_after)
        }
        // A gateway that does not pass uploads on may still pass requests on.
        Class::OwnerFault { pause: true } if status == 404 => {
            Rejection::owner_fault(&rejection.code)
        }
        _ => rejection,
    }
}

/// Where the parts go. The session's path and query are Google's, its host is the one of the settings: behind a
/// gateway Google names itself, and the key must not go anywhere else.
fn session_url(base: &Url, address: &str) -> Option<Url> {
    let given = base.join(address).ok().filter(Url::has_host)?;
    let prefix = base.path().trim_end_matches('/');
    let inside = given.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    let path = if inside { given.path().to_owned() } else { format!("{prefix}{}", given.path()) };
    let mut url = base.clone();
    url.set_path(&path);
    url.set_query(given.query());
    Some(url)
}

/// The announced length is what the provider is told and what the request was planned by.
async fn check_length(file: &LocalFile) -> Result<(), Refused> {
    let found = tokio::fs::metadata(&file.path).await.map_err(|error| unreadable(&error))?.len();
    if found == file.size_bytes {
        return Ok(());
    }
    let announced = file.size_bytes;
    Err(unreadable(&std::io::Error::other(format!("{found} bytes and not {announced}"))))
}

/// Reads one part of a file as it is sent; never more than a piece is in memory.
async fn part(
    file: &LocalFile,
    offset: u64,
    length: u64,
) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + use<>> {
    let mut opened = File::open(&file.path).await?;
    opened.seek(SeekFrom::Start(offset)).await?;
    Ok(stream::try_unfold(opened.take(length), async |mut rest| {
        let mut piece = BytesMut::with_capacity(PIECE_BYTES);
        let read_bytes = rest.read_buf(&mut piece).await?;
        Ok((read_bytes > 0).then(|| (piece.freeze(), rest)))
    }))
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<T, Refused> {
    serde_json::from_slice(&answer.body).map_err(|error| Refused {
        rejection: Rejection::retry("upload-unreadable", REPEATS_MAX),
        said: format!("{} bytes that name no file: {error}", answer.body.len()),
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unreadable(error: &std::io::Error) -> Refused {
    Refused { rejection: Rejection::owner_fault("input-unreadable"), said: error.to_string() }
}

fn bad_input(code: &str) -> Refused {
    Rejection::user_fault(code, Reason::BadInput).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_on_the_host_of_the_settings() {
        let session = |base: &str, address: &str| {
            let base = crate::policy::wire::checked_base(base).expect("a base address");
            session_url(&base, address).map(|url| url.to_string())
        };
        let google = "https://generativelanguage.googleapis.com";
        let path = "/upload/v1beta/files?upload_id=x&upload_protocol=resumable";
        let same = Some(format!("{google}{path}"));
        assert_eq!(session(google, &format!("{google}{path}")), same);
        assert_eq!(session(google, &format!("https://evil.example:8443{path}")), same);
        assert_eq!(session(google, path), same);
        // Behind a gateway, whether it rewrites the address or not.
        let gateway = "http://gw:1/gemini/";
        let through = Some(format!("http://gw:1/gemini{path}"));
        assert_eq!(session(gateway, &format!("{google}{path}")), through);
        assert_eq!(session(gateway, &format!("http://gw:1/gemini{path}")), through);
        assert_eq!(session(gateway, &format!("http://gw:1{path}")), through);
        assert_eq!(
            session(gateway, "http://gw:1/geminis"),
            Some("http://gw:1/gemini/geminis".into())
        );
        assert_eq!(session(google, "data:text/plain,x"), None);
        assert_eq!(session(google, "http://[::"), None);
    }

    #[test]
    fn nothing_lost_before_the_work_is_unknown_and_no_model_is_to_blame() {
        let after = |rejection: Rejection, status| before_the_work(rejection, status).class;
        let again = Class::Retry { at_most: REPEATS_MAX };
        assert_eq!(after(Rejection::unknown("CANCELLED"), 499), again);
        assert_eq!(after(Rejection::model_gone("NOT_FOUND"), 404), again);
        let one = Class::OwnerFault { pause: false };
        assert_eq!(after(Rejection::owner_fault_for_all("HTTP_404"), 404), one);
        let all = Class::OwnerFault { pause: true };
        assert_eq!(after(Rejection::owner_fault_for_all("API_KEY_INVALID"), 400), all);
        assert_eq!(after(Rejection::queue("UNAVAILABLE", None), 503), Class::Queue);
        let lost = |error| broken(&error).rejection.class;
        assert_eq!(lost(WireError::Unanswered(String::new())), again);
        assert_eq!(lost(WireError::NotSent(String::new())), Class::Retry { at_most: u32::MAX });
    }
}
