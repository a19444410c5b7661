//! What was asked of the service, and what it told.

use std::fmt;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::faults::{CallKind, FaultKind};
use super::notices::Event;

/// One call of the API.
#[derive(Clone, Serialize)]
pub struct ApiCall {
    /// When it arrived, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// What it wanted.
    pub kind: CallKind,
    /// `GET` …
    pub method: String,
    /// With `/v3`, without the query.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// In order of arrival, names in small letters.
    #[serde(serialize_with = "masked")]
    pub headers: Vec<(String, String)>,
    /// Every byte.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
    /// `Idempotence-Key`.
    pub idempotence_key: Option<String>,
    /// What went wrong on purpose.
    pub fault: Option<FaultKind>,
    /// What it made, changed or read.
    pub object_id: Option<String>,
    /// HTTP status of the answer; none: not answered.
    pub status: Option<u16>,
}

/// Calls of the API, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Calls(pub Vec<ApiCall>);

/// One attempt to deliver a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentNotice {
    /// The notification's; its attempts and copies share it.
    pub number: u64,
    /// What it tells.
    pub event: Event,
    /// Of which object.
    pub object_id: String,
    /// From 1.
    pub attempt: u32,
    /// When it left, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// Where to.
    pub url: String,
    /// What was told.
    pub body: String,
    /// HTTP status of the answer; none: there was none.
    pub status: Option<u16>,
    /// How long the answer took, by the machine's clock.
    pub took_ms: u64,
}

impl ApiCall {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?} {}", self.method, self.path, self.status, self.text())
    }
}

impl Calls {
    /// Those that want this.
    pub fn of(&self, kind: CallKind) -> Vec<ApiCall> {
        self.0.iter().filter(|call| call.kind == kind).cloned().collect()
    }

    /// Those that want a new payment.
    pub fn creates(&self) -> Vec<ApiCall> {
        self.of(CallKind::CreatePayment)
    }

    /// Those that want a new refund.
    pub fn refunds(&self) -> Vec<ApiCall> {
        self.of(CallKind::CreateRefund)
    }

    /// Those that look at one payment or refund.
    pub fn reads(&self) -> Vec<ApiCall> {
        let is_read =
            |call: &&ApiCall| matches!(call.kind, CallKind::ReadPayment | CallKind::ReadRefund);
        self.0.iter().filter(is_read).cloned().collect()
    }

    /// Those that look through payments or refunds.
    pub fn lists(&self) -> Vec<ApiCall> {
        let is_list =
            |call: &&ApiCall| matches!(call.kind, CallKind::ListPayments | CallKind::ListRefunds);
        self.0.iter().filter(is_list).cloned().collect()
    }
}

fn masked<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(headers.iter().map(|(name, value)| {
        let is_secret = name == "authorization";
        (name, if is_secret { "***" } else { value })
    }))
}

fn as_text<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}
