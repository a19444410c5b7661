//! YooKassa's door as strangers find it: what each of them is answered, and that its address gets into no log.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use rei_sim::yookassa::{Flow, NoticeSettings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::fmt::MakeWriter;

use super::{Stage, StageOptions};
use crate::product::Roles;

/// A product with its web door alone.
async fn door(settings: &[(&str, &str)]) -> (Stage, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let set = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let options = StageOptions {
        settings: set.collect(),
        roles: Roles { web: true, ..Roles::default() },
        ..StageOptions::in_folder(folder.path().to_owned())
    };
    let stage = Stage::start(options).await.expect("it starts");
    let silent = NoticeSettings { flow: Flow::Dropped, ..NoticeSettings::default() };
    stage.yookassa.set_notices(silent);
    (stage, folder)
}

/// The path with its tag.
async fn path(stage: &Stage) -> (String, String) {
    let house = stage.product().await.house.clone();
    let path = house.payments.yookassa.as_ref().expect("YooKassa is on").webhook_path();
    let tag = path.rsplit_once('/').expect("a tag").1.to_owned();
    (path, tag)
}

/// Asks by hand, so that no client of ours logs anything; the whole answer.
async fn ask(stage: &Stage, path: &str, head: &str, body: &[u8]) -> String {
    let address = stage.product().await.address.expect("the door is open");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    // Who is refused before his body is read may be cut off while he sends it.
    let _cut = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

/// A report about somebody else's payment.
fn foreign() -> Value {
    json!({
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a", "status": "succeeded", "metadata": {}},
    })
}

#[tokio::test]
async fn everybody_is_answered_by_what_he_brings_and_told_nothing() {
    let (stage, _folder) = door(&[]).await;
    let (path, tag) = path(&stage).await;
    let body = foreign().to_string();
    let large = vec![b' '; 256 * 1024 + 1];
    let wrong_tag = path.replace(&tag, &"A".repeat(43));
    let wrong_kid = path.replace("/yookassa/", "/yookassa/0");
    for (path, body, expected) in [
        (path.as_str(), body.as_bytes(), 200),
        (&path, b"junk".as_slice(), 400),
        (&path, &large, 413),
        (&wrong_tag, body.as_bytes(), 404),
        (&wrong_tag, &large, 404),
        (&wrong_kid, body.as_bytes(), 404),
        ("/webhooks/yookassa", body.as_bytes(), 404),
        ("/webhooks/yookassa/%ff/%ff", body.as_bytes(), 404),
    ] {
        let answer = ask(&stage, path, "", body).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
        let told = answer.split_once("\r\n\r\n").map_or("", |(_, told)| told);
        assert_eq!(told, "", "{path}");
    }
    stage.stop_now().await;
}

#[tokio::test]
async fn a_relay_alone_is_let_in_without_a_tag_where_the_owner_says_so() {
    let relay = [
        ("YOOKASSA_WEBHOOK_AUTH", "header"),
        ("YOOKASSA_RELAY_SECRET", "a-simulated-relay-secret"),
    ];
    let (stage, _folder) = door(&relay).await;
    let body = foreign().to_string();
    let key = rei_yookassa::authenticity::RelayKey::new(&"a-simulated-relay-secret".into());
    let now = stage.product().await.house.now();
    let signed = format!("X-Webhook-Signature: {}\r\n", key.sign(body.as_bytes(), now));
    for (head, expected) in [("", 401), ("X-Webhook-Signature: t=1,v1=00\r\n", 401), (&signed, 200)]
    {
        let answer = ask(&stage, "/webhooks/yookassa", head, body.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{head}");
    }
    stage.stop_now().await;
}

#[tokio::test]
async fn what_can_not_be_stored_is_to_come_again() {
    let (stage, _folder) = door(&[]).await;
    let (path, _) = path(&stage).await;
    let book = stage.product().await.house.book.clone();
    tokio::task::spawn_blocking(move || book.close()).await.expect("closed");
    let answer = ask(&stage, &path, "", foreign().to_string().as_bytes()).await;
    assert_eq!(status(&answer), 503);
    assert!(answer.to_lowercase().contains("retry-after: 5"), "{answer}");
    stage.stop_now().await;
}

/// Keeps whatever is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
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

// On one thread, so that everything of this process is heard.
#[tokio::test(flavor = "current_thread")]
async fn p14_the_tag_of_the_address_gets_into_no_log_at_any_level() {
    let (stage, _folder) = door(&[("YOOKASSA_IP_CHECK", "log")]).await;
    let (path, tag) = path(&stage).await;
    let kept = Kept::default();
    let listener = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(kept.clone())
        .finish();
    let listening = tracing::subscriber::set_default(listener);
    let proxy = format!("X-Original-URI: {path}\r\nReferer: https://bot.example.org{path}\r\n");
    let large = vec![b' '; 256 * 1024 + 1];
    for (path, body) in [
        (path.clone(), foreign().to_string().into_bytes()),
        (path.clone(), b"junk".to_vec()),
        (path.clone(), large),
        (format!("{path}/"), Vec::new()),
        (format!("{path}?a=b"), b"{}".to_vec()),
        (path.replace("/yookassa/", "/yookassa/0"), b"{}".to_vec()),
    ] {
        ask(&stage, &path, &proxy, &body).await;
    }
    let book = stage.product().await.house.book.clone();
    tokio::task::spawn_blocking(move || book.close()).await.expect("closed");
    assert_eq!(status(&ask(&stage, &path, &proxy, foreign().to_string().as_bytes()).await), 503);
    drop(listening);
    let logged = kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let logged = String::from_utf8_lossy(&logged);
    assert!(logged.contains("a report"), "nothing was heard: {logged}");
    assert!(!logged.contains(&tag), "{logged}");
    stage.stop_now().await;
}
