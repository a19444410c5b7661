//! The simulated YooKassa, through a real HTTP client and through the official library.

mod access;
mod checks;
mod control;
mod faults;
mod keys;
mod life;
mod lists;
mod notices;
mod page;
mod receipts;
mod refunds;
mod sdk;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use rei_sim::common::client::client;
use rei_sim::common::clock::SimClock;
use rei_sim::common::recorder::Recorder;
use rei_sim::common::server::Server;
use rei_sim::yookassa::{SimShop, YooKassaOptions, YooKassaSim};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// 2026-01-01 00:00 UTC.
const NOW_MS: i64 = 1_767_225_600_000;
const HOUR_S: u64 = 3_600;

static KEYS: AtomicU64 = AtomicU64::new(0);

/// On a clock that stands still.
fn options() -> YooKassaOptions {
    YooKassaOptions { clock: SimClock::manual(NOW_MS), ..YooKassaOptions::default() }
}

async fn start() -> YooKassaSim {
    YooKassaSim::start(options()).await.expect("a free port")
}

/// With a shop that hears notifications.
async fn start_with_shop() -> (YooKassaSim, Shop) {
    let shop = Shop::start().await;
    let options = YooKassaOptions { notify_url: Some(shop.url()), ..options() };
    (YooKassaSim::start(options).await.expect("a free port"), shop)
}

fn call_by(sim: &YooKassaSim, shop: &SimShop, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", sim.base_url());
    client().request(method, url).basic_auth(&shop.shop_id, Some(&shop.secret_key))
}

/// A `POST` under a key.
fn posting(sim: &YooKassaSim, path: &str, key: &str, body: &Value) -> RequestBuilder {
    call_by(sim, sim.shop(), Method::POST, path).header("Idempotence-Key", key).json(body)
}

async fn status_and_json(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn post_as(sim: &YooKassaSim, path: &str, key: &str, body: &Value) -> (u16, Value) {
    status_and_json(posting(sim, path, key, body).send().await.expect("an answer")).await
}

/// Under a key of its own.
async fn post_new(sim: &YooKassaSim, path: &str, body: &Value) -> (u16, Value) {
    let key = format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    post_as(sim, path, &key, body).await
}

async fn get(sim: &YooKassaSim, path: &str) -> (u16, Value) {
    let request = call_by(sim, sim.shop(), Method::GET, path);
    status_and_json(request.send().await.expect("an answer")).await
}

/// A payment of 500 rubles in one stage.
fn wanted() -> Value {
    json!({
        "amount": rub("500.00"),
        "capture": true,
        "confirmation": {"type": "redirect", "return_url": "https://t.me/rei_bot?start=pay"},
        "description": "Пополнение баланса №10482",
        "metadata": {"order_id": "6f1c2a52", "user_id": "42"},
    })
}

fn rub(value: &str) -> Value {
    json!({"value": value, "currency": "RUB"})
}

/// Creates one and returns its id.
async fn create(sim: &YooKassaSim, body: &Value) -> String {
    let (status, payment) = post_new(sim, "/payments", body).await;
    assert_eq!(status, 200, "{payment}");
    payment["id"].as_str().expect("an id").to_owned()
}

/// A payment that has been paid.
async fn paid(sim: &YooKassaSim) -> String {
    let id = create(sim, &wanted()).await;
    sim.pay(&id).expect("it is pending");
    id
}

async fn read(sim: &YooKassaSim, id: &str) -> Value {
    let (status, payment) = get(sim, &format!("/payments/{id}")).await;
    assert_eq!(status, 200, "{payment}");
    payment
}

/// What a notification was like when it arrived.
#[derive(Clone)]
struct Heard {
    headers: HeaderMap,
    body: Value,
}

/// A shop's server: it hears notifications, and answers what it is told to.
struct Shop {
    server: Server,
    heard: Arc<Recorder<Heard>>,
    status: Arc<AtomicU64>,
}

impl Shop {
    async fn start() -> Self {
        let heard = Arc::new(Recorder::new(1_000));
        let status = Arc::new(AtomicU64::new(200));
        let (kept, answer) = (Arc::clone(&heard), Arc::clone(&status));
        let hear = async move |headers: HeaderMap, body: Bytes| {
            let body = serde_json::from_slice(&body).expect("JSON");
            kept.record(Heard { headers, body });
            let status = u16::try_from(answer.load(Ordering::SeqCst)).expect("a status");
            StatusCode::from_u16(status).expect("a status")
        };
        let router = Router::new().route("/hook", post(hear));
        Self { server: Server::start(router, 0).await.expect("a free port"), heard, status }
    }

    fn url(&self) -> String {
        format!("{}/hook", self.server.base_url())
    }

    fn answers(&self, status: u64) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.all()
    }

    fn events(&self) -> Vec<String> {
        let event = |heard: &Heard| heard.body["event"].as_str().unwrap_or("none").to_owned();
        self.heard().iter().map(event).collect()
    }
}
