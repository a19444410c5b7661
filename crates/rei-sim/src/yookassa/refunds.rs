//! A refund and how it is shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::amount::Amount;
use super::moments;
use super::payments::{Cancellation, Registration};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Final: the money went back.
    Succeeded,
    /// Final: it did not. Nobody is told.
    Canceled,
}

/// What becomes of refunds that are asked for by the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefundMode {
    /// The answer says `succeeded` already.
    #[default]
    AtOnce,
    /// They stay `pending` until they are settled by hand.
    Held,
    /// The answer says `canceled` already.
    Canceled {
        /// `insufficient_funds` …
        reason: String,
    },
}

/// A refund as the simulator keeps it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimRefund {
    /// 36 characters.
    pub id: String,
    /// The shop whose it is.
    pub shop_id: String,
    /// What is given back.
    pub payment_id: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much.
    pub amount: Amount,
    /// Why, in words.
    pub description: Option<String>,
    /// What the shop attached.
    pub metadata: Option<Map<String, Value>>,
    /// The receipt of the request.
    pub receipt: Option<Value>,
    /// How its receipt stands.
    pub receipt_registration: Option<Registration>,
    /// Made in the merchant's profile, not by the API.
    pub is_by_hand: bool,
    /// When it was asked for, in milliseconds since 1970 on the simulator's clock.
    pub created_ms: i64,
    /// Why it was canceled.
    pub cancellation: Option<Cancellation>,
}

impl RefundStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

impl SimRefund {
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "id": self.id,
            "payment_id": self.payment_id,
            "status": self.status,
            "amount": self.amount.json(),
            "created_at": moments::write(self.created_ms),
        });
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                json[name] = value;
            }
        };
        add("description", self.description.clone().map(Value::from));
        add("metadata", self.metadata.clone().map(Value::from));
        add("receipt_registration", self.receipt_registration.map(|state| json!(state)));
        add("cancellation_details", self.cancellation.as_ref().map(|why| json!(why)));
        json
    }
}

/// Who it is that cancels a refund for this reason.
pub(super) fn party(reason: &str) -> &'static str {
    match reason {
        "rejected_by_payee" | "rejected_by_timeout" | "general_decline" => "refund_network",
        _ => "yoo_money",
    }
}
