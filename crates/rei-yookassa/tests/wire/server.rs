//! A YooKassa that answers what a test tells it, and raw sockets for what a proper server would never do.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::shared::Alone;
use rei_yookassa::objects::ProviderPaymentId;
use rei_yookassa::{CallError, ShopOptions, Timeouts, YooKassa};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

pub const SHOP: &str = "100500";
pub const KEY: &str = "test_invented-SECRET";
/// `100500:test_invented-SECRET` in base64.
pub const LOGIN: &str = "Basic MTAwNTAwOnRlc3RfaW52ZW50ZWQtU0VDUkVU";
pub const PAYMENT: &str = "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a";

/// What a server saw of a request.
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A server that gives every request the same answer.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

impl Server {
    pub async fn json(status: u16, body: Value) -> Self {
        Self::text(status, "application/json", body.to_string()).await
    }

    pub async fn text(status: u16, kind: &'static str, body: String) -> Self {
        let answer = move || {
            let response = Response::builder().status(status).header("content-type", kind);
            response.body(Body::from(body.clone())).expect("a response")
        };
        Self::answering(answer).await
    }

    pub async fn answering(answer: impl Fn() -> Response + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let state: (Arc<Mutex<Vec<Seen>>>, Answer) = (Arc::clone(&seen), Arc::new(answer));
        let router = Router::new().fallback(note).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().expect("unpoisoned"))
    }
}

async fn note(
    State((seen, answer)): State<(Arc<Mutex<Vec<Seen>>>, Answer)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let (method, uri) = (head.method.to_string(), head.uri.to_string());
    seen.lock().expect("unpoisoned").push(Seen { method, uri, headers: head.headers, body });
    answer()
}

/// A socket that reads a request's first bytes, sends these, waits, and hangs up.
pub struct Raw {
    pub address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Raw {
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

pub async fn raw(answer: Vec<u8>, then: Duration) -> Raw {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 65_536];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(&answer).await;
                tokio::time::sleep(then).await;
            });
        }
    });
    Raw { address, calls }
}

/// An address that is taken, but where nobody listens.
pub struct Nobody {
    pub address: SocketAddr,
    _socket: TcpSocket,
}

pub fn nobody() -> Nobody {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    Nobody { address: socket.local_addr().expect("an address"), _socket: socket }
}

/// A client, and the clock of its breaker.
pub struct Client {
    pub shop: YooKassa,
    pub clock: Arc<ManualClock>,
}

pub fn options(address: SocketAddr) -> ShopOptions {
    let base_url = format!("http://{address}/v3");
    ShopOptions { base_url, ..ShopOptions::new(SHOP, KEY.to_owned().into()) }
}

pub fn client_of(options: ShopOptions) -> Client {
    let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
    Client {
        shop: YooKassa::new(options, clock.clone(), Arc::new(Alone)).expect("a client"),
        clock,
    }
}

pub fn client(address: SocketAddr) -> Client {
    client_of(options(address))
}

/// The same with little patience, for servers that say nothing.
pub fn hasty(address: SocketAddr) -> Client {
    let (post, get) = (Duration::from_millis(200), Duration::from_millis(200));
    let timeouts = Timeouts { post, get, ..Timeouts::default() };
    client_of(ShopOptions { timeouts, ..options(address) })
}

impl Client {
    /// What a creation of a payment met.
    pub async fn creation(&self) -> CallError {
        self.shop.create_payment("key-1", Bytes::from_static(b"{}")).await.expect_err("no payment")
    }

    /// What a read of a payment met.
    pub async fn reading(&self) -> CallError {
        self.shop.payment(&payment_id()).await.expect_err("no payment")
    }
}

pub fn payment_id() -> ProviderPaymentId {
    ProviderPaymentId::parse(PAYMENT).expect("an id")
}

/// A payment that waits for its payer.
pub fn payment() -> Value {
    json!({"id": PAYMENT, "status": "pending", "paid": false, "test": true, "refundable": false,
        "amount": {"value": "500.00", "currency": "RUB"},
        "recipient": {"account_id": SHOP, "gateway_id": "1"},
        "confirmation": {"type": "redirect", "confirmation_url": "https://yoomoney.ru/x?id=hidden"},
        "metadata": {"order_id": "o-1", "user_id": "777123"},
        "created_at": "2026-01-01T00:00:00.000Z", "of_next_year": {"deep": [1, {"a": null}]}})
}

/// A refund that went through.
pub fn refund() -> Value {
    json!({"id": "216749f7-0016-50be-b000-078d43a63ae4", "payment_id": PAYMENT,
        "status": "succeeded", "amount": {"value": "1.00", "currency": "RUB"},
        "created_at": "2026-01-01T00:00:00.000Z"})
}

/// A refusal in YooKassa's form.
pub fn refusal(code: &str, parameter: Option<&str>) -> Value {
    json!({"type": "error", "id": "ab5a11cd-13cc-4e33-af8b-75a74e18dd09", "code": code,
        "parameter": parameter, "description": "It is wrong"})
}
