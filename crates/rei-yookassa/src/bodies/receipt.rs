//! Receipts by law 54-FZ: one item, whose price is what is paid.
//!
//! Which values are right is for the owner's accountant to say, so all of them are settings; what no register takes is
//! refused at the start.

use std::fmt;

use rei_domain::money::Kopecks;
use serde::Serialize;

use super::{BodyError, rules};
use crate::money::Amount;
use crate::objects::ProviderPaymentId;

const EMAIL_MAX: usize = 254;
const ITEM_MAX: usize = 128;
const SETTING_MAX: usize = 32;

/// Who registers the receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptService {
    /// YooKassa's own receipts: an e-mail is a must, and tax systems are not told.
    YooKassa,
    /// The owner's cash register behind YooKassa.
    Kassa,
}

/// When the item is paid, in the law's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentMode {
    /// Paid in full as it is handed over: one receipt.
    FullPayment,
    /// Paid in full before: an offset receipt follows.
    FullPrepayment,
    /// An advance, on a register of the owner's alone: an offset receipt follows.
    Advance,
}

/// The owner's settings for receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptForm {
    /// Who registers them.
    pub service: ReceiptService,
    /// 1 to 12; 1 is “no VAT”.
    pub vat_code: u8,
    /// What is sold, such as `service`.
    pub subject: String,
    /// When it is paid.
    pub mode: PaymentMode,
    /// What is counted, such as `piece`.
    pub measure: String,
    /// 1 to 6, for a register that needs it.
    pub tax_system_code: Option<u8>,
}

/// Where the receipt is sent. Personal data: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    email: Option<String>,
    phone: Option<String>,
}

/// A receipt of one item.
#[derive(Clone)]
pub struct Receipt {
    /// The owner's settings.
    pub form: ReceiptForm,
    /// Where it is sent.
    pub customer: Customer,
    /// What the item is called; cut to 128 characters.
    pub item: String,
}

/// The second receipt of a prepayment: what was paid before is now handed over.
#[derive(Clone)]
pub struct OffsetReceipt {
    /// The payment that brought the prepayment.
    pub payment: ProviderPaymentId,
    /// How much of it is handed over.
    pub amount: Kopecks,
    /// The receipt; its item is always paid in full.
    pub receipt: Receipt,
}

#[derive(Serialize)]
pub(super) struct ReceiptBody<'a> {
    customer: CustomerBody<'a>,
    items: [Item<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_system_code: Option<u8>,
}

#[derive(Serialize)]
struct CustomerBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    description: String,
    quantity: u8,
    amount: Amount,
    vat_code: u8,
    measure: &'a str,
    payment_subject: &'a str,
    payment_mode: &'static str,
}

#[derive(Serialize)]
struct OffsetBody<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    payment_id: &'a str,
    send: bool,
    settlements: [Settlement<'a>; 1],
    #[serde(flatten)]
    receipt: ReceiptBody<'a>,
}

#[derive(Serialize)]
struct Settlement<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    amount: &'a Amount,
}

impl PaymentMode {
    /// The law's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FullPayment => "full_payment",
            Self::FullPrepayment => "full_prepayment",
            Self::Advance => "advance",
        }
    }

    /// Reads the law's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::FullPayment, Self::FullPrepayment, Self::Advance]
            .into_iter()
            .find(|mode| mode.as_str() == word)
    }

    /// Whether an offset receipt must follow.
    pub const fn needs_offset(self) -> bool {
        !matches!(self, Self::FullPayment)
    }
}

impl ReceiptForm {
    /// A service without VAT, paid in full: the usual reading of a top-up.
    pub fn usual(service: ReceiptService) -> Self {
        Self {
            service,
            vat_code: 1,
            subject: "service".to_owned(),
            mode: PaymentMode::FullPayment,
            measure: "piece".to_owned(),
            tax_system_code: None,
        }
    }

