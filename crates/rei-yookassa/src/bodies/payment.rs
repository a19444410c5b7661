//! The body that creates a payment.

use std::collections::BTreeMap;
use std::fmt;

use rei_domain::money::Kopecks;
use serde::Serialize;
use url::Url;

use super::receipt::{Receipt, ReceiptBody};
use super::{BodyError, rules};
use crate::money::Amount;

/// The most characters of a description.
pub(super) const DESCRIPTION_MAX: usize = 128;
const RETURN_URL_MAX: usize = 2048;
const CUSTOMER_ID_MAX: usize = 200;

/// A payment that is to be created: captured at once, paid on YooKassa's page, by whatever means the payer chooses.
#[derive(Clone)]
pub struct NewPayment {
    /// What is paid.
    pub amount: Kopecks,
    /// Where the payer is sent afterwards. Coming back proves nothing.
    pub return_url: String,
    /// What the payer reads; cut to 128 characters.
    pub description: String,
    /// Our payment order, as `metadata.order_id`.
    pub order_id: String,
    /// Our customer, as `metadata.user_id`.
    pub user_id: String,
    /// [`crate::authenticity::Signer::sign_topup`] over these, as `metadata.sig`.
    pub signature: String,
    /// The receipt, when receipts go through YooKassa. Its only item costs `amount`, so the sums always agree.
    pub receipt: Option<Receipt>,
    /// An opaque id of the payer's; never a phone or a name.
    pub merchant_customer_id: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    amount: &'a Amount,
    capture: bool,
    confirmation: Confirmation<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    metadata: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody<'a>>,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    return_url: &'a str,
}

impl NewPayment {
    /// The bytes to store and to send.
    ///
    /// # Errors
    /// [`BodyError`] for what the API would refuse.
    pub fn to_body(&self) -> Result<Vec<u8>, BodyError> {
        let amount = rules::amount(self.amount)?;
        check_return_url(&self.return_url)?;
        let metadata = BTreeMap::from([
            ("order_id", self.order_id.as_str()),
            ("user_id", self.user_id.as_str()),
            ("sig", self.signature.as_str()),
        ]);
        rules::check_metadata(&metadata)?;
        let customer_id = self.merchant_customer_id.as_deref();
        if customer_id.is_some_and(|id| id.chars().count() > CUSTOMER_ID_MAX) {
            return Err(BodyError::CustomerId);
        }
        let receipt = self.receipt.as_ref().map(|receipt| receipt.body(&amount)).transpose()?;
        Ok(rules::bytes(&Body {
            amount: &amount,
            capture: true,
            confirmation: Confirmation { kind: "redirect", return_url: &self.return_url },
            description: &rules::cut(&self.description, DESCRIPTION_MAX),
            metadata,
            merchant_customer_id: customer_id,
            receipt,
        }))
    }
}

impl fmt::Debug for NewPayment {
    /// Without whatever names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPayment")
            .field("amount", &self.amount.get())
            .field("order_id", &self.order_id)
            .field("receipt", &self.receipt.is_some())
            .finish_non_exhaustive()
    }
}

fn check_return_url(url: &str) -> Result<(), BodyError> {
    let parsed = Url::parse(url).map_err(|_| BodyError::ReturnUrl)?;
    let is_fine =
        matches!(parsed.scheme(), "http" | "https") && url.chars().count() <= RETURN_URL_MAX;
    if is_fine { Ok(()) } else { Err(BodyError::ReturnUrl) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::receipt::tests::{anna, by_yookassa};
    use super::*;

    pub(crate) fn payment() -> NewPayment {
        NewPayment {
            amount: Kopecks::from_rubles(500),
            return_url: "https://t.me/rei_bot?start=pay".to_owned(),
            description: "Пополнение баланса №10482".to_owned(),
            order_id: "6f1c2a52-6d0e-4c7e-9a55-2f0f5a1b7c11".to_owned(),
            user_id: "42".to_owned(),
            signature: "v1.46a70489.tag".to_owned(),
            receipt: None,
            merchant_customer_id: None,
        }
    }

    fn read(payment: &NewPayment) -> Value {
        serde_json::from_slice(&payment.to_body().expect("a body")).expect("json")
    }

    #[test]
    fn a_payment_is_captured_at_once_and_confirmed_on_yookassas_page() {
        assert_eq!(
            read(&payment()),
            json!({"amount": {"value": "500.00", "currency": "RUB"}, "capture": true,
                "confirmation": {"type": "redirect", "return_url": "https://t.me/rei_bot?start=pay"},
                "description": "Пополнение баланса №10482",
                "metadata": {"order_id": "6f1c2a52-6d0e-4c7e-9a55-2f0f5a1b7c11", "user_id": "42",
                    "sig": "v1.46a70489.tag"}})
        );
    }

    #[test]
    fn the_same_payment_makes_the_same_bytes() {
        assert_eq!(payment().to_body(), payment().to_body());
    }

    #[test]
    fn the_receipt_costs_what_is_paid() {
        let receipt = Receipt {
            form: by_yookassa(),
            customer: anna(),
            item: "Пополнение баланса".to_owned(),
        };
        let body = read(&NewPayment { receipt: Some(receipt), ..payment() });
        assert_eq!(
            body["receipt"],
            json!({"customer": {"email": "anna@example.com"}, "items": [{
                "description": "Пополнение баланса", "quantity": 1,
                "amount": {"value": "500.00", "currency": "RUB"}, "vat_code": 1,
                "measure": "piece", "payment_subject": "service", "payment_mode": "full_payment"}]})
        );
    }

    #[test]
    fn a_long_description_is_cut_by_characters() {
        let body = read(&NewPayment { description: "ы".repeat(200), ..payment() });
        assert_eq!(body["description"], "ы".repeat(128));
    }

    #[test]
    fn what_the_api_would_refuse_is_not_made() {
        let make = |change: fn(&mut NewPayment)| {
            let mut payment = payment();
            change(&mut payment);
            payment.to_body().err()
        };
        for wrong in [
            make(|it| it.amount = Kopecks::ZERO),
            make(|it| it.amount = Kopecks::new(-100)),
            make(|it| it.amount = Kopecks::new(SUM_TOO_LARGE)),
        ] {
            assert_eq!(wrong, Some(BodyError::Sum));
        }
        for wrong in [
            make(|it| it.return_url = String::new()),
            make(|it| it.return_url = "javascript:alert(1)".to_owned()),
            make(|it| it.return_url = format!("https://t.me/{}", "a".repeat(2048))),
        ] {
            assert_eq!(wrong, Some(BodyError::ReturnUrl));
        }
        assert_eq!(make(|it| it.user_id = "4".repeat(513)), Some(BodyError::Metadata));
        let long_id = make(|it| it.merchant_customer_id = Some("c".repeat(201)));
        assert_eq!(long_id, Some(BodyError::CustomerId));
    }

    const SUM_TOO_LARGE: i64 = 100_000_000_000;

    #[test]
    fn nothing_that_is_printed_names_the_customer() {
        let payment = NewPayment { user_id: "777123".to_owned(), ..payment() };
        assert!(!format!("{payment:?}").contains("777123"));
    }
}
