//! Planted secrets are looked for in everything that leaves: text, JSON, and what a collector receives.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;

const TOKEN: &str = "987654321:Planted-Token_Planted-Token_Planted";
const KEY: &str = "PlantedGeminiKey0123456789";

fn settings(format: &str, otlp: &str) -> Settings {
    Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:2", Path::new("unused"))
        .set("BOT_TOKEN", TOKEN)
        .set("NANO_BANANA_API_KEY", KEY)
        .set("LOG_FORMAT", format)
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
        .build()
        .expect("settings for the simulators are right")
}

/// A writer that keeps what it gets.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Says secrets in every way a careless dependency could.
fn blurt() {
    let span = tracing::info_span!("call", url = %format_args!("https://api.telegram.org/bot{TOKEN}/getMe"));
    let _entered = span.enter();
    tracing::info!(key = KEY, header = ?("x-goog-api-key", KEY), "sent with {KEY}");
    tracing::error!(target: "rei_elsewhere", error = %format!("cannot reach bot{TOKEN}"), "failed");
    tracing::debug!("too quiet to be written");
}

fn logged(format: &str) -> String {
    let settings = settings(format, "");
    let kept = Kept::default();
    let redactor = Redactor::new(&settings.secrets());
    let subscriber = subscriber(&settings.log, redactor, None, kept.clone(), false);
    tracing::subscriber::with_default(subscriber, blurt);
    let bytes = kept.0.lock().expect("no panic while writing").clone();
    String::from_utf8(bytes).expect("the log is UTF-8")
}

#[test]
fn p14_no_secret_is_in_a_text_log() {
    let log = logged("text");
    assert!(!log.contains("Planted"), "{log}");
    assert_eq!(log.lines().count(), 2, "{log}");
    assert!(log.contains("sent with ***") && log.contains("bot***/getMe"), "{log}");
}

#[test]
fn p14_no_secret_is_in_a_json_log() {
    let log = logged("json");
    assert!(!log.contains("Planted"), "{log}");
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("one JSON object a line");
        assert!(line["message"].is_string() && line["timestamp"].is_string(), "{line}");
        assert_eq!(line["span"]["url"], "https://api.telegram.org/bot***/getMe");
    }
}

#[test]
fn traces_reach_a_collector_without_secrets() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    let collector = thread::spawn(move || receive_one(&listener));
    let settings = settings("text", &endpoint);
    let redactor = Redactor::new(&settings.secrets());
    let provider = traces::provider(&endpoint, redactor.clone()).expect("a loopback collector");
    let subscriber = subscriber(&settings.log, redactor, Some(&provider), Kept::default(), false);
    tracing::subscriber::with_default(subscriber, blurt);
    provider.shutdown().expect("the collector answers");
    let request = collector.join().expect("the collector saw a request");
    let text = String::from_utf8_lossy(&request);
    assert!(text.starts_with("POST /v1/traces"), "{text}");
    assert!(text.contains(traces::SERVICE_NAME) && text.contains("bot***/getMe"), "{text}");
    assert!(!text.contains("Planted"), "{text}");
}

/// Reads one HTTP request whole and answers 200.
fn receive_one(listener: &TcpListener) -> Vec<u8> {
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).expect("readable");
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let body_bytes = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok());
        let head_bytes = request.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let (Some(head), Some(body)) = (head_bytes, body_bytes) {
            let body: usize = body;
            if request.len() >= head + body {
                break;
            }
        }
        assert!(count > 0, "the request ended early");
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("writable");
    request
}

#[test]
fn init_starts_everything_once_and_renders_metrics() {
    let guard = init(&settings("json", "")).expect("the first start of this test process");
    metrics::histogram!("rei_test_seconds").record(0.2);
    let page = guard.metrics.render();
    assert!(
        page.contains("rei_build_info{version=") && page.contains("rei_test_seconds_bucket"),
        "{page}"
    );
    assert!(matches!(init(&settings("json", "")), Err(InitError::Subscriber(_))));
}
