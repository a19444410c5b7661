//! Updates from their creation to their delivery: ids, lifetimes, lanes, and what the bot wants to get.

pub(crate) mod polling;
pub(crate) mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use webhook::Lanes;

const SECOND_MS: i64 = 1_000;
const DAY_MS: i64 = 24 * 3_600 * SECOND_MS;
/// After this time without updates the next id is random.
const IDS_GO_ON_MS: i64 = 7 * DAY_MS;
/// Kinds that come only to a bot that asks for them.
const ON_REQUEST_ONLY: &[&str] = &["chat_member", "message_reaction", "message_reaction_count"];
/// All kinds that can be asked for.
const KINDS: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
];

/// What is delivered one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lane(u8, i64);

/// An update that waits.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub id: i64,
    /// The `Update` object as JSON.
    pub body: String,
    pub lane: Lane,
    pub expires_ms: i64,
    /// Delivered twice.
    pub twice: bool,
    /// Belongs to a run that is delivered backwards.
    pub backwards: bool,
}

/// All updates that wait.
#[derive(Debug)]
pub(crate) struct Updates {
    next_id: i64,
    last_created_ms: i64,
    pending: BTreeMap<i64, Pending>,
    by_expiry: BTreeSet<(i64, i64)>,
    /// What the bot wants; none is everything but [`ON_REQUEST_ONLY`].
    allowed: Option<Vec<String>>,
    duplicate_next: u32,
    /// Updates still to be collected before they go out backwards, and those collected.
    reorder: (u32, Vec<Pending>),
    /// Set when something new waits; taken by whoever wakes the receivers.
    pub fresh: bool,
    pub poll: polling::Poll,
    pub lanes: Lanes,
}

impl Updates {
    pub fn new() -> Self {
        Self {
            next_id: 500_000_001,
            last_created_ms: 0,
            pending: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            allowed: None,
            duplicate_next: 0,
            reorder: (0, Vec::new()),
            fresh: false,
            poll: polling::Poll::default(),
            lanes: Lanes::default(),
        }
    }

    /// Creates an update, unless the bot does not want its kind.
    pub fn push(&mut self, kind: &str, payload: &Value, now_ms: i64) {
        if !self.wants(kind) {
            return;
        }
        let id = self.take_id(now_ms);
        let body = format!("{{\"update_id\":{id},\"{kind}\":{payload}}}");
        let (lane, life_ms) = lane(kind, payload, id);
        self.wait(id, body, lane, now_ms + life_ms);
    }

    /// Puts any JSON in line as an update, whatever the bot wants; returns its id.
    pub fn inject(&mut self, mut update: Value, now_ms: i64) -> i64 {
        let id = match update["update_id"].as_i64() {
            Some(id) => id,
            None => {
                let id = self.take_id(now_ms);
                update["update_id"] = id.into();
                id
            }
        };
        let kind = update.as_object().and_then(|o| o.keys().find(|key| *key != "update_id"));
        let kind = kind.cloned().unwrap_or_default();
        let (lane, life_ms) = lane(&kind, &update[&kind], id);
        self.wait(id, update.to_string(), lane, now_ms + life_ms);
        id
    }

    fn take_id(&mut self, now_ms: i64) -> i64 {
        if self.last_created_ms > 0 && now_ms - self.last_created_ms > IDS_GO_ON_MS {
            // Any number will do, as long as it is not the next one; the time is as good a die as another.
            self.next_id = 100_000_000 + (now_ms / 7).rem_euclid(300_000_000);
        }
        self.last_created_ms = now_ms;
        self.next_id += 1;
        self.next_id - 1
    }

    fn wait(&mut self, id: i64, body: String, lane: Lane, expires_ms: i64) {
        let twice = self.duplicate_next > 0;
        self.duplicate_next = self.duplicate_next.saturating_sub(1);
        let mut update = Pending { id, body, lane, expires_ms, twice, backwards: false };
        if self.reorder.0 == 0 {
            return self.line_up(update);
        }
        update.backwards = true;
        self.reorder.1.push(update);
        self.reorder.0 -= 1;
        if self.reorder.0 == 0 {
            for update in std::mem::take(&mut self.reorder.1).into_iter().rev() {
                self.line_up(update);
            }
        }
    }

    fn line_up(&mut self, update: Pending) {
        self.by_expiry.insert((update.expires_ms, update.id));
        self.lanes.add(&update);
        self.pending.insert(update.id, update);
        self.fresh = true;
    }

    /// Forgets what nobody fetched in time.
    pub fn expire(&mut self, now_ms: i64) {
        while let Some((expires_ms, id)) = self.by_expiry.first().copied() {
            if expires_ms > now_ms {
                break;
            }
            self.by_expiry.pop_first();
            self.pending.remove(&id);
        }
    }

    pub fn get(&self, id: i64) -> Option<&Pending> {
        self.pending.get(&id)
    }

    pub fn get_mut(&mut self, id: i64) -> Option<&mut Pending> {
        self.pending.get_mut(&id)
    }

