//! The people's side over HTTP, under `/sim/`: for the demo page and for scripts outside the process.
//!
//! JSON in and out; files as raw bodies with their words in the query. A refusal is 409 `{"error": "…"}`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::TelegramSim;
use super::error::SimError;
use super::faults::Fault;
use super::shared::Shared;
use super::user::User;

/// The longest wait for a change.
const WAIT_MAX_MS: u64 = 30_000;

type Sim = State<Arc<Shared>>;
type Answer = Result<Json<Value>, SimError>;

impl IntoResponse for SimError {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, Json(json!({"error": self.to_string()}))).into_response()
    }
}

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/state", get(state))
        .route("/users", post(add_user))
        .route("/users/{id}/messages", get(messages))
        .route("/users/{id}/keyboard", get(keyboard))
        .route("/users/{id}/answers", get(answers))
        .route("/users/{id}/commands", get(commands))
        .route("/users/{id}/say", post(say))
        .route("/users/{id}/raw", post(raw))
        .route("/users/{id}/photo", post(photo))
        .route("/users/{id}/document", post(document))
        .route("/users/{id}/video", post(video))
        .route("/users/{id}/voice", post(voice))
        .route("/users/{id}/sticker", post(sticker))
        .route("/users/{id}/edit", post(edit))
        .route("/users/{id}/delete", post(delete))
        .route("/users/{id}/tap", post(tap))
        .route("/users/{id}/pay", post(pay))
        .route("/users/{id}/invoice", get(invoice))
        .route("/users/{id}/checkouts/{query}", get(checkout))
        .route("/users/{id}/checkouts/{query}/decline", post(decline))
        .route("/users/{id}/block", post(block))
        .route("/users/{id}/unblock", post(unblock))
        .route("/stars", get(stars))
        .route("/stars/refund", post(refund))
        .route("/files/{id}", get(file))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/updates", post(inject))
        .route("/updates/duplicate/{count}", post(duplicate))
        .route("/updates/reorder/{count}", post(reorder))
        .route("/calls", get(calls))
        .route("/violations", get(violations))
        .route("/clock", get(clock).post(advance))
}

fn sim(shared: Arc<Shared>) -> TelegramSim {
    TelegramSim::around(shared)
}

fn user(shared: Arc<Shared>, id: i64) -> Result<User, SimError> {
    sim(shared).known_user(id)
}

async fn state(State(shared): Sim) -> Json<Value> {
    let now_ms = shared.clock.now_ms();
    let (me, users, revision, pending) = shared.with(|world| {
        let users: Vec<Value> = world.people.values().cloned().collect();
        (world.profile.me(), users, world.revision, world.updates.count())
    });
    Json(json!({
        "bot": me, "users": users, "revision": revision, "pending_updates": pending, "now_ms": now_ms,
    }))
}

async fn add_user(State(shared): Sim, Json(card): Json<Value>) -> Answer {
    let id = card["id"].as_i64().ok_or_else(|| SimError::new("a user needs a number as its id"))?;
    let mut whole = json!({"is_bot": false, "first_name": "Guest"});
    if let (Some(whole), Some(given)) = (whole.as_object_mut(), card.as_object()) {
        whole.extend(given.clone());
    }
    sim(shared).user_from(id, whole);
    Ok(Json(json!({"id": id})))
}

#[derive(Deserialize)]
struct Since {
    /// Only what changed after this revision, deletions included; without it, what is there.
    since: Option<u64>,
    /// Waits up to so many milliseconds for a change after `since`.
    #[serde(default)]
    wait_ms: u64,
}

async fn messages(State(shared): Sim, Path(id): Path<i64>, Query(query): Query<Since>) -> Answer {
    let user = user(shared, id)?;
    let (Some(since), wait_ms) = (query.since, query.wait_ms.min(WAIT_MAX_MS)) else {
        return Ok(seen(&user, json!(user.messages())));
    };
    let mut changes = user.sim.changes();
    let mut stopping = user.sim.shared.stopping.subscribe();
    let end = tokio::time::sleep(Duration::from_millis(wait_ms));
    tokio::pin!(end);
    loop {
        changes.borrow_and_update();
        let new = user.messages_since(since);
        if !new.is_empty() {
            return Ok(seen(&user, json!(new)));
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = &mut end => return Ok(seen(&user, json!([]))),
            _ = stopping.wait_for(|stop| *stop) => return Ok(seen(&user, json!([]))),
        }
    }
}

