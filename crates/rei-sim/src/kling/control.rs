//! The levers under `/sim/`, for those who sit in another process.
//!
//! `POST /sim/next {behaviour, times?}` · `POST /sim/next-poll {behaviour, times?}` · `POST /sim/always {behaviour}` ·
//! `POST /sim/when {contains, behaviour}` · `POST /sim/clear` · `POST /sim/latency {submitted, processing}` ·
//! `POST /sim/switches {down?, slow_ms?, cut_bodies?, garbage?}` · `POST /sim/end {id, reason?}` ·
//! `GET /sim/creates` · `GET /sim/polls` · `GET /sim/callbacks` · `GET /sim/violations` · `GET /sim/state`

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::{SharedState, StageLatency};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    behaviour: Behaviour,
    times: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    contains: String,
    behaviour: Behaviour,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switched {
    down: Option<bool>,
    slow_ms: Option<u64>,
    cut_bodies: Option<bool>,
    garbage: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    id: String,
    reason: Option<String>,
}

pub(super) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/sim/next", post(next))
        .route("/sim/next-poll", post(next_poll))
        .route("/sim/always", post(always))
        .route("/sim/when", post(when))
        .route("/sim/clear", post(clear))
        .route("/sim/latency", post(latency))
        .route("/sim/switches", post(switch))
        .route("/sim/end", post(end))
        .route(
            "/sim/creates",
            get(async |State(state): State<SharedState>| Json(state.creates.all())),
        )
        .route("/sim/polls", get(async |State(state): State<SharedState>| Json(state.polls.all())))
        .route(
            "/sim/callbacks",
            get(async |State(state): State<SharedState>| Json(state.callbacks.all())),
        )
        .route(
            "/sim/violations",
            get(async |State(state): State<SharedState>| Json(state.violations.all())),
        )
        .route("/sim/state", get(show))
}

async fn next(State(state): State<SharedState>, Json(next): Json<Next>) -> Json<Value> {
    state.plan.next(next.times.unwrap_or(1), &next.behaviour);
    show(State(state)).await
}

async fn next_poll(State(state): State<SharedState>, Json(next): Json<Next>) -> Json<Value> {
    state.plan.next_poll(next.times.unwrap_or(1), &next.behaviour);
    show(State(state)).await
}

async fn always(State(state): State<SharedState>, Json(always): Json<Next>) -> Json<Value> {
    state.plan.always(always.behaviour);
    show(State(state)).await
}

async fn when(State(state): State<SharedState>, Json(when): Json<When>) -> Json<Value> {
    state.plan.by_prompt(&when.contains, when.behaviour);
    show(State(state)).await
}

async fn clear(State(state): State<SharedState>) -> Json<Value> {
    state.clear();
    show(State(state)).await
}

async fn latency(
    State(state): State<SharedState>,
    Json(latency): Json<StageLatency>,
) -> Json<Value> {
    *state.latency.lock().unwrap_or_else(PoisonError::into_inner) = latency;
    show(State(state)).await
}

async fn switch(State(state): State<SharedState>, Json(switched): Json<Switched>) -> Json<Value> {
    let switches = &state.switches;
    for (switch, on) in [
        (&switches.down, switched.down),
        (&switches.cut_bodies, switched.cut_bodies),
        (&switches.garbage, switched.garbage),
    ] {
        if let Some(on) = on {
            switch.store(on, Ordering::SeqCst);
        }
    }
    if let Some(ms) = switched.slow_ms {
        switches.slow_ms.store(ms, Ordering::SeqCst);
    }
    show(State(state)).await
}

async fn end(State(state): State<SharedState>, Json(end): Json<End>) -> Json<Value> {
    Json(json!({"found": state.end(&end.id, end.reason)}))
}

async fn show(State(state): State<SharedState>) -> Json<Value> {
    let switches = &state.switches;
    Json(json!({
        "arranged": state.plan.arranged(),
        "latency": state.latency(),
        "down": switches.down.load(Ordering::SeqCst),
        "slow_ms": switches.slow_ms.load(Ordering::SeqCst),
        "cut_bodies": switches.cut_bodies.load(Ordering::SeqCst),
        "garbage": switches.garbage.load(Ordering::SeqCst),
        "creates": state.creates.total(),
        "tasks_made": state.tasks_made.load(Ordering::Relaxed),
        "most_at_once": state.book.most_at_once(),
        "polls": state.polls.total(),
        "violations": state.violations.total(),
    }))
}
