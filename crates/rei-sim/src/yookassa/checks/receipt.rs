//! Fiscal receipts: who gets them, and positions that add up.

use serde_json::Value;

use crate::yookassa::amount::Amount;
use crate::yookassa::receipts::Fiscal;
use crate::yookassa::refusals::Refusal;

const EMAIL_CHARS_MAX: usize = 254;
const DESCRIPTION_CHARS_MAX: usize = 128;
const SUBJECTS: [&str; 25] = [
    "commodity",
    "excise",
    "job",
    "service",
    "gambling_bet",
    "gambling_prize",
    "lottery",
    "lottery_prize",
    "intellectual_activity",
    "payment",
    "agent_commission",
    "property_right",
    "non_operating_gain",
    "insurance_premium",
    "sales_tax",
    "resort_fee",
    "composite",
    "another",
    "marked",
    "non_marked",
    "marked_excise",
    "non_marked_excise",
    "fine",
    "tax",
    "deposit",
];
const MODES: [&str; 7] = [
    "full_prepayment",
    "partial_prepayment",
    "advance",
    "full_payment",
    "partial_payment",
    "credit",
    "credit_payment",
];
const MEASURES: [&str; 26] = [
    "piece",
    "gram",
    "kilogram",
    "ton",
    "centimeter",
    "decimeter",
    "meter",
    "square_centimeter",
    "square_decimeter",
    "square_meter",
    "milliliter",
    "liter",
    "cubic_meter",
    "kilowatt_hour",
    "gigacalorie",
    "day",
    "hour",
    "minute",
    "second",
    "kilobyte",
    "megabyte",
    "gigabyte",
    "terabyte",
    "another",
    "pair",
    "bundle",
];

/// Checks a receipt for `amount`; `at` names it in a refusal.
pub(in crate::yookassa) fn check(
    receipt: &Value,
    at: &str,
    amount: &Amount,
    fiscal: Fiscal,
) -> Result<(), Refusal> {
    customer(&receipt["customer"], at, fiscal)?;
    if let Some(code) = receipt.get("tax_system_code")
        && !code.as_u64().is_some_and(|code| (1..=6).contains(&code))
    {
        return Err(Refusal::invalid(&format!("{at}.tax_system_code"), "1 to 6 is expected"));
    }
    let items = receipt["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let items_max = if fiscal == Fiscal::YooKassa { 80 } else { 100 };
    if !(1..=items_max).contains(&items.len()) {
        let words = format!("1 to {items_max} positions are expected");
        return Err(Refusal::invalid(&format!("{at}.items"), &words));
    }
    let mut sum = 0;
    for (index, item) in items.iter().enumerate() {
        sum += check_item(item, &format!("{at}.items[{index}]"), fiscal)?;
    }
    if sum != i128::from(amount.kopecks) * 1_000 {
        let words = "the positions do not add up to the amount";
        return Err(Refusal::invalid(&format!("{at}.items"), words));
    }
    Ok(())
}

fn customer(customer: &Value, at: &str, fiscal: Fiscal) -> Result<(), Refusal> {
    let (email, phone) = (customer["email"].as_str(), customer["phone"].as_str());
    if let Some(phone) = phone {
        let is_formed =
            (4..=15).contains(&phone.len()) && phone.bytes().all(|byte| byte.is_ascii_digit());
        if !is_formed {
            let words = "4 to 15 digits are expected, without a plus";
            return Err(Refusal::invalid(&format!("{at}.customer.phone"), words));
        }
    }
    match email {
        Some(email) if is_email(email) => Ok(()),
        Some(_) => Err(Refusal::invalid(&format!("{at}.customer.email"), "this is no address")),
        None if fiscal == Fiscal::Register && phone.is_some() => Ok(()),
        None => Err(Refusal::invalid(&format!("{at}.customer.email"), "the address is required")),
    }
}

fn is_email(text: &str) -> bool {
    let has_ends = |(name, host): (&str, &str)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.contains('@')
    };
    text.chars().count() <= EMAIL_CHARS_MAX
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
        && text.split_once('@').is_some_and(has_ends)
}

/// The position's sum in thousandths of a kopeck.
fn check_item(item: &Value, at: &str, fiscal: Fiscal) -> Result<i128, Refusal> {
    let refuse = |name: &str, words: &str| Err(Refusal::invalid(&format!("{at}.{name}"), words));
    let length = item["description"].as_str().map_or(0, |text| text.chars().count());
    if !(1..=DESCRIPTION_CHARS_MAX).contains(&length) {
        return refuse("description", "1 to 128 characters are expected");
    }
    if !item["vat_code"].as_u64().is_some_and(|code| (1..=12).contains(&code)) {
        return refuse("vat_code", "1 to 12 is expected");
    }
    let is_of =
        |name: &str, known: &[&str]| item[name].as_str().is_some_and(|w| known.contains(&w));
    if !is_of("payment_subject", &SUBJECTS) {
        return refuse("payment_subject", "unknown or missing");
    }
    let modes: &[&str] = match fiscal {
        Fiscal::YooKassa => &["full_prepayment", "full_payment"],
        Fiscal::Register => &MODES,
    };
    if !is_of("payment_mode", modes) {
        return refuse("payment_mode", "unknown, missing or not taken here");
    }
    let may_lack = fiscal == Fiscal::Register && item["measure"].is_null();
    if !may_lack && !is_of("measure", &MEASURES) {
        return refuse("measure", "unknown or missing");
    }
    let Some(quantity) = thousandths(&item["quantity"]).filter(|quantity| *quantity > 0) else {
        return refuse("quantity", "a positive number with at most three decimals is expected");
    };
    let price = Amount::read(&item["amount"], &format!("{at}.amount"))?;
    Ok(i128::from(quantity) * i128::from(price.kopecks))
}

/// A number, or a decimal string as the official library sends it.
fn thousandths(value: &Value) -> Option<i64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_formed = (1..=6).contains(&whole.len()) && part.len() <= 3;
    if !is_formed || !digits(whole) || !digits(part) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 1_000 + format!("{part:0<3}").parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_numbers_or_decimal_texts() {
        for (value, expected) in [
            (json!(1), Some(1_000)),
            (json!(1.5), Some(1_500)),
            (json!("2.00"), Some(2_000)),
            (json!("0.125"), Some(125)),
            (json!("0.1255"), None),
            (json!(-1), None),
            (json!("1e3"), None),
            (json!(null), None),
        ] {
            assert_eq!(thousandths(&value), expected, "{value}");
        }
    }

    #[test]
    fn an_address_has_a_name_and_a_host() {
        for (text, expected) in [
            ("user@example.com", true),
            ("user", false),
            ("@example.com", false),
            ("user@host", false),
            ("a b@example.com", false),
            ("a@b@example.com", false),
        ] {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }
}
