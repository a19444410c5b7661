//! A payment.

use std::collections::BTreeMap;
use std::fmt;

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use serde::Deserialize;

use super::cancellation::Cancellation;
use super::id::ProviderPaymentId;
use super::lenient;
use super::receipt::Registration;
use crate::moment;
use crate::money::Amount;
use crate::words::{tamed, words};

words! {
    /// Where a payment stands. Steps may be skipped; the order never turns back.
    PaymentStatus {
        /// The customer has still to pay.
        Pending = "pending",
        /// Paid and held; ours never stop here, since they ask for capture.
        WaitingForCapture = "waiting_for_capture",
        /// Final: paid. Refunds do not change it.
        Succeeded = "succeeded",
        /// Final: not paid.
        Canceled = "canceled",
    }
}

/// A payment as it stood when it was read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Payment {
    /// Its id.
    pub id: ProviderPaymentId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What the customer pays, in hundredths of the currency's unit.
    pub amount: Kopecks,
    /// The currency of every sum here.
    pub currency: String,
    /// Whether the money is there.
    pub paid: bool,
    /// Whether it was made with a test shop's key.
    pub test: bool,
    /// Whether something of it can still be refunded.
    pub refundable: bool,
    /// What was refunded so far.
    pub refunded: Option<Kopecks>,
    /// What remains for the shop after the fee; none when it is not told or makes no sense.
    pub income: Option<Kopecks>,
    /// The shop it was paid to; must be ours.
    pub account_id: Option<String>,
    /// Where the customer pays; unchecked, see [`crate::confirmation`].
    pub confirmation_url: Option<String>,
    /// What we sent along.
    pub metadata: BTreeMap<String, String>,
    /// Why it was cancelled.
    pub cancellation: Option<Cancellation>,
    /// How the registration of its receipt goes.
    pub receipt_registration: Option<Registration>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The kind of the means of payment, such as `bank_card`, once one was chosen.
    pub method: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    id: ProviderPaymentId,
    status: PaymentStatus,
    amount: Amount,
    paid: bool,
    test: bool,
    #[serde(default)]
    refundable: Option<bool>,
    #[serde(default)]
    refunded_amount: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::read")]
    income_amount: Option<Amount>,
    #[serde(default, deserialize_with = "lenient::read")]
    recipient: Option<Recipient>,
    #[serde(default, deserialize_with = "lenient::read")]
    confirmation: Option<Confirmation>,
    #[serde(default, deserialize_with = "lenient::texts")]
    metadata: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "lenient::read")]
    cancellation_details: Option<Cancellation>,
    #[serde(default, deserialize_with = "lenient::read")]
    receipt_registration: Option<Registration>,
    #[serde(deserialize_with = "moment::read")]
    created_at: Timestamp,
    #[serde(default, deserialize_with = "lenient::read")]
    payment_method: Option<Method>,
}

#[derive(Deserialize)]
struct Recipient {
    account_id: String,
}

#[derive(Deserialize)]
struct Confirmation {
    confirmation_url: String,
}

#[derive(Deserialize)]
struct Method {
    #[serde(rename = "type")]
    kind: String,
}

impl TryFrom<Raw> for Payment {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, &'static str> {
        let Amount { sum: amount, currency } = raw.amount;
        let refunded = match raw.refunded_amount {
            Some(refunded) if refunded.currency != currency => {
                return Err("refunded in another currency");
            }
            refunded => refunded.map(|refunded| refunded.sum),
        };
        let income = raw.income_amount.filter(|income| income.currency == currency);
        Ok(Self {
            id: raw.id,
            status: raw.status,
            amount,
            currency,
            paid: raw.paid,
            test: raw.test,
            refundable: raw.refundable.unwrap_or(false),
            refunded,
            income: income.map(|income| income.sum),
            account_id: raw.recipient.map(|recipient| recipient.account_id),
            confirmation_url: raw.confirmation.map(|it| it.confirmation_url),
            metadata: raw.metadata,
            cancellation: raw.cancellation_details,
            receipt_registration: raw.receipt_registration,
            created_at: raw.created_at,
            method: raw.payment_method.map(|method| tamed(&method.kind)),
        })
    }
}

impl fmt::Debug for Payment {
    /// Without the page to pay on and whatever names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("id", &self.id.as_str())
            .field("status", &self.status.as_str())
            .field("amount", &self.amount.get())
            .field("currency", &self.currency)
            .field("paid", &self.paid)
            .field("test", &self.test)
            .field("refunded", &self.refunded.map(Kopecks::get))
            .field("method", &self.method)
            .field("cancellation", &self.cancellation)
            .field("receipt_registration", &self.receipt_registration)
            .field("created_at", &self.created_at.millis())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::CancelReason;
    use super::*;

