//! `getUpdates`: long polling with offsets, and the conflicts of two pollers.

use std::time::Duration;

use super::Updates;
use crate::telegram::error::ApiError;
use crate::telegram::params::Params;
use crate::telegram::shared::Shared;

const LIMIT_MAX: i64 = 100;
const TIMEOUT_MAX_S: i64 = 50;
/// An answer is cut at about 4 MB.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;
/// A repeat with the same offset within this time waits as long, if nothing is there.
const REPEAT_WAITS_MS: i64 = 3_000;
/// A repeat with the same offset within this time gets one update.
const REPEAT_ONE_MS: i64 = 500;

const WEBHOOK_ACTIVE: &str = "Conflict: can't use getUpdates method while webhook is active; \
                              use deleteWebhook to delete the webhook first";
const OTHER_POLLER: &str = "Conflict: terminated by other getUpdates request; \
                            make sure that only one bot instance is running";
const WEBHOOK_SET: &str = "Conflict: terminated by setWebhook request";

/// Who polls, and what they asked last.
#[derive(Debug, Default)]
pub(crate) struct Poll {
    /// Grows with each poll: an older one that still waits is sent away.
    generation: u64,
    by_webhook: bool,
    last: Option<(i64, i64)>,
}

impl Poll {
    /// Sends a waiting poll away because a webhook was set.
    pub fn terminate(&mut self) {
        self.generation += 1;
        self.by_webhook = true;
    }
}

struct Wanted {
    generation: u64,
    from: i64,
    limit: usize,
    timeout_ms: i64,
}

/// Answers one poll: the `result` array as JSON.
pub(crate) async fn poll(shared: &Shared, params: &Params) -> Result<String, ApiError> {
    let wanted = shared.with(|world| begin(&mut world.updates, params, world.now_ms))?;
    let deadline_ms = shared.clock.now_ms() + wanted.timeout_ms;
    let real = Duration::from_millis(u64::try_from(wanted.timeout_ms).unwrap_or_default());
    // On a clock that stands still a poll must end all the same, so both clocks count.
    let real_end = tokio::time::sleep(real);
    tokio::pin!(real_end);
    let mut stopping = shared.stopping.subscribe();
    loop {
        let arrived = shared.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        let (batch, now_ms) =
            shared.with(|world| (step(&mut world.updates, &wanted, world.now_ms), world.now_ms));
        if let Some(batch) = batch? {
            return Ok(batch);
        }
        if now_ms >= deadline_ms {
            return Ok("[]".to_owned());
        }
        let left = Duration::from_millis(u64::try_from(deadline_ms - now_ms).unwrap_or_default());
        tokio::select! {
            () = &mut arrived => {}
            () = shared.clock.sleep(left) => {}
            () = &mut real_end => return Ok("[]".to_owned()),
            _ = stopping.wait_for(|stop| *stop) => return Err(ApiError::new(500, "Internal Server Error: restart")),
        }
    }
}

fn begin(updates: &mut Updates, params: &Params, now_ms: i64) -> Result<Wanted, ApiError> {
    if updates.lanes.is_on() {
        return Err(ApiError::new(409, WEBHOOK_ACTIVE));
    }
    let offset = params.int("offset")?.unwrap_or_default();
    let mut limit = params.int("limit")?.unwrap_or(LIMIT_MAX);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(ApiError::bug("limit must be 1-100"));
    }
    let mut timeout_s = params.int("timeout")?.unwrap_or_default();
    if timeout_s < 0 {
        return Err(ApiError::bug("timeout must not be negative"));
    }
    timeout_s = timeout_s.min(TIMEOUT_MAX_S);
    updates.allow(params.list("allowed_updates")?).map_err(ApiError::bug)?;
    updates.expire(now_ms);
    let from = if offset < 0 {
        let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        updates.pending.keys().rev().nth(back - 1).copied().or(updates.first_id()).unwrap_or(0)
    } else {
        offset
    };
    while let Some(id) = updates.first_id().filter(|id| *id < from) {
        updates.remove(id);
    }
    if let Some((offset_before, at_ms)) = updates.poll.last
        && offset_before == offset
    {
        if now_ms < at_ms + REPEAT_WAITS_MS {
            timeout_s = timeout_s.max(REPEAT_WAITS_MS / 1_000);
        }
        if now_ms < at_ms + REPEAT_ONE_MS {
            limit = 1;
        }
    }
    updates.poll.last = Some((offset, now_ms));
    updates.poll.generation += 1;
    updates.poll.by_webhook = false;
    // Whoever still waits looks again and finds itself replaced.
    updates.fresh = true;
    Ok(Wanted {
        generation: updates.poll.generation,
        from,
        limit: usize::try_from(limit).unwrap_or(1),
        timeout_ms: timeout_s * 1_000,
    })
}

/// The batch, if there is any.
fn step(updates: &mut Updates, wanted: &Wanted, now_ms: i64) -> Result<Option<String>, ApiError> {
    if updates.poll.generation != wanted.generation {
        let words = if updates.poll.by_webhook { WEBHOOK_SET } else { OTHER_POLLER };
        return Err(ApiError::new(409, words));
    }
    updates.expire(now_ms);
    let mut batch: Vec<&super::Pending> =
        updates.ids_from(wanted.from).take(wanted.limit).collect();
    if batch.is_empty() {
        return Ok(None);
    }
    for run in batch.chunk_by_mut(|a, b| a.backwards && b.backwards) {
        run.reverse();
    }
    let mut answer = String::from("[");
    let mut twice = Vec::new();
    for update in batch {
        if answer.len() + update.body.len() > ANSWER_MAX_BYTES && answer.len() > 1 {
            break;
        }
        for _ in 0..=u8::from(update.twice) {
            if answer.len() > 1 {
                answer.push(',');
            }
            answer.push_str(&update.body);
        }
        if update.twice {
            twice.push(update.id);
        }
    }
    answer.push(']');
    for id in twice {
        if let Some(update) = updates.get_mut(id) {
            update.twice = false;
        }
    }
    Ok(Some(answer))
}