    /// Checks the settings, at the start.
    ///
    /// # Errors
    /// [`BodyError::ReceiptSetting`] names the first that no register takes.
    pub fn check(&self) -> Result<(), BodyError> {
        let is_word = |word: &str| {
            (1..=SETTING_MAX).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let is_yookassas = self.service == ReceiptService::YooKassa;
        let wrong = if !(1..=12).contains(&self.vat_code) {
            "vat_code"
        } else if !is_word(&self.subject) {
            "payment_subject"
        } else if !is_word(&self.measure) {
            "measure"
        } else if is_yookassas && self.mode == PaymentMode::Advance {
            "payment_mode"
        } else if self.tax_system_code.is_some_and(|code| !(1..=6).contains(&code)) {
            "tax_system_code"
        } else {
            return Ok(());
        };
        Err(BodyError::ReceiptSetting(wrong))
    }
}

impl Customer {
    /// Somebody with an e-mail address.
    ///
    /// # Errors
    /// [`BodyError::Email`] for what is plainly none.
    pub fn by_email(email: &str) -> Result<Self, BodyError> {
        let email = email.trim();
        let (name, host) = email.rsplit_once('@').ok_or(BodyError::Email)?;
        let is_host = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
        let fits = |letter: char| {
            !letter.is_whitespace() && !letter.is_control() && !"@,;<>\"()".contains(letter)
        };
        let is_email =
            email.len() <= EMAIL_MAX && !name.is_empty() && is_host && name.chars().all(fits);
        if !is_email || !host.chars().all(fits) {
            return Err(BodyError::Email);
        }
        Ok(Self { email: Some(email.to_owned()), phone: None })
    }

    /// Somebody with a phone: 4 to 15 digits, country first, without a plus. Only a register of the owner's takes it.
    ///
    /// # Errors
    /// [`BodyError::Phone`] for anything else.
    pub fn by_phone(phone: &str) -> Result<Self, BodyError> {
        let is_phone =
            (4..=15).contains(&phone.len()) && phone.bytes().all(|byte| byte.is_ascii_digit());
        if !is_phone {
            return Err(BodyError::Phone);
        }
        Ok(Self { email: None, phone: Some(phone.to_owned()) })
    }
}

impl Receipt {
    /// The receipt of this sum.
    pub(super) fn body(&self, amount: &Amount) -> Result<ReceiptBody<'_>, BodyError> {
        let form = &self.form;
        form.check()?;
        let is_yookassas = form.service == ReceiptService::YooKassa;
        if is_yookassas && self.customer.email.is_none() {
            return Err(BodyError::Email);
        }
        let item = self.item.trim();
        if item.is_empty() {
            return Err(BodyError::ReceiptSetting("item"));
        }
        let item = Item {
            description: rules::cut(item, ITEM_MAX),
            quantity: 1,
            amount: amount.clone(),
            vat_code: form.vat_code,
            measure: &form.measure,
            payment_subject: &form.subject,
            payment_mode: form.mode.as_str(),
        };
        let customer = CustomerBody {
            email: self.customer.email.as_deref(),
            phone: self.customer.phone.as_deref(),
        };
        let tax_system_code = form.tax_system_code.filter(|_| !is_yookassas);
        Ok(ReceiptBody { customer, items: [item], tax_system_code })
    }
}

impl OffsetReceipt {
    /// The bytes to store and to send.
    ///
    /// # Errors
    /// [`BodyError`] for what the API would refuse.
    pub fn to_body(&self) -> Result<Vec<u8>, BodyError> {
        let amount = rules::amount(self.amount)?;
        let mut receipt = self.receipt.body(&amount)?;
        receipt.items[0].payment_mode = PaymentMode::FullPayment.as_str();
        Ok(rules::bytes(&OffsetBody {
            kind: "payment",
            payment_id: self.payment.as_str(),
            send: true,
            settlements: [Settlement { kind: "prepayment", amount: &amount }],
            receipt,
        }))
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.email.is_some() { "an e-mail" } else { "a phone" })
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("form", &self.form).finish_non_exhaustive()
    }
}

