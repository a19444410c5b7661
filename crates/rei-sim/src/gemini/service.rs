//! The HTTP face of the service: exact paths, the key, then the method.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, request::Parts};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::{self, Ask};
use super::models::{self, MODELS};
use super::record::Call;
use super::refusals::{Refusal, answer, html};
use super::{BODY_MAX_BYTES, SharedState};
use super::{uploads, work};
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
            let ask = read_ask(state, &parts.headers, id, &bytes, call).await?;
            Ok(work::answer(state, line, ask, call).await)
        }
        (&Method::GET, ["v1beta", "models"]) => list_models(query),
        (&Method::GET, ["v1beta", "models", id]) if !id.contains(':') => {
            models::find(id).map(|model| ok(&model_json(model))).ok_or_else(|| Refusal::model(id))
        }
        (&Method::POST, ["upload", "v1beta", "files"]) => {
            uploads::upload(state, line, &parts.headers, query, &bytes)
        }
        (&Method::GET, ["v1beta", "files", id]) => uploads::file(state, id, false),
        (&Method::DELETE, ["v1beta", "files", id]) => uploads::file(state, id, true),
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

async fn read_ask(
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
    let (body, shared) = (body?, Arc::clone(state));
    // Pictures are decoded to be believed, and that takes its time.
    let reading = tokio::task::spawn_blocking(move || ask::read(model, &body, &shared.files));
    let ask = reading.await.map_err(|_| Refusal::new(500, "INTERNAL", "The check panicked."))??;
    state.calls.amend(call, |call| {
        call.prompt.clone_from(&ask.contents.prompt);
        call.inputs = ask.contents.pictures.len();
        call.inputs_by_file = ask.contents.by_file;
        call.turns = ask.contents.turns;
    });
    Ok(ask)
}

pub(super) fn read_json(headers: &HeaderMap, bytes: &Bytes) -> Result<Value, Refusal> {
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

pub(super) fn ok(body: &Value) -> Response {
    answer(200, JSON, body.to_string())
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
