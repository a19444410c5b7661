//! The service's errors: a code decides, the HTTP status follows from it.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error in the service's own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) message: String,
}

impl Refusal {
    /// With words of its own.
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// With the service's usual words.
    pub(super) fn usual(code: u16) -> Self {
        Self::new(code, usual_words(code))
    }

    /// Something in the request is wrong.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new(1201, message)
    }

    /// The `external_task_id` was used before.
    pub(super) fn exists(external_id: &str) -> Self {
        Self::new(1201, format!("external_task_id {external_id} already exists"))
    }

    pub(super) fn into_response(self, request_id: &str) -> Response {
        let body = json!({"code": self.code, "message": self.message, "request_id": request_id});
        answer(http_status(self.code), &body)
    }
}

/// The HTTP status that comes with a code.
pub(super) fn http_status(code: u16) -> u16 {
    match code {
        1000..=1004 => 401,
        1100..=1102 | 1302..=1304 => 429,
        1103 => 403,
        1202 | 1203 => 404,
        5000 => 500,
        5001 => 503,
        5002 => 504,
        _ => 400,
    }
}

fn usual_words(code: u16) -> &'static str {
    match code {
        1000 => "authentication failed",
        1001 => "Authorization is empty",
        1002 => "Authorization is invalid",
        1003 => "Authorization is not yet valid",
        1004 => "Authorization has expired",
        1100 => "account exception",
        1101 => "account in arrears",
        1102 => "Account balance not enough",
        1103 => "no permission for the requested resource",
        1200 | 1201 => "invalid request parameters",
        1202 => "the requested method is invalid",
        1203 => "the requested resource does not exist",
        1300 => "the platform's policy was triggered",
        1301 => "the content safety policy was triggered",
        1302 => "the API request is too frequent",
        1303 => "parallel task over resource pack limit",
        1304 => "the IP address is not on the white list",
        5000 => "server internal error",
        5001 => "server temporarily unavailable",
        5002 => "server internal timeout",
        _ => "simulated error",
    }
}

/// A JSON answer.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    raw(status, "application/json", body.to_string())
}

/// Any answer.
pub(super) fn raw(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (status, content_type, body.into()).into_response()
}

/// A page, as proxies answer.
pub(super) fn html(status: u16) -> Response {
    let body =
        format!("<html><head><title>{status}</title></head><body>simulated gateway</body></html>");
    raw(status, "text/html", body)
}
