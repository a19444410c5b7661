//! Servers that answer one way, and what they were asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rei_telegram::{Client, ClientOptions, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A token that must never be seen again.
pub const TOKEN: &str = "123456:PLANTED-secret_TOKEN";

/// What a server was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub http_method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn method(&self) -> &str {
        self.path.rsplit('/').next().expect("a path")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a json body")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ascii"))
    }
}

/// A server with the requests it has seen.
#[derive(Clone)]
pub struct Server {
    pub base_url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Answer = Arc<dyn Fn(&Asked) -> Response + Send + Sync>;

impl Server {
    /// Answers each request as told.
    pub async fn answering(
        answer: impl Fn(&Asked) -> Response + Send + Sync + 'static,
    ) -> (Self, Client) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let state: (Answer, Arc<Mutex<Vec<Asked>>>) = (Arc::new(answer), asked.clone());
        let router = Router::new().fallback(handle).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = client(&base_url);
        (Self { base_url, asked }, client)
    }

    /// Answers each request with this result.
    pub async fn with_result(result: serde_json::Value) -> (Self, Client) {
        Self::answering(move |_| ok(&result)).await
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }

    /// The one request there was.
    pub fn asked_once(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

async fn handle(
    State((answer, asked)): State<(Answer, Arc<Mutex<Vec<Asked>>>)>,
    http_method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Asked { http_method, path: uri.path().to_owned(), headers, body };
    asked.lock().expect("a lock").push(request.clone());
    answer(&request)
}

/// A successful answer.
pub fn ok(result: &serde_json::Value) -> Response {
    axum::Json(serde_json::json!({"ok": true, "result": result})).into_response()
}

/// An answer with any body.
pub fn plain(status: u16, body: impl Into<String>) -> Response {
    (StatusCode::from_u16(status).expect("a status"), body.into()).into_response()
}

/// A server that hands each connection to the function.
pub async fn raw<F>(each: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(each(stream));
        }
    });
    base_url
}

/// Reads the request and sends these bytes, then closes.
pub async fn answer_raw(mut stream: TcpStream, answer: &'static str) {
    read_request(&mut stream).await;
    stream.write_all(answer.as_bytes()).await.expect("written");
}

/// Reads until the head and some of the body have come.
pub async fn read_request(stream: &mut TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => seen.extend_from_slice(&buffer[..count]),
        }
    }
}

/// A client that waits as long as in production.
pub fn client(base_url: &str) -> Client {
    with_timeouts(base_url, Timeouts::default())
}

/// A client that waits for an answer for a blink only.
pub fn hasty_client(base_url: &str) -> Client {
    let call = Duration::from_millis(200);
    with_timeouts(base_url, Timeouts { call, ..Timeouts::default() })
}

fn with_timeouts(base_url: &str, timeouts: Timeouts) -> Client {
    let options = ClientOptions {
        base_url: base_url.to_owned(),
        token: TOKEN.to_owned().into(),
        proxy: None,
    };
    Client::with_timeouts(options, timeouts).expect("a client")
}

/// Everything an error says, with its causes, in both forms; must not hold the token.
pub fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(&format!(" | {error} {error:?}"));
        cause = error.source();
    }
    for secret in [TOKEN, "PLANTED", "http://", "127.0.0.1"] {
        assert!(!said.contains(secret), "{secret} in: {said}");
    }
    said
}
