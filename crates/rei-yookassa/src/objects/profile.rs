//! What the API says about the shop itself.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::lenient;

/// The shop behind our key. A warning at the start, never a gate: plain shops may not ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ShopProfile {
    /// The shop's number.
    #[serde(deserialize_with = "number")]
    pub account_id: String,
    /// Whether it is a test shop.
    #[serde(default)]
    pub test: Option<bool>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "lenient::read")]
    pub status: Option<String>,
    /// The means of payment that a payer may choose.
    #[serde(default, deserialize_with = "lenient::read", rename = "payment_methods")]
    pub methods: Option<Vec<String>>,
    /// Whether receipts go through YooKassa.
    #[serde(default, deserialize_with = "lenient::read")]
    pub fiscalization: Option<Fiscalization>,
}

/// How the shop's receipts are made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Fiscalization {
    /// Whether they are made at all.
    #[serde(default)]
    pub enabled: bool,
    /// By whom.
    #[serde(default, deserialize_with = "lenient::read")]
    pub provider: Option<String>,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(de::Error::custom("not a number of a shop")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_may_say_little_about_itself() {
        let read = |text| serde_json::from_str::<ShopProfile>(text).expect("it is read");
        assert_eq!(read(r#"{"account_id":100500}"#).account_id, "100500");
        let full = read(
            r#"{"account_id":"100500","status":"enabled","test":true,
            "payment_methods":["bank_card"],"fiscalization":{"enabled":true,"provider":"avanpost"}}"#,
        );
        assert_eq!(full.test, Some(true));
        assert!(full.fiscalization.is_some_and(|it| it.enabled));
    }
}
