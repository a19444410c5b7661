//! What the API answers. Strict about ids, states and sums; everything else may be missing, new or odd.
//!
//! Nothing here keeps a card, an e-mail or a phone, and nothing that is printed for a log shows whose payment it is.

mod cancellation;
mod id;
mod lenient;
mod payment;
mod profile;
mod receipt;
mod refund;

pub use cancellation::{CancelReason, Cancellation};
pub use id::{IdError, ProviderPaymentId, ProviderReceiptId, ProviderRefundId};
pub use payment::{Payment, PaymentStatus};
pub use profile::{Fiscalization, ShopProfile};
pub use receipt::{ReceiptState, Registration};
pub use refund::{Refund, RefundStatus};

pub(crate) use lenient::texts;
