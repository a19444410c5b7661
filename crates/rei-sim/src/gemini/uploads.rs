//! The HTTP face of the Files API: sessions, parts, and questions about files.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;

use super::SharedState;
use super::behaviour::UploadBehaviour;
use super::files::Progress;
use super::refusals::{Refusal, answer, html};
use super::service::{header, ok, read_json};
use crate::common::server::Line;

/// One call of the resumable protocol.
pub fn upload(
    state: &SharedState,
    line: &Line,
    headers: &HeaderMap,
    query: &str,
    bytes: &Bytes,
) -> Result<Response, Refusal> {
    let command = header(headers, "x-goog-upload-command")
        .ok_or_else(|| invalid("X-Goog-Upload-Command is missing."))?;
    let words: Vec<&str> = command.split(',').map(str::trim).collect();
    let session = query.split('&').find_map(|pair| pair.strip_prefix("upload_id="));
    match (words.as_slice(), session) {
        (["start"], None) => start(state, headers, bytes),
        (["upload"] | ["upload", "finalize"], Some(id)) if state.files.is_cut(id) => {
            line.cut();
            Ok(html(500))
        }
        (["upload"], Some(id)) => take(state, headers, id, bytes, false),
        (["upload", "finalize"], Some(id)) => take(state, headers, id, bytes, true),
        (["query"], Some(id)) => {
            let there = state.files.received(id);
            let there = there.ok_or_else(|| Refusal::new(404, "NOT_FOUND", "Upload not found."))?;
            let headers = [
                ("x-goog-upload-status", "active".to_owned()),
                ("x-goog-upload-size-received", there.to_string()),
            ];
            Ok((headers, "").into_response())
        }
        _ => Err(invalid(&format!("Unexpected X-Goog-Upload-Command: {command}."))),
    }
}

/// A question about a file, or the wish that it go.
pub fn file(state: &SharedState, id: &str, delete: bool) -> Result<Response, Refusal> {
    let answered = if delete {
        state.files.delete(id).then(|| ok(&json!({})))
    } else {
        state.files.ask(id).map(|file| ok(&file.json()))
    };
    let message = || format!("File {id} is not found or expired.");
    answered.ok_or_else(|| Refusal::new(404, "NOT_FOUND", message()))
}

fn start(state: &SharedState, headers: &HeaderMap, bytes: &Bytes) -> Result<Response, Refusal> {
    if header(headers, "x-goog-upload-protocol") != Some("resumable") {
        return Err(invalid("X-Goog-Upload-Protocol: resumable is expected."));
    }
    let length = header(headers, "x-goog-upload-header-content-length");
    let length = length.and_then(|text| text.parse().ok());
    let length =
        length.ok_or_else(|| invalid("X-Goog-Upload-Header-Content-Length is missing."))?;
    let mime = header(headers, "x-goog-upload-header-content-type");
    let mime = mime.ok_or_else(|| invalid("X-Goog-Upload-Header-Content-Type is missing."))?;
    let metadata = read_json(headers, bytes)?;
    let behaviour = state.plan.take_upload();
    if let UploadBehaviour::Error { error } = behaviour {
        return Ok(Refusal::arranged(error, "").into_response());
    }
    let id = state.files.start(mime, length, &metadata, behaviour)?;
    let url = format!(
        "{}/upload/v1beta/files?upload_id={id}&upload_protocol=resumable",
        base_url(headers)
    );
    let headers = [("x-goog-upload-status", "active".to_owned()), ("x-goog-upload-url", url)];
    Ok((headers, answer(200, "text/plain; charset=utf-8", "")).into_response())
}

fn take(
    state: &SharedState,
    headers: &HeaderMap,
    id: &str,
    bytes: &Bytes,
    finalize: bool,
) -> Result<Response, Refusal> {
    let offset = header(headers, "x-goog-upload-offset").and_then(|text| text.parse().ok());
    let offset = offset.ok_or_else(|| invalid("X-Goog-Upload-Offset is missing."))?;
    Ok(match state.files.take(id, offset, bytes, finalize, &base_url(headers))? {
        Progress::Active => ([("x-goog-upload-status", "active")], "").into_response(),
        Progress::Final(file) => {
            let body = ok(&json!({"file": file.json()}));
            ([("x-goog-upload-status", "final")], body).into_response()
        }
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "INVALID_ARGUMENT", message)
}

/// As the client reached us.
fn base_url(headers: &HeaderMap) -> String {
    format!("http://{}", header(headers, "host").unwrap_or("127.0.0.1"))
}
