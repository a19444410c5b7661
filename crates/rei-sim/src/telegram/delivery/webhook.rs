//! The webhook: one update at a time per lane, repeats after failures, a header that proves the sender.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Lane, Pending};
use crate::telegram::shared::Shared;
use crate::telegram::state::World;

const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
/// Without an answer in this time a delivery has failed.
const ANSWER_WAIT: Duration = Duration::from_secs(60);
/// Without a success in this time there is one connection only.
const ONE_CONNECTION_AFTER_MS: i64 = 10_000;
const RETRY_AFTER_MAX_S: i64 = 3_600;
/// The longest pause between repeats is a random one from here to twice as long.
const PAUSE_MAX_S: i64 = 60;
/// A webhook that answers 410 for so long is removed.
const GONE_AFTER_MS: i64 = 23 * 3_600_000;

/// Where updates are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    pub url: String,
    pub secret: Option<String>,
    pub max_connections: usize,
}

/// The updates that wait for the webhook, and how it goes.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    webhook: Option<Webhook>,
    /// Grows with each change of the webhook: what was under way for the old one no longer counts.
    epoch: u64,
    lanes: HashMap<Lane, Waiting>,
    ready: VecDeque<Lane>,
    active: usize,
    failing_since_ms: Option<i64>,
    gone_since_ms: Option<i64>,
    pub last_error: Option<(i64, String)>,
    pub set_at_ms: Option<i64>,
}

#[derive(Debug, Default)]
struct Waiting {
    ids: VecDeque<i64>,
    failures: u32,
    pause_s: i64,
}

/// One delivery that is due.
struct Job {
    lane: Lane,
    id: i64,
    body: String,
    webhook: Webhook,
    epoch: u64,
}

/// How a delivery ended.
struct Outcome {
    status: Option<u16>,
    retry_after_s: i64,
    error: Option<String>,
    /// The answer asked for a call.
    method: Option<String>,
}

impl Lanes {
    pub fn is_on(&self) -> bool {
        self.webhook.is_some()
    }

    pub fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// Replaces the webhook; the lanes are to be rebuilt.
    pub fn set(&mut self, webhook: Option<Webhook>) {
        self.webhook = webhook;
        self.clear();
        self.last_error = None;
        self.failing_since_ms = None;
        self.gone_since_ms = None;
    }

    pub fn clear(&mut self) {
        self.epoch += 1;
        self.lanes.clear();
        self.ready.clear();
        self.active = 0;
    }

    /// Lines up an update; nothing without a webhook.
    pub fn add(&mut self, update: &Pending) {
        if self.webhook.is_none() {
            return;
        }
        let lane = self.lanes.entry(update.lane).or_default();
        lane.ids.push_back(update.id);
        if lane.ids.len() == 1 {
            lane.pause_s = 1;
            self.ready.push_back(update.lane);
        }
    }

    fn connections_max(&self, webhook: &Webhook, now_ms: i64) -> usize {
        match self.failing_since_ms {
            Some(since_ms) if now_ms - since_ms > ONE_CONNECTION_AFTER_MS => 1,
            _ => webhook.max_connections,
        }
    }
}

