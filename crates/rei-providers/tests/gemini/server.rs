//! A Gemini that answers what a test tells it, and raw sockets for what a proper server would never do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::shared::Alone;
use rei_providers::gemini::{Gemini, GeminiOptions};
use rei_providers::policy::{GateLimits, WireLimits};
use rei_providers::{Provider, Rejection, Submission, SubmitRequest};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

pub const KEY: &str = "AIza-SECRET";
pub const PROMPT: &str = "a cat on a very secret mat";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\nfinal";

/// What a server saw of a request.
#[derive(Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub key: Option<String>,
    pub content_type: Option<String>,
    pub body: Value,
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
    let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    let (key, content_type) = (header("x-goog-api-key"), header("content-type"));
    let (method, uri) = (head.method.to_string(), head.uri.to_string());
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    seen.lock().expect("unpoisoned").push(Seen { method, uri, key, content_type, body });
    answer()
}

/// A socket that reads a request's first bytes, sends these, waits, and hangs up.
pub async fn raw(answer: Vec<u8>, then: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 65_536];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(&answer).await;
                tokio::time::sleep(then).await;
            });
        }
    });
    address
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

/// A client, and the clock of its limits.
pub struct Client {
    pub gemini: Gemini,
    pub clock: Arc<ManualClock>,
}

pub fn options(address: SocketAddr) -> GeminiOptions {
    GeminiOptions {
        base_url: format!("http://{address}"),
        api_key: KEY.to_owned().into(),
        proxy: None,
        wire: WireLimits {
            total_timeout: Duration::from_secs(30),
            answer_max_bytes: 1 << 20,
            ..WireLimits::default()
        },
        limits: GateLimits { per_minute: None, ..GateLimits::default() },
    }
}

/// The same with little patience, for servers that say nothing.
pub fn hasty(address: SocketAddr) -> GeminiOptions {
    let options = options(address);
    let wire = WireLimits { total_timeout: Duration::from_millis(200), ..options.wire };
    GeminiOptions { wire, ..options }
}

pub fn client(options: GeminiOptions) -> Client {
    let clock = Arc::new(ManualClock::at(Timestamp(1_000_000)));
    Client {
        gemini: Gemini::new(options, clock.clone(), Arc::new(Alone)).expect("a client"),
        clock,
    }
}

impl Client {
    pub async fn submit(&self) -> Submission {
        self.gemini.submit(&request()).await
    }

    pub async fn rejection(&self) -> Rejection {
        match self.submit().await {
            Submission::Rejected(rejection) => rejection,
            other => panic!("{other:?}"),
        }
    }
}

/// The rejection of one call to this address.
pub async fn rejection_at(address: SocketAddr) -> Rejection {
    client(options(address)).rejection().await
}

pub fn request() -> SubmitRequest {
    SubmitRequest {
        key: "order-1".to_owned(),
        model: "gemini-3-pro-image".to_owned(),
        prompt: PROMPT.to_owned(),
        aspect_ratio: Some("16:9".to_owned()),
        size: Some("4K".to_owned()),
        ..SubmitRequest::default()
    }
}

/// A good answer.
pub fn picture() -> Value {
    json!({"candidates": [{"finishReason": "STOP", "content": {"role": "model", "parts": [
        {"inlineData": {"mimeType": "image/png", "data": "ZHJhZnQ="}, "thought": true},
        {"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(PNG)}}]}}],
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1120}})
}
