//! Keys, prompts and addresses stay out of rejections and out of the log.

use std::io;
use std::sync::{Arc, Mutex};

use rei_domain::catalog::Slot;
use rei_providers::kling::KlingOptions;
use rei_providers::{InputContent, Provider, RemoteFile, Submission, SubmitRequest};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::server::{
    KEY, PAIR, PROMPT, Server, bad, client, good, input, nobody, options, request, task, with_pair,
};

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

fn with_links() -> SubmitRequest {
    let content = InputContent::Url("https://files.example/hidden/in.mp4?sig=HIDDEN".to_owned());
    SubmitRequest {
        model: "omni-video/kling-3.0-omni".to_owned(),
        model_legacy: Some("kling-v3-omni".to_owned()),
        seconds: None,
        inputs: vec![input(Slot::BaseVideo, content)],
        callback_url: Some("https://bot.example/kling/HIDDEN".to_owned()),
        ..request()
    }
}

#[tokio::test]
async fn a_provider_that_quotes_everything_does_not_get_it_into_the_log() {
    let (log, _listening) = listen();
    let nobody = nobody().address;
    for (options, key) in [(options(nobody), KEY), (with_pair(nobody), PAIR)] {
        let said = format!(
            "key {key} may not draw {PROMPT} with 'audio' from \
             https://files.example/hidden/in.mp4?sig=HIDDEN or \"/hidden/in.mp4\", \
             told to https://bot.example/kling/HIDDEN"
        );
        let server = Server::json(400, bad(1200, &said)).await;
        let base_url = format!("http://{}", server.address);
        let options = KlingOptions { base_url, ..options };
        let Submission::Rejected(rejection) = client(options).kling.submit(&with_links()).await
        else {
            panic!("it was refused")
        };
        let shown = format!("{rejection:?} {}", log.text());
        assert!(shown.contains("audio") && shown.contains("job-42"), "{shown}");
        for hidden in ["SECRET", "secret mat", "hidden", "HIDDEN"] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
    }
}

#[tokio::test]
async fn the_reason_of_a_failed_task_is_not_quoted() {
    let (log, _listening) = listen();
    let message = format!("risk control: {PROMPT}");
    let failed = json!([{"id": "893", "status": "failed", "message": message}]);
    let server = Server::json(200, good(failed)).await;
    let states = client(options(server.address)).kling.poll(&[task("893")]).await;
    let shown = format!("{states:?} {}", log.text());
    assert!(shown.contains("TASK_REFUSED") && shown.contains("893"), "{shown}");
    assert!(!shown.contains("secret mat"), "{shown}");
}

#[tokio::test]
async fn the_address_of_a_result_is_not_quoted() {
    let (log, _listening) = listen();
    let nobody = nobody();
    let client = client(options(nobody.address));
    let refusing = Server::json(403, json!({})).await;
    for address in [nobody.address, refusing.address] {
        let url = format!("http://{address}/v.mp4?sign=HIDDEN");
        let file = RemoteFile { url, duration_ms: None };
        let error = client.kling.fetch(&file).await.map(|_| ());
        let shown = format!("{error:?} {file:?}");
        assert!(error.is_err() && !shown.contains("HIDDEN"), "{shown}");
    }
    let shown = log.text();
    assert!(shown.contains("unreachable") && shown.contains("FILE_HTTP_403"), "{shown}");
    assert!(!shown.contains("HIDDEN") && !shown.contains("v.mp4"), "{shown}");
}

#[tokio::test]
async fn a_proxys_password_is_not_quoted() {
    let (log, _listening) = listen();
    for scheme in ["http", "socks5"] {
        let nobody = nobody();
        let proxy = format!("{scheme}://user:pass-word@{}", nobody.address);
        let options = KlingOptions { proxy: Some(proxy.into()), ..options(nobody.address) };
        assert_eq!(client(options).rejection().await.code, "unreachable");
    }
    assert!(log.text().contains("unreachable"));
    assert!(!log.text().contains("pass-word") && !log.text().contains(KEY), "{}", log.text());
}
