//! Edits: what may be edited into what, and the refusal of an edit that changes nothing.

use serde_json::{Map, Value};

use super::sending::{chat_id, words_content};
use super::{media, send};
use crate::telegram::error::ApiError;
use crate::telegram::files::FileKind;
use crate::telegram::keyboards::inline_only;
use crate::telegram::params::Params;
use crate::telegram::state::World;
use crate::telegram::text;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";
/// Kinds of content that carry a caption.
const MEDIA: &[&str] = &["photo", "video", "document"];

struct Target {
    chat_id: i64,
    message_id: i64,
    content: Map<String, Value>,
    keyboard: Option<Value>,
    group: bool,
}

/// The message that the call names, if the bot may edit it.
fn target(world: &mut World, params: &Params) -> Result<Target, ApiError> {
    if params.has("inline_message_id") {
        // No message was ever sent by inline mode here.
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    for name in ["chat_id", "message_id"] {
        if !params.has(name) {
            return Err(ApiError::missing(name));
        }
    }
    let chat_id = chat_id(world, params, "chat_id")?;
    let message_id = params.required_int("message_id")?;
    let chat = world.chat(chat_id)?;
    if chat.blocked {
        return Err(ApiError::new(403, "Forbidden: bot was blocked by the user"));
    }
    let Some(message) = chat.message(message_id) else {
        return Err(ApiError::bad("message to edit not found"));
    };
    if !message.from_bot || message.fixed {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok(Target {
        chat_id,
        message_id,
        content: message.content(),
        keyboard: message.api.get("reply_markup").cloned(),
        group: message.api.contains_key("media_group_id"),
    })
}

impl Target {
    fn has_media(&self) -> bool {
        MEDIA.iter().any(|kind| self.content.contains_key(*kind))
    }
}

pub(super) fn text(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    if params.has("rich_message") {
        return Err(ApiError::bug("rich messages are not part of the double"));
    }
    if !params.has("text") {
        return Err(ApiError::missing("text"));
    }
    let (content, html) = send::text_content(params)?;
    let keyboard = inline_only(params)?;
    let target = target(world, params)?;
    if target.has_media() || !target.content.contains_key("text") {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    apply(world, target, Some((content, html)), keyboard)
}

pub(super) fn caption(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let words = text::words(params, "caption")?;
    let above = params.flag("show_caption_above_media")?;
    let keyboard = inline_only(params)?;
    let target = target(world, params)?;
    if !target.has_media() {
        return Err(ApiError::bad("there is no caption in the message to edit"));
    }
    let mut content = target.content.clone();
    content.retain(|key, _| MEDIA.contains(&key.as_str()) || key == "has_media_spoiler");
    content.extend(words_content(&words, "caption"));
    if above && !words.marked.text.is_empty() {
        content.insert("show_caption_above_media".into(), true.into());
    }
    apply(world, target, Some((content, words.html)), keyboard)
}

pub(super) fn reply_markup(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let keyboard = inline_only(params)?;
    let target = target(world, params)?;
    apply(world, target, None, keyboard)
}

pub(super) fn media(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let keyboard = inline_only(params)?;
    let item = params.json("media")?.ok_or_else(|| ApiError::missing("media"))?;
    let target = target(world, params)?;
    if target.content.contains_key("invoice") {
        return Err(ApiError::bad("message can't be edited"));
    }
    let (kind, content) = media::item(world, item, params)?;
    let was_document = target.content.contains_key("document");
    if target.group && was_document != (kind == FileKind::Document) {
        return Err(ApiError::bad("message can't be edited to another media type in an album"));
    }
    apply(world, target, Some(content), keyboard)
}

/// Changes the message, unless nothing would change; `None` leaves the content as it is.
fn apply(
    world: &mut World,
    target: Target,
    content: Option<media::Content>,
    keyboard: Option<Value>,
) -> Result<Value, ApiError> {
    let shown = |keyboard: &Option<Value>| {
        let keyboard = keyboard.as_ref().map(|keyboard| keyboard["inline_keyboard"].clone());
        keyboard.filter(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty()))
    };
    if target.group && shown(&keyboard).is_some() {
        return Err(ApiError::bug("messages of an album carry no keyboard"));
    }
    let same_content = content.as_ref().is_none_or(|(content, _)| *content == target.content);
    if same_content && shown(&keyboard) == shown(&target.keyboard) {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    let now_s = world.now_ms / 1_000;
    let changed = world.change(target.chat_id, target.message_id, |message| {
        if let Some((content, html)) = content {
            message.set_content(content);
            message.html = html;
            message.api.insert("edit_date".into(), now_s.into());
        }
        message.set_keyboard(keyboard);
        message.edits += 1;
        Value::Object(message.api.clone())
    });
    changed.ok_or_else(|| ApiError::bad("message to edit not found"))
}
