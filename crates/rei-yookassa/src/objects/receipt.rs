//! How the registration of a receipt goes.

use std::fmt;

use serde::Deserialize;

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
}

impl fmt::Debug for ReceiptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "receipt {}: {}", self.id, self.status)
    }
}