impl fmt::Debug for OffsetReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffsetReceipt")
            .field("payment", &self.payment.as_str())
            .field("amount", &self.amount.get())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(in super::super) fn by_yookassa() -> ReceiptForm {
        ReceiptForm::usual(ReceiptService::YooKassa)
    }

    pub(in super::super) fn anna() -> Customer {
        Customer::by_email("anna@example.com").expect("an e-mail")
    }

    fn body(form: ReceiptForm, customer: Customer) -> Result<Value, BodyError> {
        let receipt = Receipt { form, customer, item: "ы".repeat(200) };
        let body = receipt.body(&Amount::rubles(Kopecks::from_rubles(500)))?;
        Ok(serde_json::to_value(body).expect("json"))
    }

    #[test]
    fn yookassas_own_receipts_need_an_email_and_tell_no_tax_system() {
        let form = ReceiptForm { tax_system_code: Some(2), ..by_yookassa() };
        let made = body(form.clone(), anna()).expect("a receipt");
        assert_eq!(made.get("tax_system_code"), None);
        assert_eq!(made["items"][0]["description"], "ы".repeat(128));
        let phone = Customer::by_phone("79000000000").expect("a phone");
        assert_eq!(body(form, phone).err(), Some(BodyError::Email));
    }

    #[test]
    fn a_register_of_the_owners_takes_a_phone_and_a_tax_system() {
        let form = ReceiptForm {
            service: ReceiptService::Kassa,
            mode: PaymentMode::Advance,
            tax_system_code: Some(2),
            vat_code: 12,
            ..by_yookassa()
        };
        let phone = Customer::by_phone("79000000000").expect("a phone");
        let made = body(form, phone).expect("a receipt");
        assert_eq!(made["customer"], json!({"phone": "79000000000"}));
        assert_eq!(made["tax_system_code"], 2);
        assert_eq!(made["items"][0]["payment_mode"], "advance");
    }

    #[test]
    fn a_setting_that_no_register_takes_is_named() {
        let wrong = |change: fn(&mut ReceiptForm)| {
            let mut form = by_yookassa();
            change(&mut form);
            form.check().err()
        };
        let named = |name| Some(BodyError::ReceiptSetting(name));
        assert_eq!(by_yookassa().check(), Ok(()));
        assert_eq!(wrong(|it| it.vat_code = 0), named("vat_code"));
        assert_eq!(wrong(|it| it.vat_code = 13), named("vat_code"));
        assert_eq!(wrong(|it| it.subject = "Услуга".to_owned()), named("payment_subject"));
        assert_eq!(wrong(|it| it.measure.clear()), named("measure"));
        assert_eq!(wrong(|it| it.mode = PaymentMode::Advance), named("payment_mode"));
        assert_eq!(wrong(|it| it.tax_system_code = Some(7)), named("tax_system_code"));
    }

    #[test]
    fn emails_and_phones_are_checked_and_never_shown() {
        for right in ["anna@example.com", " a.b+c@x.y.ru ", "анна@почта.рф"] {
            assert!(Customer::by_email(right).is_ok(), "{right}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for wrong in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "a@b",
            "a@b@c.d",
            "a b@c.d",
            "a@.d",
            "a@d.",
            &long,
        ] {
            assert_eq!(Customer::by_email(wrong).err(), Some(BodyError::Email), "{wrong}");
        }
        for wrong in ["", "123", "+79000000000", "7900 000", "1234567890123456", "٧٩٠٠"] {
            assert_eq!(Customer::by_phone(wrong).err(), Some(BodyError::Phone), "{wrong}");
        }
        let receipt = Receipt { form: by_yookassa(), customer: anna(), item: "x".to_owned() };
        assert!(!format!("{receipt:?} {:?}", anna()).contains("anna"));
    }

    #[test]
    fn an_offset_receipt_hands_over_what_was_paid_before() {
        let form = ReceiptForm { mode: PaymentMode::FullPrepayment, ..by_yookassa() };
        assert!(form.mode.needs_offset());
        let receipt = Receipt { form, customer: anna(), item: "Видео".to_owned() };
        let payment = ProviderPaymentId::parse("30b1f0aa-000f").expect("an id");
        let offset = OffsetReceipt { payment, amount: Kopecks::new(12_050), receipt };
        let body: Value = serde_json::from_slice(&offset.to_body().expect("a body")).expect("json");
        let amount = json!({"value": "120.50", "currency": "RUB"});
        assert_eq!(
            body,
            json!({"type": "payment", "payment_id": "30b1f0aa-000f", "send": true,
                "customer": {"email": "anna@example.com"},
                "settlements": [{"type": "prepayment", "amount": amount}],
                "items": [{"description": "Видео", "quantity": 1, "amount": amount, "vat_code": 1,
                    "measure": "piece", "payment_subject": "service",
                    "payment_mode": "full_payment"}]})
        );
        assert!(!format!("{offset:?}").contains("anna"));
    }
}
