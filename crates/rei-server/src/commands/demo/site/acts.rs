//! What a visitor does: says, taps, sends, edits, breaks and mends.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use rei_sim::draw::{Drawing, type_of};
use rei_sim::telegram::{SimError, User};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SharedSite;

/// An album of Telegram has at most so many pictures.
const ALBUM_MAX: usize = 10;
const SAMPLE_ALBUM: usize = 4;

pub(super) fn routes() -> Router<SharedSite> {
    Router::new()
        .route("/customers", get(customers))
        .route("/say", post(say))
        .route("/reply", post(reply))
        .route("/edit", post(edit))
        .route("/tap", post(tap))
        .route("/photo", post(photo))
        .route("/document", post(document))
        .route("/special", post(special))
        .route("/fault", post(fault))
        .route("/file/{id}", get(file))
}

/// Why something was not done, in words: 409 `{"error": …}`.
pub(super) struct Refused(pub String);

impl From<SimError> for Refused {
    fn from(error: SimError) -> Self {
        Self(error.to_string())
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        Self(error.body_text())
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, Json(json!({"error": self.0}))).into_response()
    }
}

type Answer = Result<Json<Value>, Refused>;

fn sent(message_id: i64) -> Answer {
    Ok(Json(json!({"message_id": message_id})))
}

fn done() -> Answer {
    Ok(Json(json!({"ok": true})))
}

async fn customers(State(site): State<SharedSite>) -> Json<Value> {
    Json(json!({"customers": site.people}))
}

#[derive(Deserialize)]
struct Said {
    customer: i64,
    text: String,
}

async fn say(State(site): State<SharedSite>, Json(said): Json<Said>) -> Answer {
    sent(site.user(said.customer)?.says(&said.text)?)
}

#[derive(Deserialize)]
struct About {
    customer: i64,
    message_id: i64,
    text: String,
}

async fn reply(State(site): State<SharedSite>, Json(about): Json<About>) -> Answer {
    sent(site.user(about.customer)?.replies(about.message_id, &about.text)?)
}

async fn edit(State(site): State<SharedSite>, Json(about): Json<About>) -> Answer {
    site.user(about.customer)?.edits(about.message_id, &about.text)?;
    done()
}

#[derive(Deserialize)]
struct Tapped {
    customer: i64,
    message_id: Option<i64>,
    data: Option<String>,
    label: Option<String>,
}

/// A button under a message by its data, or any button by its label.
async fn tap(State(site): State<SharedSite>, Json(tapped): Json<Tapped>) -> Answer {
    let user = site.user(tapped.customer)?;
    match (tapped.message_id, tapped.data, tapped.label) {
        (Some(message_id), Some(data), _) => {
            Ok(Json(json!({"query_id": user.taps_data(message_id, &data)?})))
        }
        (_, None, Some(label)) => Ok(Json(json!(user.taps(&label)?))),
        _ => Err(Refused("a tap needs a message and data, or a label".to_owned())),
    }
}

/// A form with files.
struct Upload {
    customer: i64,
    caption: String,
    files: Vec<File>,
}

struct File {
    name: String,
    mime: String,
    bytes: Bytes,
}

async fn read(mut form: Multipart) -> Result<Upload, Refused> {
    let mut upload = Upload { customer: 0, caption: String::new(), files: Vec::new() };
    while let Some(field) = form.next_field().await? {
        match field.name().unwrap_or_default() {
            "customer" => {
                let text = field.text().await?;
                upload.customer =
                    text.parse().map_err(|_| Refused(format!("`{text}` is no customer")))?;
            }
            "caption" => upload.caption = field.text().await?,
            "file" if upload.files.len() < ALBUM_MAX => upload.files.push(read_file(field).await?),
            name => return Err(Refused(format!("too many files, or an unknown field: {name}"))),
        }
    }
    Ok(upload)
}

async fn read_file(field: Field<'_>) -> Result<File, Refused> {
    let name = field.file_name().unwrap_or("file").to_owned();
    let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
    Ok(File { name, mime, bytes: field.bytes().await? })
}

/// One picture, several as an album, or a sample when there is none.
async fn photo(State(site): State<SharedSite>, form: Multipart) -> Answer {
    let upload = read(form).await?;
    let user = site.user(upload.customer)?;
    let pictures: Vec<Bytes> = upload.files.into_iter().map(|file| file.bytes).collect();
    match pictures.as_slice() {
        [] => sent(user.sends_photo(sample().await?, &upload.caption)?),
        [one] => sent(user.sends_photo(one.clone(), &upload.caption)?),
        _ => album(&user, pictures, &upload.caption),
    }
}

