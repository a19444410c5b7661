//! The API's words made safe for the owner's eyes and the log: without keys, e-mails, phones, cards and quotations.

/// The longest text that is kept, in characters.
const TEXT_MAX: usize = 300;
/// The longest word that is kept; longer ones are tokens or parts of addresses.
const WORD_MAX: usize = 40;
/// More digits in one word than this may be a part of a card or a phone.
const DIGITS_MAX: usize = 4;

/// A description without our secrets and without anything that looks like a person's data.
pub(crate) fn words(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    // Digits of phones and cards come in groups as well, so they are counted over the words that hold them.
    let mut digits_in_a_row = 0;
    let mut safe = String::new();
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        let digits = word.chars().filter(|letter| letter.is_numeric()).count();
        digits_in_a_row = if digits == 0 { 0 } else { digits_in_a_row + digits };
        let plain = digits_in_a_row <= DIGITS_MAX
            && word.chars().count() <= WORD_MAX
            && !word.contains(['@', '+'])
            && !word.contains("://");
        if !safe.is_empty() {
            safe.push(' ');
        }
        safe.push_str(if plain { word } else { "…" });
    }
    safe.chars().take(TEXT_MAX).collect()
}

/// An identifier of the API's; anything that is none is left out.
pub(crate) fn identifier(text: &str, secrets: &[&str]) -> Option<String> {
    let is_one = (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
        && !secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret));
    is_one.then(|| text.to_owned())
}

/// An error with its causes, without the address it concerns.
pub(crate) fn chain(error: reqwest::Error, secrets: &[&str]) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "…");
    }
    said.chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_keys_nor_personal_data_reach_the_log() {
        let said = words(
            "Receipt of anna@example.com, +79001234567 and 7 900 123 45 67 paid by 4111 1111 1111 1111 \
             with test_SECRET at https://host/x is wrong for vat_code 13",
            &["test_SECRET"],
        );
        assert_eq!(
            said,
            "Receipt of … … and 7 900 … … … paid by 4111 … … … with … at … is wrong for vat_code 13"
        );
        assert_eq!(words(&"я ".repeat(1000), &[]).chars().count(), TEXT_MAX);
        assert_eq!(words(&"a".repeat(41), &[]), "…");
    }

    #[test]
    fn an_identifier_is_kept_only_when_it_is_one() {
        let id = |text| identifier(text, &["test_SECRET"]);
        assert_eq!(id("payment_method.items[0]").as_deref(), Some("payment_method.items[0]"));
        for wrong in ["", "a b", "anna@example.com", "xtest_SECRETx", "ю"] {
            assert_eq!(id(wrong), None, "{wrong}");
        }
    }
}
