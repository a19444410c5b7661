//! The webhook: lanes, repeats, the secret.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::common::server::Server;
use crate::telegram::testing::Stage;

/// A delivery that waits for its answer.
#[derive(Debug)]
struct Delivery {
    update: Value,
    secret: Option<String>,
    answer: oneshot::Sender<(u16, &'static str)>,
}

/// A door whose answers the test gives.
struct Door {
    server: Server,
    deliveries: UnboundedReceiver<Delivery>,
}

type Out = Arc<Mutex<UnboundedSender<Delivery>>>;

async fn receive(State(out): State<Out>, headers: HeaderMap, body: String) -> impl IntoResponse {
    let update = serde_json::from_str(&body).expect("an update is JSON");
    let secret = headers.get("x-telegram-bot-api-secret-token");
    let secret = secret.map(|secret| secret.to_str().expect("plain").to_owned());
    let (answer, answered) = oneshot::channel();
    let delivery = Delivery { update, secret, answer };
    out.lock().expect("not poisoned").send(delivery).expect("the test listens");
    let (status, retry_after) = answered.await.unwrap_or((503, ""));
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("retry-after", retry_after)], "{}")
}

impl Door {
    async fn open(stage: &Stage) -> Self {
        let (out, deliveries) = unbounded_channel();
        let router =
            Router::new().route("/hook", post(receive)).with_state(Arc::new(Mutex::new(out)));
        let server = Server::start(router, 0).await.expect("a free port");
        let params = json!({
            "url": format!("{}/hook", server.base_url()), "secret_token": "s3cret_-",
            "allowed_updates": ["message", "callback_query", "my_chat_member"],
        });
        stage.call("setWebhook", params).await.result();
        Self { server, deliveries }
    }

    async fn next(&mut self) -> Delivery {
        let next = tokio::time::timeout(Duration::from_secs(10), self.deliveries.recv()).await;
        next.expect("a delivery in time").expect("the door is open")
    }

    async fn takes(&mut self) -> Value {
        let delivery = self.next().await;
        delivery.answer.send((200, "")).expect("the door waits");
        delivery.update
    }

    async fn refuses(&mut self, status: u16, retry_after: &'static str) -> Value {
        let delivery = self.next().await;
        delivery.answer.send((status, retry_after)).expect("the door waits");
        delivery.update
    }
}

/// Lets everything that can happen without time passing happen.
async fn until(mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("in time");
}

#[tokio::test]
async fn updates_come_with_the_secret_and_one_at_a_time_per_chat() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    let boris = stage.sim.user(8, "Борис", "ru");
    stage.anna.says("два").expect("she can write");
    let first = door.next().await;
    assert_eq!(first.update["message"]["text"], "/start");
    assert_eq!(first.secret.as_deref(), Some("s3cret_-"));
    boris.says("я").expect("he can write");
    assert_eq!(door.takes().await["message"]["text"], "я", "another chat does not wait");
    first.answer.send((200, "")).expect("the door waits");
    assert_eq!(door.takes().await["message"]["text"], "два");
    until(|| stage.sim.pending_updates() == 0).await;
}

#[tokio::test]
async fn presses_have_a_lane_of_their_own() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    let message = door.next().await;
    stage.anna.taps_data(1, "v1:x").expect("any data");
    assert_eq!(door.takes().await["callback_query"]["data"], "v1:x");
    message.answer.send((200, "")).expect("the door waits");
}

#[tokio::test]
async fn a_failed_update_is_repeated_at_once_then_ever_later() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    stage.anna.says("после").expect("she can write");
    let first = door.refuses(503, "").await;
    assert_eq!(door.refuses(503, "").await, first, "the first repeat comes at once");
    for pause_s in [2_u64, 4, 8] {
        assert_nothing_before(&stage, &mut door, pause_s).await;
        let status = if pause_s == 8 { 200 } else { 500 };
        assert_eq!(door.refuses(status, "").await, first);
    }
    assert_eq!(door.takes().await["message"]["text"], "после");
    let info = stage.call("getWebhookInfo", json!({})).await.result();
    assert!(info["last_error_message"].as_str().expect("words").contains("500"));
}

