//! Sums as the API writes them: a string with two decimals and a currency. Inside the house they are whole kopecks.

use std::fmt;

use rei_domain::money::Kopecks;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// The currency of every shop that this bot sells through.
pub const RUB: &str = "RUB";

/// The largest sum that the API's form has room for: nine digits and two decimals.
pub const SUM_MAX: Kopecks = Kopecks::new(99_999_999_999);

/// The most digits in front of the dot.
const WHOLE_DIGITS_MAX: usize = 9;

/// Why a sum was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not one to nine digits, a dot and two digits.
    #[error("the sum is not of the form 0.00")]
    Form,
    /// Below zero or above [`SUM_MAX`].
    #[error("the sum does not fit the form 0.00")]
    Range,
    /// Not three capital letters.
    #[error("the currency is not three capital letters")]
    Currency,
}

/// Reads a sum: one to nine digits, a dot, two digits, and nothing else.
///
/// # Errors
/// [`AmountError::Form`] for everything else that may pass for a number: `500`, `500.0`, `1e3`, `+1.00`, ` 1.00`.
pub fn parse(value: &str) -> Result<Kopecks, AmountError> {
    let (whole, cents) = value.split_once('.').ok_or(AmountError::Form)?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=WHOLE_DIGITS_MAX).contains(&whole.len()) || cents.len() != 2 {
        return Err(AmountError::Form);
    }
    if !digits(whole) || !digits(cents) {
        return Err(AmountError::Form);
    }
    let whole: i64 = whole.parse().map_err(|_| AmountError::Form)?;
    let cents: i64 = cents.parse().map_err(|_| AmountError::Form)?;
    Ok(Kopecks::new(whole * 100 + cents))
}

/// Writes a sum as the API wants it, such as `500.00`.
///
/// # Errors
/// [`AmountError::Range`] for a sum below zero or above [`SUM_MAX`].
pub fn print(sum: Kopecks) -> Result<String, AmountError> {
    if sum < Kopecks::ZERO || sum > SUM_MAX {
        return Err(AmountError::Range);
    }
    Ok(format!("{}.{:02}", sum.get() / 100, sum.get() % 100))
}

/// A sum with its currency: `{"value":"500.00","currency":"RUB"}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Amount {
    /// How much, in hundredths of the currency's unit: kopecks when it is [`RUB`].
    pub sum: Kopecks,
    /// Three capital letters.
    pub currency: String,
}

impl Amount {
    /// A sum in rubles.
    pub fn rubles(sum: Kopecks) -> Self {
        Self { sum, currency: RUB.to_owned() }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hundredths of {}", self.sum.get(), self.currency)
    }
}

#[derive(Serialize, Deserialize)]
struct Raw {
    value: String,
    currency: String,
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let sum = parse(&raw.value).map_err(de::Error::custom)?;
        if raw.currency.len() != 3 || !raw.currency.bytes().all(|it| it.is_ascii_uppercase()) {
            return Err(de::Error::custom(AmountError::Currency));
        }
        Ok(Self { sum, currency: raw.currency })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = print(self.sum).map_err(ser::Error::custom)?;
        Raw { value, currency: self.currency.clone() }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn sums_are_read_to_the_kopeck() {
        for (value, kopecks) in [
            ("500.00", 50_000),
            ("0.01", 1),
            ("0.00", 0),
            ("1.10", 110),
            ("000000001.00", 100),
            ("999999999.99", SUM_MAX.get()),
        ] {
            assert_eq!(parse(value), Ok(Kopecks::new(kopecks)), "{value}");
        }
    }

    #[test]
    fn what_only_looks_like_a_sum_is_refused() {
        for value in [
            "",
            ".",
            ".00",
            "500",
            "500.",
            "500.0",
            "500.001",
            "1e3",
            "1e3.00",
            "1.e3",
            "-1.00",
            "+1.00",
            " 1.00",
            "1.00 ",
            "1.00\n",
            "1,00",
            "1.0.0",
            "1_0.00",
            "0x1.00",
            "1 000.00",
            "1'000.00",
            "1000000000.00",
            "9223372036854775807.00",
            "NaN",
            "inf",
            "١.٠٠",
            "１.００",
            "1.-1",
            "1.+1",
            "−1.00",
            "1\u{2024}00",
        ] {
            assert_eq!(parse(value), Err(AmountError::Form), "{value:?}");
        }
    }

    #[test]
    fn an_amount_is_a_string_with_a_currency() {
        let amount: Amount =
            from_str(r#"{"value":"10.50","currency":"RUB","new":1}"#).expect("it is read");
        assert_eq!(amount, Amount::rubles(Kopecks::new(1_050)));
        assert_eq!(to_string(&amount).expect("json"), r#"{"value":"10.50","currency":"RUB"}"#);
        for wrong in [
            r#"{"value":10.50,"currency":"RUB"}"#,
            r#"{"value":"10.50"}"#,
            r#"{"value":"10.50","currency":"rub"}"#,
            r#"{"value":"10.50","currency":"RUBLES"}"#,
            r#"{"value":"10.50","value":"99.50","currency":"RUB"}"#,
            r#"{"value":null,"currency":"RUB"}"#,
            r#""10.50""#,
        ] {
            assert!(from_str::<Amount>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_not_written() {
        for sum in [Kopecks::new(-1), Kopecks::new(SUM_MAX.get() + 1), Kopecks::new(i64::MIN)] {
            assert_eq!(print(sum), Err(AmountError::Range));
            assert!(to_string(&Amount::rubles(sum)).is_err());
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(kopecks in 0..=SUM_MAX.get()) {
            let sum = Kopecks::new(kopecks);
            prop_assert_eq!(parse(&print(sum).expect("it fits")), Ok(sum));
        }

        #[test]
        fn only_the_documented_form_is_read(value in "[0-9eE.,+ -]{0,14}") {
            let bytes = value.as_bytes();
            let dot = bytes.len().checked_sub(3);
            let is_form = dot.is_some_and(|dot| {
                (1..=9).contains(&dot)
                    && bytes[dot] == b'.'
                    && bytes.iter().enumerate().all(|(at, byte)| at == dot || byte.is_ascii_digit())
            });
            prop_assert_eq!(parse(&value).is_ok(), is_form);
        }

        #[test]
        fn any_text_is_answered(value in "\\PC*") {
            if let Ok(sum) = parse(&value) {
                prop_assert!(sum >= Kopecks::ZERO && sum <= SUM_MAX);
            }
        }
    }
}
