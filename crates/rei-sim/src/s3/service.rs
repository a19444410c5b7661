//! The HTTP face of the bucket: the switches and the links' ends, then the real server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{S3Request, SharedState, links};
use crate::common::server::Line;

/// Every request.
pub(super) async fn serve(
    State(state): State<SharedState>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    if state.stopped.load(Ordering::SeqCst) {
        line.cut();
    }
    state.clock.sleep(Duration::from_millis(state.slow_ms.load(Ordering::SeqCst))).await;
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let by_link = request.uri().query().is_some_and(links::is_link);
    let response = match refusal(&state, &request) {
        Some(response) => response,
        None => forward(&state, request).await,
    };
    let status = response.status().as_u16();
    state.requests.record(S3Request { method, path, by_link, status });
    response
}

/// What is refused before the real server sees it.
fn refusal(state: &SharedState, request: &Request) -> Option<Response> {
    if state.down.load(Ordering::SeqCst) {
        return Some(error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "simulated"));
    }
    let query = request.uri().query().filter(|query| links::is_link(query))?;
    let is_over = links::ends_ms(query).is_none_or(|ends_ms| ends_ms < state.clock.now_ms());
    if is_over {
        return Some(error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"));
    }
    let less = |left: u32| left.checked_sub(1);
    let is_refused = request.method() == Method::GET
        && state.links_refused.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
    is_refused.then(|| error(StatusCode::FORBIDDEN, "AccessDenied", "simulated"))
}

async fn forward(state: &SharedState, request: Request) -> Response {
    match state.service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "simulated"),
    }
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
