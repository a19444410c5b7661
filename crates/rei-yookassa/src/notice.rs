//! What a notification says. It is a reason to ask the API, never a proof: its text is anybody's until
//! [`crate::authenticity`] has spoken, and even then only a read of the object counts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::objects::{ProviderPaymentId, texts};
use crate::words::words;

/// The longest name of an event that is taken.
const EVENT_MAX: usize = 64;

words! {
    /// What happened.
    Event {
        /// A payment is paid and waits for capture.
        PaymentWaitingForCapture = "payment.waiting_for_capture",
        /// A payment is paid.
        PaymentSucceeded = "payment.succeeded",
        /// A payment will not be paid.
        PaymentCanceled = "payment.canceled",
        /// Money went back, on our order or by hand.
        RefundSucceeded = "refund.succeeded",
        /// A means of payment was saved.
        PaymentMethodActive = "payment_method.active",
    }
}

/// A notification. Deliveries repeat, overtake each other and get lost; `event` and `object` together tell repeats.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// The id of what it happened to: a payment, a refund, or something else.
    pub object: String,
    /// The payment concerned: of `payment.*` the object itself, of `refund.*` what it names.
    pub payment: Option<ProviderPaymentId>,
    /// What we sent along when we created it; unverified.
    pub metadata: BTreeMap<String, String>,
    /// The state at the moment of the event; unverified and perhaps stale.
    pub status: Option<String>,
}

/// Why a body is no notification: answer 400 and tell the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not one JSON text, or nested too deeply.
    #[error("the notification is not json")]
    NotJson,
    /// JSON of another shape, or with a name that comes twice.
    #[error("the json is not a notification's")]
    Shape,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    event: String,
    object: RawObject,
}

#[derive(Deserialize)]
struct RawObject {
    id: ProviderPaymentId,
    #[serde(default)]
    payment_id: Option<ProviderPaymentId>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    metadata: BTreeMap<String, String>,
}

impl Event {
    /// Whether it happened to a payment.
    pub fn is_about_payment(&self) -> bool {
        self.as_str().starts_with("payment.")
    }

    /// Whether it happened to a refund.
    pub fn is_about_refund(&self) -> bool {
        self.as_str().starts_with("refund.")
    }
}

impl Notice {
    /// Reads a body; its size is the caller's to bound. Events of next year are read as well.
    ///
    /// # Errors
    /// [`NoticeError`]: what to answer.
    pub fn parse(body: &[u8]) -> Result<Self, NoticeError> {
        let raw: Raw = serde_json::from_slice(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => NoticeError::Shape,
            _ => NoticeError::NotJson,
        })?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_event = (1..=EVENT_MAX).contains(&raw.event.len()) && raw.event.bytes().all(fits);
        if raw.kind != "notification" || !is_event {
            return Err(NoticeError::Shape);
        }
        let event = Event::from(raw.event.as_str());
        let RawObject { id, payment_id, status, metadata } = raw.object;
        let object = id.as_str().to_owned();
        let payment = match &event {
            event if event.is_about_payment() => Some(id),
            Event::RefundSucceeded => Some(payment_id.ok_or(NoticeError::Shape)?),
            _ => payment_id,
        };
        let status = status.map(|status| crate::words::tamed(&status));
        Ok(Self { event, object, payment, metadata, status })
    }
}

impl fmt::Debug for Notice {
    /// Without whatever names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("event", &self.event.as_str())
            .field("object", &self.object)
            .field("payment", &self.payment.as_ref().map(ProviderPaymentId::as_str))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