/// The caption stands on the first picture, as people send it.
fn album(user: &User, pictures: Vec<Bytes>, caption: &str) -> Answer {
    let parts = pictures
        .into_iter()
        .enumerate()
        .map(|(index, picture)| (picture, if index == 0 { caption } else { "" }));
    Ok(Json(json!({"message_ids": user.sends_album(parts)?})))
}

async fn document(State(site): State<SharedSite>, form: Multipart) -> Answer {
    let upload = read(form).await?;
    let user = site.user(upload.customer)?;
    for file in upload.files {
        if file.mime.starts_with("video/") {
            user.sends_video(file.bytes, &upload.caption)?;
        } else {
            user.sends_document(file.bytes, &file.name, &file.mime, &upload.caption)?;
        }
    }
    done()
}

#[derive(Deserialize)]
struct Special {
    customer: i64,
    kind: String,
}

async fn special(State(site): State<SharedSite>, Json(special): Json<Special>) -> Answer {
    let user = site.user(special.customer)?;
    let message = match special.kind.as_str() {
        "voice" => return sent(user.sends_voice(Bytes::from_static(b"OggS"))?),
        "sticker" => return sent(user.sends_sticker("🐱")?),
        "album" => {
            let mut pictures = Vec::new();
            for _ in 0..SAMPLE_ALBUM {
                pictures.push(sample().await?);
            }
            return album(&user, pictures, "");
        }
        "block" => {
            user.blocks_bot()?;
            return done();
        }
        "unblock" => {
            user.unblocks_bot()?;
            return done();
        }
        "location" => json!({"location": {"latitude": 55.7558, "longitude": 37.6173}}),
        "contact" => json!({"contact": {"phone_number": "+70000000000", "first_name": "Sample"}}),
        "dice" => json!({"dice": {"emoji": "🎲", "value": 4}}),
        "poll" => json!({"poll": {
            "id": "1", "question": "?", "options": [{"text": "1", "voter_count": 0}, {"text": "2", "voter_count": 0}],
            "total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular",
            "allows_multiple_answers": false,
        }}),
        kind => return Err(Refused(format!("nobody can send `{kind}`"))),
    };
    sent(user.sends_raw_message(message)?)
}

/// A picture that a customer might send; each is another one.
async fn sample() -> Result<Bytes, Refused> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let prompt = format!("sample photo {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let draw = move || {
        Drawing { width: 1280, height: 960, prompt: &prompt, note: "", reference: None }.jpeg()
    };
    let drawn = tokio::task::spawn_blocking(draw).await;
    drawn.map(Bytes::from).map_err(|error| Refused(error.to_string()))
}

#[derive(Deserialize)]
struct Fault {
    name: String,
    #[serde(default)]
    args: Vec<String>,
}

async fn fault(State(site): State<SharedSite>, Json(fault): Json<Fault>) -> Answer {
    match fault.name.as_str() {
        "kill-worker" => site.source.set_worker(false).await?,
        "start-worker" => site.source.set_worker(true).await?,
        "restore" => {
            site.switches.restore();
            site.source.set_worker(true).await?;
        }
        name => site.switches.turn(name, &fault.args)?,
    }
    done()
}

#[derive(Deserialize)]
struct Named {
    /// The file is to be kept under this name; without it, it is shown.
    name: Option<String>,
}

async fn file(
    State(site): State<SharedSite>,
    Path(id): Path<String>,
    Query(named): Query<Named>,
) -> Result<Response, Refused> {
    let bytes = site.telegram.file(&id)?;
    let kind =
        type_of(&bytes).or_else(|| (bytes.get(4..8) == Some(b"ftyp")).then_some("video/mp4"));
    let disposition = match &named.name {
        Some(name) => format!("attachment; filename*=UTF-8''{}", percent(name)),
        None => "inline".to_owned(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.unwrap_or("application/octet-stream").to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        // A file never changes under its id.
        (header::CACHE_CONTROL, "private, max-age=3600, immutable".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn percent(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    name.bytes()
        .map(
            |byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") },
        )
        .collect()
}