    /// Forgets one that was delivered.
    pub fn remove(&mut self, id: i64) {
        if let Some(gone) = self.pending.remove(&id) {
            self.by_expiry.remove(&(gone.expires_ms, id));
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.by_expiry.clear();
        self.lanes.clear();
    }

    /// Takes all out.
    pub fn take(&mut self) -> Vec<String> {
        let bodies = self.pending.values().map(|update| update.body.clone()).collect();
        self.clear();
        bodies
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.pending.len()
    }

    /// Ids from here on.
    pub fn ids_from(&self, id: i64) -> impl Iterator<Item = &Pending> {
        self.pending.range(id..).map(|(_, update)| update)
    }

    fn first_id(&self) -> Option<i64> {
        self.pending.keys().next().copied()
    }

    /// Sends the waiting updates through the lanes of a new webhook.
    pub fn rebuild_lanes(&mut self) {
        self.lanes.clear();
        for update in self.pending.values() {
            self.lanes.add(update);
        }
        self.fresh = true;
    }

    /// Takes `allowed_updates`: unknown kinds are the caller's bug; absent keeps the last list.
    pub fn allow(&mut self, kinds: Option<Vec<Value>>) -> Result<(), String> {
        let Some(kinds) = kinds else { return Ok(()) };
        let mut allowed = Vec::new();
        for kind in kinds {
            match kind.as_str() {
                Some(kind) if KINDS.contains(&kind) => allowed.push(kind.to_owned()),
                _ => return Err(format!("unknown update kind {kind} in allowed_updates")),
            }
        }
        self.allowed = (!allowed.is_empty()).then_some(allowed);
        Ok(())
    }

    /// The kinds that were asked for.
    pub fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.iter().any(|wanted| wanted == kind),
            None => !ON_REQUEST_ONLY.contains(&kind),
        }
    }

    /// The next updates are each delivered twice.
    pub fn duplicate(&mut self, count: u32) {
        self.duplicate_next = count;
    }

    /// The next updates wait for each other and then go out backwards.
    pub fn reorder(&mut self, count: u32) {
        self.reorder.0 = count;
    }
}

/// What an update is ordered by, and how long it waits.
fn lane(kind: &str, payload: &Value, id: i64) -> (Lane, i64) {
    let chat = || payload["chat"]["id"].as_i64().unwrap_or(id);
    let user = || payload["from"]["id"].as_i64().unwrap_or(id);
    match kind {
        "message" | "edited_message" | "channel_post" | "edited_channel_post" => {
            (Lane(0, chat()), DAY_MS)
        }
        "callback_query" => (Lane(1, user()), 150 * SECOND_MS),
        "pre_checkout_query" => (Lane(2, user()), 150 * SECOND_MS),
        "shipping_query" => (Lane(3, user()), 150 * SECOND_MS),
        "my_chat_member" => (Lane(4, chat()), DAY_MS),
        "inline_query" => (Lane(5, user()), 30 * SECOND_MS),
        "chosen_inline_result" => (Lane(6, user()), 600 * SECOND_MS),
        _ => (Lane(7, id), DAY_MS),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(chat: i64) -> Value {
        json!({"chat": {"id": chat}})
    }

    #[test]
    fn kinds_are_filtered_when_an_update_is_created() {
        let mut updates = Updates::new();
        updates.push("message_reaction", &message(1), 0);
        assert_eq!(updates.count(), 0, "nobody asked for reactions");
        updates.push("callback_query", &json!({"from": {"id": 1}}), 0);
        updates.allow(Some(vec![json!("message")])).expect("a known kind");
        updates.push("callback_query", &json!({"from": {"id": 1}}), 0);
        updates.push("message", &message(1), 0);
        assert_eq!(updates.count(), 2, "what waited before stays");
        assert!(updates.allow(Some(vec![json!("mesage")])).is_err());
        updates.allow(Some(Vec::new())).expect("all kinds");
        updates.push("callback_query", &json!({"from": {"id": 1}}), 0);
        assert_eq!(updates.count(), 3);
    }

    #[test]
    fn a_button_press_waits_150_seconds_and_a_message_a_day() {
        let mut updates = Updates::new();
        updates.push("callback_query", &json!({"from": {"id": 1}}), 0);
        updates.push("message", &message(1), 0);
        updates.expire(149_999);
        assert_eq!(updates.count(), 2);
        updates.expire(150_000);
        assert_eq!(updates.count(), 1);
        updates.expire(DAY_MS);
        assert_eq!(updates.count(), 0);
    }

    #[test]
    fn ids_grow_by_one_but_not_over_a_week_of_silence() {
        let mut updates = Updates::new();
        let mut next = |now_ms| updates.inject(json!({"message": {}}), now_ms);
        let first = next(1);
        assert_eq!(next(2), first + 1);
        assert_ne!(next(3 + IDS_GO_ON_MS), first + 2);
    }
}