/// Moves the clock to just before the repeat, sees nothing, then to it.
async fn assert_nothing_before(stage: &Stage, door: &mut Door, pause_s: u64) {
    let settled = Duration::from_millis(30);
    // The pause begins when the failure is booked, which takes a moment after the answer.
    tokio::time::sleep(settled).await;
    stage.clock.advance(Duration::from_millis(pause_s * 1_000 - 1));
    tokio::time::sleep(settled).await;
    assert!(door.deliveries.try_recv().is_err(), "before {pause_s} s");
    stage.clock.advance(Duration::from_millis(1));
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    let first = door.refuses(503, "5").await;
    assert_nothing_before(&stage, &mut door, 5).await;
    assert_eq!(door.takes().await, first);
}

#[tokio::test]
async fn an_update_that_outlives_its_time_is_dropped() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    door.takes().await;
    stage.anna.taps_data(1, "v1:x").expect("any data");
    door.refuses(503, "149").await;
    until(|| stage.sim.pending_updates() == 1).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    stage.clock.advance(Duration::from_secs(150));
    assert_eq!(stage.sim.pending_updates(), 0);
    stage.anna.says("дальше").expect("she can write");
    assert_eq!(door.takes().await["message"]["text"], "дальше");
}

#[tokio::test]
async fn a_duplicate_is_delivered_again_after_its_success() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    door.takes().await;
    stage.sim.duplicate_updates(1);
    stage.anna.says("дважды").expect("she can write");
    assert_eq!(door.takes().await, door.takes().await);
    until(|| stage.sim.pending_updates() == 0).await;
}

#[tokio::test]
async fn a_webhook_is_set_at_most_once_a_second_and_again_for_nothing() {
    let stage = Stage::start().await;
    let door = Door::open(&stage).await;
    let url = format!("{}/hook", door.server.base_url());
    let same = json!({"url": url, "secret_token": "s3cret_-"});
    stage.call("setWebhook", same).await.result();
    let other = json!({"url": url, "secret_token": "other", "max_connections": 10});
    let answer = stage.call("setWebhook", other.clone()).await;
    assert_eq!(answer.body["parameters"]["retry_after"], 1);
    answer.refused(429);
    stage.clock.advance(Duration::from_secs(1));
    stage.call("setWebhook", other).await.result();
    let info = stage.call("getWebhookInfo", json!({})).await.result();
    assert_eq!((&info["url"], &info["max_connections"]), (&json!(url), &json!(10)));
    let kinds = json!(["message", "callback_query", "my_chat_member"]);
    assert_eq!(info["allowed_updates"], kinds, "left out means as before");
    for wrong in [
        json!({"url": "ftp://x"}),
        json!({"url": "https://x", "secret_token": "no spaces"}),
        json!({"url": "https://x", "max_connections": 101}),
    ] {
        stage.call("setWebhook", wrong).await.refused(400);
    }
    stage.call("deleteWebhook", json!({"drop_pending_updates": true})).await.result();
    assert_eq!(stage.sim.pending_updates(), 0);
}

#[tokio::test]
async fn after_ten_seconds_of_failures_there_is_one_connection() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    stage.sim.user(8, "Борис", "ru").says("я").expect("he can write");
    door.refuses(503, "11").await;
    door.refuses(503, "11").await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    stage.clock.advance(Duration::from_secs(11));
    let first = door.next().await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(door.deliveries.try_recv().is_err(), "the other lane waits for a connection");
    first.answer.send((200, "")).expect("the door waits");
    door.takes().await;
    until(|| stage.sim.pending_updates() == 0).await;
}

#[tokio::test]
async fn a_webhook_that_is_gone_for_23_hours_is_removed() {
    let stage = Stage::start().await;
    let mut door = Door::open(&stage).await;
    for _ in 0..23 {
        door.refuses(410, "3600").await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        stage.clock.advance(Duration::from_secs(3_600));
    }
    door.refuses(410, "3600").await;
    let mut url = json!(null);
    while url != "" {
        url = stage.call("getWebhookInfo", json!({})).await.result()["url"].take();
    }
    assert_eq!(stage.sim.pending_updates(), 1, "polling can still fetch it");
}
