//! Sums: whole kopecks inside, decimal texts on the wire. No floats anywhere.

use serde::Serialize;
use serde_json::{Value, json};

use super::refusals::Refusal;

/// What the shop is paid in.
pub(super) const CURRENCY: &str = "RUB";
/// More digits than any limit of the service needs.
const DIGITS_MAX: usize = 9;
/// The fee with its tax, in thousandths of the sum.
const FEE_THOUSANDTHS: i64 = 35;

/// A sum and its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Hundredths of the currency's unit.
    pub kopecks: i64,
    /// `RUB`, unless a lever made it another.
    pub currency: String,
}

impl Amount {
    /// A sum in rubles' hundredths.
    pub fn rub(kopecks: i64) -> Self {
        Self { kopecks, currency: CURRENCY.to_owned() }
    }

    /// Another sum in the same currency.
    pub(super) fn with(&self, kopecks: i64) -> Self {
        Self { kopecks, currency: self.currency.clone() }
    }

    /// What the shop gets of it.
    pub(super) fn income(&self) -> Self {
        let fee = (self.kopecks * FEE_THOUSANDTHS + 500) / 1_000;
        self.with(self.kopecks - fee)
    }

    pub(super) fn json(&self) -> Value {
        json!({"value": text(self.kopecks), "currency": self.currency})
    }

    /// Reads `{"value": "500.00", "currency": "RUB"}`; `at` names it in a refusal.
    pub(super) fn read(value: &Value, at: &str) -> Result<Self, Refusal> {
        if !value.is_object() {
            return Err(Refusal::invalid(at, "an amount is required"));
        }
        let kopecks = value["value"].as_str().and_then(parse);
        let Some(kopecks) = kopecks.filter(|kopecks| *kopecks > 0) else {
            let words = "a positive sum with two decimals is expected, as a string";
            return Err(Refusal::invalid(&format!("{at}.value"), words));
        };
        if value["currency"] != CURRENCY {
            let words = "the currency must be the shop's: RUB";
            return Err(Refusal::invalid(&format!("{at}.currency"), words));
        }
        Ok(Self::rub(kopecks))
    }
}

/// `^\d{1,9}\.\d{2}$` in kopecks.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_formed = (1..=DIGITS_MAX).contains(&whole.len()) && part.len() == 2;
    if !is_formed || !digits(whole) || !digits(part) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

/// As the service writes it.
pub(super) fn text(kopecks: i64) -> String {
    let sign = if kopecks < 0 { "-" } else { "" };
    let kopecks = kopecks.unsigned_abs();
    format!("{sign}{}.{:02}", kopecks / 100, kopecks % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_with_two_places_are_sums() {
        for (text, kopecks) in [
            ("500.00", Some(50_000)),
            ("0.01", Some(1)),
            ("999999999.99", Some(99_999_999_999)),
            ("1000000000.00", None),
            ("500", None),
            ("500.0", None),
            ("500.001", None),
            (".50", None),
            ("-5.00", None),
            ("+5.00", None),
            ("1e3", None),
            ("5,00", None),
            (" 5.00", None),
            ("٥.00", None),
        ] {
            assert_eq!(parse(text), kopecks, "{text}");
        }
    }

    #[test]
    fn sums_are_written_as_they_are_read_and_the_fee_is_taken_off() {
        for kopecks in [1, 99, 100, 50_000, 35_000_000] {
            assert_eq!(parse(&text(kopecks)), Some(kopecks));
        }
        assert_eq!(Amount::rub(50_000).income(), Amount::rub(48_250));
        assert_eq!(text(-5), "-0.05");
    }
}
