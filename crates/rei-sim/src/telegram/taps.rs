//! Button presses that wait for the bot's answer.

use std::collections::{HashMap, VecDeque};

/// How long a press can be answered.
const LIFE_MS: i64 = 150_000;

/// Presses by id, each with the chat that it was made in.
#[derive(Debug, Default)]
pub(crate) struct Taps {
    waiting: HashMap<String, i64>,
    oldest_first: VecDeque<(i64, String)>,
    next: u64,
}

impl Taps {
    /// A new press; returns its id.
    pub fn begin(&mut self, chat_id: i64, now_ms: i64) -> String {
        self.expire(now_ms);
        self.next += 1;
        let id = format!("{}", 4_382_000_000_000_000_000_u64 + self.next);
        self.waiting.insert(id.clone(), chat_id);
        self.oldest_first.push_back((now_ms, id.clone()));
        id
    }

    /// Takes the press out: its chat, or nothing when it is unknown, too old or answered.
    pub fn answer(&mut self, id: &str, now_ms: i64) -> Option<i64> {
        self.expire(now_ms);
        self.waiting.remove(id)
    }

    /// Presses that nobody has answered yet.
    pub fn unanswered(&mut self, now_ms: i64) -> usize {
        self.expire(now_ms);
        self.waiting.len()
    }

    fn expire(&mut self, now_ms: i64) {
        while self.oldest_first.front().is_some_and(|(at_ms, _)| now_ms - at_ms > LIFE_MS) {
            if let Some((_, id)) = self.oldest_first.pop_front() {
                self.waiting.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_answered_once_and_within_150_seconds() {
        let mut taps = Taps::default();
        let (first, second) = (taps.begin(7, 0), taps.begin(7, 0));
        assert_eq!(taps.unanswered(0), 2);
        assert_eq!(taps.answer(&first, LIFE_MS), Some(7));
        assert_eq!(taps.answer(&first, LIFE_MS), None);
        assert_eq!(taps.answer(&second, LIFE_MS + 1), None);
    }
}
