//! Ids that YooKassa gives. They become parts of addresses, so what they are made of is checked at the door.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// The longest id that is taken; the documented ones have 36 characters.
const ID_MAX: usize = 64;
/// The documented length.
const DOCUMENTED_LEN: usize = 36;

/// Not an id: empty, longer than 64 characters, or with other signs than letters, digits, `-` and `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of yookassa's")]
pub struct IdError;

fn checked(text: &str) -> Result<String, IdError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_id = (1..=ID_MAX).contains(&text.len()) && text.bytes().all(fits);
    if is_id { Ok(text.to_owned()) } else { Err(IdError) }
}

macro_rules! provider_id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            /// [`IdError`] for anything that could not stand in an address.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// The id as YooKassa writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether it has the documented form: 36 hexadecimal digits and dashes.
            pub fn is_documented_form(&self) -> bool {
                let fits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
                self.0.len() == DOCUMENTED_LEN && self.0.bytes().all(fits)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    )+};
}

provider_id! {
    /// A payment at YooKassa. Half of it can be guessed from its time: never a secret.
    ProviderPaymentId,
    /// A refund at YooKassa.
    ProviderRefundId,
    /// A receipt at YooKassa.
    ProviderReceiptId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_may_stand_in_an_address() {
        let id = ProviderPaymentId::parse("30b1f0aa-000f-5000-8000-1f2e3d4c5b6a").expect("an id");
        assert!(id.is_documented_form());
        let strange = ProviderPaymentId::parse("rt-2a6b0a39-00_NEW").expect("an id of next year");
        assert!(!strange.is_documented_form());
        let long = "a".repeat(65);
        for wrong in ["", ".", "..", "a/b", "a?b", "a%2fb", "a b", "a\n", "ю", &long] {
            assert_eq!(ProviderPaymentId::parse(wrong), Err(IdError), "{wrong:?}");
        }
    }
}
