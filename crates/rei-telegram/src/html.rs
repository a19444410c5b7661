//! Telegram's HTML: escaping what people write, and reading back what a reader will see.

use std::borrow::Cow;

/// A piece of marked-up text that must not be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// An opening tag with its name.
    Open { raw: &'a str, name: &'a str },
    /// A closing tag with its name.
    Close { raw: &'a str, name: &'a str },
    /// One visible character, written plainly or as an entity.
    Shown { raw: &'a str, character: char },
}

/// Text for between tags.
pub fn escape(text: &str) -> Cow<'_, str> {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    })
}

/// Text for the value of an attribute in double quotes.
pub fn escape_attribute(text: &str) -> Cow<'_, str> {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    })
}

/// What a reader sees: tags left out, entities read. Also the plain words to send when Telegram could
/// not read the markup.
pub fn visible_text(html: &str) -> String {
    let shown = |piece| match piece {
        Piece::Shown { character, .. } => Some(character),
        Piece::Open { .. } | Piece::Close { .. } => None,
    };
    pieces(html).filter_map(shown).collect()
}

/// The length that Telegram limits: what a reader sees, in UTF-16 units.
pub fn visible_len(html: &str) -> usize {
    let units = |piece| match piece {
        Piece::Shown { character, .. } => character.len_utf16(),
        Piece::Open { .. } | Piece::Close { .. } => 0,
    };
    pieces(html).map(units).sum()
}

/// The text cut into pieces; together they are the text.
pub(crate) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let piece = match first {
            '<' => tag(rest),
            '&' => entity(rest),
            _ => None,
        };
        let piece =
            piece.unwrap_or(Piece::Shown { raw: &rest[..first.len_utf8()], character: first });
        rest = &rest[piece.raw().len()..];
        Some(piece)
    })
}

impl<'a> Piece<'a> {
    /// As it is written.
    pub(crate) const fn raw(self) -> &'a str {
        match self {
            Self::Open { raw, .. } | Self::Close { raw, .. } | Self::Shown { raw, .. } => raw,
        }
    }
}

fn escaped(text: &str, replacement: fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text.chars().any(|character| replacement(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match replacement(character) {
            Some(entity) => safe.push_str(entity),
            None => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// A tag at the beginning: `<name …>` or `</name>`. A lone `<` is just shown.
fn tag(rest: &str) -> Option<Piece<'_>> {
    let raw = &rest[..=rest.find('>')?];
    let inner = &raw[1..raw.len() - 1];
    let (closing, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let end = inner.find(|character| !is_name(character)).unwrap_or(inner.len());
    let (name, attributes) = inner.split_at(end);
    let begins_well = name.starts_with(|character: char| character.is_ascii_alphabetic());
    let ends_well = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
    if !begins_well || !ends_well || attributes.contains('<') {
        return None;
    }
    Some(if closing { Piece::Close { raw, name } } else { Piece::Open { raw, name } })
}

/// An entity at the beginning: one of the four names or a number. A lone `&` is just shown.
fn entity(rest: &str) -> Option<Piece<'_>> {
    /// `&#x10FFFF;` is the longest that means anything.
    const ENTITY_MAX: usize = 10;
    let raw = &rest[..=rest.bytes().take(ENTITY_MAX).position(|byte| byte == b';')?];
    let name = &raw[1..raw.len() - 1];
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some(Piece::Shown { raw, character })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn t3_markup_in_a_prompt_is_shown_as_it_was_typed() {
        let long = "кот & <b>пёс</b> ".repeat(400);
        for prompt in [
            "<b>жирный</b>",
            "a & b &amp; &lt;c&gt; &#60; &nbsp;",
            "<b>не закрыт <i",
            "1 < 2 > 0 \"цитата\" 'и' <>",
            "\u{202e}abc\u{202c} \u{200f}שלום\u{200e} \u{2066}x\u{2069}",
            "</pre><a href=\"tg://user?id=1\">",
            "😀👩‍👩‍👧\u{301}",
            &long,
        ] {
            assert_eq!(visible_text(&escape(prompt)), prompt);
            let framed = format!("<b>{}</b>", escape(prompt));
            assert_eq!(visible_text(&framed), prompt);
            assert_eq!(visible_len(&framed), crate::limits::utf16_len(prompt));
        }
    }

    #[test]
    fn tags_and_entities_are_read_as_telegram_does() {
        let html = "<a href=\"https://x/?a=1&amp;b=2\">ссылка</a> &#128512;&#x1F600; <tg-spoiler>тайна</tg-spoiler>";
        assert_eq!(visible_text(html), "ссылка 😀😀 тайна");
        assert_eq!(visible_text("5 < 6 & 7"), "5 < 6 & 7");
        assert_eq!(escape_attribute("a\"b&"), "a&quot;b&amp;");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_what_is_seen(prompt in any::<String>()) {
            prop_assert_eq!(visible_text(&escape(&prompt)), prompt.as_str());
            prop_assert_eq!(visible_text(&escape_attribute(&prompt)), prompt.as_str());
        }

        #[test]
        fn pieces_together_are_the_text(html in "(<b>|</b>|<|>|&amp;|&|;|#|a|/| |я|\")*") {
            let joined: String = pieces(&html).map(Piece::raw).collect();
            prop_assert_eq!(joined, html);
        }
    }
}