    fn least() -> Value {
        json!({"id": "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a", "status": "pending", "paid": false,
            "test": true, "amount": {"value": "500.00", "currency": "RUB"},
            "created_at": "2026-01-01T00:00:00.000Z"})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut object = least();
        object[name] = value;
        object
    }

    fn read(object: Value) -> Result<Payment, String> {
        serde_json::from_str(&object.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_paid_payment_is_read_whole() {
        let mut object = least();
        for (name, value) in [
            ("status", json!("succeeded")),
            ("paid", json!(true)),
            ("refundable", json!(true)),
            ("income_amount", json!({"value": "482.50", "currency": "RUB"})),
            ("refunded_amount", json!({"value": "0.00", "currency": "RUB"})),
            ("recipient", json!({"account_id": "100500", "gateway_id": "1"})),
            ("metadata", json!({"order_id": "o-1", "user_id": "42"})),
            ("receipt_registration", json!("pending")),
            (
                "payment_method",
                json!({"type": "bank_card", "title": "Bank card *4444",
                    "card": {"first6": "555555", "last4": "4444", "card_holder": "ANNA"}}),
            ),
            ("of_next_year", json!([{"deep": [1]}])),
        ] {
            object[name] = value;
        }
        let payment = read(object).expect("a payment");
        assert_eq!(payment.status, PaymentStatus::Succeeded);
        assert_eq!(payment.amount, Kopecks::from_rubles(500));
        assert_eq!(payment.income, Some(Kopecks::new(48_250)));
        assert_eq!(payment.refunded, Some(Kopecks::ZERO));
        assert_eq!(payment.account_id.as_deref(), Some("100500"));
        assert_eq!(payment.metadata["order_id"], "o-1");
        assert_eq!(payment.method.as_deref(), Some("bank_card"));
        assert_eq!(payment.receipt_registration, Some(Registration::Pending));
        assert_eq!(payment.created_at, Timestamp(1_767_225_600_000));
        let shown = format!("{payment:?}");
        for hidden in ["42", "o-1", "4444", "555555", "ANNA"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn what_may_be_missing_or_odd_is_left_out() {
        let payment = read(least()).expect("a payment");
        assert!(!payment.refundable && payment.metadata.is_empty());
        for name in [
            "income_amount",
            "recipient",
            "confirmation",
            "cancellation_details",
            "receipt_registration",
            "payment_method",
        ] {
            for odd in [Value::Null, json!(7), json!("x\ny"), json!([]), json!({"a": {}})] {
                assert!(read(with(name, odd.clone())).is_ok(), "{name}: {odd}");
            }
        }
        assert!(read(with("metadata", Value::Null)).is_ok());
        let odd = read(with("metadata", json!({"a": 1, "b": "text", "c": null}))).expect("read");
        assert_eq!(odd.metadata.into_iter().collect::<Vec<_>>(), [("b".into(), "text".into())]);
    }

    #[test]
    fn an_odd_id_state_or_sum_is_no_payment() {
        for (name, value) in [
            ("id", json!("../refunds")),
            ("id", Value::Null),
            ("status", json!(1)),
            ("status", Value::Null),
            ("amount", json!("500.00")),
            ("amount", json!({"value": "500.001", "currency": "RUB"})),
            ("amount", json!({"value": "5e2", "currency": "RUB"})),
            ("paid", json!("true")),
            ("test", Value::Null),
            ("created_at", json!("yesterday")),
            ("refunded_amount", json!({"value": "1", "currency": "RUB"})),
            ("refunded_amount", json!({"value": "1.00", "currency": "USD"})),
        ] {
            assert!(read(with(name, value.clone())).is_err(), "{name}: {value}");
        }
        for name in ["id", "status", "amount", "paid", "test", "created_at"] {
            let mut object = least();
            object.as_object_mut().expect("an object").remove(name);
            assert!(read(object).is_err(), "{name}");
        }
        let twice = least().to_string().replacen('{', "{\"status\":\"succeeded\",", 1);
        assert!(serde_json::from_str::<Payment>(&twice).is_err());
    }

    #[test]
    fn a_state_of_next_year_is_neither_paid_nor_cancelled() {
        let payment = read(with("status", json!("dreaming"))).expect("a payment");
        assert_eq!(payment.status, PaymentStatus::Other("dreaming".to_owned()));
        let reason = json!({"party": "yoo_money", "reason": "expired_on_confirmation"});
        let payment = read(with("cancellation_details", reason)).expect("a payment");
        let cancellation = payment.cancellation.expect("a cancellation");
        assert_eq!(cancellation.reason, CancelReason::ExpiredOnConfirmation);
    }
}
