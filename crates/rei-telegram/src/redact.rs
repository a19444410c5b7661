//! Words from outside made safe for errors, logs and metric labels.

/// The longest description that is kept, in characters.
const DESCRIPTION_MAX: usize = 200;
/// The longest metric label made of a description, in characters.
const LABEL_MAX: usize = 80;
/// The longest quoted word that is surely a parameter or a tag, not a customer's words.
const QUOTED_NAME_MAX: usize = 32;

/// Takes the token out of a text, wherever it stands.
pub(crate) fn without_token(text: &str, token: &str) -> String {
    if token.is_empty() { text.to_owned() } else { text.replace(token, "<token>") }
}

/// Telegram's words without quoted pieces of ours: it quotes what it could not read.
pub(crate) fn description(text: &str) -> String {
    let mut safe = String::new();
    for (index, piece) in text.split('"').enumerate() {
        if index > 0 {
            safe.push('"');
        }
        let quoted = index % 2 == 1;
        safe.push_str(if quoted && !is_name(piece) { "…" } else { piece });
    }
    safe.chars().filter(|character| !character.is_control()).take(DESCRIPTION_MAX).collect()
}

/// A description as a label: in lower case, digits and quoted words replaced, so that equal troubles
/// count as one.
pub(crate) fn label(text: &str) -> String {
    let mut label = String::new();
    let mut in_number = false;
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            label.push('_');
            continue;
        }
        for character in piece.chars().flat_map(char::to_lowercase) {
            if !character.is_ascii_digit() {
                label.push(character);
            } else if !in_number {
                label.push('#');
            }
            in_number = character.is_ascii_digit();
        }
    }
    label.chars().filter(|character| !character.is_control()).take(LABEL_MAX).collect()
}

fn is_name(piece: &str) -> bool {
    piece.len() <= QUOTED_NAME_MAX
        && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_of_a_customer_do_not_reach_the_log() {
        assert_eq!(
            description("can't parse entities: unsupported start tag \"мой секрет\" at byte 7"),
            "can't parse entities: unsupported start tag \"…\" at byte 7"
        );
        assert_eq!(
            description("Parameter \"photo\" is required"),
            "Parameter \"photo\" is required"
        );
        assert_eq!(description(&"я".repeat(500)).chars().count(), 200);
    }

    #[test]
    fn descriptions_that_differ_in_numbers_share_a_label() {
        assert_eq!(label("File of size 10485761 is odd"), "file of size # is odd");
        assert_eq!(label("Can't find \"b\" at 12"), "can't find _ at #");
    }

    #[test]
    fn the_token_is_taken_out() {
        assert_eq!(without_token("http://h/bot1:A/getMe", "1:A"), "http://h/bot<token>/getMe");
    }
}
