//! What the double's own tests share: a bot's hand on the API, and pictures.

use std::io::Cursor;

use bytes::Bytes;
use serde_json::Value;

use super::{TelegramOptions, TelegramSim, User};
use crate::common::client::client;
use crate::common::clock::SimClock;

/// A picture of one colour.
pub(crate) fn png(width: u32, height: u32) -> Bytes {
    encoded(width, height, image::ImageFormat::Png)
}

/// The same as JPEG.
pub(crate) fn jpeg(width: u32, height: u32) -> Bytes {
    encoded(width, height, image::ImageFormat::Jpeg)
}

fn encoded(width: u32, height: u32, format: image::ImageFormat) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([40, 90, 160]));
    picture.write_to(&mut bytes, format).expect("a picture can be written to memory");
    bytes.into_inner().into()
}

/// An answer of the API.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn result(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["ok"], true);
        self.body["result"].clone()
    }

    /// The words of a refusal with this status.
    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["ok"], false);
        assert_eq!(self.body["error_code"], status);
        self.body["description"].as_str().expect("a description").to_owned()
    }
}

/// A simulator, one person who has said hello, and a bot's hand.
pub(crate) struct Stage {
    pub sim: TelegramSim,
    pub anna: User,
    pub clock: SimClock,
    pub http: reqwest::Client,
}

impl Stage {
    pub async fn start() -> Self {
        let clock = SimClock::manual(1_790_000_000_000);
        let options = TelegramOptions { clock: clock.clone(), ..TelegramOptions::default() };
        let sim = TelegramSim::start(options).await.expect("a free port");
        let anna = sim.user(7, "Анна", "ru");
        anna.says("/start").expect("she can write");
        Self { sim, anna, clock, http: client() }
    }

    pub fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sim.base_url(), self.sim.token())
    }

    /// Calls with JSON.
    pub async fn call(&self, method: &str, params: Value) -> Answer {
        let request = self.http.post(self.url(method)).json(&params);
        self.ask(request).await
    }

    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        Answer { status, body: answer.json().await.expect("JSON") }
    }

    /// Says something to Anna; returns the message's id.
    pub async fn send(&self, text: &str) -> i64 {
        let params = serde_json::json!({"chat_id": 7, "text": text});
        let sent = self.call("sendMessage", params).await.result();
        sent["message_id"].as_i64().expect("an id")
    }

    /// The description of the only violation so far, forgetting it.
    pub fn only_violation(&self) -> String {
        let mut violations = self.sim.take_violations();
        assert_eq!(violations.len(), 1, "{violations:?}");
        violations.remove(0).what
    }
}
