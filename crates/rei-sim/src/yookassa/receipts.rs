//! A receipt that is sent on its own, and how it is shown.

use serde::Serialize;
use serde_json::{Value, json};

use super::payments::Registration;

/// Who registers receipts, which decides how they have to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fiscal {
    /// The service itself: an e-mail is required, 80 positions, two kinds of payment.
    #[default]
    YooKassa,
    /// Somebody else's cash register: e-mail or phone, 100 positions.
    Register,
}

/// A receipt of `POST /receipts`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimReceipt {
    /// `rt_` and 36 characters.
    pub id: String,
    /// The shop whose it is.
    pub shop_id: String,
    /// `payment` or `refund`.
    pub kind: String,
    /// The payment that it is for.
    pub payment_id: Option<String>,
    /// The refund that it is for.
    pub refund_id: Option<String>,
    /// How it stands.
    pub registration: Registration,
    /// The whole request.
    pub request: Value,
    /// When it came, in milliseconds since 1970 on the simulator's clock.
    pub created_ms: i64,
}

impl SimReceipt {
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "id": self.id,
            "type": self.kind,
            "status": self.registration,
            "items": self.request["items"],
            "settlements": self.request["settlements"],
        });
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                json[name] = value;
            }
        };
        add("payment_id", self.payment_id.clone().map(Value::from));
        add("refund_id", self.refund_id.clone().map(Value::from));
        add("tax_system_code", self.request.get("tax_system_code").cloned());
        if self.registration == Registration::Succeeded {
            add("fiscal_document_number", Some("3986".into()));
            add("fiscal_storage_number", Some("9288000100115785".into()));
            add("fiscal_attribute", Some("2617603921".into()));
        }
        json
    }
}
