//! How fast we may talk: about one message a second in a chat with short bursts, a bounded stream of notices
//! over all chats, and silence where Telegram asked for it.
//!
//! All senders of the house keep to it together. While they cannot ask each other, each goes by what it has sent
//! itself, and lets its part of the notices out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::ChatId;
use rei_domain::shared::{Bucket as SharedBucket, Known, SharedLimits};
use rei_storage::outbox::OutboxClass;

/// A chat regains one message in this time.
const CHAT_REFILL: Duration = Duration::from_millis(1_000);
/// Messages a chat may get at once.
const CHAT_BURST: u32 = 3;
/// The whole bot regains one notice in this time: 25 a second.
const NOTICE_REFILL: Duration = Duration::from_millis(40);
const NOTICE_BURST: u32 = 25;
/// Floods in two chats within this time are a flood of the whole bot.
const FLOOD_SPREADS_WITHIN: Duration = Duration::from_secs(2);
/// Chats remembered before those at rest are forgotten.
const CHATS_REMEMBERED: usize = 10_000;
/// The names of the buckets among all senders.
const BOT: &str = "telegram:bot";
const NOTICES: &str = "telegram:notices";

/// The limits of all senders, and what this one has sent itself.
pub(super) struct Pacing {
    limits: SharedLimits,
    own: Mutex<Own>,
}

impl Pacing {
    pub(super) fn new(limits: SharedLimits) -> Self {
        Self { limits, own: Mutex::default() }
    }

    /// `Ok` takes the budget for one message; `Err` says when to ask again.
    pub(super) async fn admit(
        &self,
        chat: ChatId,
        class: OutboxClass,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        if let Some(until) = self.own().silent_until(chat, class, now) {
            return Err(until);
        }
        match self.limits.admit(&buckets(chat, class)).await {
            Known::Yes(Ok(())) => {
                // Should the others be out of reach a moment later, it still counts.
                self.own().took(chat, class, now);
                Ok(())
            }
            // A moment of the book is a whole millisecond.
            Known::Yes(Err(wait)) => Err(now.plus(wait + Duration::from_millis(1))),
            Known::No => self.own().admit(chat, class, now, self.limits.processes()),
        }
    }

    /// Telegram asked for silence in a chat; in two chats at once it means the whole bot.
    pub(super) fn flooded(&self, chat: ChatId, until: Timestamp, now: Timestamp) {
        let spreads = self.own().flooded(chat, until, now);
        self.limits.silence(&name(chat), until.since(now));
        if spreads {
            self.limits.silence(BOT, until.since(now));
        }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        // Plain values: a panic elsewhere cannot leave them half changed.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(chat: ChatId) -> String {
    format!("telegram:chat:{}", chat.0)
}

fn buckets(chat: ChatId, class: OutboxClass) -> Vec<SharedBucket> {
    let bucket = |name, refill, burst, takes| SharedBucket { name, refill, burst, takes };
    let mut buckets = vec![bucket(BOT.to_owned(), NOTICE_REFILL, NOTICE_BURST, 0)];
    // A press must be answered at once and is no message.
    if class != OutboxClass::Press {
        buckets.push(bucket(name(chat), CHAT_REFILL, CHAT_BURST, 1));
    }
    if class == OutboxClass::Notice {
        buckets.push(bucket(NOTICES.to_owned(), NOTICE_REFILL, NOTICE_BURST, 1));
    }
    buckets
}

/// What one sender has sent itself.
#[derive(Debug, Default)]
struct Own {
    chats: HashMap<ChatId, Bucket>,
    notices: Option<Bucket>,
    silent_until: Timestamp,
    last_flood: Option<(ChatId, Timestamp)>,
}

/// A budget that refills with time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it will be full again; each message moves this on by one refill.
    full_at: Timestamp,
    /// Nothing before this: Telegram asked for it.
    silent_until: Timestamp,
}

impl Bucket {
    const fn rested(now: Timestamp) -> Self {
        Self { full_at: now, silent_until: Timestamp(0) }
    }

