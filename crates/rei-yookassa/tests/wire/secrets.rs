//! Keys, logins and personal data stay out of errors and out of the log.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::server::{KEY, LOGIN, Server, client, hasty, nobody, payment, payment_id, raw};

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

const PERSONAL: [&str; 6] =
    ["anna@example.com", "79001234567", "4111111111111111", "ANNA PETROVA", "hidden", "777123"];

fn assert_nothing_leaked(shown: &str) {
    let login = LOGIN.strip_prefix("Basic ").expect("a login");
    for secret in PERSONAL.iter().chain(&[KEY, login, "SECRET"]) {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

/// A body of ours with a person in it.
fn personal_body() -> Bytes {
    Bytes::from_static(b"{\"receipt\":{\"customer\":{\"email\":\"anna@example.com\"}}}")
}

#[tokio::test]
async fn a_refusal_that_quotes_keys_and_people_does_not_get_them_into_the_log() {
    let (log, _listening) = listen();
    let said = format!("{KEY} of anna@example.com, 79001234567, card 4111111111111111");
    for status in [400, 401, 403, 404, 410, 500] {
        let body = json!({"type": "error", "id": KEY, "code": "invalid_request",
            "parameter": "anna@example.com", "description": said});
        let server = Server::json(status, body).await;
        let error = client(server.address)
            .shop
            .create_payment("key-1", personal_body())
            .await
            .expect_err("refused");
        assert!(error.to_string().contains("invalid_request"), "{error}");
        assert_nothing_leaked(&format!("{error} {error:?}"));
    }
    assert!(log.text().contains("invalid_request"), "{}", log.text());
    assert!(log.text().contains("until the owner mends it"), "{}", log.text());
    assert_nothing_leaked(&log.text());
}

#[tokio::test]
async fn an_object_leaves_no_personal_data_in_the_log() {
    let (log, _listening) = listen();
    let mut object = payment();
    object["payment_method"] = json!({"type": "bank_card", "title": "4111111111111111",
        "card": {"number": "4111111111111111", "holder": "ANNA PETROVA"}});
    object["receipt"] = json!({"email": "anna@example.com", "phone": "79001234567"});
    let server = Server::json(200, object.clone()).await;
    let read = client(server.address).shop.payment(&payment_id()).await.expect("a payment");
    assert_nothing_leaked(&format!("{read:?}"));
    // And not when it cannot be read, either.
    for name in ["id", "paid", "amount", "metadata", "created_at"] {
        let mut odd = object.clone();
        odd[name] = Value::from("anna@example.com");
        let server = Server::json(200, odd).await;
        let error = client(server.address).reading().await;
        assert_nothing_leaked(&format!("{error} {error:?}"));
    }
    assert_nothing_leaked(&log.text());
}

#[tokio::test]
async fn a_broken_wire_names_neither_the_login_nor_the_body() {
    let (log, _listening) = listen();
    let (silent, nobody) = (raw(Vec::new(), Duration::from_secs(30)).await, nobody());
    for address in [silent.address, nobody.address] {
        let shop = hasty(address).shop;
        let error = shop.create_payment("key-1", personal_body()).await.expect_err("no answer");
        assert_nothing_leaked(&format!("{error} {error:?} {shop:?}"));
    }
    assert!(log.text().contains("yookassa brought no object"), "{}", log.text());
    assert_nothing_leaked(&log.text());
}
