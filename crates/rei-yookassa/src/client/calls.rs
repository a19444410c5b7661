//! The calls, each one attempt.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use tokio::time::Instant;

use super::answer;
use super::errors::{CallError, Complaint};
use super::wire::Call;
use super::{Lost, YooKassa};
use crate::objects::{
    Payment, ProviderPaymentId, ProviderReceiptId, ProviderRefundId, ReceiptState, Refund,
    ShopProfile,
};
use crate::telemetry;

/// The largest object, in bytes.
const OBJECT_MAX_BYTES: usize = 256 * 1024;
/// The longest idempotence key.
const KEY_MAX: usize = 64;

type Reader<T> = fn(&[u8]) -> serde_json::Result<T>;

impl YooKassa {
    /// Creates a payment from bytes made by [`crate::bodies::NewPayment`].
    ///
    /// `key`: 1 to 64 characters, stored before, the same for every attempt with these bytes.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn create_payment(&self, key: &str, body: Bytes) -> Result<Payment, CallError> {
        self.post("create_payment", &["payments"], key, body).await
    }

    /// Reads a payment: the only authority on its state. Its id must still be compared with the one asked for.
    ///
    /// # Errors
    /// [`CallError`]: what to do next; [`CallError::NotFound`] for another shop's as well.
    pub async fn payment(&self, id: &ProviderPaymentId) -> Result<Payment, CallError> {
        self.get("payment", &["payments", id.as_str()]).await
    }

    /// Takes the money of a payment that waits for it. `body`: [`crate::bodies::full_capture`].
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn capture(
        &self,
        id: &ProviderPaymentId,
        key: &str,
        body: Bytes,
    ) -> Result<Payment, CallError> {
        self.post("capture", &["payments", id.as_str(), "capture"], key, body).await
    }

    /// Gives back the money of a payment that waits for capture; a pending one cannot be cancelled.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn cancel(&self, id: &ProviderPaymentId, key: &str) -> Result<Payment, CallError> {
        self.post("cancel", &["payments", id.as_str(), "cancel"], key, Bytes::new()).await
    }

    /// Creates a refund from bytes made by [`crate::bodies::NewRefund`].
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn create_refund(&self, key: &str, body: Bytes) -> Result<Refund, CallError> {
        self.post("create_refund", &["refunds"], key, body).await
    }

    /// Reads a refund.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn refund(&self, id: &ProviderRefundId) -> Result<Refund, CallError> {
        self.get("refund", &["refunds", id.as_str()]).await
    }

    /// Registers a receipt from bytes made by [`crate::bodies::OffsetReceipt`].
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn create_receipt(&self, key: &str, body: Bytes) -> Result<ReceiptState, CallError> {
        self.post("create_receipt", &["receipts"], key, body).await
    }

    /// Reads a receipt that was sent apart from its payment.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn receipt(&self, id: &ProviderReceiptId) -> Result<ReceiptState, CallError> {
        self.get("receipt", &["receipts", id.as_str()]).await
    }

    /// Asks who we are, for a check at the start. A plain shop may be refused it, which says nothing about payments.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn me(&self) -> Result<ShopProfile, CallError> {
        self.get("me", &["me"]).await
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        name: &'static str,
        path: &[&str],
    ) -> Result<T, CallError> {
        let call = Call::Get(self.url(path));
        self.call(name, &call, OBJECT_MAX_BYTES, |body| serde_json::from_slice(body)).await
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        name: &'static str,
        path: &[&str],
        key: &str,
        body: Bytes,
    ) -> Result<T, CallError> {
        let is_key =
            (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_graphic());
        if !is_key {
            return Err(CallError::Bug(Complaint::ours("idempotence_key_malformed")));
        }
        let call = Call::Post { url: self.url(path), key, body };
        self.call(name, &call, OBJECT_MAX_BYTES, |body| serde_json::from_slice(body)).await
    }

    /// Lets a call out through the gate and reports how it ended.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        call: &Call<'_>,
        limit_bytes: usize,
        read: Reader<T>,
    ) -> Result<T, CallError> {
        let pass = match self.shared.gate.enter().await {
            Ok(pass) => pass,
            Err(error) => {
                telemetry::called(name, Some(&error), Duration::ZERO);
                return Err(error);
            }
        };
        let started = Instant::now();
        let wire = &self.shared.wire;
        let read = match wire.exchange(call, limit_bytes).await {
            Ok(answer) => answer::read(&answer, read, &wire.secrets()),
            Err(lost) => Err(lost_answer(lost)),
        };
        pass.end(read.as_ref().err());
        telemetry::called(name, read.as_ref().err(), started.elapsed());
        read
    }

    /// The base address with these segments.
    pub(super) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.shared.base.clone();
        url.path_segments_mut().expect("checked when the client was made").extend(segments);
        url
    }
}

fn lost_answer(lost: Lost) -> CallError {
    CallError::Unknown { after: None, lost }
}
