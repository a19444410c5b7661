//! Keys and prompts stay out of rejections and out of the log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use rei_domain::catalog::Slot;
use rei_providers::gemini::GeminiOptions;
use rei_providers::{FormerTurn, InputContent, InputFile, Provider, SubmitRequest};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::server::{KEY, PROMPT, Server, client, nobody, options, request};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("unpoisoned").clone()).expect("text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Listens to everything that this thread logs.
fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone());
    (log.clone(), tracing::subscriber::set_default(everything.finish()))
}

#[tokio::test]
async fn a_provider_that_quotes_key_and_prompt_does_not_get_them_into_the_log() {
    let (log, _listening) = listen();
    let said = format!("key {KEY} may not draw {PROMPT} with 'image_size'");
    let body = json!({"error": {"status": said, "message": said, "code": 400}});
    let server = Server::json(400, body).await;
    let rejection = client(options(server.address)).rejection().await;
    let shown = format!("{rejection:?} {}", log.text());
    assert!(shown.contains("image_size") && shown.contains("order-1"), "{shown}");
    assert!(!shown.contains(KEY) && !shown.contains("secret mat"), "{shown}");
}

#[tokio::test]
async fn a_proxys_password_is_not_quoted() {
    let (log, _listening) = listen();
    for scheme in ["http", "socks5"] {
        let nobody = nobody();
        let proxy = format!("{scheme}://user:pass-word@{}", nobody.address);
        let options = GeminiOptions { proxy: Some(proxy.into()), ..options(nobody.address) };
        assert_eq!(client(options).rejection().await.code, "unreachable");
    }
    assert!(log.text().contains("unreachable"));
    assert!(!log.text().contains("pass-word") && !log.text().contains(KEY), "{}", log.text());
}

#[tokio::test]
async fn the_words_of_a_former_turn_do_not_get_into_the_log() {
    let (log, _listening) = listen();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"x").expect("it takes bytes");
    let former = "a former secret".to_owned();
    let message = format!("{} {former}", "filler ".repeat(40));
    let body = json!({"error": {"status": "INVALID_ARGUMENT", "message": message}});
    let server = Server::json(400, body).await;
    let input = InputFile {
        slot: Slot::Reference,
        mime: "image/png".to_owned(),
        content: InputContent::File { path: file.path().to_owned(), size_bytes: 1 },
        former_turn: Some(FormerTurn { prompt: former, thought_signature: None }),
    };
    let request = SubmitRequest { inputs: vec![input], ..request() };
    client(options(server.address)).gemini.submit(&request).await;
    assert!(log.text().contains("filler") && !log.text().contains("former s"), "{}", log.text());
}
