//! The stream of events of one customer: messages, what the bot is doing, answers to taps, the panel.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use rei_sim::telegram::User;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use super::SharedSite;
use super::acts::Refused;
use super::view::shown;

/// How often the panel and the bot's doing are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// A page that opens gets so many of the newest messages.
const MESSAGES_MAX: usize = 200;

pub(super) fn routes() -> Router<SharedSite> {
    Router::new().route("/events", get(events))
}

#[derive(Deserialize)]
struct Whose {
    customer: i64,
}

async fn events(
    State(site): State<SharedSite>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let user = site.user(whose.customer)?;
    let seen =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let watcher = Watcher::new(site, user, seen.unwrap_or(0));
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Watcher {
    site: SharedSite,
    user: User,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    tick: Interval,
    waiting: VecDeque<Event>,
    /// Changes up to this revision were told.
    since: u64,
    begun: bool,
    around: Value,
    action: Option<String>,
    answer: Option<String>,
    panel: Value,
}

impl Watcher {
    fn new(site: SharedSite, user: User, since: u64) -> Self {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // A revision from before a restart of the demo means nothing.
        let since = if since > site.telegram.revision() { 0 } else { since };
        Self {
            changes: site.telegram.changes(),
            stopping: site.stopping.subscribe(),
            tick,
            waiting: VecDeque::new(),
            since,
            begun: false,
            around: Value::Null,
            action: None,
            answer: user.callback_answers().pop().map(|answer| answer.query_id),
            panel: Value::Null,
            site,
            user,
        }
    }

    /// The next event; none when the demo stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let look_inside = tokio::select! {
                changed = self.changes.changed() => changed.ok().map(|()| false),
                _ = self.tick.tick() => Some(true),
                () = stopped(&mut self.stopping) => None,
            };
            let look_inside = look_inside?;
            self.look_at_chat();
            if look_inside {
                self.look_at_panel().await;
            }
        }
    }

    fn look_at_chat(&mut self) {
        self.look_at_messages();
        self.look_at_action();
        self.look_at_answers();
    }

    fn look_at_messages(&mut self) {
        // Read before the messages: what comes in between is told twice rather than never.
        let revision = self.site.telegram.revision();
        let reset = !self.begun && self.since == 0;
        let mut messages =
            if reset { self.user.messages() } else { self.user.messages_since(self.since) };
        messages.drain(..messages.len().saturating_sub(MESSAGES_MAX));
        self.since = revision;
        let around = json!({"keyboard": self.user.keyboard(), "commands": self.user.commands()});
        if self.begun && messages.is_empty() && around == self.around {
            return;
        }
        self.begun = true;
        let mut told = around.clone();
        told["messages"] = messages.iter().map(shown).collect();
        told["reset"] = reset.into();
        self.around = around;
        self.waiting.push_back(event("messages", &told).id(revision.to_string()));
    }

    fn look_at_action(&mut self) {
        let action =
            self.user.chat_action().or_else(|| self.user.draft().map(|_| "typing".to_owned()));
        if action != self.action {
            self.waiting.push_back(event("typing", &json!({"action": action})));
            self.action = action;
        }
    }

    fn look_at_answers(&mut self) {
        let answers = self.user.callback_answers();
        let told = self
            .answer
            .as_ref()
            .and_then(|id| answers.iter().position(|answer| answer.query_id == *id));
        for answer in answers.iter().skip(told.map_or(0, |at| at + 1)) {
            let toast = json!({"text": answer.text, "alert": answer.show_alert, "url": answer.url});
            self.waiting.push_back(event("toast", &toast));
            self.answer = Some(answer.query_id.clone());
        }
    }

    async fn look_at_panel(&mut self) {
        let mut panel = self.site.source.panel(self.user.id()).await;
        panel["faults"] = self.site.switches.shown();
        if panel != self.panel {
            self.waiting.push_back(event("panel", &panel));
            self.panel = panel;
        }
    }
}

/// Waits until the site stops.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A site that is gone has stopped, too.
    let _gone = stopping.wait_for(|stop| *stop).await;
}

fn event(kind: &str, data: &Value) -> Event {
    Event::default().event(kind).data(data.to_string())
}
