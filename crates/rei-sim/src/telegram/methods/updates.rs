//! The webhook's settings.

use serde_json::{Value, json};

use crate::telegram::delivery::webhook::Webhook;
use crate::telegram::error::ApiError;
use crate::telegram::params::Params;
use crate::telegram::state::World;

const CONNECTIONS: i64 = 40;
const CONNECTIONS_MAX: i64 = 100;
const SECRET_MAX: usize = 256;
const PAUSE_MS: i64 = 1_000;

pub(super) fn set_webhook(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let url = params.required_text("url")?.to_owned();
    if url.is_empty() {
        return delete_webhook(world, params);
    }
    // Plain http is what an own Bot API server takes as well; the doors under test have no certificate.
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(ApiError::bug("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let connections = params.int("max_connections")?.unwrap_or(CONNECTIONS);
    if !(1..=CONNECTIONS_MAX).contains(&connections) {
        return Err(ApiError::bug("bad webhook: max_connections must be 1-100"));
    }
    let secret = params.text("secret_token")?.filter(|secret| !secret.is_empty());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if secret.is_some_and(|secret| secret.len() > SECRET_MAX || !secret.bytes().all(plain)) {
        return Err(ApiError::bug("secret token contains unallowed characters"));
    }
    let webhook = Webhook {
        url,
        secret: secret.map(str::to_owned),
        max_connections: usize::try_from(connections).unwrap_or(1),
    };
    let drop_pending = params.flag("drop_pending_updates")?;
    let now_ms = world.now_ms;
    let updates = &mut world.updates;
    let before = updates.allowed().map(<[String]>::to_vec);
    let same_webhook = updates.lanes.webhook() == Some(&webhook);
    let too_soon = updates.lanes.set_at_ms.is_some_and(|at_ms| now_ms - at_ms < PAUSE_MS);
    let kinds = params.list("allowed_updates")?;
    if too_soon && !same_webhook {
        return Err(ApiError::flood(1));
    }
    updates.allow(kinds).map_err(ApiError::bug)?;
    if drop_pending {
        updates.clear();
    }
    if same_webhook && updates.allowed() == before.as_deref() && !drop_pending {
        return Ok(true.into());
    }
    updates.lanes.set_at_ms = Some(now_ms);
    updates.lanes.set(Some(webhook));
    updates.rebuild_lanes();
    updates.poll.terminate();
    Ok(true.into())
}

pub(super) fn delete_webhook(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    if params.flag("drop_pending_updates")? {
        world.updates.clear();
    }
    world.updates.lanes.set(None);
    Ok(true.into())
}

pub(super) fn get_webhook_info(world: &mut World, _: &mut Params) -> Result<Value, ApiError> {
    world.updates.expire(world.now_ms);
    let updates = &world.updates;
    let mut info = json!({
        "url": "", "has_custom_certificate": false, "pending_update_count": updates.count(),
    });
    if let Some(webhook) = updates.lanes.webhook() {
        info["url"] = webhook.url.as_str().into();
        info["max_connections"] = webhook.max_connections.into();
        info["ip_address"] = "127.0.0.1".into();
    }
    if let Some((at_ms, error)) = &updates.lanes.last_error {
        info["last_error_date"] = (at_ms / 1_000).into();
        info["last_error_message"] = error.as_str().into();
    }
    if let Some(allowed) = updates.allowed() {
        info["allowed_updates"] = allowed.into();
    }
    Ok(info)
}
