//! How the registration of a receipt goes.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::id::{ProviderPaymentId, ProviderReceiptId};
use super::lenient;
use crate::words::words;

words! {
    /// The state of a receipt at the tax office.
    Registration {
        /// On its way; three days at most.
        Pending = "pending",
        /// Registered.
        Succeeded = "succeeded",
        /// Refused: tell the owner.
        Canceled = "canceled",
    }
}

/// A receipt that was sent apart from its payment.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ReceiptState {
    /// Its id.
    pub id: ProviderReceiptId,
    /// How its registration goes.
    pub status: Registration,
    /// The payment it belongs to.
    #[serde(default, deserialize_with = "lenient::read", rename = "payment_id")]
    pub payment: Option<ProviderPaymentId>,
    /// What it says was sold; receipts carry no metadata, so this is how one is found again.
    #[serde(default, deserialize_with = "positions")]
    pub items: Vec<String>,
}

#[derive(Deserialize)]
struct Position {
    description: String,
}

/// The names of the positions; those of another form are left out.
fn positions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let values: Option<Vec<Value>> = lenient::read(deserializer)?;
    let named = |value| serde_json::from_value::<Position>(value).ok();
    Ok(values.unwrap_or_default().into_iter().filter_map(named).map(|it| it.description).collect())
}

impl fmt::Debug for ReceiptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "receipt {}: {}", self.id, self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_known_by_what_it_says_was_sold() {
        let read = |items: &str| {
            let json =
                format!(r#"{{"id":"rt-1","type":"payment","status":"pending","items":{items}}}"#);
            serde_json::from_str::<ReceiptState>(&json).expect("a receipt")
        };
        let found = read(r#"[{"description":"Order 7","quantity":"1.00"},{"new":1},"x"]"#);
        assert_eq!(found.items, ["Order 7"]);
        assert!(!format!("{found:?}").contains("Order"));
        assert_eq!(read("null").items, [""; 0]);
        assert_eq!(read("{}").items, [""; 0]);
        let bare = r#"{"id":"rt-1","status":"succeeded"}"#;
        assert_eq!(serde_json::from_str::<ReceiptState>(bare).expect("a receipt").items, [""; 0]);
    }
}
