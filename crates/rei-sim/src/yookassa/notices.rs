//! Notifications: which there are, how they are to be sent, and the ones that wait.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Pauses between the attempts, as seen in the field.
const PAUSES_S: [i64; 7] = [10, 42, 84, 168, 672, 5_376, 86_016];
/// How long the service tries; so the last pause is never waited out.
const TRY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Money is held.
    #[serde(rename = "payment.waiting_for_capture")]
    WaitingForCapture,
    /// Money is the shop's.
    #[serde(rename = "payment.succeeded")]
    Succeeded,
    /// Nothing will come.
    #[serde(rename = "payment.canceled")]
    Canceled,
    /// Money went back.
    #[serde(rename = "refund.succeeded")]
    Refunded,
}

/// When notifications leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Flow {
    /// At once.
    #[default]
    Normal,
    /// Never: they are lost.
    Dropped,
    /// When they are released, in any order.
    Held,
    /// After this time on the simulator's clock.
    Delayed {
        /// Milliseconds.
        ms: u64,
    },
}

/// How notifications are sent; what is set counts for those that come into being afterwards, but for the headers and
/// the form of the body, which count at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeSettings {
    /// When they leave.
    pub flow: Flow,
    /// What is told of.
    pub events: Vec<Event>,
    /// How often each is sent; the copies of one leave together.
    pub copies: u32,
    /// The object is as it was before the event.
    pub stale: bool,
    /// A new payment is paid at once, and the notifications are answered before the creating call is; its answer still
    /// says `pending`.
    pub before_answer: bool,
    /// The body comes in chunks, without `Content-Length`.
    pub chunked: bool,
    /// A header `Signature: v1 …` that nobody can check.
    pub signature: bool,
    /// `X-Forwarded-For`.
    pub forwarded_for: Option<String>,
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            flow: Flow::Normal,
            events: vec![
                Event::WaitingForCapture,
                Event::Succeeded,
                Event::Canceled,
                Event::Refunded,
            ],
            copies: 1,
            stale: false,
            before_answer: false,
            chunked: false,
            signature: false,
            forwarded_for: None,
        }
    }
}

/// A notification that is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldNotice {
    /// By which it is released.
    pub number: u64,
    /// What it tells.
    pub event: Event,
    /// Of which object.
    pub object_id: String,
}

impl Event {
    /// The service's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::WaitingForCapture => "payment.waiting_for_capture",
            Self::Succeeded => "payment.succeeded",
            Self::Canceled => "payment.canceled",
            Self::Refunded => "refund.succeeded",
        }
    }
}

/// A notification that has not been taken yet.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) number: u64,
    pub(super) event: Event,
    pub(super) object_id: String,
    pub(super) body: String,
    pub(super) copies: u32,
    pub(super) attempts_made: u32,
    /// When the first attempt was or is due; none: it is held.
    first_ms: Option<i64>,
    due_ms: i64,
    is_leaving: bool,
}

/// The notifications that wait, and memories of those that left.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: BTreeMap<u64, Notice>,
    made: u64,
}

impl Outbox {
    /// Takes a notification in, as the settings say.
    pub(super) fn add(
        &mut self,
        settings: &NoticeSettings,
        event: Event,
        object: &Value,
        at_ms: i64,
    ) {
        if settings.flow == Flow::Dropped || !settings.events.contains(&event) {
            return;
        }
        self.made += 1;
        let delay_ms = match settings.flow {
            Flow::Delayed { ms } => i64::try_from(ms).unwrap_or(i64::MAX),
            _ => 0,
        };
        let due_ms = at_ms.saturating_add(delay_ms);
        let body = json!({"type": "notification", "event": event, "object": object}).to_string();
        let notice = Notice {
            number: self.made,
            event,
            object_id: object["id"].as_str().unwrap_or_default().to_owned(),
            body,
            copies: settings.copies,
            attempts_made: 0,
            first_ms: (settings.flow != Flow::Held).then_some(due_ms),
            due_ms,
            is_leaving: false,
        };
        self.waiting.insert(notice.number, notice);
    }

