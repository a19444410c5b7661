//! The levers under `/sim/`, for those who sit in another process.
//!
//! `POST /sim/next {behaviour, times?}` · `POST /sim/always {behaviour}` · `POST /sim/when {contains, behaviour}` ·
//! `POST /sim/next-upload {behaviour}` · `POST /sim/clear` · `POST /sim/latency {min_ms, max_ms}` · `GET /sim/calls` · `GET /sim/violations` · `GET /sim/state`

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

use super::behaviour::{Behaviour, UploadBehaviour};
use super::{Call, Latency, SharedState};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    behaviour: Behaviour,
    times: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Always {
    behaviour: Behaviour,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    contains: String,
    behaviour: Behaviour,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NextUpload {
    behaviour: UploadBehaviour,
}

pub(super) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/sim/next", post(next))
        .route("/sim/always", post(always))
        .route("/sim/when", post(when))
        .route("/sim/next-upload", post(next_upload))
        .route("/sim/clear", post(clear))
        .route("/sim/latency", post(latency))
        .route("/sim/calls", get(calls))
        .route("/sim/violations", get(violations))
        .route("/sim/state", get(show))
}

async fn next(State(state): State<SharedState>, Json(next): Json<Next>) -> Json<Value> {
    state.plan.next(next.times.unwrap_or(1), &next.behaviour);
    show(State(state)).await
}

async fn next_upload(
    State(state): State<SharedState>,
    Json(next): Json<NextUpload>,
) -> Json<Value> {
    state.plan.next_upload(next.behaviour);
    show(State(state)).await
}

async fn always(State(state): State<SharedState>, Json(always): Json<Always>) -> Json<Value> {
    state.plan.always(always.behaviour);
    show(State(state)).await
}

async fn when(State(state): State<SharedState>, Json(when): Json<When>) -> Json<Value> {
    state.plan.by_prompt(&when.contains, when.behaviour);
    show(State(state)).await
}

async fn clear(State(state): State<SharedState>) -> Json<Value> {
    state.plan.clear();
    show(State(state)).await
}

async fn latency(State(state): State<SharedState>, Json(latency): Json<Latency>) -> Json<Value> {
    state.set_latency(latency);
    show(State(state)).await
}

/// The key is left out: what leaves the process may end up in a log.
async fn calls(State(state): State<SharedState>) -> Json<Vec<Call>> {
    let mut calls = state.calls.all();
    for call in &mut calls {
        call.headers.retain(|(name, _)| name != "x-goog-api-key");
    }
    Json(calls)
}

async fn violations(State(state): State<SharedState>) -> Json<Vec<String>> {
    Json(state.violations.all())
}

async fn show(State(state): State<SharedState>) -> Json<Value> {
    Json(json!({
        "arranged": state.plan.arranged(),
        "latency": state.latency(),
        "calls": state.calls.total(),
        "images_made": state.images_made.load(Ordering::Relaxed),
        "violations": state.violations.total(),
    }))
}
