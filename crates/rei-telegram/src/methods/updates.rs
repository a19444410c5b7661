//! Receiving: long polling and the webhook's settings.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::UpdateId;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{fields, value};
use crate::client::{Call, Client};
use crate::error::{CallError, Transport};
use crate::limits::{POLL_MAX_S, UPDATES_MAX};
use crate::telemetry;

/// A question for new updates.
#[derive(Clone, Debug, Serialize)]
pub struct GetUpdates {
    /// The highest id that is safely stored, plus one; confirms all lower ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<UpdateId>,
    /// Updates in one answer, 1 to 100.
    pub limit: u8,
    /// Seconds to wait for the first, 0 to 50.
    #[serde(rename = "timeout")]
    pub timeout_s: u8,
    /// The kinds wanted; always said, since Telegram remembers the last list.
    pub allowed_updates: Vec<String>,
}

/// An update as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawUpdate {
    /// Its id.
    pub update_id: UpdateId,
    /// The whole of it, as sent.
    pub json: String,
}

impl RawUpdate {
    /// Takes one update as Telegram sends it; `None` when it has no usable id. Whatever else it holds is not looked at.
    pub fn read(json: &str) -> Option<Self> {
        Some(Self { update_id: update_id(json)?, json: json.to_owned() })
    }
}

/// Where and how Telegram delivers updates.
#[derive(Clone, Serialize)]
pub struct SetWebhook {
    /// The https address.
    pub url: String,
    /// Comes back in a header of each delivery: 1 to 256 of `A-Za-z0-9_-`.
    pub secret_token: String,
    /// Parallel deliveries, 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<u8>,
    /// The kinds wanted.
    pub allowed_updates: Vec<String>,
}

/// How deliveries go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookInfo {
    /// The address; empty when none is set.
    pub url: String,
    /// Updates that wait.
    pub pending_update_count: u64,
    /// When the last delivery failed.
    pub last_error_at: Option<Timestamp>,
    /// Why it failed.
    pub last_error_message: Option<String>,
    /// Parallel deliveries.
    pub max_connections: Option<u64>,
    /// The kinds delivered; empty for Telegram's own choice.
    pub allowed_updates: Vec<String>,
}

impl Client {
    /// New updates in the order of their ids, each as it came. Items without a usable id are counted
    /// and left out.
    ///
    /// # Errors
    /// [`CallError::Conflict`] when a webhook is set or somebody else polls.
    pub async fn get_updates(&self, request: &GetUpdates) -> Result<Vec<RawUpdate>, CallError> {
        let request = GetUpdates {
            limit: request.limit.clamp(1, UPDATES_MAX),
            timeout_s: request.timeout_s.min(POLL_MAX_S),
            ..request.clone()
        };
        let call = Call {
            method: "getUpdates",
            fields: fields(&request)?,
            files: Vec::new(),
            held_open: Some(Duration::from_secs(u64::from(request.timeout_s))),
        };
        let reply = self.call(call).await?;
        let items = reply.as_deref().map_or("[]", RawValue::get);
        let items: Vec<&RawValue> = serde_json::from_str(items).map_err(|_| {
            CallError::Unanswered(Transport("the answer holds no list of updates".to_owned()))
        })?;
        let mut updates: Vec<RawUpdate> = items.into_iter().filter_map(raw_update).collect();
        updates.sort_by_key(|update| update.update_id);
        Ok(updates)
    }

    /// Sets the webhook. Waiting updates are never dropped: payments may be among them.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn set_webhook(&self, request: &SetWebhook) -> Result<(), CallError> {
        self.plain("setWebhook", request).await.map(drop)
    }

    /// Removes the webhook, so that polling works. Waiting updates stay.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn delete_webhook(&self) -> Result<(), CallError> {
        self.plain("deleteWebhook", &serde_json::Map::new()).await.map(drop)
    }

    /// How deliveries go.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, CallError> {
        let value = value(self.plain("getWebhookInfo", &serde_json::Map::new()).await?);
        Ok(webhook_info(&value))
    }
}

fn raw_update(item: &RawValue) -> Option<RawUpdate> {
    let update = RawUpdate::read(item.get());
    if update.is_none() {
        telemetry::broken_update();
    }
    update
}

/// The id alone, whatever else the update holds: the rest is skipped, not decoded.
fn update_id(json: &str) -> Option<UpdateId> {
    #[derive(serde::Deserialize)]
    struct Id {
        update_id: i64,
    }
    serde_json::from_str::<Id>(json).ok().map(|id| UpdateId(id.update_id))
}

fn webhook_info(value: &Value) -> WebhookInfo {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    let kinds = value.get("allowed_updates").and_then(Value::as_array);
    let seconds = value.get("last_error_date").and_then(Value::as_i64);
    WebhookInfo {
        url: text("url").unwrap_or_default(),
        pending_update_count: number("pending_update_count").unwrap_or_default(),
        last_error_at: seconds.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
        last_error_message: text("last_error_message"),
        max_connections: number("max_connections"),
        allowed_updates: kinds
            .map(|kinds| kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
    }
}

impl std::fmt::Debug for SetWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a secret path, and the token is one.
        f.debug_struct("SetWebhook")
            .field("max_connections", &self.max_connections)
            .field("allowed_updates", &self.allowed_updates)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_is_found_in_updates_that_cannot_be_decoded() {
        assert_eq!(update_id(r#"{"message":{"text":"\ud800"},"update_id":5}"#), Some(UpdateId(5)));
        let deep = format!(r#"{{"update_id":6,"x":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(update_id(&deep), Some(UpdateId(6)));
        assert_eq!(update_id("null"), None);
        assert_eq!(update_id(r#"{"update_id":"x"}"#), None);
    }

    #[test]
    fn odd_webhook_info_is_read_as_far_as_it_goes() {
        assert_eq!(webhook_info(&json!(true)), WebhookInfo::default());
        let info = webhook_info(&json!({
            "url": "https://x", "pending_update_count": 3, "last_error_date": 1_790_000_000,
            "allowed_updates": ["message", 5], "max_connections": "many",
        }));
        assert_eq!(info.pending_update_count, 3);
        assert_eq!(info.last_error_at, Some(Timestamp(1_790_000_000_000)));
        assert_eq!(info.allowed_updates, ["message"]);
        assert_eq!(info.max_connections, None);
    }
}
