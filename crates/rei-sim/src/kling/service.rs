//! The HTTP face of the service: the switches, the key, then path and method.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::Value;

use super::behaviour::Behaviour;
use super::refusals::{Refusal, answer, html, raw};
use super::{BODY_MAX_BYTES, SharedState, auth, matrix, results, wire};
use crate::common::server::Line;

/// An answer; an error says that the request was wrong, and is noted.
pub(super) type Handled = Result<Response, Refusal>;

/// Every request that is not control.
pub(super) async fn serve(
    State(state): State<SharedState>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    if state.switches.stopped.load(Ordering::SeqCst) {
        line.cut();
    }
    let slow_ms = state.switches.slow_ms.load(Ordering::SeqCst);
    state.clock.sleep(Duration::from_millis(slow_ms)).await;
    if state.switches.down.load(Ordering::SeqCst) {
        return html(503);
    }
    if state.switches.garbage.load(Ordering::SeqCst) {
        return raw(200, "application/json", "{\"code\":0,\"da\u{1}simulated garbage");
    }
    let response = respond(&state, &line, request).await;
    if state.switches.cut_bodies.load(Ordering::SeqCst) {
        return cut_in_body(response).await;
    }
    response
}

async fn cut_in_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default();
    let half = bytes.slice(..bytes.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    let broken = stream::once(async { Ok(half) }).chain(results::broken_line());
    Response::from_parts(parts, Body::from_stream(broken))
}

async fn respond(state: &SharedState, line: &Line, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if let Some(name) = path.strip_prefix("/files/") {
        return results::serve(state, name, &parts.headers).await;
    }
    let request_id = format!("sim-{}", state.requests.fetch_add(1, Ordering::Relaxed) + 1);
    let call = Call { state, line, request_id: &request_id };
    match call.handle(&parts.method, &parts.uri, &parts.headers, body).await {
        Ok(response) => response,
        Err(refusal) => {
            let Refusal { code, message } = &refusal;
            state.violation(format!("{} {path}: {code} {message}", parts.method));
            refusal.into_response(&request_id)
        }
    }
}

/// One call that got past the switches.
pub(super) struct Call<'a> {
    pub(super) state: &'a SharedState,
    line: &'a Line,
    pub(super) request_id: &'a str,
}

impl Call<'_> {
    async fn handle(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: Body) -> Handled {
        let state = self.state;
        let path = uri.path();
        let is_legacy = path.starts_with("/v1/");
        let access = state.access.as_ref();
        let now_ms = state.clock.now_ms();
        auth::check(headers, &state.api_key, access, is_legacy, now_ms)?;
        let too_large = |_| Refusal::parameter("the body is too large");
        let bytes = to_bytes(body, BODY_MAX_BYTES).await.map_err(too_large)?;
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (method, segments.as_slice()) {
            (&Method::GET, ["tasks"]) => self.query(uri).await,
            (&Method::GET, ["account", "costs"]) => Ok(self.costs()),
            (&Method::GET, ["v1", "videos", kind, id]) => self.query_legacy(path, kind, id).await,
            (&Method::POST, ["v1", "videos", kind]) if matrix::is_endpoint(kind) => {
                self.create_legacy(path, kind, headers, &bytes).await
            }
            (&Method::POST, [endpoint, id]) if matrix::is_endpoint(endpoint) => {
                self.create_new(path, endpoint, id, headers, &bytes).await
            }
            (_, ["tasks"] | ["account", "costs"]) => Err(Refusal::usual(1202)),
            (_, [endpoint, _] | ["v1", "videos", endpoint, ..])
                if matrix::is_endpoint(endpoint) =>
            {
                Err(Refusal::usual(1202))
            }
            _ => Err(Refusal::usual(1203)),
        }
    }

    /// Answers as arranged.
    pub(super) async fn deliver(&self, behaviour: &Behaviour, data: Value) -> Response {
        match behaviour {
            Behaviour::Error { code, .. } => {
                return Refusal::usual(*code).into_response(self.request_id);
            }
            Behaviour::Cut { .. } => {
                self.line.cut();
                return html(500);
            }
            Behaviour::Hang { .. } => return std::future::pending().await,
            Behaviour::Html { status, .. } => return html(*status),
            Behaviour::Slow { ms } => self.state.clock.sleep(Duration::from_millis(*ms)).await,
            _ => {}
        }
        let body = wire::envelope(self.request_id, data);
        if *behaviour == Behaviour::TruncatedJson {
            let text = body.to_string();
            return raw(200, "application/json", text.as_bytes()[..text.len() / 2].to_vec());
        }
        answer(200, &body)
    }
}
