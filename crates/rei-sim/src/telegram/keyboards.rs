//! Keyboards: what `reply_markup` may hold, checked harder than the live server does.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::params::{Params, object};

/// The most buttons of one keyboard.
const BUTTONS_MAX: usize = 100;
/// The most bytes of `callback_data`.
const DATA_MAX_BYTES: usize = 64;
/// The most bytes of a keyboard as JSON.
const MARKUP_MAX_BYTES: usize = 10_240;
const STYLES: &[&str] = &["primary", "success", "danger"];
const INLINE_KINDS: &[&str] = &[
    "callback_data",
    "url",
    "web_app",
    "copy_text",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
    "disabled",
];
const INLINE_LOOKS: &[&str] = &["text", "style", "icon_custom_emoji_id"];
const REPLY_KINDS: &[&str] = &[
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "request_managed_bot",
    "web_app",
];

/// What stands under a message, or replaces the user's keyboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Markup {
    /// Nothing was said.
    #[default]
    None,
    /// Buttons under the message: the object `reply_markup` of the message.
    Inline(Value),
    /// The user's keyboard is replaced.
    Reply(Value),
    /// The user's keyboard is taken away.
    Remove,
    /// The user is asked to reply.
    ForceReply,
}

/// Reads `reply_markup`.
pub(crate) fn markup(params: &Params) -> Result<Markup, ApiError> {
    let Some(value) = params.json("reply_markup")? else { return Ok(Markup::None) };
    if value.to_string().len() > MARKUP_MAX_BYTES {
        return Err(ApiError::bug("reply markup is too long"));
    }
    let has = |key: &str| value.get(key).is_some();
    if has("inline_keyboard") {
        return inline(value);
    }
    if has("keyboard") {
        return reply(value);
    }
    if has("remove_keyboard") {
        let remove = object(value, "ReplyKeyboardRemove", &["remove_keyboard", "selective"])?;
        only_true(&remove, "remove_keyboard")?;
        return Ok(Markup::Remove);
    }
    if has("force_reply") {
        let known = &["force_reply", "input_field_placeholder", "selective"];
        let force = object(value, "ForceReply", known)?;
        only_true(&force, "force_reply")?;
        placeholder(&force)?;
        return Ok(Markup::ForceReply);
    }
    Err(ApiError::bug("object expected as reply markup"))
}

/// Reads `reply_markup` where only an inline keyboard can stand.
pub(crate) fn inline_only(params: &Params) -> Result<Option<Value>, ApiError> {
    match markup(params)? {
        Markup::None => Ok(None),
        Markup::Inline(keyboard) => Ok(Some(keyboard)),
        _ => Err(ApiError::bug("inline keyboard expected")),
    }
}

fn inline(value: Value) -> Result<Markup, ApiError> {
    let mut markup = object(value, "InlineKeyboardMarkup", &["inline_keyboard"])?;
    let rows = rows(markup.remove("inline_keyboard"))?;
    for button in rows.iter().flatten() {
        inline_button(button)?;
    }
    // The server leaves out rows without buttons; without any row there is no keyboard.
    let rows: Vec<Value> =
        rows.into_iter().filter(|row| !row.is_empty()).map(Value::Array).collect();
    markup.insert("inline_keyboard".into(), rows.into());
    Ok(Markup::Inline(Value::Object(markup)))
}

fn inline_button(button: &Value) -> Result<(), ApiError> {
    let known: Vec<&str> = INLINE_LOOKS.iter().chain(INLINE_KINDS).copied().collect();
    let button = object(button.clone(), "InlineKeyboardButton", &known)?;
    looks(&button)?;
    let mut kinds = button.iter().filter(|(key, _)| INLINE_KINDS.contains(&key.as_str()));
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err(ApiError::bug(
            "can't parse inline keyboard button: exactly one action is needed",
        ));
    };
    let text = value.as_str().unwrap_or_default();
    let inner = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    match kind.as_str() {
        "callback_data" if text.is_empty() || text.len() > DATA_MAX_BYTES => {
            Err(ApiError::bug("BUTTON_DATA_INVALID"))
        }
        "url" if !is_link(text) => Err(ApiError::bug("BUTTON_URL_INVALID")),
        "web_app" | "login_url" if !inner("url").starts_with("https://") => {
            Err(ApiError::bug("BUTTON_URL_INVALID: only HTTPS links are allowed"))
        }
        "copy_text" if !(1..=256).contains(&inner("text").chars().count()) => {
            Err(ApiError::bug("BUTTON_COPY_TEXT_INVALID"))
        }
        "pay" if *value != Value::Bool(true) => Err(ApiError::bug("BUTTON_TYPE_INVALID")),
        _ => Ok(()),
    }
}

fn is_link(text: &str) -> bool {
    let known = ["https://", "http://", "tg://"].iter().any(|scheme| text.starts_with(scheme));
    known && text.split_once("://").is_some_and(|(_, rest)| !rest.is_empty() && !rest.contains(' '))
}

