//! The web door: Telegram's webhook, YooKassa's and providers' reports, files behind links, health and metrics. Translates requests and calls `rei-app`.

mod bucket;
mod files;
mod headers;
mod health;
mod kling;
mod telegram;
mod yookassa;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use rei_app::House;
use rei_app::callbacks::KLING_CALLBACK_PATH;
use secrecy::SecretString;

pub use health::Readiness;
pub use telegram::WEBHOOK_PATH;

/// An ordinary update has a few kilobytes; rich messages may be larger.
const UPDATE_BODY_MAX_BYTES: usize = 1024 * 1024;

/// What the web door needs.
#[derive(Clone)]
pub struct Web {
    /// The application.
    pub house: House,
    /// The secret that Telegram sends along; none when updates are polled.
    pub telegram_secret: Option<SecretString>,
    /// What has to hold before traffic may come.
    pub readiness: Arc<Readiness>,
    /// Renders the metrics in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// All routes. Serve them with the peers' addresses (`into_make_service_with_connect_info::<SocketAddr>`).
pub fn router(web: Web) -> Router {
    let mut router = Router::new()
        .route("/livez", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    if web.house.files.public_base_url.is_some() {
        router = router.route(files::FILES_PATH, get(files::serve));
    }
    if web.house.files.callbacks {
        let take =
            post(kling::take_report).layer(DefaultBodyLimit::max(kling::REPORT_BODY_MAX_BYTES));
        router = router.route(KLING_CALLBACK_PATH, take);
    }
    if web.telegram_secret.is_some() {
        let take = post(telegram::take_update).layer(DefaultBodyLimit::max(UPDATE_BODY_MAX_BYTES));
        router = router.route(WEBHOOK_PATH, take);
    }
    if let Some(notices) = yookassa::routes(&web) {
        router = router.merge(notices);
    }
    router.with_state(web)
}
