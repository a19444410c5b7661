//! A refund: ours, or one that somebody made by hand in the merchant's profile.

use std::collections::BTreeMap;
use std::fmt;

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use serde::Deserialize;

use super::cancellation::Cancellation;
use super::id::{ProviderPaymentId, ProviderRefundId};
use super::lenient;
use super::receipt::Registration;
use crate::moment;
use crate::money::Amount;
use crate::words::words;

words! {
    /// Where a refund stands. A refund that ends cancelled is announced by nobody.
    RefundStatus {
        /// On its way.
        Pending = "pending",
        /// Final: the money went back.
        Succeeded = "succeeded",
        /// Final: the money stayed.
        Canceled = "canceled",
    }
}

/// A refund as it stood when it was read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Raw")]
pub struct Refund {
    /// Its id.
    pub id: ProviderRefundId,
    /// The payment that is refunded.
    pub payment: ProviderPaymentId,
    /// Where it stands.
    pub status: RefundStatus,
    /// What goes back, in hundredths of the currency's unit.
    pub amount: Kopecks,
    /// The currency.
    pub currency: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What we sent along; nothing when it was made by hand.
    pub metadata: BTreeMap<String, String>,
    /// Why it was cancelled.
    pub cancellation: Option<Cancellation>,
    /// How the registration of its receipt goes.
    pub receipt_registration: Option<Registration>,
}

#[derive(Deserialize)]
struct Raw {
    id: ProviderRefundId,
    payment_id: ProviderPaymentId,
    status: RefundStatus,
    amount: Amount,
    #[serde(deserialize_with = "moment::read")]
    created_at: Timestamp,
    #[serde(default, deserialize_with = "lenient::texts")]
    metadata: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "lenient::read")]
    cancellation_details: Option<Cancellation>,
    #[serde(default, deserialize_with = "lenient::read")]
    receipt_registration: Option<Registration>,
}

impl From<Raw> for Refund {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            payment: raw.payment_id,
            status: raw.status,
            amount: raw.amount.sum,
            currency: raw.amount.currency,
            created_at: raw.created_at,
            metadata: raw.metadata,
            cancellation: raw.cancellation_details,
            receipt_registration: raw.receipt_registration,
        }
    }
}

impl fmt::Debug for Refund {
    /// Without whatever names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refund")
            .field("id", &self.id.as_str())
            .field("payment", &self.payment.as_str())
            .field("status", &self.status.as_str())
            .field("amount", &self.amount.get())
            .field("currency", &self.currency)
            .field("created_at", &self.created_at.millis())
            .field("cancellation", &self.cancellation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn least() -> Value {
        json!({"id": "216749f7-0016-50be-b000-078d43a63ae4", "status": "succeeded",
            "payment_id": "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a",
            "amount": {"value": "1.10", "currency": "RUB"},
            "created_at": "2026-01-01T00:00:00.000Z"})
    }

    #[test]
    fn a_refund_names_its_payment_and_its_sum() {
        let mut object = least();
        object["metadata"] = json!({"sig": "v1.x.y", "user_id": "42"});
        object["cancellation_details"] =
            json!({"party": "refund_network", "reason": "rejected_by_payee"});
        let refund: Refund = serde_json::from_value(object).expect("a refund");
        assert_eq!(refund.payment.as_str(), "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a");
        assert_eq!(refund.amount, Kopecks::new(110));
        assert!(!format!("{refund:?}").contains("42"));
    }

    #[test]
    fn a_refund_without_a_payment_is_none() {
        for name in ["id", "payment_id", "status", "amount", "created_at"] {
            let mut object = least();
            object.as_object_mut().expect("an object").remove(name);
            assert!(serde_json::from_value::<Refund>(object).is_err(), "{name}");
        }
    }
}