    /// Sends an old one again, under a number of its own.
    pub(super) fn again(&mut self, event: Event, object_id: &str, body: &str, at_ms: i64) {
        self.made += 1;
        let notice = Notice {
            number: self.made,
            event,
            object_id: object_id.to_owned(),
            body: body.to_owned(),
            copies: 1,
            attempts_made: 0,
            first_ms: Some(at_ms),
            due_ms: at_ms,
            is_leaving: false,
        };
        self.waiting.insert(notice.number, notice);
    }

    /// Those that are held, oldest first.
    pub(super) fn held(&self) -> Vec<HeldNotice> {
        let held = self.waiting.values().filter(|notice| notice.first_ms.is_none());
        held.map(|notice| HeldNotice {
            number: notice.number,
            event: notice.event,
            object_id: notice.object_id.clone(),
        })
        .collect()
    }

    /// Lets a held one go; false: there is none.
    pub(super) fn release(&mut self, number: u64, now_ms: i64) -> bool {
        let held = self.waiting.get_mut(&number).filter(|notice| notice.first_ms.is_none());
        let Some(notice) = held else { return false };
        notice.first_ms = Some(now_ms);
        notice.due_ms = now_ms;
        true
    }

    /// The next one whose time has come.
    pub(super) fn take_due(&mut self, now_ms: i64) -> Option<Notice> {
        let is_due = |notice: &Notice| {
            !notice.is_leaving && notice.first_ms.is_some() && notice.due_ms <= now_ms
        };
        let due = self.waiting.values().filter(|notice| is_due(notice));
        let number = due.min_by_key(|notice| (notice.due_ms, notice.number))?.number;
        let notice = self.waiting.get_mut(&number)?;
        notice.is_leaving = true;
        notice.attempts_made += 1;
        Some(notice.clone())
    }

    /// Books how an attempt ended.
    pub(super) fn settle(&mut self, number: u64, is_taken: bool) {
        let Some(notice) = self.waiting.get_mut(&number) else { return };
        notice.is_leaving = false;
        let made = usize::try_from(notice.attempts_made).unwrap_or(usize::MAX);
        let pauses_s: i64 = PAUSES_S.iter().take(made).sum();
        let first_ms = notice.first_ms.unwrap_or(notice.due_ms);
        notice.due_ms = first_ms + pauses_s * 1_000;
        if is_taken || made > PAUSES_S.len() || notice.due_ms > first_ms + TRY_MS {
            self.waiting.remove(&number);
        }
    }

    /// When the next one leaves.
    pub(super) fn next_ms(&self) -> Option<i64> {
        let waiting = self.waiting.values().filter(|notice| notice.first_ms.is_some());
        waiting.map(|notice| notice.due_ms).min()
    }

    /// Those that are neither taken nor given up.
    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_that_is_not_taken_leaves_seven_times_within_a_day() {
        let mut outbox = Outbox::default();
        let settings = NoticeSettings::default();
        outbox.add(&settings, Event::Succeeded, &json!({"id": "a"}), 0);
        let mut left_s = Vec::new();
        while let Some(due_ms) = outbox.next_ms() {
            assert!(outbox.take_due(due_ms - 1).is_none());
            let notice = outbox.take_due(due_ms).expect("it is due");
            left_s.push(due_ms / 1_000);
            outbox.settle(notice.number, false);
        }
        assert_eq!(left_s, [0, 10, 52, 136, 304, 976, 6_352]);
    }

    #[test]
    fn held_ones_wait_for_their_release_and_dropped_ones_are_lost() {
        let mut outbox = Outbox::default();
        let mut settings = NoticeSettings { flow: Flow::Held, ..NoticeSettings::default() };
        outbox.add(&settings, Event::WaitingForCapture, &json!({"id": "a"}), 5);
        outbox.add(&settings, Event::Succeeded, &json!({"id": "a"}), 6);
        settings.flow = Flow::Dropped;
        outbox.add(&settings, Event::Canceled, &json!({"id": "b"}), 7);
        let numbers: Vec<u64> = outbox.held().iter().map(|held| held.number).collect();
        assert_eq!((numbers, outbox.next_ms()), (vec![1, 2], None));
        assert!(outbox.release(2, 9) && !outbox.release(2, 9) && !outbox.release(3, 9));
        assert_eq!(outbox.take_due(9).map(|notice| notice.number), Some(2));
        assert!(outbox.take_due(9).is_none());
    }
}
