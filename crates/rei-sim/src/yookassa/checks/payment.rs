//! A request for a new payment.

use reqwest::Url;
use serde_json::Value;

use super::{metadata, receipt, switch, text};
use crate::yookassa::amount::Amount;
use crate::yookassa::payments::PayMethod;
use crate::yookassa::receipts::Fiscal;
use crate::yookassa::refusals::Refusal;

const DESCRIPTION_CHARS_MAX: usize = 128;
const RETURN_URL_CHARS_MAX: usize = 2_048;
const CUSTOMER_ID_CHARS_MAX: usize = 200;
/// At most one of these says how to pay.
const MEANS: [&str; 3] = ["payment_method_data", "payment_method_id", "payment_token"];
const CONFIRMATIONS: [&str; 5] = ["redirect", "embedded", "qr", "external", "mobile_application"];
/// Known to the service, though nobody can pay by them here.
const OTHER_METHODS: [&str; 7] = [
    "sber_loan",
    "sber_bnpl",
    "alfa_pay",
    "mobile_balance",
    "cash",
    "b2b_sberbank",
    "electronic_certificate",
];

/// What is wanted, once it has been checked.
pub(in crate::yookassa) struct Wanted {
    pub amount: Amount,
    pub capture: bool,
    pub confirmation: Value,
    pub method: Option<PayMethod>,
    pub description: Option<String>,
    pub metadata: Option<serde_json::Map<String, Value>>,
    pub merchant_customer_id: Option<String>,
    pub receipt: Option<Value>,
}

/// Checks the whole body. `demanded`: the shop has to send receipts.
pub(in crate::yookassa) fn check(
    body: &Value,
    demanded: bool,
    fiscal: Fiscal,
) -> Result<Wanted, Refusal> {
    let amount = Amount::read(&body["amount"], "amount")?;
    let capture = switch(body, "capture")?.unwrap_or(false);
    let method = means(body, &amount)?;
    if capture_is_needed(method) && !capture {
        return Err(Refusal::invalid("capture", "this means of payment knows no holds"));
    }
    let receipt = match &body["receipt"] {
        Value::Null if demanded => {
            return Err(Refusal::invalid("receipt", "Receipt is missing or illegal"));
        }
        Value::Null => None,
        given => {
            receipt::check(given, "receipt", &amount, fiscal)?;
            Some(given.clone())
        }
    };
    if switch(body, "save_payment_method")? == Some(true) {
        return Err(Refusal::forbidden("the shop may not keep means of payment"));
    }
    text(body, "client_ip", RETURN_URL_CHARS_MAX)?;
    Ok(Wanted {
        amount,
        capture,
        confirmation: confirmation(&body["confirmation"])?,
        method,
        description: text(body, "description", DESCRIPTION_CHARS_MAX)?,
        metadata: metadata(body)?,
        merchant_customer_id: text(body, "merchant_customer_id", CUSTOMER_ID_CHARS_MAX)?,
        receipt,
    })
}

fn capture_is_needed(method: Option<PayMethod>) -> bool {
    method == Some(PayMethod::Sbp)
}

fn means(body: &Value, amount: &Amount) -> Result<Option<PayMethod>, Refusal> {
    let given: Vec<&str> = MEANS.into_iter().filter(|name| !body[*name].is_null()).collect();
    match given.as_slice() {
        [] => limit(amount, PayMethod::Sbp).map(|()| None),
        ["payment_method_data"] => {
            const AT: &str = "payment_method_data.type";
            let word = body["payment_method_data"]["type"].as_str().unwrap_or_default();
            match PayMethod::by_word(word) {
                Some(method) => limit(amount, method).map(|()| Some(method)),
                None if OTHER_METHODS.contains(&word) => {
                    Err(Refusal::forbidden("this means of payment is not enabled for the shop"))
                }
                None => Err(Refusal::invalid(AT, "unknown means of payment")),
            }
        }
        [one] => Err(Refusal::invalid(one, "there is no such means of payment")),
        [first, ..] => Err(Refusal::invalid(first, "only one means of payment may be given")),
    }
}

fn limit(amount: &Amount, method: PayMethod) -> Result<(), Refusal> {
    let fits = (100..=method.kopecks_max()).contains(&amount.kopecks);
    if fits {
        return Ok(());
    }
    Err(Refusal::invalid("amount.value", "the sum is outside the limits of the means of payment"))
}

fn confirmation(given: &Value) -> Result<Value, Refusal> {
    if !given.is_object() {
        return Err(Refusal::invalid("confirmation", "it is required"));
    }
    let kind = given["type"].as_str().unwrap_or_default();
    if !CONFIRMATIONS.contains(&kind) {
        return Err(Refusal::invalid("confirmation.type", "unknown type"));
    }
    if !matches!(given["locale"].as_str(), None | Some("ru_RU" | "en_US")) {
        return Err(Refusal::invalid("confirmation.locale", "unknown locale"));
    }
    if matches!(kind, "redirect" | "mobile_application") {
        let url = given["return_url"].as_str().unwrap_or_default();
        let is_short = url.chars().count() <= RETURN_URL_CHARS_MAX;
        if !is_short || Url::parse(url).is_err() {
            let words = "an address of at most 2048 characters is required";
            return Err(Refusal::invalid("confirmation.return_url", words));
        }
    }
    Ok(given.clone())
}
