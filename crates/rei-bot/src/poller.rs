//! Long polling: updates are stored before the offset moves past them.
//!
//! One process of the house does it at a time: Telegram answers two with conflicts.

use std::time::Duration;

use rei_app::{Duty, House, TELEGRAM_POLLER, updates};
use rei_domain::ids::UpdateId;
use rei_telegram::{CallError, Client, GetUpdates};
use tokio::sync::watch;

use crate::ALLOWED_UPDATES;

/// How long Telegram holds an empty answer back.
const POLL_TIMEOUT_S: u8 = 25;
const BATCH_MAX: u8 = 100;
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Somebody else takes the updates: a person must act, so there is no hurry.
const CONFLICT_PAUSE: Duration = Duration::from_secs(5);

/// Turns true when polling has to end.
pub type PollStop = watch::Receiver<bool>;

/// Takes updates in, while no other process does, until `stop` turns true or its sender is gone; then another process
/// may. `holder` names this process and no other. `on_configuration` is told when Telegram refuses the token, and when
/// it takes it again.
pub async fn poll(
    house: House,
    holder: String,
    client: &Client,
    mut stop: PollStop,
    on_configuration: impl Fn(bool),
) {
    let duty = Duty::new(house.clone(), TELEGRAM_POLLER, holder);
    let polling = async {
        loop {
            let until = duty.begin().await;
            tracing::info!("this process asks Telegram for updates");
            tokio::select! {
                () = take_all(&house, client, &on_configuration) => {}
                () = duty.keep(until) => {}
            }
        }
    };
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = polling => {}
    }
    duty.end().await;
}

/// Takes updates in until it is cut off. What was not stored by then Telegram brings again.
async fn take_all(house: &House, client: &Client, on_configuration: &impl Fn(bool)) {
    let mut offset = None;
    let mut failures = 0_u32;
    loop {
        let request = GetUpdates {
            offset,
            limit: BATCH_MAX,
            timeout_s: POLL_TIMEOUT_S,
            allowed_updates: ALLOWED_UPDATES.iter().map(ToString::to_string).collect(),
        };
        let pause = match client.get_updates(&request).await {
            Ok(batch) => {
                on_configuration(false);
                let last = batch.iter().map(|update| update.update_id.0).max();
                let raws = batch.into_iter().map(|update| update.json).collect::<Vec<_>>();
                match take_in(house, raws).await {
                    Ok(()) => {
                        failures = 0;
                        offset = last.map(|last| UpdateId(last + 1)).or(offset);
                        continue;
                    }
                    Err(error) => {
                        tracing::error!(%error, "updates could not be stored, Telegram will bring them again");
                        pause(house, &mut failures)
                    }
                }
            }
            Err(CallError::Conflict { description }) => {
                tracing::error!(description, "somebody else takes the updates of this bot");
                CONFLICT_PAUSE
            }
            Err(error) => {
                on_configuration(matches!(error, CallError::Configuration { .. }));
                tracing::warn!(%error, class = error.class(), "updates could not be asked for");
                error.retry_after().unwrap_or_else(|| pause(house, &mut failures))
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn take_in(house: &House, raws: Vec<String>) -> Result<(), updates::AcceptError> {
    if raws.is_empty() {
        return Ok(());
    }
    updates::accept(house, raws).await.map(|_| ())
}

/// Exponential with full jitter, never under a second.
fn pause(house: &House, failures: &mut u32) -> Duration {
    let limit = PAUSE_MIN.saturating_mul(1 << (*failures).min(6)).min(PAUSE_MAX);
    *failures = failures.saturating_add(1);
    PAUSE_MIN.max(house.chance.up_to(limit))
}
