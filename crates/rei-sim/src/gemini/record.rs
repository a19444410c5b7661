//! What was asked of the service.

use axum::http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use super::behaviour::Behaviour;

/// One HTTP call, in the order of arrival.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// When it arrived, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// `POST` …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    /// Names in lower case; the key is among them.
    pub headers: Vec<(String, String)>,
    /// The parsed JSON of `generateContent`; null for other calls and for what is not JSON.
    pub body: Value,
    /// The model in the path of `generateContent`.
    pub model: Option<String>,
    /// The texts of its last turn.
    pub prompt: String,
    /// How many pictures it carried, in all its turns.
    pub inputs: usize,
    /// How many of them were uploaded before and only named; the others were inside.
    pub inputs_by_file: usize,
    /// How many turns its conversation had; one without a history.
    pub turns: usize,
    /// What was done with it; none: it was refused before.
    pub behaviour: Option<Behaviour>,
    /// HTTP status of the answer; none: not answered yet, or the client left.
    pub status: Option<u16>,
}

impl Call {
    pub(super) fn new(at_ms: i64, parts: &Parts) -> Self {
        let text = |value: &axum::http::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        Self {
            at_ms,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: Value::Null,
            model: None,
            prompt: String::new(),
            inputs: 0,
            inputs_by_file: 0,
            turns: 0,
            behaviour: None,
            status: None,
        }
    }

    /// The value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
