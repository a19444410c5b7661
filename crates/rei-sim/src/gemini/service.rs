//! The HTTP face of the service: exact paths, the key, then the method.

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, request::Parts};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::{self, Ask};
use super::files::Progress;
use super::models::{self, MODELS};
use super::record::Call;
use super::refusals::{Refusal, answer, html};
use super::work;
use super::{BODY_MAX_BYTES, SharedState};
use crate::common::server::Line;

const JSON: &str = "application/json; charset=UTF-8";

/// Every request that is not control.
pub async fn serve(
    State(state): State<SharedState>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let call = state.calls.record(Call::new(state.clock.now_ms(), &parts));
    let response = match respond(&state, &line, &parts, body, call).await {
        Ok(response) => response,
        Err(refusal) => {
            state.violation(format!(
                "{} {}: {} {}",
                parts.method,
                parts.uri.path(),
                refusal.code,
                refusal.message
            ));
            refusal.into_response()
        }
    };
    state.calls.amend(call, |call| call.status = Some(response.status().as_u16()));
    response
}

async fn respond(
    state: &SharedState,
    line: &Line,
    parts: &Parts,
    body: Body,
    call: u64,
) -> Result<Response, Refusal> {
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    check_key(state, &parts.headers, query)?;
    let too_large = || Refusal::body_too_large(BODY_MAX_BYTES);
    let bytes = to_bytes(body, BODY_MAX_BYTES).await.map_err(|_| too_large())?;
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (&parts.method, segments.as_slice()) {
        (&Method::POST, ["v1beta", "models", call_path])
            if call_path.ends_with(":generateContent") =>
        {
            no_query(query)?;
            let id = call_path.trim_end_matches(":generateContent");
            let ask = read_ask(state, &parts.headers, id, &bytes, call)?;
            Ok(work::answer(state, line, ask, call).await)
        }
        (&Method::GET, ["v1beta", "models"]) => list_models(query),
        (&Method::GET, ["v1beta", "models", id]) if !id.contains(':') => {
            models::find(id).map(|model| ok(&model_json(model))).ok_or_else(|| Refusal::model(id))
        }
        (&Method::POST, ["upload", "v1beta", "files"]) => {
            upload(state, &parts.headers, query, &bytes)
        }
        (&Method::GET, ["v1beta", "files", id]) => {
            state.files.get(id).map(|file| ok(&file.json())).ok_or_else(|| no_file(id))
        }
        (&Method::DELETE, ["v1beta", "files", id]) if state.files.delete(id) => Ok(ok(&json!({}))),
        (&Method::DELETE, ["v1beta", "files", id]) => Err(no_file(id)),
        _ => {
            state.violation(format!("{} {path}: there is no such method", parts.method));
            Ok(html(404))
        }
    }
}

/// The key travels in its header alone: in the address it would end up in logs.
fn check_key(state: &SharedState, headers: &HeaderMap, query: &str) -> Result<(), Refusal> {
    if query.split('&').any(|pair| pair.starts_with("key=")) {
        return Err(Refusal::new(
            400,
            "INVALID_ARGUMENT",
            "The key must not travel in the address.",
        ));
    }
    let mut keys = headers.get_all("x-goog-api-key").iter();
    match (keys.next(), keys.next()) {
        (None, _) => Err(Refusal::key_missing()),
        (Some(key), None) if key.as_bytes() == state.api_key.as_bytes() => Ok(()),
        _ => Err(Refusal::arranged(super::ServiceError::KeyInvalid, "")),
    }
}

fn no_query(query: &str) -> Result<(), Refusal> {
    if query.is_empty() || query == "alt=json" {
        return Ok(());
    }
    Err(Refusal::new(400, "INVALID_ARGUMENT", format!("Unknown query parameters: {query}")))
}

fn read_ask(
    state: &SharedState,
    headers: &HeaderMap,
    id: &str,
    bytes: &Bytes,
    call: u64,
) -> Result<Ask, Refusal> {
    let body = read_json(headers, bytes);
    state.calls.amend(call, |call| {
        call.model = Some(id.to_owned());
        call.body = body.as_ref().map_or(Value::Null, Value::clone);
    });
    let model = models::find(id).ok_or_else(|| Refusal::model(id))?;
    if bytes.len() > state.inline_max_bytes {
        return Err(Refusal::body_too_large(state.inline_max_bytes));
    }
    let ask = ask::read(model, &body?, &state.files)?;
    state.calls.amend(call, |call| {
        call.prompt.clone_from(&ask.prompt);
        call.references = ask.references.len();
    });
    Ok(ask)
}

