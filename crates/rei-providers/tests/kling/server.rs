//! A Kling that answers what a test tells it, and raw sockets for what a proper server would never do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use rei_domain::catalog::Slot;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::shared::Alone;
use rei_providers::kling::{Kling, KlingOptions};
use rei_providers::policy::{GateLimits, WireLimits};
use rei_providers::{
    AskError, Found, InputContent, InputFile, Provider, Rejection, Submission, SubmitRequest,
    TaskRef,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

pub const KEY: &str = "api-key-kling-SECRET";
pub const PAIR: &str = "ak-SECRET:sk-SECRET";
pub const PROMPT: &str = "a cat on a very secret mat";
pub const MODEL: &str = "text-to-video/kling-3.0";

/// What a server saw of a request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    pub authorization: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
    pub body: Value,
}

/// A server that answers by what it sees.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Answer = Arc<dyn Fn(&Seen) -> Response + Send + Sync>;

impl Server {
    /// The same answer to everything.
    pub async fn json(status: u16, body: Value) -> Self {
        Self::answering(move |_| answer(status, &body)).await
    }

    /// These answers one after another; the last one again and again.
    pub async fn in_turn(answers: Vec<(u16, Value)>) -> Self {
        let turn = Mutex::new(0);
        Self::answering(move |_| {
            let mut turn = turn.lock().expect("unpoisoned");
            let (status, body) = &answers[(*turn).min(answers.len() - 1)];
            *turn += 1;
            answer(*status, body)
        })
        .await
    }

    pub async fn answering(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
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
    let (authorization, content_type) = (header("authorization"), header("content-type"));
    let (method, uri) = (head.method.to_string(), head.uri.to_string());
    let bytes = axum::body::to_bytes(body, 1 << 26).await.expect("a body").to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let request = Seen { method, uri, authorization, content_type, bytes, body };
    let response = answer(&request);
    seen.lock().expect("unpoisoned").push(request);
    response
}

pub fn answer(status: u16, body: &Value) -> Response {
    page(status, "application/json", body.to_string())
}

pub fn page(status: u16, kind: &str, body: impl Into<Body>) -> Response {
    let response = Response::builder().status(status).header("content-type", kind);
    response.body(body.into()).expect("a response")
}

/// A good envelope.
pub fn good(data: Value) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data})
}

pub fn bad(code: i64, message: &str) -> Value {
    json!({"code": code, "message": message, "request_id": "r"})
}

/// A task that has just been taken.
pub fn taken(id: &str) -> Value {
    json!({"id": id, "status": "submitted", "create_time": 1_781_080_778_802_i64,
           "update_time": 1_781_080_778_802_i64, "external_id": "job-42"})
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

/// A client, and its clock.
pub struct Client {
    pub kling: Kling,
    pub clock: Arc<ManualClock>,
}

pub fn options(address: SocketAddr) -> KlingOptions {
    KlingOptions {
        base_url: format!("http://{address}"),
        api_key: KEY.to_owned().into(),
        proxy: None,
        wire: WireLimits {
            total_timeout: Duration::from_secs(30),
            answer_max_bytes: 1 << 20,
            ..WireLimits::default()
        },
        limits: GateLimits { per_minute: None, ..GateLimits::default() },
        file_max_bytes: 1 << 20,
    }
}

/// The same with a pair of keys.
pub fn with_pair(address: SocketAddr) -> KlingOptions {
    KlingOptions { api_key: PAIR.to_owned().into(), ..options(address) }
}

/// The same with little patience, for servers that say nothing.
pub fn hasty(address: SocketAddr) -> KlingOptions {
    let options = options(address);
    let wire = WireLimits { total_timeout: Duration::from_millis(200), ..options.wire };
    KlingOptions { wire, ..options }
}

pub fn client(options: KlingOptions) -> Client {
    let clock = Arc::new(ManualClock::at(Timestamp(1_790_000_000_000)));
    Client { kling: Kling::new(options, clock.clone(), Arc::new(Alone)).expect("a client"), clock }
}

impl Client {
    pub async fn submit(&self) -> Submission {
        self.kling.submit(&request()).await
    }

    pub async fn rejection(&self) -> Rejection {
        match self.submit().await {
            Submission::Rejected(rejection) => rejection,
            other => panic!("{other:?}"),
        }
    }

    pub async fn lookup(&self) -> Result<Found, AskError> {
        self.kling.lookup(MODEL, "job-42").await
    }
}

/// The rejection of one call to this address.
pub async fn rejection_at(address: SocketAddr) -> Rejection {
    client(options(address)).rejection().await
}

pub fn request() -> SubmitRequest {
    SubmitRequest {
        key: "job-42".to_owned(),
        model: MODEL.to_owned(),
        model_legacy: Some("kling-v3".to_owned()),
        prompt: PROMPT.to_owned(),
        aspect_ratio: Some("16:9".to_owned()),
        size: Some("720p".to_owned()),
        seconds: Some(5),
        ..SubmitRequest::default()
    }
}

pub fn input(slot: Slot, content: InputContent) -> InputFile {
    let mime = if slot.is_video() { "video/mp4" } else { "image/png" };
    InputFile { slot, mime: mime.to_owned(), content, former_turn: None }
}

pub fn task(name: &str) -> TaskRef {
    TaskRef(name.to_owned())
}

/// The rejection of a question.
pub fn declined<T>(answer: Result<T, AskError>) -> Rejection {
    match answer.map(|_| ()) {
        Err(AskError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}
