//! The provider's words made safe for the log: without keys and without what the customer wrote.

/// The longest text that is kept, in characters.
const TEXT_MAX: usize = 300;
/// The longest quoted word that is surely a field's name, not a customer's words.
const QUOTED_NAME_MAX: usize = 64;

/// A text without our secrets, without the customer's words, on one line, not long.
pub(crate) fn words(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let mut safe = String::new();
    for (index, piece) in text.split(['"', '\'']).enumerate() {
        if index > 0 {
            safe.push('"');
        }
        let quoted = index % 2 == 1;
        safe.push_str(if quoted && !is_name(piece) { "…" } else { piece });
    }
    let visible = safe.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    visible.take(TEXT_MAX).collect()
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
    words(&said, secrets)
}

fn is_name(piece: &str) -> bool {
    piece.len() <= QUOTED_NAME_MAX
        && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/.[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_key_nor_prompt_reaches_the_log() {
        let said =
            words("Key AIza-1 is bad for \"a cat on a mat\" at 'contents[0].parts'\n", &["AIza-1"]);
        assert_eq!(said, "Key … is bad for \"…\" at \"contents[0].parts\" ");
        assert_eq!(words("draw мяу now", &["мяу", ""]), "draw … now");
        assert_eq!(words(&"я".repeat(1000), &[]).chars().count(), TEXT_MAX);
    }
}
