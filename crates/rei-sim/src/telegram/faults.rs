//! Faults of the Bot API: which calls go wrong, and how.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429; nothing is done.
    TooManyRequests {
        /// Seconds that the answer asks to wait.
        retry_after: u64,
    },
    /// An error in the API's own form; nothing is done. 500 is the usual one.
    Error {
        /// HTTP status and `error_code`.
        code: u16,
        /// The words with their prefix, such as `Forbidden: user is deactivated`.
        description: String,
    },
    /// 400 that says where the chat has gone; nothing is done.
    Migrated {
        /// `migrate_to_chat_id`.
        to_chat_id: i64,
    },
    /// 502 with a page in HTML; nothing is done.
    BadGateway,
    /// The connection breaks; nothing is done.
    CutBefore,
    /// It is done, and the connection breaks without an answer.
    CutAfter,
    /// It is done and answered after a wait on the simulator's clock.
    Slow {
        /// The wait in milliseconds.
        delay_ms: u64,
    },
    /// Nothing is done and no answer ever comes.
    Hang,
}

/// A fault and the calls that it hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// How they go wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only this method; `downloadFile` for downloads. None is every method but `getUpdates` and downloads.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls for this chat.
    #[serde(default)]
    pub chat_id: Option<i64>,
    /// How many fitting calls pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many calls are hit; none until faults are cleared.
    #[serde(default = "once")]
    pub times: Option<u32>,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// Hits the next call of any method but `getUpdates`.
    pub fn next(kind: FaultKind) -> Self {
        Self { kind, method: None, chat_id: None, skip: 0, times: once() }
    }

    /// Only this method.
    #[must_use]
    pub fn on(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Only calls for this chat.
    #[must_use]
    pub fn in_chat(self, chat_id: i64) -> Self {
        Self { chat_id: Some(chat_id), ..self }
    }

    /// Lets so many fitting calls pass first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Hits so many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Hits every fitting call until faults are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }

    fn fits(&self, method: &str, chat: Option<i64>) -> bool {
        let method_fits = match &self.method {
            Some(wanted) => wanted.eq_ignore_ascii_case(method),
            None => method != "getUpdates" && method != "downloadFile",
        };
        method_fits && (self.chat_id.is_none() || self.chat_id == chat)
    }
}

impl FaultKind {
    /// A slow answer.
    pub fn slow(delay: Duration) -> Self {
        Self::Slow { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX) }
    }

    /// 500 in the API's own form.
    pub fn internal() -> Self {
        Self::Error { code: 500, description: "Internal Server Error".to_owned() }
    }
}

/// The faults that wait for their calls; the first that fits is taken.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn waiting(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// What happens to this call.
    pub fn take(&mut self, method: &str, chat: Option<i64>) -> Option<FaultKind> {
        for index in 0..self.0.len() {
            let fault = &mut self.0[index];
            if !fault.fits(method, chat) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let kind = fault.kind.clone();
            match &mut fault.times {
                Some(0) => continue,
                Some(1) => {
                    self.0.remove(index);
                }
                Some(times) => *times -= 1,
                None => {}
            }
            return Some(kind);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_only_what_it_was_meant_for() {
        let mut faults = Faults::default();
        let fault = Fault::next(FaultKind::Hang).on("sendPhoto").in_chat(7).after(1).times(2);
        faults.add(fault);
        let mut hit = |method, chat| faults.take(method, Some(chat)).is_some();
        assert!(!hit("sendMessage", 7));
        assert!(!hit("sendPhoto", 8));
        assert!(!hit("sendPhoto", 7), "the first is skipped");
        assert!(hit("sendPhoto", 7) && hit("sendPhoto", 7));
        assert!(!hit("sendPhoto", 7));
    }

    #[test]
    fn a_fault_for_any_method_leaves_polling_alone() {
        let mut faults = Faults::default();
        faults.add(Fault::next(FaultKind::BadGateway).always());
        assert_eq!(faults.take("getUpdates", None), None);
        assert_eq!(faults.take("sendMessage", None), Some(FaultKind::BadGateway));
        faults.clear();
        assert_eq!(faults.take("sendMessage", None), None);
    }

    #[test]
    fn a_fault_reads_from_json_as_scripts_write_it() {
        let json = r#"{"kind": "too_many_requests", "retry_after": 3, "method": "sendMessage"}"#;
        let fault: Fault = serde_json::from_str(json).expect("a fault");
        let wanted = Fault::next(FaultKind::TooManyRequests { retry_after: 3 }).on("sendMessage");
        assert_eq!(fault, wanted);
    }
}