fn seen(user: &User, messages: Value) -> Json<Value> {
    Json(json!({
        "revision": user.sim.revision(), "messages": messages, "keyboard": user.keyboard(),
        "action": user.chat_action(), "draft": user.draft(),
    }))
}

async fn keyboard(State(shared): Sim, Path(id): Path<i64>) -> Answer {
    Ok(Json(json!(user(shared, id)?.keyboard())))
}

async fn answers(State(shared): Sim, Path(id): Path<i64>) -> Answer {
    Ok(Json(json!(user(shared, id)?.callback_answers())))
}

async fn commands(State(shared): Sim, Path(id): Path<i64>) -> Answer {
    Ok(Json(json!(user(shared, id)?.commands())))
}

#[derive(Deserialize)]
struct Say {
    text: String,
    reply_to: Option<i64>,
}

async fn say(State(shared): Sim, Path(id): Path<i64>, Json(said): Json<Say>) -> Answer {
    let user = user(shared, id)?;
    sent(match said.reply_to {
        Some(to) => user.replies(to, &said.text),
        None => user.says(&said.text),
    })
}

async fn raw(State(shared): Sim, Path(id): Path<i64>, Json(message): Json<Value>) -> Answer {
    sent(user(shared, id)?.sends_raw_message(message))
}

#[derive(Deserialize)]
struct Words {
    #[serde(default)]
    caption: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    mime: String,
    /// The album that a photo belongs to: any text, the same for all its parts.
    album: Option<String>,
    #[serde(default)]
    emoji: String,
}

async fn photo(
    State(shared): Sim,
    Path(id): Path<i64>,
    Query(words): Query<Words>,
    bytes: Bytes,
) -> Answer {
    let user = user(shared, id)?;
    sent(match &words.album {
        Some(album) => user.sends_album_part(album, bytes, &words.caption),
        None => user.sends_photo(bytes, &words.caption),
    })
}

async fn document(
    State(shared): Sim,
    Path(id): Path<i64>,
    Query(words): Query<Words>,
    bytes: Bytes,
) -> Answer {
    let user = user(shared, id)?;
    let name = if words.name.is_empty() { "file" } else { &words.name };
    let mime = if words.mime.is_empty() { "application/octet-stream" } else { &words.mime };
    sent(user.sends_document(bytes, name, mime, &words.caption))
}

async fn video(
    State(shared): Sim,
    Path(id): Path<i64>,
    Query(words): Query<Words>,
    bytes: Bytes,
) -> Answer {
    sent(user(shared, id)?.sends_video(bytes, &words.caption))
}

async fn voice(State(shared): Sim, Path(id): Path<i64>, bytes: Bytes) -> Answer {
    sent(user(shared, id)?.sends_voice(bytes))
}

async fn sticker(State(shared): Sim, Path(id): Path<i64>, Query(words): Query<Words>) -> Answer {
    sent(user(shared, id)?.sends_sticker(&words.emoji))
}

fn sent(message_id: Result<i64, SimError>) -> Answer {
    message_id.map(|message_id| Json(json!({"message_id": message_id})))
}

#[derive(Deserialize)]
struct Edit {
    message_id: i64,
    #[serde(default)]
    text: String,
}

async fn edit(State(shared): Sim, Path(id): Path<i64>, Json(edit): Json<Edit>) -> Answer {
    done(user(shared, id)?.edits(edit.message_id, &edit.text))
}

async fn delete(State(shared): Sim, Path(id): Path<i64>, Json(edit): Json<Edit>) -> Answer {
    done(user(shared, id)?.deletes(edit.message_id))
}

async fn block(State(shared): Sim, Path(id): Path<i64>) -> Answer {
    done(user(shared, id)?.blocks_bot())
}

async fn unblock(State(shared): Sim, Path(id): Path<i64>) -> Answer {
    done(user(shared, id)?.unblocks_bot())
}

fn done(result: Result<(), SimError>) -> Answer {
    result.map(|()| Json(json!({"ok": true})))
}

/// Either a label, or a message and the data of a button under it.
#[derive(Deserialize)]
#[serde(untagged)]
enum TapWhat {
    Label { label: String },
    Data { message_id: i64, data: String },
}