/// Starts deliveries whenever something is ready, until the simulator stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut stopping = shared.stopping.subscribe();
    loop {
        while let Some(job) = shared.with(next_job) {
            tokio::spawn(deliver(Arc::clone(&shared), job));
        }
        tokio::select! {
            () = shared.deliverable.notified() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

fn next_job(world: &mut World) -> Option<Job> {
    let now_ms = world.now_ms;
    let updates = &mut world.updates;
    let webhook = updates.lanes.webhook.clone()?;
    updates.expire(now_ms);
    while updates.lanes.active < updates.lanes.connections_max(&webhook, now_ms) {
        let lane = updates.lanes.ready.pop_front()?;
        let Some(id) = updates.lanes.lanes.get(&lane).and_then(|w| w.ids.front().copied()) else {
            updates.lanes.lanes.remove(&lane);
            continue;
        };
        let Some(body) = updates.get(id).map(|update| update.body.clone()) else {
            // It has outlived its time; the next one of the lane takes its place.
            advance(world, lane);
            return next_job(world);
        };
        updates.lanes.active += 1;
        return Some(Job { lane, id, body, webhook, epoch: updates.lanes.epoch });
    }
    None
}

/// Takes the head off a lane and makes the rest ready.
fn advance(world: &mut World, lane: Lane) {
    let lanes = &mut world.updates.lanes;
    let Some(waiting) = lanes.lanes.get_mut(&lane) else { return };
    waiting.ids.pop_front();
    waiting.failures = 0;
    waiting.pause_s = 1;
    if waiting.ids.is_empty() {
        lanes.lanes.remove(&lane);
    } else {
        lanes.ready.push_back(lane);
    }
}

async fn deliver(shared: Arc<Shared>, job: Job) {
    let mut stopping = shared.stopping.subscribe();
    let outcome = tokio::select! {
        outcome = post(&shared, &job) => outcome,
        _ = stopping.wait_for(|stop| *stop) => return,
    };
    let pause = shared.with(|world| settle(world, &job, outcome));
    shared.deliverable.notify_one();
    let Some(pause) = pause else { return };
    tokio::select! {
        () = shared.clock.sleep(pause) => {}
        _ = stopping.wait_for(|stop| *stop) => return,
    }
    shared.with(|world| {
        if world.updates.lanes.epoch == job.epoch {
            world.updates.lanes.ready.push_back(job.lane);
        }
    });
    shared.deliverable.notify_one();
}

async fn post(shared: &Shared, job: &Job) -> Outcome {
    let mut request = shared
        .client
        .post(&job.webhook.url)
        .header("content-type", "application/json")
        .timeout(ANSWER_WAIT)
        .body(job.body.clone());
    if let Some(secret) = &job.webhook.secret {
        request = request.header(SECRET_HEADER, secret);
    }
    let failed = |error: String| Outcome {
        status: None,
        retry_after_s: 0,
        error: Some(error),
        method: None,
    };
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return failed("Read timeout expired".to_owned()),
        Err(_) => return failed("Webhook connection closed".to_owned()),
    };
    let status = answer.status();
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after_s = retry_after.and_then(|value| value.parse().ok()).unwrap_or(0);
    let Ok(body) = answer.bytes().await else {
        return failed("Webhook connection closed".to_owned());
    };
    let method = serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|body| Some(body.get("method")?.as_str()?.to_owned()));
    let error =
        (!status.is_success()).then(|| format!("Wrong response from the webhook: {status}"));
    Outcome { status: Some(status.as_u16()), retry_after_s, error, method }
}

/// Books how a delivery ended; returns the pause before its lane goes on, if it failed.
fn settle(world: &mut World, job: &Job, outcome: Outcome) -> Option<Duration> {
    let now_ms = world.now_ms;
    if world.updates.lanes.epoch != job.epoch {
        return None;
    }
    world.updates.lanes.active -= 1;
    let Some(error) = outcome.error else {
        delivered(world, job, outcome.method);
        return None;
    };
    let dice = world.dice();
    let lanes = &mut world.updates.lanes;
    lanes.failing_since_ms.get_or_insert(now_ms);
    lanes.last_error = Some((now_ms, error));
    if outcome.status == Some(410) {
        let since_ms = *lanes.gone_since_ms.get_or_insert(now_ms);
        if now_ms - since_ms >= GONE_AFTER_MS {
            lanes.set(None);
            return None;
        }
    } else {
        lanes.gone_since_ms = None;
    }
    let waiting = lanes.lanes.get_mut(&job.lane)?;
    let retry_after_s = outcome.retry_after_s.clamp(0, RETRY_AFTER_MAX_S);
    // The first repeat comes at once, then 2, 4, 8… seconds apart.
    let pause_s = if retry_after_s > 0 || waiting.failures == 0 {
        retry_after_s
    } else {
        waiting.pause_s = (waiting.pause_s * 2).min(PAUSE_MAX_S + dice % (PAUSE_MAX_S + 1));
        waiting.pause_s
    };
    waiting.failures += 1;
    let expires_ms = world.updates.get(job.id).map_or(i64::MIN, |update| update.expires_ms);
    if now_ms + pause_s * 1_000 > expires_ms {
        world.updates.remove(job.id);
        advance(world, job.lane);
        return None;
    }
    Some(Duration::from_secs(pause_s.unsigned_abs()))
}

fn delivered(world: &mut World, job: &Job, method: Option<String>) {
    let now_ms = world.now_ms;
    if let Some(method) = method {
        let what =
            format!("the webhook was answered with a call of {method}, whose result nobody sees");
        world.log.violate("webhook", &what, now_ms);
    }
    let lanes = &mut world.updates.lanes;
    lanes.failing_since_ms = None;
    lanes.gone_since_ms = None;
    if let Some(update) = world.updates.get_mut(job.id).filter(|update| update.twice) {
        update.twice = false;
        world.updates.lanes.ready.push_back(job.lane);
        return;
    }
    world.updates.remove(job.id);
    advance(world, job.lane);
}