    /// When a message may go, given how many may go at once.
    fn free_at(self, refill: Duration, burst: u32) -> Timestamp {
        let lead = refill.saturating_mul(burst.saturating_sub(1));
        self.full_at.minus(lead).max(self.silent_until)
    }

    fn take(&mut self, now: Timestamp, refill: Duration) {
        self.full_at = self.full_at.max(now).plus(refill);
    }
}

impl Own {
    /// Until when Telegram asked for silence, if it did.
    fn silent_until(&self, chat: ChatId, class: OutboxClass, now: Timestamp) -> Option<Timestamp> {
        let of_chat = self.chats.get(&chat).map_or(Timestamp(0), |bucket| bucket.silent_until);
        let until = match class {
            OutboxClass::Press => self.silent_until,
            _ => self.silent_until.max(of_chat),
        };
        (until > now).then_some(until)
    }

    /// The same without the others; the notices are divided by how many senders there may be.
    fn admit(
        &mut self,
        chat: ChatId,
        class: OutboxClass,
        now: Timestamp,
        senders: u32,
    ) -> Result<(), Timestamp> {
        if class == OutboxClass::Press {
            return Ok(());
        }
        let of_chat = self.chats.get(&chat).copied().unwrap_or(Bucket::rested(now));
        let free_at = of_chat.free_at(CHAT_REFILL, CHAT_BURST);
        if free_at > now {
            return Err(free_at);
        }
        if class == OutboxClass::Notice {
            let senders = senders.max(1);
            let (refill, burst) = (NOTICE_REFILL * senders, (NOTICE_BURST / senders).max(1));
            let notices = self.notices.get_or_insert(Bucket::rested(now));
            let free_at = notices.free_at(refill, burst);
            if free_at > now {
                return Err(free_at);
            }
            notices.take(now, refill);
        }
        self.took_in_chat(chat, now);
        Ok(())
    }

    /// Notes a message that all senders agreed to.
    fn took(&mut self, chat: ChatId, class: OutboxClass, now: Timestamp) {
        if class == OutboxClass::Notice {
            self.notices.get_or_insert(Bucket::rested(now)).take(now, NOTICE_REFILL);
        }
        if class != OutboxClass::Press {
            self.took_in_chat(chat, now);
        }
    }

    fn took_in_chat(&mut self, chat: ChatId, now: Timestamp) {
        self.forget_rested(now);
        self.chats.entry(chat).or_insert(Bucket::rested(now)).take(now, CHAT_REFILL);
    }

    /// Whether the flood is one of the whole bot.
    fn flooded(&mut self, chat: ChatId, until: Timestamp, now: Timestamp) -> bool {
        let bucket = self.chats.entry(chat).or_insert(Bucket::rested(now));
        bucket.silent_until = bucket.silent_until.max(until);
        let spreads = self
            .last_flood
            .is_some_and(|(other, at)| other != chat && now.since(at) <= FLOOD_SPREADS_WITHIN);
        if spreads {
            self.silent_until = self.silent_until.max(until);
        }
        self.last_flood = Some((chat, now));
        spreads
    }

