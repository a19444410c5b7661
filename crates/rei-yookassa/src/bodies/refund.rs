//! The body that creates a refund.

use std::collections::BTreeMap;
use std::fmt;

use rei_domain::money::Kopecks;
use serde::Serialize;

use super::receipt::{Receipt, ReceiptBody};
use super::{BodyError, rules};
use crate::money::Amount;
use crate::objects::ProviderPaymentId;

/// The most characters of a description.
const DESCRIPTION_MAX: usize = 250;

/// A refund that is to be created.
#[derive(Clone)]
pub struct NewRefund {
    /// The payment that is refunded.
    pub payment: ProviderPaymentId,
    /// The whole sum of that payment.
    pub paid: Kopecks,
    /// What goes back.
    pub amount: Kopecks,
    /// What the payer reads; cut to 250 characters.
    pub description: String,
    /// Our refund: its id, the customer's, and [`crate::authenticity::Signer::sign_refund`] over them.
    pub metadata: BTreeMap<String, String>,
    /// The receipt of what goes back. Sent with a part alone: for the whole, YooKassa takes the payment's.
    pub receipt: Option<Receipt>,
}

#[derive(Serialize)]
struct Body<'a> {
    payment_id: &'a str,
    amount: &'a Amount,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody<'a>>,
}

impl NewRefund {
    /// The bytes to store and to send.
    ///
    /// # Errors
    /// [`BodyError`] for what the API would refuse.
    pub fn to_body(&self) -> Result<Vec<u8>, BodyError> {
        let amount = rules::amount(self.amount)?;
        if self.amount > self.paid {
            return Err(BodyError::RefundTooLarge);
        }
        let metadata: BTreeMap<&str, &str> =
            self.metadata.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        rules::check_metadata(&metadata)?;
        let receipt = self.receipt.as_ref().filter(|_| self.amount < self.paid);
        Ok(rules::bytes(&Body {
            payment_id: self.payment.as_str(),
            amount: &amount,
            description: &rules::cut(&self.description, DESCRIPTION_MAX),
            metadata,
            receipt: receipt.map(|receipt| receipt.body(&amount)).transpose()?,
        }))
    }
}

impl fmt::Debug for NewRefund {
    /// Without whatever names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRefund")
            .field("payment", &self.payment.as_str())
            .field("amount", &self.amount.get())
            .field("receipt", &self.receipt.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::receipt::tests::{anna, by_yookassa};
    use super::*;

    fn refund(amount: i64) -> NewRefund {
        let id = ProviderPaymentId::parse("30b1f0aa-000f-5000-8000-1f2e3d4c5b6a").expect("an id");
        let receipt =
            Receipt { form: by_yookassa(), customer: anna(), item: "Возврат".to_owned() };
        NewRefund {
            payment: id,
            paid: Kopecks::from_rubles(500),
            amount: Kopecks::new(amount),
            description: String::new(),
            metadata: BTreeMap::from([("refund_id".to_owned(), "r-1".to_owned())]),
            receipt: Some(receipt),
        }
    }

    fn read(refund: &NewRefund) -> Value {
        serde_json::from_slice(&refund.to_body().expect("a body")).expect("json")
    }

    #[test]
    fn a_whole_refund_carries_no_receipt() {
        assert_eq!(
            read(&refund(50_000)),
            json!({"payment_id": "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a",
                "amount": {"value": "500.00", "currency": "RUB"}, "metadata": {"refund_id": "r-1"}})
        );
    }

    #[test]
    fn a_part_carries_the_receipt_of_that_part() {
        let body = read(&refund(12_345));
        assert_eq!(body["receipt"]["items"][0]["amount"]["value"], "123.45");
        let long = NewRefund { description: "ы".repeat(300), ..refund(100) };
        assert_eq!(read(&long)["description"], "ы".repeat(250));
    }

    #[test]
    fn no_more_is_refunded_than_was_paid() {
        assert_eq!(refund(50_001).to_body().err(), Some(BodyError::RefundTooLarge));
        assert_eq!(refund(0).to_body().err(), Some(BodyError::Sum));
        assert_eq!(refund(-1).to_body().err(), Some(BodyError::Sum));
    }

    #[test]
    fn metadata_stays_within_the_apis_limits() {
        let with = |metadata: Vec<(String, String)>| NewRefund {
            metadata: metadata.into_iter().collect(),
            ..refund(100)
        };
        let numbered = |count| (0..count).map(|it| (it.to_string(), String::new())).collect();
        assert!(with(numbered(16)).to_body().is_ok());
        for wrong in [
            numbered(17),
            vec![("n".repeat(33), String::new())],
            vec![(String::new(), String::new())],
            vec![("n".to_owned(), "ы".repeat(513))],
        ] {
            assert_eq!(with(wrong).to_body().err(), Some(BodyError::Metadata));
        }
        assert!(with(vec![("n".repeat(32), "ы".repeat(512))]).to_body().is_ok());
    }
}