fn read_json(headers: &HeaderMap, bytes: &Bytes) -> Result<Value, Refusal> {
    let content_type = header(headers, "content-type").unwrap_or_default();
    if content_type.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Refusal::new(
            400,
            "INVALID_ARGUMENT",
            format!("Unsupported content type \"{content_type}\"."),
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Refusal::new(400, "INVALID_ARGUMENT", format!("Invalid JSON payload received. {error}"))
    })
}

fn list_models(query: &str) -> Result<Response, Refusal> {
    let mut size = MODELS.len();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("pageSize", count)) => {
                size = count
                    .parse()
                    .map_err(|_| Refusal::new(400, "INVALID_ARGUMENT", "Invalid page_size."))?;
            }
            Some(("pageToken", _)) => {}
            _ => {
                return Err(Refusal::new(
                    400,
                    "INVALID_ARGUMENT",
                    format!("Unknown query parameter: {pair}"),
                ));
            }
        }
    }
    let listed: Vec<Value> = MODELS.iter().take(size).map(model_json).collect();
    let mut body = json!({"models": listed});
    if size < MODELS.len() {
        body["nextPageToken"] = "simulated".into();
    }
    Ok(ok(&body))
}

fn model_json(model: &models::Model) -> Value {
    json!({
        "name": format!("models/{}", model.id),
        "displayName": model.title,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    })
}

fn upload(
    state: &SharedState,
    headers: &HeaderMap,
    query: &str,
    bytes: &Bytes,
) -> Result<Response, Refusal> {
    let invalid = |message: &str| Refusal::new(400, "INVALID_ARGUMENT", message);
    let command = header(headers, "x-goog-upload-command")
        .ok_or_else(|| invalid("X-Goog-Upload-Command is missing."))?;
    let words: Vec<&str> = command.split(',').map(str::trim).collect();
    let session = query.split('&').find_map(|pair| pair.strip_prefix("upload_id="));
    match (words.as_slice(), session) {
        (["start"], None) => {
            if header(headers, "x-goog-upload-protocol") != Some("resumable") {
                return Err(invalid("X-Goog-Upload-Protocol: resumable is expected."));
            }
            let length = header(headers, "x-goog-upload-header-content-length")
                .and_then(|text| text.parse().ok());
            let length =
                length.ok_or_else(|| invalid("X-Goog-Upload-Header-Content-Length is missing."))?;
            let mime = header(headers, "x-goog-upload-header-content-type");
            let mime =
                mime.ok_or_else(|| invalid("X-Goog-Upload-Header-Content-Type is missing."))?;
            let id = state.files.start(mime, length, &read_json(headers, bytes)?)?;
            let base_url = base_url(headers);
            let url =
                format!("{base_url}/upload/v1beta/files?upload_id={id}&upload_protocol=resumable");
            let headers =
                [("x-goog-upload-status", "active".to_owned()), ("x-goog-upload-url", url)];
            Ok((headers, answer(200, "text/plain; charset=utf-8", "")).into_response())
        }
        (["upload"] | ["upload", "finalize"], Some(id)) => {
            let offset = header(headers, "x-goog-upload-offset").and_then(|text| text.parse().ok());
            let offset = offset.ok_or_else(|| invalid("X-Goog-Upload-Offset is missing."))?;
            let finalize = words.len() == 2;
            Ok(match state.files.take(id, offset, bytes, finalize, &base_url(headers))? {
                Progress::Active => ([("x-goog-upload-status", "active")], "").into_response(),
                Progress::Final(file) => {
                    ([("x-goog-upload-status", "final")], ok(&json!({"file": file.json()})))
                        .into_response()
                }
            })
        }
        (["query"], Some(id)) => {
            let there = state
                .files
                .received(id)
                .ok_or_else(|| Refusal::new(404, "NOT_FOUND", "Upload not found."))?;
            let headers = [
                ("x-goog-upload-status", "active".to_owned()),
                ("x-goog-upload-size-received", there.to_string()),
            ];
            Ok((headers, "").into_response())
        }
        _ => Err(invalid(&format!("Unexpected X-Goog-Upload-Command: {command}."))),
    }
}

fn no_file(id: &str) -> Refusal {
    Refusal::new(404, "NOT_FOUND", format!("File {id} is not found or expired."))
}

fn ok(body: &Value) -> Response {
    answer(200, JSON, body.to_string())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// As the client reached us.
fn base_url(headers: &HeaderMap) -> String {
    format!("http://{}", header(headers, "host").unwrap_or("127.0.0.1"))
}
