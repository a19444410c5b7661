//! A Gemini with a Files API: it keeps what is uploaded, and breaks where a test tells it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::server::{KEY, picture};

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// The first answers name a file that is still being looked at.
    Processing { polls: usize },
    /// The file cannot be used.
    Failed,
    /// The session is refused with this status.
    NoSession { status: u16 },
    /// The session's answer lacks its address: a gateway that knows nothing of uploads.
    NoAddress,
    /// The parts are refused with this status.
    NoPart { status: u16 },
    /// The parts are answered, but out of step.
    OutOfStep,
    /// The last part's answer names no file.
    NoFile,
    /// The request that names the file is told that there is none.
    FileLost,
}

/// What arrived, in order.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// Lengths of the parts, with the command that each came under.
    pub parts: Vec<(usize, String)>,
    /// The bytes of all parts together.
    pub bytes: Vec<u8>,
    /// How often somebody asked whether a file is ready.
    pub polls: usize,
    /// Bodies of `generateContent`.
    pub asked: Vec<Value>,
    /// Headers of the sessions: length and type.
    pub announced: Vec<(String, String)>,
}

/// The running server.
pub struct FilesApi {
    pub address: SocketAddr,
    state: Arc<Shared>,
}

struct Shared {
    fault: Fault,
    /// Where the sessions are said to be.
    origin: String,
    arrived: Mutex<Arrived>,
}

impl FilesApi {
    pub async fn start(fault: Fault) -> Self {
        Self::naming(fault, None).await
    }

    /// Sessions are said to be at another origin than the server's own.
    pub async fn naming(fault: Fault, origin: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let origin = origin.map_or_else(|| format!("http://{address}"), str::to_owned);
        let state = Arc::new(Shared { fault, origin, arrived: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    pub fn arrived(&self) -> Arrived {
        self.state.arrived.lock().expect("unpoisoned").clone()
    }
}

async fn serve(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name)?.to_str().ok().map(str::to_owned);
    let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
    let mut arrived = state.arrived.lock().expect("unpoisoned");
    if header("x-goog-api-key").as_deref() != Some(KEY) {
        return answer(403, &[], json!({"error": {"status": "PERMISSION_DENIED"}}));
    }
    let command = header("x-goog-upload-command").unwrap_or_default();
    match (head.uri.path(), command.as_str()) {
        ("/upload/v1beta/files", "start") => {
            let of = |name: &str| header(name).unwrap_or_default();
            arrived.announced.push((
                of("x-goog-upload-header-content-length"),
                of("x-goog-upload-header-content-type"),
            ));
            session(&state)
        }
        ("/upload/v1beta/files", "upload" | "upload, finalize") => {
            let there = arrived.parts.iter().map(|(length, _)| length).sum::<usize>();
            assert_eq!(header("x-goog-upload-offset"), Some(there.to_string()));
            assert_eq!(header("content-length"), Some(bytes.len().to_string()));
            assert_eq!(head.uri.query(), Some("upload_id=s1&upload_protocol=resumable"));
            arrived.parts.push((bytes.len(), command.clone()));
            arrived.bytes.extend_from_slice(&bytes);
            part(&state, command == "upload, finalize")
        }
        ("/v1beta/files/abc", _) => {
            arrived.polls += 1;
            let ready = match state.fault {
                Fault::Processing { polls } => arrived.polls >= polls,
                _ => true,
            };
            answer(200, &[], file(&state, if ready { "ACTIVE" } else { "PROCESSING" }))
        }
        (path, _) if path.ends_with(":generateContent") => {
            arrived.asked.push(serde_json::from_slice(&bytes).expect("JSON"));
            if state.fault == Fault::FileLost {
                let error = json!({"status": "NOT_FOUND", "message": "File not found or expired"});
                return answer(404, &[], json!({"error": error}));
            }
            answer(200, &[], picture())
        }
        (path, command) => panic!("{path} {command}"),
    }
}

fn session(state: &Shared) -> Response {
    let path = "/upload/v1beta/files?upload_id=s1&upload_protocol=resumable";
    let address = format!("{}{path}", state.origin);
    match state.fault {
        Fault::NoSession { status } => answer(status, &[], json!({})),
        Fault::NoAddress => answer(200, &[], json!({})),
        _ => answer(200, &[("x-goog-upload-url", &address)], Value::Null),
    }
}

fn part(state: &Shared, last: bool) -> Response {
    match state.fault {
        Fault::NoPart { status } => answer(status, &[], json!({"error": {"status": "NOT_FOUND"}})),
        Fault::OutOfStep => answer(200, &[("x-goog-upload-status", "cancelled")], Value::Null),
        _ if !last => answer(200, &[("x-goog-upload-status", "active")], Value::Null),
        Fault::NoFile => answer(200, &[("x-goog-upload-status", "final")], Value::Null),
        fault => {
            let word = match fault {
                Fault::Processing { .. } => "PROCESSING",
                Fault::Failed => "FAILED",
                _ => "ACTIVE",
            };
            let file = json!({"file": file(state, word)});
            answer(200, &[("x-goog-upload-status", "final")], file)
        }
    }
}

fn file(state: &Shared, word: &str) -> Value {
    json!({"name": "files/abc", "uri": format!("{}/v1beta/files/abc", state.origin),
        "mimeType": "image/png", "sizeBytes": "1", "state": word})
}

fn answer(status: u16, headers: &[(&str, &str)], body: Value) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    response.body(body).expect("a response")
}