    fn forget_rested(&mut self, now: Timestamp) {
        if self.chats.len() > CHATS_REMEMBERED {
            self.chats.retain(|_, bucket| bucket.full_at > now || bucket.silent_until > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rei_domain::shared::{self, Alone, Later, Limits};

    use super::*;

    /// All processes together have used up what there is.
    struct UsedUp;

    impl Limits for UsedUp {
        fn admit<'a>(&'a self, _: &'a [shared::Bucket]) -> Later<'a, Known<Result<(), Duration>>> {
            Box::pin(std::future::ready(Known::Yes(Err(Duration::from_secs(5)))))
        }
    }

    const ANNA: ChatId = ChatId(1);
    const BORIS: ChatId = ChatId(2);

    fn alone() -> Pacing {
        Pacing::new(Arc::new(Alone))
    }

    async fn notices_at_once(pacing: &Pacing, now: Timestamp) -> u32 {
        let mut sent = 0;
        for id in 0..100 {
            let admitted = pacing.admit(ChatId(id), OutboxClass::Notice, now).await;
            sent += u32::from(admitted.is_ok());
        }
        sent
    }

    #[tokio::test]
    async fn t9_what_other_processes_have_used_up_is_used_up_here() {
        let pacing = Pacing::new(Arc::new(UsedUp));
        let now = Timestamp(1_000_000);
        let admitted = pacing.admit(ANNA, OutboxClass::Answer, now).await;
        assert_eq!(admitted, Err(Timestamp(1_005_001)));
    }

    #[tokio::test]
    async fn t9_a_chat_gets_a_burst_and_then_one_a_second() {
        let pacing = alone();
        let now = Timestamp(1_000_000);
        for _ in 0..CHAT_BURST {
            assert_eq!(pacing.admit(ANNA, OutboxClass::Answer, now).await, Ok(()));
        }
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, now).await, Err(Timestamp(1_001_000)));
        assert_eq!(pacing.admit(ANNA, OutboxClass::Press, now).await, Ok(()));
        assert_eq!(pacing.admit(BORIS, OutboxClass::Answer, now).await, Ok(()));
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, Timestamp(1_001_000)).await, Ok(()));
        assert_eq!(
            pacing.admit(ANNA, OutboxClass::Result, Timestamp(1_001_000)).await,
            Err(Timestamp(1_002_000))
        );
    }

    #[tokio::test]
    async fn t9_notices_leave_room_for_answers() {
        let pacing = alone();
        let now = Timestamp(1_000_000);
        assert_eq!(notices_at_once(&pacing, now).await, NOTICE_BURST);
        assert_eq!(pacing.admit(ChatId(999), OutboxClass::Answer, now).await, Ok(()));
    }

    #[tokio::test]
    async fn t9_a_flood_silences_its_chat_and_two_silence_the_bot() {
        let pacing = alone();
        let now = Timestamp(1_000_000);
        let until = now.plus(Duration::from_secs(30));
        pacing.flooded(ANNA, until, now);
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, now).await, Err(until));
        assert_eq!(pacing.admit(BORIS, OutboxClass::Result, now).await, Ok(()));
        pacing.flooded(BORIS, until, now.plus(Duration::from_secs(1)));
        assert_eq!(
            pacing.admit(ChatId(3), OutboxClass::Press, now.plus(Duration::from_secs(1))).await,
            Err(until)
        );
    }

    #[test]
    fn t9_a_sender_that_cannot_ask_the_others_lets_its_part_of_the_notices_out() {
        let mut own = Own::default();
        let now = Timestamp(1_000_000);
        let sent = (0..100)
            .filter(|id| own.admit(ChatId(*id), OutboxClass::Notice, now, 2).is_ok())
            .count();
        assert_eq!(sent, 12);
        let later = now.plus(NOTICE_REFILL * 2);
        assert!(own.admit(ChatId(200), OutboxClass::Notice, later, 2).is_ok());
        assert!(own.admit(ChatId(201), OutboxClass::Notice, later, 2).is_err());
    }

    #[test]
    fn t9_all_senders_ask_for_the_chat_the_notices_and_the_silence_of_the_bot() {
        let names = |class| -> Vec<(String, u32)> {
            buckets(ANNA, class).into_iter().map(|bucket| (bucket.name, bucket.takes)).collect()
        };
        let bot = ("telegram:bot".to_owned(), 0);
        let chat = ("telegram:chat:1".to_owned(), 1);
        assert_eq!(names(OutboxClass::Press), std::slice::from_ref(&bot));
        assert_eq!(names(OutboxClass::Answer), [bot.clone(), chat.clone()]);
        let notices = ("telegram:notices".to_owned(), 1);
        assert_eq!(names(OutboxClass::Notice), [bot, chat, notices]);
    }
}
