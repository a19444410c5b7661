//! The log of calls, what was wrong with them, and how fast they came.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value};

use super::params::Params;

/// Calls above this number push the oldest out of the log.
const LOG_MAX: usize = 100_000;

/// One call of the bot.
#[derive(Clone, Debug, Serialize)]
pub struct SimCall {
    /// The method as the reference spells it; `downloadFile` for a download.
    pub method: String,
    /// The parameters; files by name and size.
    pub params: Map<String, Value>,
    /// The chat that it names by number.
    pub chat_id: Option<i64>,
    /// When it was answered, in milliseconds since 1970.
    pub time_ms: i64,
    /// The status it was answered with; 0 when the connection was cut.
    pub code: u16,
    /// How many messages it counts as for pacing: an album counts as its items, a question as none.
    pub weight: usize,
}

/// A call that a correct bot never makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The method as it was called.
    pub method: String,
    /// The words of the refusal.
    pub what: String,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
}

/// What is remembered of calls.
#[derive(Debug)]
pub(crate) struct CallLog {
    keep: bool,
    calls: VecDeque<SimCall>,
    counts: HashMap<String, u64>,
    pub violations: Vec<Violation>,
}

impl CallLog {
    pub fn new(keep: bool) -> Self {
        Self { keep, calls: VecDeque::new(), counts: HashMap::new(), violations: Vec::new() }
    }

    /// Whether calls are kept; off is for load.
    pub fn set_keep(&mut self, keep: bool) {
        self.keep = keep;
        if !keep {
            self.calls.clear();
        }
    }

    /// The call as it will be logged, unless calls are only counted.
    pub fn prepare(&self, method: &str, params: &Params) -> Option<SimCall> {
        self.keep.then(|| SimCall {
            method: method.to_owned(),
            params: params.shown(),
            chat_id: params.chat(),
            time_ms: 0,
            code: 0,
            weight: weight(method, params),
        })
    }

    pub fn record(&mut self, method: &str, prepared: Option<SimCall>, code: u16, time_ms: i64) {
        match self.counts.get_mut(method) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(method.to_owned(), 1);
            }
        }
        let Some(call) = prepared else { return };
        if self.calls.len() == LOG_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(SimCall { code, time_ms, ..call });
    }

    pub fn violate(&mut self, method: &str, what: &str, time_ms: i64) {
        let violation = Violation { method: method.to_owned(), what: what.to_owned(), time_ms };
        self.violations.push(violation);
    }

    pub fn calls(&self) -> Vec<SimCall> {
        self.calls.iter().cloned().collect()
    }

    pub fn count(&self, method: &str) -> u64 {
        self.counts.get(method).copied().unwrap_or_default()
    }

    /// The most messages within any `window_ms` that one chat was sent, or all chats together.
    pub fn busiest(&self, window_ms: i64, per_chat: bool) -> usize {
        let mut windows: HashMap<Option<i64>, Window> = HashMap::new();
        let mut most = 0;
        for call in self.calls.iter().filter(|call| call.weight > 0) {
            let key = if per_chat { call.chat_id } else { None };
            let (window, sum) = windows.entry(key).or_default();
            window.push_back((call.time_ms, call.weight));
            *sum += call.weight;
            while let Some((time_ms, weight)) = window.front().copied() {
                if call.time_ms - time_ms < window_ms {
                    break;
                }
                window.pop_front();
                *sum -= weight;
            }
            most = most.max(*sum);
        }
        most
    }
}

/// Times and weights, and the sum of the weights.
type Window = (VecDeque<(i64, usize)>, usize);

/// Sends and edits count; questions, chat actions and answers to buttons do not.
fn weight(method: &str, params: &Params) -> usize {
    match method {
        "sendMediaGroup" => params.list("media").ok().flatten().map_or(1, |items| items.len()),
        "sendChatAction" | "sendMessageDraft" => 0,
        _ if method.starts_with("send") || method.starts_with("edit") => 1,
        "copyMessage" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(calls: &[(&str, i64, i64)]) -> CallLog {
        let mut log = CallLog::new(true);
        for (method, chat, time_ms) in calls {
            let mut params = Params::default();
            params.values.insert("chat_id".into(), (*chat).into());
            let call = log.prepare(method, &params);
            log.record(method, call, 200, *time_ms);
        }
        log
    }

    #[test]
    fn pace_is_the_most_messages_in_any_window() {
        let log = log(&[
            ("sendMessage", 1, 0),
            ("editMessageText", 1, 900),
            ("sendChatAction", 1, 950),
            ("sendMessage", 2, 960),
            ("sendMessage", 1, 1_000),
            ("sendMessage", 1, 1_899),
        ]);
        assert_eq!(log.busiest(1_000, true), 3);
        assert_eq!(log.busiest(1_000, false), 4);
        assert_eq!(log.busiest(60_000, true), 4);
    }

    #[test]
    fn without_a_log_calls_are_still_counted() {
        let mut log = log(&[("sendMessage", 1, 0)]);
        log.set_keep(false);
        let call = log.prepare("sendMessage", &Params::default());
        log.record("sendMessage", call, 200, 1);
        assert!(log.calls().is_empty());
        assert_eq!(log.count("sendMessage"), 2);
    }
}
