//! The service's errors, in its own form.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error in the service's own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) description: String,
    pub(super) parameter: Option<String>,
    pub(super) retry_after_ms: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, description: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            description: description.to_owned(),
            parameter: None,
            retry_after_ms: None,
        }
    }

    /// Something in the request is wrong.
    pub(super) fn invalid(parameter: &str, description: &str) -> Self {
        Self {
            parameter: Some(parameter.to_owned()),
            ..Self::new(400, "invalid_request", description)
        }
    }

    /// There is no such object, or it is another shop's: the answer is the same.
    pub(super) fn not_found(parameter: &str) -> Self {
        Self {
            parameter: Some(parameter.to_owned()),
            ..Self::new(404, "not_found", "the object does not exist or belongs to another shop")
        }
    }

    /// The right is missing.
    pub(super) fn forbidden(description: &str) -> Self {
        Self::new(403, "forbidden", description)
    }

    pub(super) fn too_many_requests(retry_after_ms: Option<u64>) -> Self {
        Self { retry_after_ms, ..Self::new(429, "too_many_requests", "simulated rate limit") }
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "internal_server_error", "simulated trouble: the outcome is unknown")
    }

    pub(super) fn into_response(self, id: &str) -> Response {
        let mut body = json!({
            "type": "error", "id": id, "code": self.code, "description": self.description,
        });
        if let Some(parameter) = self.parameter {
            body["parameter"] = parameter.into();
        }
        if let Some(ms) = self.retry_after_ms {
            body["retry_after"] = ms.into();
        }
        let mut response = answer(self.status, &body);
        if self.status == 401 {
            let basic = HeaderValue::from_static("Basic realm=\"simulated\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

/// A JSON answer.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    raw(status, "application/json;charset=UTF-8", body.to_string())
}

/// Any answer.
pub(super) fn raw(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (status, content_type, body.into()).into_response()
}

/// A page, as proxies answer.
pub(super) fn gateway(status: u16) -> Response {
    let body =
        format!("<html><head><title>{status}</title></head><body>simulated gateway</body></html>");
    raw(status, "text/html", body)
}
