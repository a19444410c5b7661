//! Refusals: what the Bot API answers to a wrong call, and what a user's hand cannot do.

use std::fmt;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal of the Bot API.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    /// HTTP status and `error_code`.
    pub code: u16,
    /// The words, with their prefix.
    pub description: String,
    /// Seconds to wait, on 429.
    pub retry_after_s: Option<u64>,
    /// Where the chat has gone.
    pub migrate_to: Option<i64>,
    /// The call itself was built wrongly: it becomes a violation that a test can see.
    pub bug: bool,
}

impl ApiError {
    /// 400 for something that can happen to a correct bot.
    pub fn bad(words: impl fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: {words}"))
    }

    /// 400 for a call that a correct bot never makes.
    pub fn bug(words: impl fmt::Display) -> Self {
        Self { bug: true, ..Self::bad(words) }
    }

    /// 400 for a parameter that is not there.
    pub fn missing(name: &str) -> Self {
        match name {
            "chat_id" => Self::bug("chat_id is empty"),
            "text" => Self::bug("message text is empty"),
            "photo" | "video" | "document" => {
                Self::bug(format_args!("there is no {name} in the request"))
            }
            _ => Self::bug(format_args!("parameter \"{name}\" is required")),
        }
    }

    /// Any status, the words as they are.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after_s: None,
            migrate_to: None,
            bug: false,
        }
    }

    /// 429.
    pub fn flood(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(429, format!("Too Many Requests: retry after {retry_after_s}"))
        }
    }

    /// 400 for a group that became a supergroup.
    pub fn migrated(to_chat_id: i64) -> Self {
        let words = "group chat was upgraded to a supergroup chat";
        Self { migrate_to: Some(to_chat_id), ..Self::bad(words) }
    }

    /// The same refusal as a bug of the bot.
    pub fn into_bug(self) -> Self {
        Self { bug: true, ..self }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body =
            json!({"ok": false, "error_code": self.code, "description": self.description});
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(chat_id) = self.migrate_to {
            body["parameters"] = json!({"migrate_to_chat_id": chat_id});
        }
        let Some(seconds) = self.retry_after_s else {
            return (status, axum::Json(body)).into_response();
        };
        body["parameters"] = json!({"retry_after": seconds});
        (status, [(header::RETRY_AFTER, seconds.to_string())], axum::Json(body)).into_response()
    }
}

/// Why a user cannot do that: the script is wrong, or the bot has not done what the script waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimError(String);

impl SimError {
    pub(crate) fn new(words: impl fmt::Display) -> Self {
        Self(words.to_string())
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SimError {}
