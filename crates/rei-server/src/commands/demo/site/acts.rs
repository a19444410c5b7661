//! What a visitor does: says, taps, edits, breaks and mends.

use std::time::Duration;

use axum::extract::State;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use rei_sim::telegram::{SimError, SimMessage, User};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SharedSite;

/// What the owner gives when asked.
const GIFT_RUBLES: u32 = 1_000;
/// What he presses to have it done.
const CONFIRM: &str = "Подтвердить";
/// The bot asks him to within this time.
const ASKED_WITHIN: Duration = Duration::from_secs(20);

pub(super) fn routes() -> Router<SharedSite> {
    Router::new()
        .route("/customers", get(customers))
        .route("/say", post(say))
        .route("/reply", post(reply))
        .route("/edit", post(edit))
        .route("/tap", post(tap))
        .route("/special", post(special))
        .route("/gift", post(gift))
        .route("/fault", post(fault))
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

pub(super) type Answer = Result<Json<Value>, Refused>;

pub(super) fn sent(message_id: i64) -> Answer {
    Ok(Json(json!({"message_id": message_id})))
}

pub(super) fn done() -> Answer {
    Ok(Json(json!({"ok": true})))
}

async fn customers(State(site): State<SharedSite>) -> Json<Value> {
    Json(json!({"customers": site.people, "checkout": site.checkout}))
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

#[derive(Deserialize)]
struct Gift {
    customer: i64,
}

/// The owner credits the customer by a command in his own chat.
async fn gift(State(site): State<SharedSite>, Json(gift): Json<Gift>) -> Answer {
    let customer = site.user(gift.customer)?.id();
    let owner = site.people.iter().find(|person| person.admin);
    let owner = owner.ok_or_else(|| Refused("the demo has no owner".to_owned()))?;
    let (owner, since) = (site.user(owner.id)?, site.telegram.revision());
    let message = owner.says(&format!("/add {customer} {GIFT_RUBLES} demo"))?;
    tokio::spawn(confirm(owner, since));
    sent(message)
}

/// Presses the button under what the bot asks the owner.
async fn confirm(owner: User, since: u64) {
    let button = |message: &SimMessage| {
        let mut labels = message.labels().into_iter();
        labels.find(|label| label.contains(CONFIRM)).map(str::to_owned)
    };
    let asked = owner.waits_for(since, ASKED_WITHIN, |message| button(message).is_some()).await;
    let pressed = asked.and_then(|message| owner.taps(&button(&message).unwrap_or_default()));
    if let Err(error) = pressed {
        tracing::warn!(%error, "the owner could not confirm his gift");
    }
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
            site.source.resume_sales().await?;
            site.source.set_worker(true).await?;
        }
        name => {
            site.switches.turn(name, &fault.args)?;
            // Without money at Kling's nothing was sold until a person said so; the switch is that person.
            if name.starts_with("kling-") {
                site.source.resume_sales().await?;
            }
        }
    }
    done()
}
