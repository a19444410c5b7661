//! Kling's reports about tasks: a signature where one is asked for, and then only a hint to ask.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use rei_app::callbacks::{Reported, SignedBy, kling};

use crate::Web;

/// A report has one or two kilobytes.
pub(crate) const REPORT_BODY_MAX_BYTES: usize = 64 * 1024;

/// Takes one report. What concerns nobody here is answered like what does: a stranger learns nothing.
pub(crate) async fn take_report(
    State(web): State<Web>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = SignedBy {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let (verdict, status) = match kling(&web.house, signed, &body).await {
        Ok(Reported::Hurried) => ("hurried", StatusCode::OK),
        Ok(Reported::Unknown) => ("unknown", StatusCode::OK),
        Ok(Reported::Unauthentic) => ("unauthentic", StatusCode::UNAUTHORIZED),
        Ok(Reported::Unreadable) => ("unreadable", StatusCode::BAD_REQUEST),
        Err(error) => {
            tracing::error!(%error, "a report about a task could not be noted");
            ("failed", StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    metrics::counter!("kling_reports_total", "verdict" => verdict).increment(1);
    status
}
