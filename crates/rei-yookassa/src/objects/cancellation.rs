//! Why a payment or a refund did not come about.

use serde::Deserialize;

use crate::words::{tamed, words};

words! {
    /// The reason, for a text to the customer; an unknown one gets a general text.
    CancelReason {
        /// 3-D Secure was not passed.
        ThreeDSecureFailed = "3d_secure_failed",
        /// The bank wants to be called.
        CallIssuer = "call_issuer",
        /// The shop cancelled it.
        CanceledByMerchant = "canceled_by_merchant",
        /// The card is out of date.
        CardExpired = "card_expired",
        /// Cards of this country are not taken.
        CountryForbidden = "country_forbidden",
        /// The deal's time ran out.
        DealExpired = "deal_expired",
        /// Nobody captured it in time.
        ExpiredOnCapture = "expired_on_capture",
        /// Nobody paid in time.
        ExpiredOnConfirmation = "expired_on_confirmation",
        /// Suspected fraud.
        FraudSuspected = "fraud_suspected",
        /// No reason is told.
        GeneralDecline = "general_decline",
        /// The wallet's owner is not identified.
        IdentificationRequired = "identification_required",
        /// Not enough money; for a refund, at the shop.
        InsufficientFunds = "insufficient_funds",
        /// YooKassa gave up after 30 s.
        InternalTimeout = "internal_timeout",
        /// A mistyped card number.
        InvalidCardNumber = "invalid_card_number",
        /// A mistyped code of the card.
        InvalidCsc = "invalid_csc",
        /// The bank cannot be reached.
        IssuerUnavailable = "issuer_unavailable",
        /// The loan was refused.
        LoanDeclined = "loan_declined",
        /// A limit of the means of payment or of the shop.
        PaymentMethodLimitExceeded = "payment_method_limit_exceeded",
        /// The means of payment may not be used for this.
        PaymentMethodRestricted = "payment_method_restricted",
        /// The customer took back the permission for charges without asking.
        PermissionRevoked = "permission_revoked",
        /// A mobile operator that cannot be paid through.
        UnsupportedMobileOperator = "unsupported_mobile_operator",
        /// A refund: the payer refused it.
        RejectedByPayee = "rejected_by_payee",
        /// A refund: the payer did not take it in time.
        RejectedByTimeout = "rejected_by_timeout",
        /// A refund: the wallet is closed.
        YooMoneyAccountClosed = "yoo_money_account_closed",
        /// A refund: the payment is too old.
        PaymentExpired = "payment_expired",
    }
}

/// Who ended it, and why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Raw")]
pub struct Cancellation {
    /// `merchant`, `yoo_money`, `payment_network`, `refund_network` or a new word.
    pub party: String,
    /// The reason.
    pub reason: CancelReason,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    party: String,
    reason: CancelReason,
}

impl From<Raw> for Cancellation {
    fn from(raw: Raw) -> Self {
        Self { party: tamed(&raw.party), reason: raw.reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_next_year_is_kept_as_a_word() {
        let read: Cancellation =
            serde_json::from_str(r#"{"party":"yoo_money","reason":"moon_phase\u0020!"}"#)
                .expect("it is read");
        assert_eq!(read.reason, CancelReason::Other("moon_phase".to_owned()));
        assert_eq!(CancelReason::from("3d_secure_failed"), CancelReason::ThreeDSecureFailed);
        assert_eq!(CancelReason::InvalidCsc.as_str(), "invalid_csc");
    }
}
