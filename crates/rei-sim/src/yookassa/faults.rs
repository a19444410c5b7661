//! What goes wrong on purpose: which calls, and how.

use serde::{Deserialize, Serialize};

/// What a call of the API wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `POST /payments`
    CreatePayment,
    /// `GET /payments/{id}`
    ReadPayment,
    /// `GET /payments`
    ListPayments,
    /// `POST /payments/{id}/capture`
    CapturePayment,
    /// `POST /payments/{id}/cancel`
    CancelPayment,
    /// `POST /refunds`
    CreateRefund,
    /// `GET /refunds/{id}`
    ReadRefund,
    /// `GET /refunds`
    ListRefunds,
    /// `POST /receipts`
    CreateReceipt,
    /// `GET /receipts/{id}`
    ReadReceipt,
    /// `GET /receipts`
    ListReceipts,
    /// `GET /me`
    Me,
    /// Anything else.
    Other,
}

/// How a call goes wrong. `committed`: the work was done before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection breaks without an answer.
    Reset {
        /// The work was done before.
        committed: bool,
    },
    /// Nothing is heard for this time, by the machine's clock; then comes the ordinary answer, or 500 if nothing was done.
    Hang {
        /// Milliseconds.
        ms: u64,
        /// The work was done before.
        committed: bool,
    },
    /// 429; nothing was done.
    TooManyRequests {
        /// `retry_after`, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// 500 in the service's own form: the outcome is unknown.
    Internal {
        /// The work was done before.
        committed: bool,
    },
    /// A page instead of an answer.
    Html {
        /// 502, 503, 504 …
        status: u16,
        /// The work was done before.
        committed: bool,
    },
    /// 202: still at work; the same call has to be repeated.
    Accepted {
        /// `retry_after`, in milliseconds.
        retry_after_ms: u64,
        /// The work was done before.
        committed: bool,
    },
    /// The work is done; the JSON of the answer ends early although the HTTP message is whole.
    TruncatedJson,
    /// The work is done; the answer has fields, a means of payment and a reason that nobody has heard of.
    UnknownWords,
    /// The work is done; the answer's `status` is one that nobody has heard of.
    UnknownStatus,
    /// The work is done; the answer carries another object's id.
    WrongId,
    /// Any error in the service's own form, such as 401, 403 or 410; nothing was done.
    Error {
        /// HTTP status.
        status: u16,
        /// `forbidden` …
        code: String,
    },
}

/// A fault and the calls that it hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// How they go wrong.
    #[serde(flatten)]
    pub how: FaultKind,
    /// Only calls that want this; none is all of them.
    #[serde(default)]
    pub on: Option<CallKind>,
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
    /// Hits the next call.
    pub fn next(how: FaultKind) -> Self {
        Self { how, on: None, skip: 0, times: once() }
    }

    /// Only calls that want this.
    #[must_use]
    pub fn on(self, kind: CallKind) -> Self {
        Self { on: Some(kind), ..self }
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
}

impl FaultKind {
    /// Whether the work is done all the same.
    pub(super) fn commits(&self) -> bool {
        match self {
            Self::Reset { committed }
            | Self::Hang { committed, .. }
            | Self::Internal { committed }
            | Self::Html { committed, .. }
            | Self::Accepted { committed, .. } => *committed,
            Self::TooManyRequests { .. } | Self::Error { .. } => false,
            Self::TruncatedJson | Self::UnknownWords | Self::UnknownStatus | Self::WrongId => true,
        }
    }
}

/// The faults that wait for their calls; the first that fits is taken.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn waiting(&self) -> Vec<Fault> {
        self.0.clone()
    }

    pub(super) fn take(&mut self, kind: CallKind) -> Option<FaultKind> {
        for index in 0..self.0.len() {
            let fault = &mut self.0[index];
            if fault.on.is_some_and(|on| on != kind) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let how = fault.how.clone();
            match &mut fault.times {
                Some(0) => continue,
                Some(1) => {
                    self.0.remove(index);
                }
                Some(times) => *times -= 1,
                None => {}
            }
            return Some(how);
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
        let reset = FaultKind::Reset { committed: true };
        faults.add(Fault::next(reset.clone()).on(CallKind::CreateRefund).after(1).times(2));
        faults.add(Fault::next(FaultKind::WrongId).on(CallKind::Me).always());
        assert_eq!(faults.take(CallKind::CreatePayment), None);
        let hits: Vec<bool> =
            (0..4).map(|_| faults.take(CallKind::CreateRefund) == Some(reset.clone())).collect();
        assert_eq!(hits, [false, true, true, false]);
        assert!((0..5).all(|_| faults.take(CallKind::Me) == Some(FaultKind::WrongId)));
    }
}
