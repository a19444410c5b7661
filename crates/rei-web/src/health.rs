//! Whether the process lives, whether it may get traffic, and its figures.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use rei_app::health;

use crate::Web;

/// What has to hold before traffic may come.
#[derive(Debug, Default)]
pub struct Readiness {
    started: AtomicBool,
    misconfigured: AtomicBool,
    stopping: AtomicBool,
}

impl Readiness {
    /// Start-up is over.
    pub fn started(&self) {
        self.started.store(true, Ordering::Release);
    }

    /// Telegram refuses our token: nothing can be answered until a person mends it.
    pub fn misconfigured(&self, yes: bool) {
        self.misconfigured.store(yes, Ordering::Release);
    }

    /// The process is about to stop.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    fn problem(&self) -> Option<&'static str> {
        if self.stopping.load(Ordering::Acquire) {
            Some("stopping")
        } else if !self.started.load(Ordering::Acquire) {
            Some("starting")
        } else if self.misconfigured.load(Ordering::Acquire) {
            Some("telegram refuses the token")
        } else {
            None
        }
    }
}

/// The process lives.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process may get traffic: it has started, isn't stopping, and the book answers.
pub(crate) async fn ready(State(web): State<Web>) -> (StatusCode, String) {
    if let Some(problem) = web.readiness.problem() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n"));
    }
    match health::book_answers(&web.house).await {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(error) => {
            tracing::warn!(%error, "the readiness check cannot read the book");
            (StatusCode::SERVICE_UNAVAILABLE, "the book does not answer\n".to_owned())
        }
    }
}

/// Prometheus' text format.
pub(crate) async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (web.metrics)())
}