async fn tap(State(shared): Sim, Path(id): Path<i64>, Json(what): Json<TapWhat>) -> Answer {
    let user = user(shared, id)?;
    let tap = match what {
        TapWhat::Label { label } => user.taps(&label)?,
        TapWhat::Data { message_id, data } => {
            super::Tap::Pressed { query_id: user.taps_data(message_id, &data)? }
        }
    };
    Ok(Json(json!(tap)))
}

/// The invoice in a message, or one by its link or its payload.
#[derive(Deserialize)]
#[serde(untagged)]
enum PayWhat {
    Message { message_id: i64 },
    Link { link: String },
    Payload { payload: String },
}

async fn pay(State(shared): Sim, Path(id): Path<i64>, Json(what): Json<PayWhat>) -> Answer {
    let user = user(shared, id)?;
    let query_id = match what {
        PayWhat::Message { message_id } => user.pays(message_id)?,
        PayWhat::Link { link: name } | PayWhat::Payload { payload: name } => {
            user.pays_invoice(&name)?
        }
    };
    Ok(Json(json!({"query_id": query_id})))
}

#[derive(Deserialize)]
struct Behind {
    link: String,
}

/// What the sheet behind a link shows; null when there is none.
async fn invoice(State(shared): Sim, Path(id): Path<i64>, Query(behind): Query<Behind>) -> Answer {
    Ok(Json(json!(user(shared, id)?.sees_invoice(&behind.link))))
}

async fn decline(State(shared): Sim, Path((id, query)): Path<(i64, String)>) -> Answer {
    done(user(shared, id)?.declines(&query))
}

async fn stars(State(shared): Sim) -> Json<Value> {
    let sim = sim(shared);
    Json(json!({"balance": sim.star_balance(), "transactions": sim.star_transactions()}))
}

#[derive(Deserialize)]
struct Charge {
    charge_id: String,
}

async fn refund(State(shared): Sim, Json(charge): Json<Charge>) -> Answer {
    done(sim(shared).gives_stars_back(&charge.charge_id))
}

async fn checkout(State(shared): Sim, Path((id, query)): Path<(i64, String)>) -> Answer {
    Ok(Json(json!(user(shared, id)?.checkout(&query))))
}

async fn file(State(shared): Sim, Path(id): Path<String>) -> Result<Response, SimError> {
    let bytes = sim(shared).file(&id)?;
    let kind = match bytes.first_chunk::<4>() {
        Some([0xff, 0xd8, ..]) => "image/jpeg",
        Some([0x89, b'P', b'N', b'G']) => "image/png",
        Some(b"RIFF") => "image/webp",
        Some(b"GIF8") => "image/gif",
        _ if bytes.get(4..8) == Some(b"ftyp") => "video/mp4",
        _ => "application/octet-stream",
    };
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

async fn faults(State(shared): Sim) -> Json<Value> {
    Json(json!(sim(shared).faults()))
}

async fn add_fault(State(shared): Sim, Json(fault): Json<Fault>) -> Json<Value> {
    sim(shared).fault(fault);
    Json(json!({"ok": true}))
}

async fn clear_faults(State(shared): Sim) -> Json<Value> {
    sim(shared).clear_faults();
    Json(json!({"ok": true}))
}

async fn inject(State(shared): Sim, Json(update): Json<Value>) -> Answer {
    if !update.is_object() {
        return Err(SimError::new("an update is an object"));
    }
    Ok(Json(json!({"update_id": sim(shared).inject_update(update)})))
}

async fn duplicate(State(shared): Sim, Path(count): Path<u32>) -> Json<Value> {
    sim(shared).duplicate_updates(count);
    Json(json!({"ok": true}))
}

async fn reorder(State(shared): Sim, Path(count): Path<u32>) -> Json<Value> {
    sim(shared).reorder_updates(count);
    Json(json!({"ok": true}))
}

async fn calls(State(shared): Sim) -> Json<Value> {
    Json(json!(sim(shared).calls()))
}

async fn violations(State(shared): Sim) -> Json<Value> {
    Json(json!(sim(shared).violations()))
}

async fn clock(State(shared): Sim) -> Json<Value> {
    Json(json!({"now_ms": shared.clock.now_ms()}))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: u64,
}

async fn advance(State(shared): Sim, Json(by): Json<Advance>) -> Json<Value> {
    shared.clock.advance(Duration::from_millis(by.advance_ms));
    Json(json!({"now_ms": shared.clock.now_ms()}))
}
