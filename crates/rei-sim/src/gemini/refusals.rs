//! Errors in the form of the service: a JSON body with code, message, status and details, or the page of a proxy.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::behaviour::ServiceError;

/// Why the service does not do what it was asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// HTTP status.
    pub code: u16,
    /// The name of the error class.
    pub status: &'static str,
    /// In words.
    pub message: String,
    /// `error.details`.
    pub details: Vec<Value>,
}

/// One wrong field: its path and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// `generation_config.image_config.image_size`; empty for the body itself.
    pub field: String,
    /// In words.
    pub description: String,
}

impl Refusal {
    /// An error without details.
    pub fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), details: Vec::new() }
    }

    /// 400 that names the wrong fields.
    pub fn fields(violations: &[FieldViolation]) -> Self {
        let message = violations
            .iter()
            .map(|violation| violation.description.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let listed: Vec<Value> = violations
            .iter()
            .map(
                |violation| json!({"field": violation.field, "description": violation.description}),
            )
            .collect();
        let details = json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed});
        Self { details: vec![details], ..Self::new(400, "INVALID_ARGUMENT", message) }
    }

    /// No key in the request.
    pub fn key_missing() -> Self {
        Self::new(
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        )
    }

    /// No such model.
    pub fn model(id: &str) -> Self {
        let message = format!(
            "models/{id} is not found for API version v1beta, or is not supported for generateContent. \
             Call ListModels to see the list of available models and their supported methods."
        );
        Self::new(404, "NOT_FOUND", message)
    }

    /// One of the arranged errors.
    pub fn arranged(error: ServiceError, model: &str) -> Self {
        match error {
            ServiceError::InvalidArgument => {
                Self::new(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
            }
            ServiceError::UnreadablePicture => Self::new(
                400,
                "INVALID_ARGUMENT",
                "Unable to process input image. Please retry or report in the forum.",
            ),
            ServiceError::ThoughtSignature => {
                Self::new(400, "INVALID_ARGUMENT", "Image part is missing a thought_signature.")
            }
            ServiceError::KeyInvalid => Self {
                details: vec![json!({
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                })],
                ..Self::new(
                    400,
                    "INVALID_ARGUMENT",
                    "API key not valid. Please pass a valid API key.",
                )
            },
            ServiceError::Location => Self::new(
                400,
                "FAILED_PRECONDITION",
                "User location is not supported for the API use.",
            ),
            ServiceError::BillingOff => Self::new(
                400,
                "FAILED_PRECONDITION",
                "Gemini API free tier is not available in your country. Please enable billing on your project.",
            ),
            ServiceError::PermissionDenied => Self::new(
                403,
                "PERMISSION_DENIED",
                "Your API key was reported as leaked. Please use another API key.",
            ),
            ServiceError::ModelNotFound => Self::model(model),
            ServiceError::BodyTooLarge => Self::body_too_large(20 * 1024 * 1024),
            ServiceError::Cancelled => Self::new(499, "CANCELLED", "The operation was cancelled."),
            ServiceError::Internal => {
                Self::new(500, "INTERNAL", "An internal error has occurred. Please retry.")
            }
            ServiceError::Unavailable => {
                Self::new(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
            }
            ServiceError::DeadlineExceeded => {
                Self::new(504, "DEADLINE_EXCEEDED", "The request timed out. Please try again.")
            }
        }
    }

    /// More bytes than a request may have.
    pub fn body_too_large(bytes_max: usize) -> Self {
        let message = format!("Request payload size exceeds the limit: {bytes_max} bytes.");
        Self::new(413, "INVALID_ARGUMENT", message)
    }

    /// 429.
    pub fn quota(retry_after: Option<Duration>, limit_zero: bool, model: &str) -> Self {
        let limit = if limit_zero { "0" } else { "10" };
        let metric = "generativelanguage.googleapis.com/generate_content_paid_tier_requests";
        let mut details = vec![json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": metric,
                "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                "quotaDimensions": {"model": model, "location": "global"},
                "quotaValue": limit,
            }],
        })];
        if let Some(time) = retry_after {
            details.push(json!({
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": format!("{}s", time.as_secs_f64()),
            }));
        }
        let message = format!(
            "You exceeded your current quota, please check your plan and billing details.\n\
             * Quota exceeded for metric: {metric}, limit: {limit}, model: {model}"
        );
        Self { details, ..Self::new(429, "RESOURCE_EXHAUSTED", message) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.code, "message": self.message, "status": self.status});
        if !self.details.is_empty() {
            error["details"] = self.details.into();
        }
        let body = format!("{:#}\n", json!({"error": error}));
        answer(self.code, "application/json; charset=UTF-8", body)
    }
}

/// The page that stands where no method is, and before the service when it is in trouble.
pub fn html(code: u16) -> Response {
    let reason = StatusCode::from_u16(code)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=en>\n<title>Error {code} ({reason})!!1</title>\n\
         <p><b>{code}.</b> <ins>That's an error.</ins>\n<p>{reason}. <ins>That's all we know.</ins>\n"
    );
    answer(code, "text/html; charset=UTF-8", page)
}

pub(super) fn answer(code: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}
