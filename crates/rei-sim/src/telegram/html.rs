//! Telegram's HTML: text with tags in, plain text with entities out.
//!
//! Refuses what the live server refuses, in its words. Offsets and lengths are UTF-16 units.

use serde_json::{Map, Value, json};

/// Plain text and what is marked in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Marked {
    /// The text.
    pub text: String,
    /// `MessageEntity` objects by offset, outer before inner.
    pub entities: Vec<Value>,
}

/// Tags and the entity that each makes.
const TAGS: &[(&str, &str)] = &[
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("u", "underline"),
    ("ins", "underline"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("tg-spoiler", "spoiler"),
    ("span", "spoiler"),
    ("a", "text_link"),
    ("code", "code"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
    ("tg-emoji", "custom_emoji"),
];

struct Open {
    tag: String,
    kind: &'static str,
    /// The link, language, emoji id or class.
    argument: String,
    offset: usize,
    /// Where its text begins in the output, in bytes.
    start: usize,
}

struct Reader<'a> {
    input: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Map<String, Value>>,
}

/// Reads marked-up text.
///
/// # Errors
/// The words that follow `can't parse entities: `.
pub(crate) fn parse(input: &str) -> Result<Marked, String> {
    let mut reader = Reader {
        input,
        at: 0,
        text: String::with_capacity(input.len()),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
    };
    while let Some(next) = reader.peek() {
        match next {
            '<' if reader.rest().starts_with("</") => reader.end_tag()?,
            '<' => reader.start_tag()?,
            _ => {
                let next = reader.character();
                reader.push(next);
            }
        }
    }
    if let Some(open) = reader.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    Ok(Marked { text: reader.text, entities: in_order(reader.entities) })
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, while_true: impl Fn(char) -> bool) -> usize {
        let begin = self.at;
        while let Some(next) = self.peek().filter(|next| while_true(*next)) {
            self.at += next.len_utf8();
        }
        begin
    }

    fn push(&mut self, next: char) {
        self.units += next.len_utf16();
        self.text.push(next);
    }

    /// The next character, with `&amp;` and its like resolved. Never called at the end.
    fn character(&mut self) -> char {
        let rest = self.rest();
        if let Some((found, length)) = entity(rest) {
            self.at += length;
            return found;
        }
        let next = rest.chars().next().unwrap_or_default();
        self.at += next.len_utf8();
        next
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        self.at += 1;
        let name_at = self.skip(|next| !next.is_ascii_whitespace() && next != '>');
        if self.peek().is_none() {
            return Err(unclosed());
        }
        let tag = self.input[name_at..self.at].to_ascii_lowercase();
        let Some((_, kind)) = TAGS.iter().find(|(known, _)| *known == tag) else {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        };
        let mut kind = *kind;
        let mut argument = String::new();
        loop {
            self.skip(|next| next.is_ascii_whitespace());
            match self.peek() {
                None => return Err(unclosed()),
                Some('>') => break,
                Some(_) => {}
            }
            let attribute_at =
                self.skip(|next| !next.is_ascii_whitespace() && next != '=' && next != '>');
            let attribute = self.input[attribute_at..self.at].to_ascii_lowercase();
            if attribute.is_empty() {
                return Err(format!(
                    "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
                ));
            }
            self.skip(|next| next.is_ascii_whitespace());
            let value = if self.peek() == Some('=') { self.value() } else { String::new() };
            match (tag.as_str(), attribute.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") | ("span", "class") => argument = value,
                ("code", "class") => {
                    argument = value.strip_prefix("language-").unwrap_or_default().to_owned();
                }
                ("blockquote", "expandable") => kind = "expandable_blockquote",
                _ => {}
            }
        }
        self.at += 1;
        if tag == "span" && argument != "tg-spoiler" {
            let words = "Tag \"span\" must have class \"tg-spoiler\" at byte offset";
            return Err(format!("{words} {begin}"));
        }
        self.open.push(Open { tag, kind, argument, offset: self.units, start: self.text.len() });
        Ok(())
    }

    /// What follows `=`: bare, or in either kind of quotes.
    fn value(&mut self) -> String {
        self.at += 1;
        self.skip(|next| next.is_ascii_whitespace());
        let mut value = String::new();
        match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                while self.peek().is_some_and(|next| next != quote) {
                    value.push(self.character());
                }
                self.skip_one(quote);
            }
            _ => {
                let bare = |next: char| next.is_ascii_alphanumeric() || next == '.' || next == '-';
                let begin = self.skip(bare);
                value.push_str(&self.input[begin..self.at].to_ascii_lowercase());
            }
        }
        value
    }

    fn skip_one(&mut self, wanted: char) {
        if self.peek() == Some(wanted) {
            self.at += wanted.len_utf8();
        }
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += 2;
        let name_at = self.skip(|next| !next.is_ascii_whitespace() && next != '>');
        let tag = self.input[name_at..self.at].to_ascii_lowercase();
        self.skip(|next| next.is_ascii_whitespace());
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !tag.is_empty() && tag != open.tag {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{tag}>\"",
                open.tag
            ));
        }
        self.close(open);
        Ok(())
    }

    fn close(&mut self, open: Open) {
        let length = self.units - open.offset;
        if length == 0 {
            return;
        }
        let mut entity = Map::new();
        entity.insert("type".into(), open.kind.into());
        entity.insert("offset".into(), open.offset.into());
        entity.insert("length".into(), length.into());
        match open.kind {
            "text_link" => {
                let inner = &self.text[open.start..];
                let url = if open.argument.is_empty() { inner } else { &open.argument };
                // What is no address is shown as plain text, as the live server does.
                if !url.contains('.') && !url.contains("://") {
                    return;
                }
                entity.insert("url".into(), url.into());
            }
            "custom_emoji" => {
                entity.insert("custom_emoji_id".into(), open.argument.into());
            }
            "code" if !open.argument.is_empty() => {
                let in_pre = self.open.last().is_some_and(|outer| outer.kind == "pre");
                if in_pre && let Some(outer) = self.open.last_mut() {
                    outer.argument = open.argument;
                    return;
                }
            }
            "pre" if !open.argument.is_empty() => {
                entity.insert("language".into(), open.argument.into());
            }
            _ => {}
        }
        self.entities.push(entity);
    }
}

