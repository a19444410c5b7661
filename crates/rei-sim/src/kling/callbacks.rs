//! Tells the customer's server how a task goes on, signed by Standard Webhooks when there is a secret.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SharedState;
use super::behaviour::CallbackFault;
use super::record::Callback;
use super::tasks::{Seen, Stage, Task};
use super::wire;

const TIMEOUT: Duration = Duration::from_secs(10);
const RETRY_AFTER: Duration = Duration::from_millis(50);

/// Follows a task to its end and sends what changes.
pub(super) async fn follow(state: SharedState, task: Arc<Task>) {
    let Some(url) = task.order.callback_url.clone() else { return };
    let fault = task.callback_fault;
    if fault == Some(CallbackFault::None) {
        return;
    }
    sleep_until(&state, task.processing_ms).await;
    let processing = Seen { stage: Stage::Processing, since_ms: task.processing_ms };
    if fault != Some(CallbackFault::OutOfOrder) {
        send(&state, &task, &url, &processing).await;
    }
    let end = end_of(&state, &task).await;
    send(&state, &task, &url, &end).await;
    if fault == Some(CallbackFault::OutOfOrder) {
        send(&state, &task, &url, &processing).await;
    }
}

async fn end_of(state: &SharedState, task: &Task) -> Seen {
    let due = async {
        match task.ends_ms {
            Some(ends_ms) => sleep_until(state, ends_ms).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = due => {}
        () = task.rung.notified() => {}
    }
    loop {
        let seen = task.seen(state.clock.now_ms()).await;
        if seen.stage.is_final() {
            return seen;
        }
        // The clip is late: drawing takes the machine's time, not the clock's.
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

async fn sleep_until(state: &SharedState, at_ms: i64) {
    let left = u64::try_from(at_ms - state.clock.now_ms()).unwrap_or_default();
    state.clock.sleep(Duration::from_millis(left)).await;
}

async fn send(state: &SharedState, task: &Task, url: &str, seen: &Seen) {
    let number = state.callbacks_sent.fetch_add(1, Ordering::Relaxed) + 1;
    let id = format!("evt-{number}");
    let body = wire::task(task, seen, state.base_url(), state.billing);
    let text = body.to_string();
    let times = if task.callback_fault == Some(CallbackFault::Repeated) { 2 } else { 1 };
    for _ in 0..times {
        let at_ms = state.clock.now_ms();
        let mut request = state.http.post(url).timeout(TIMEOUT).body(text.clone());
        request = request.header("content-type", "application/json");
        if let Some(secret) = &state.webhook_secret {
            let timestamp = at_ms / 1_000;
            let signed = match task.callback_fault {
                Some(CallbackFault::Forged) => sign(secret, &id, timestamp + 1, &text),
                _ => sign(secret, &id, timestamp, &text),
            };
            request = request
                .header("webhook-id", &id)
                .header("webhook-timestamp", timestamp.to_string())
                .header("webhook-signature", signed);
        }
        let status = request.send().await.ok().map(|answer| answer.status().as_u16());
        let (url, id, body) = (url.to_owned(), id.clone(), body.clone());
        state.callbacks.record(Callback { at_ms, url, id, body, status });
    }
}

/// `v1,<base64>` over id, timestamp and body; the secret is base64 after `whsec_`.
pub(super) fn sign(secret: &str, id: &str, timestamp_s: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a MAC takes a key of any length");
    mac.update(format!("{id}.{timestamp_s}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_are_signed_as_the_documentation_shows() {
        let secret = "whsec_cmVpLWJvdC10ZXN0LXdlYmhvb2stc2VjcmV0LTAwMDE=";
        let body = r#"{"id":"t-1","status":"failed","message":"risk control","outputs":[]}"#;
        let signed = sign(secret, "evt-1", 1_790_000_000, body);
        assert_eq!(signed, "v1,oCg8QSxm6jx1B3/8zp4xgcmXYxdrAbXV9isZbomf11Y=");
    }
}
