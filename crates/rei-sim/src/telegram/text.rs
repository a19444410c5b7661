//! Words of a message: markup or entities read, lengths checked, commands found.

use serde_json::{Value, json};

use super::error::ApiError;
use super::html::{self, Marked, units};
use super::params::{Params, object};

/// The most characters of a text, in code points, after markup is read.
pub(crate) const TEXT_MAX: usize = 4096;
/// The most characters of a caption.
pub(crate) const CAPTION_MAX: usize = 1024;
/// The most bytes of a text with its markup.
const RAW_MAX_BYTES: usize = 32_768;
/// Entities above this number are not shown.
const ENTITIES_MAX: usize = 100;

const ENTITY_TYPES: &[&str] = &[
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
];
const ENTITY_FIELDS: &[&str] = &[
    "type",
    "offset",
    "length",
    "url",
    "user",
    "language",
    "custom_emoji_id",
    "unix_time",
    "date_time_format",
];

/// Words as the bot gave them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    /// Plain text and entities.
    pub marked: Marked,
    /// The markup as sent, when it was HTML.
    pub html: Option<String>,
}

/// Reads `text` (with `entities` or `parse_mode`) or `caption` (with `caption_entities`).
pub(crate) fn words(params: &Params, key: &str) -> Result<Words, ApiError> {
    let raw = params.text(key)?.unwrap_or_default();
    let (entities_key, max) =
        if key == "caption" { ("caption_entities", CAPTION_MAX) } else { ("entities", TEXT_MAX) };
    if raw.len() > RAW_MAX_BYTES {
        return Err(ApiError::bug("Text is too long"));
    }
    let entities = params.list(entities_key)?;
    let mode = params.text("parse_mode")?.filter(|mode| !mode.is_empty());
    let (marked, html) = match (mode, entities) {
        (Some(_), Some(_)) => {
            return Err(ApiError::bug(format_args!(
                "both parse_mode and {entities_key} are given"
            )));
        }
        (Some(mode), None) if mode.eq_ignore_ascii_case("html") => {
            let marked = html::parse(raw)
                .map_err(|cause| ApiError::bug(format_args!("can't parse entities: {cause}")))?;
            (marked, Some(raw.to_owned()))
        }
        (Some(mode), None) => {
            return Err(ApiError::bug(format_args!("unsupported parse_mode \"{mode}\"")));
        }
        (None, Some(entities)) => (explicit(raw, entities)?, None),
        (None, None) => (Marked::plain(raw), None),
    };
    let mut marked = marked.trimmed();
    if marked.text.chars().count() > max {
        let words =
            if key == "caption" { "message caption is too long" } else { "message is too long" };
        return Err(ApiError::bug(words));
    }
    marked.entities.truncate(ENTITIES_MAX);
    Ok(Words { marked, html })
}

/// Entities given beside the text: known kinds, inside the text, never inside a surrogate pair.
fn explicit(text: &str, entities: Vec<Value>) -> Result<Marked, ApiError> {
    let mut edges = vec![0];
    for c in text.chars() {
        edges.push(edges.last().copied().unwrap_or_default() + c.len_utf16());
    }
    let is_edge = |at: u64| usize::try_from(at).is_ok_and(|at| edges.binary_search(&at).is_ok());
    for entity in &entities {
        let entity = object(entity.clone(), "MessageEntity", ENTITY_FIELDS)?;
        let number = |key: &str| entity.get(key).and_then(Value::as_u64);
        let known =
            entity.get("type").and_then(Value::as_str).is_some_and(|t| ENTITY_TYPES.contains(&t));
        let fits = match (number("offset"), number("length")) {
            (Some(offset), Some(length)) => {
                length > 0 && is_edge(offset) && is_edge(offset + length)
            }
            _ => false,
        };
        if !known || !fits {
            let entity = Value::Object(entity);
            return Err(ApiError::bug(format_args!("can't parse MessageEntity: {entity}")));
        }
    }
    Ok(Marked { text: text.to_owned(), entities })
}

/// What a person writes: the server finds the command at the beginning by itself.
pub(crate) fn spoken(text: &str) -> Marked {
    let first = text.split(char::is_whitespace).next().unwrap_or_default();
    let name = first.strip_prefix('/').unwrap_or_default();
    let command =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@');
    let mut marked = Marked::plain(text);
    if command {
        let length = units(first);
        marked.entities.push(json!({"type": "bot_command", "offset": 0, "length": length}));
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(values: Value) -> Params {
        Params::of(values.as_object().expect("an object").clone())
    }

    #[test]
    fn length_is_counted_in_code_points_after_markup() {
        let text = |count| format!("<b>{}</b>", "😀".repeat(count));
        let call =
            |count| words(&params(json!({"text": text(count), "parse_mode": "HTML"})), "text");
        assert!(call(TEXT_MAX).is_ok());
        let refused = call(TEXT_MAX + 1).expect_err("one too many");
        assert_eq!(refused.description, "Bad Request: message is too long");
    }

    #[test]
    fn an_entity_inside_a_surrogate_pair_is_refused() {
        let call = |offset| {
            let entity = json!({"type": "bold", "offset": offset, "length": 1});
            words(&params(json!({"text": "😀я", "entities": [entity]})), "text")
        };
        assert!(call(2).is_ok());
        assert!(call(1).is_err());
        assert!(call(3).is_err());
    }

    #[test]
    fn a_command_is_marked_at_the_beginning_only() {
        assert_eq!(spoken("/start r_1").entities[0]["length"], 6);
        assert_eq!(spoken("/start@Rei_bot").entities[0]["length"], 14);
        assert!(spoken("не /start").entities.is_empty());
        assert!(spoken("/").entities.is_empty());
    }
}