fn in_order(mut entities: Vec<Map<String, Value>>) -> Vec<Value> {
    let number = |entity: &Map<String, Value>, key: &str| entity[key].as_u64().unwrap_or_default();
    entities.sort_by_key(|entity| (number(entity, "offset"), u64::MAX - number(entity, "length")));
    entities.into_iter().map(Value::Object).collect()
}

/// A character written as `&name;` or `&#number;`, and how many bytes that takes.
fn entity(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    if !text.starts_with('&') {
        return None;
    }
    if let Some((name, found)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((*found, name.len()));
    }
    let digits = text.strip_prefix("&#")?;
    let end = digits.find(';').filter(|end| *end <= 8)?;
    let code = match digits[..end].strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits[..end].parse().ok()?,
    };
    Some((char::from_u32(code).filter(|found| *found != '\0')?, end + 3))
}

impl Marked {
    /// Text without anything marked.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), entities: Vec::new() }
    }

    /// Without white space at both ends, as the server stores it; entities move along.
    pub fn trimmed(self) -> Self {
        let is_space = |c: char| matches!(c, ' ' | '\n' | '\r' | '\t');
        let right = self.text.trim_end_matches(is_space);
        let text = right.trim_start_matches(is_space);
        if text.len() == self.text.len() {
            return self;
        }
        let cut = units(right) - units(text);
        let whole = units(text);
        let mut entities = Vec::with_capacity(self.entities.len());
        for mut entity in self.entities {
            let number = |key: &str| {
                entity[key].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
            };
            let begin = number("offset").max(cut) - cut;
            let end = (number("offset") + number("length")).max(cut) - cut;
            let end = end.min(whole);
            if end > begin {
                entity["offset"] = json!(begin);
                entity["length"] = json!(end - begin);
                entities.push(entity);
            }
        }
        Self { text: text.to_owned(), entities }
    }
}

/// UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_entities_in_utf16_units() {
        let marked = parse(
            "😀<b>жир <i>но</i></b> &lt;5&#8239;₽&gt; <a href=\"https://a.b/?x=1&amp;y\">тут</a>",
        );
        let marked = marked.expect("well-formed");
        assert_eq!(marked.text, "😀жир но <5\u{202f}₽> тут");
        assert_eq!(
            marked.entities,
            [
                json!({"type": "bold", "offset": 2, "length": 6}),
                json!({"type": "italic", "offset": 6, "length": 2}),
                json!({"type": "text_link", "offset": 15, "length": 3, "url": "https://a.b/?x=1&y"}),
            ]
        );
    }

    #[test]
    fn what_the_server_cannot_parse_is_refused_in_its_words() {
        for (input, words) in [
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b><i>x</b></i>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
            ("<blink>x</blink>", "Unsupported start tag \"blink\" at byte offset 0"),
            ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            let refused = parse(input).expect_err(input);
            assert!(refused.starts_with(words), "{input}: {refused}");
        }
    }

    #[test]
    fn a_language_moves_from_code_to_the_pre_around_it() {
        let marked =
            parse("<pre><code class=\"language-rust\">fn</code></pre>").expect("well-formed");
        assert_eq!(
            marked.entities,
            [json!({"type": "pre", "offset": 0, "length": 2, "language": "rust"})]
        );
    }

    #[test]
    fn trimming_moves_entities_along() {
        let marked = parse(" \n<b> x</b>y \n").expect("well-formed").trimmed();
        assert_eq!(marked.text, "xy");
        assert_eq!(marked.entities, [json!({"type": "bold", "offset": 0, "length": 1})]);
    }

    /// Texts of all lengths up to `max` from these letters, in a fixed order without a pattern.
    fn texts(letters: &'static [&'static str], max: usize) -> impl Iterator<Item = String> {
        let mut seed = 7_u64;
        let mut dice = move |sides: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % sides
        };
        (0..5_000).map(move |n| (0..n % max).map(|_| letters[dice(letters.len())]).collect())
    }

    #[test]
    fn escaped_text_comes_back_as_it_was() {
        for text in texts(&["<", ">", "&", "\"", "amp;", "#39;", " ", "a", "я", "😀", "\n"], 12)
        {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let marked = parse(&format!("<i>{escaped}</i>")).expect("escaped text is well-formed");
            assert_eq!(marked.text, text);
            assert_eq!(marked.entities.len(), usize::from(!text.is_empty()));
        }
    }

    #[test]
    fn no_text_breaks_the_parser() {
        let letters =
            &["<", ">", "/", "&", ";", "=", "\"", "'", " ", "b", "a", "href", "#x", "я", "😀"];
        let read = texts(letters, 16).filter(|text| parse(text).is_ok()).count();
        assert!(read > 0);
    }
}
