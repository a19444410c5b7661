//! Making people's words safe and short enough to be shown.

/// The text with HTML's special characters written as entities.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // A direction mark could turn the rest of our own message around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0' => {}
            character => safe.push(character),
        }
    }
    safe
}

/// The text on one line and at most `chars_max` characters, cut at a word and marked by an ellipsis.
pub fn shorten(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    let cut: String = line.chars().take(chars_max.saturating_sub(1)).collect();
    let at_word =
        cut.rfind(' ').filter(|at| *at > cut.len() / 2).map_or(cut.as_str(), |at| &cut[..at]);
    format!("{}…", at_word.trim_end_matches([',', '.', ' ', ';', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t3_markup_in_a_prompt_stays_words() {
        assert_eq!(escape("<b>a & \"b\"\u{202e}"), "&lt;b&gt;a &amp; &quot;b&quot;");
    }

    #[test]
    fn a_long_prompt_is_cut_at_a_word() {
        assert_eq!(shorten("кот в\nскафандре", 40), "кот в скафандре");
        assert_eq!(shorten("рыжий кот в скафандре", 14), "рыжий кот в…");
        assert_eq!(shorten(&"я".repeat(50), 10), format!("{}…", "я".repeat(9)));
    }
}
