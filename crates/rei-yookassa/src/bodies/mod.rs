//! What is sent. A body is made once, stored with its key, and sent as often as needed: a retry sends the stored bytes.

mod payment;
mod receipt;
mod refund;
mod rules;

pub use payment::NewPayment;
pub use receipt::{Customer, OffsetReceipt, PaymentMode, Receipt, ReceiptForm, ReceiptService};
pub use refund::NewRefund;

/// Why a body cannot be made: what the API would refuse anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Zero, negative, or more than the API has room for.
    #[error("the sum must be above zero and below a thousand million rubles")]
    Sum,
    /// More is refunded than was paid.
    #[error("the refund is larger than the payment")]
    RefundTooLarge,
    /// Not an address of at most 2048 characters.
    #[error("the return address must be an http or https URL of at most 2048 characters")]
    ReturnUrl,
    /// Too many names, or a name or a text that is too long.
    #[error("metadata may hold 16 names of 32 characters with texts of 512")]
    Metadata,
    /// The customer's id is longer than 200 characters.
    #[error("the customer's id is longer than 200 characters")]
    CustomerId,
    /// The receipt needs an e-mail, or what there is is none.
    #[error("the receipt needs an e-mail address")]
    Email,
    /// Not 4 to 15 digits.
    #[error("the phone must be 4 to 15 digits without a plus")]
    Phone,
    /// A value that no receipt may have; the setting is named.
    #[error("the receipt's setting {0} is wrong")]
    ReceiptSetting(&'static str),
}

/// The body that captures a payment whole.
pub fn full_capture() -> Vec<u8> {
    b"{}".to_vec()
}
