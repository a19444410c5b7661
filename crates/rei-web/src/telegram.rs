//! Telegram's webhook: check the secret, store the update, answer. Everything else happens behind the inbox.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rei_app::updates::{AcceptError, accept};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::Web;

/// Where Telegram brings updates, under the owner's public address.
pub const WEBHOOK_PATH: &str = "/webhooks/telegram";
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// When an update can't be stored, Telegram brings it again after this long.
const BRING_AGAIN_S: &str = "5";

/// Stores one update; 200 only when it is on disk.
pub(crate) async fn take_update(
    State(web): State<Web>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !secret_fits(&web, &headers) {
        metrics::counter!("telegram_webhook_total", "verdict" => "refused").increment(1);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(raw) = String::from_utf8(body.to_vec()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match accept(&web.house, vec![raw]).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(AcceptError::NotAnUpdate) => StatusCode::BAD_REQUEST.into_response(),
        Err(AcceptError::NotStored(error)) => {
            tracing::error!(%error, "an update could not be stored");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, BRING_AGAIN_S)])
                .into_response()
        }
    }
}

/// Compares without telling by time how much of the secret was right.
fn secret_fits(web: &Web, headers: &HeaderMap) -> bool {
    let Some(secret) = &web.telegram_secret else { return false };
    let given = headers.get(SECRET_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    given.ct_eq(secret.expose_secret().as_bytes()).into()
}