fn reply(value: Value) -> Result<Markup, ApiError> {
    let known = &[
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
    ];
    let mut markup = object(value, "ReplyKeyboardMarkup", known)?;
    placeholder(&markup)?;
    let mut shown = Vec::new();
    for row in rows(markup.remove("keyboard"))? {
        let row: Result<Vec<Value>, ApiError> = row.into_iter().map(reply_button).collect();
        shown.push(Value::Array(row?));
    }
    if shown.is_empty() {
        return Err(ApiError::bug("a reply keyboard without buttons"));
    }
    markup.insert("keyboard".into(), shown.into());
    Ok(Markup::Reply(Value::Object(markup)))
}

/// A button is an object, or just its text.
fn reply_button(button: Value) -> Result<Value, ApiError> {
    let button = match button {
        Value::String(text) => serde_json::json!({ "text": text }),
        button => button,
    };
    let known: Vec<&str> = INLINE_LOOKS.iter().chain(REPLY_KINDS).copied().collect();
    let button = object(button, "KeyboardButton", &known)?;
    looks(&button)?;
    if button.keys().filter(|key| REPLY_KINDS.contains(&key.as_str())).count() > 1 {
        return Err(ApiError::bug("can't parse keyboard button: at most one action is allowed"));
    }
    Ok(Value::Object(button))
}

fn looks(button: &Map<String, Value>) -> Result<(), ApiError> {
    if button.get("text").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        return Err(ApiError::bug("can't parse keyboard button: Text must be non-empty"));
    }
    match button.get("style") {
        Some(style) if !style.as_str().is_some_and(|style| STYLES.contains(&style)) => {
            Err(ApiError::bug(format_args!("can't parse keyboard button: unknown style {style}")))
        }
        _ => Ok(()),
    }
}

fn rows(keyboard: Option<Value>) -> Result<Vec<Vec<Value>>, ApiError> {
    let expected = || ApiError::bug("can't parse keyboard: an array of arrays of buttons expected");
    let Some(Value::Array(rows)) = keyboard else { return Err(expected()) };
    let rows: Result<Vec<Vec<Value>>, ApiError> = rows
        .into_iter()
        .map(|row| match row {
            Value::Array(row) => Ok(row),
            _ => Err(expected()),
        })
        .collect();
    let rows = rows?;
    if rows.iter().map(Vec::len).sum::<usize>() > BUTTONS_MAX {
        return Err(ApiError::bug("reply markup is too long"));
    }
    Ok(rows)
}

fn placeholder(markup: &Map<String, Value>) -> Result<(), ApiError> {
    match markup.get("input_field_placeholder") {
        None => Ok(()),
        Some(Value::String(text)) if (1..=64).contains(&text.chars().count()) => Ok(()),
        Some(_) => Err(ApiError::bug("input_field_placeholder must have 1-64 characters")),
    }
}

fn only_true(object: &Map<String, Value>, key: &str) -> Result<(), ApiError> {
    if object.get(key) == Some(&Value::Bool(true)) {
        return Ok(());
    }
    Err(ApiError::bug(format_args!("{key} must be true")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Markup, ApiError> {
        let mut params = Params::default();
        params.values.insert("reply_markup".into(), value);
        markup(&params)
    }

    fn button(fields: Value) -> Result<Markup, ApiError> {
        read(json!({"inline_keyboard": [[fields]]}))
    }

    #[test]
    fn callback_data_is_1_to_64_bytes() {
        let data = |data: String| button(json!({"text": "x", "callback_data": data}));
        assert!(data("я".repeat(32)).is_ok());
        assert!(data("x".repeat(65)).is_err());
        assert!(data("я".repeat(33)).is_err());
        assert!(data(String::new()).is_err());
    }

    #[test]
    fn a_button_has_a_text_and_exactly_one_action() {
        assert!(button(json!({"text": "x", "disabled": true, "style": "danger"})).is_ok());
        for wrong in [
            json!({"text": "x"}),
            json!({"text": " ", "callback_data": "a"}),
            json!({"text": "x", "callback_data": "a", "url": "https://a.b"}),
            json!({"text": "x", "callback_data": "a", "style": "pink"}),
            json!({"text": "x", "callback_data": "a", "colour": "pink"}),
            json!({"text": "x", "url": "ftp://a.b"}),
            json!({"text": "x", "copy_text": {"text": ""}}),
        ] {
            assert!(button(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn forms_and_json_give_the_same_keyboard() {
        let keyboard = json!({"keyboard": [["a", {"text": "b"}]], "resize_keyboard": true});
        let as_text = read(Value::String(keyboard.to_string())).expect("valid");
        assert_eq!(as_text, read(keyboard).expect("valid"));
        let Markup::Reply(shown) = as_text else { panic!("a reply keyboard") };
        assert_eq!(shown["keyboard"], json!([[{"text": "a"}, {"text": "b"}]]));
    }

    #[test]
    fn unknown_objects_are_refused() {
        for wrong in [
            json!({}),
            json!([]),
            json!({"keyboard": [[]], "colour": 1}),
            json!({"remove_keyboard": false}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
