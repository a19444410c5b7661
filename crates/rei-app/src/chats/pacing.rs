//! How fast we may talk: about one message a second in a chat with short bursts, a bounded stream of notices
//! over all chats, and silence where Telegram asked for it.

use std::collections::HashMap;
use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::ChatId;
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

/// The state of all limits of one sender.
#[derive(Debug, Default)]
pub(super) struct Pacing {
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
    /// When a message may go, given how many may go at once.
    fn free_at(self, refill: Duration, burst: u32) -> Timestamp {
        let lead = refill.saturating_mul(burst.saturating_sub(1));
        self.full_at.minus(lead).max(self.silent_until)
    }

    fn take(&mut self, now: Timestamp, refill: Duration) {
        self.full_at = self.full_at.max(now).plus(refill);
    }
}

impl Pacing {
    /// `Ok` takes the budget for one message; `Err` says when to ask again.
    pub(super) fn admit(
        &mut self,
        chat: ChatId,
        class: OutboxClass,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        if self.silent_until > now {
            return Err(self.silent_until);
        }
        // A press must be answered at once and is no message.
        if class == OutboxClass::Press {
            return Ok(());
        }
        self.forget_rested(now);
        let rested = Bucket { full_at: now, silent_until: Timestamp(0) };
        let bucket = self.chats.entry(chat).or_insert(rested);
        let free_at = bucket.free_at(CHAT_REFILL, CHAT_BURST);
        if free_at > now {
            return Err(free_at);
        }
        if class == OutboxClass::Notice {
            let notices = self.notices.get_or_insert(rested);
            let free_at = notices.free_at(NOTICE_REFILL, NOTICE_BURST);
            if free_at > now {
                return Err(free_at);
            }
            notices.take(now, NOTICE_REFILL);
        }
        bucket.take(now, CHAT_REFILL);
        Ok(())
    }

    /// Telegram asked for silence in a chat; in two chats at once it means the whole bot.
    pub(super) fn flooded(&mut self, chat: ChatId, until: Timestamp, now: Timestamp) {
        let bucket = self.chats.entry(chat).or_insert(Bucket { full_at: now, silent_until: until });
        bucket.silent_until = bucket.silent_until.max(until);
        let spreads = self
            .last_flood
            .is_some_and(|(other, at)| other != chat && now.since(at) <= FLOOD_SPREADS_WITHIN);
        if spreads {
            self.silent_until = self.silent_until.max(until);
        }
        self.last_flood = Some((chat, now));
    }

    fn forget_rested(&mut self, now: Timestamp) {
        if self.chats.len() > CHATS_REMEMBERED {
            self.chats.retain(|_, bucket| bucket.full_at > now || bucket.silent_until > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: ChatId = ChatId(1);
    const BORIS: ChatId = ChatId(2);

    #[test]
    fn t9_a_chat_gets_a_burst_and_then_one_a_second() {
        let mut pacing = Pacing::default();
        let now = Timestamp(1_000_000);
        for _ in 0..CHAT_BURST {
            assert_eq!(pacing.admit(ANNA, OutboxClass::Answer, now), Ok(()));
        }
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, now), Err(Timestamp(1_001_000)));
        assert_eq!(pacing.admit(ANNA, OutboxClass::Press, now), Ok(()));
        assert_eq!(pacing.admit(BORIS, OutboxClass::Answer, now), Ok(()));
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, Timestamp(1_001_000)), Ok(()));
        assert_eq!(
            pacing.admit(ANNA, OutboxClass::Result, Timestamp(1_001_000)),
            Err(Timestamp(1_002_000))
        );
    }

    #[test]
    fn t9_notices_leave_room_for_answers() {
        let mut pacing = Pacing::default();
        let now = Timestamp(1_000_000);
        let sent = (0..100)
            .filter(|id| pacing.admit(ChatId(*id), OutboxClass::Notice, now).is_ok())
            .count();
        assert_eq!(sent, NOTICE_BURST as usize);
        assert_eq!(pacing.admit(ChatId(999), OutboxClass::Answer, now), Ok(()));
    }

    #[test]
    fn t9_a_flood_silences_its_chat_and_two_silence_the_bot() {
        let mut pacing = Pacing::default();
        let now = Timestamp(1_000_000);
        let until = now.plus(Duration::from_secs(30));
        pacing.flooded(ANNA, until, now);
        assert_eq!(pacing.admit(ANNA, OutboxClass::Result, now), Err(until));
        assert_eq!(pacing.admit(BORIS, OutboxClass::Result, now), Ok(()));
        pacing.flooded(BORIS, until, now.plus(Duration::from_secs(1)));
        assert_eq!(
            pacing.admit(ChatId(3), OutboxClass::Press, now.plus(Duration::from_secs(1))),
            Err(until)
        );
    }
}
