//! Single messages, chat actions, drafts and copies.

use serde_json::{Map, Value, json};

use super::sending::{self, words_content};
use super::{media, sending::Sending};
use crate::telegram::error::ApiError;
use crate::telegram::files::FileKind;
use crate::telegram::params::Params;
use crate::telegram::state::World;
use crate::telegram::text;

/// What a preview of links may say.
const PREVIEW_FIELDS: &[&str] =
    &["is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"];
const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];
const ACTION_LIFE_MS: i64 = 5_000;
const DRAFT_LIFE_MS: i64 = 30_000;

pub(super) fn message(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let (content, html) = text_content(params)?;
    let sending = sending::read(world, params)?;
    sending::finish(world, sending, content, html)
}

/// The content of a text message.
pub(super) fn text_content(params: &Params) -> Result<media::Content, ApiError> {
    let words = text::words(params, "text")?;
    if words.marked.text.is_empty() {
        return Err(ApiError::bug("message text is empty"));
    }
    let mut content = words_content(&words, "text");
    if let Some(preview) = params.object("link_preview_options", PREVIEW_FIELDS)? {
        content.insert("link_preview_options".into(), Value::Object(preview));
    }
    Ok((content, words.html))
}

pub(super) fn photo(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    file(world, params, FileKind::Photo)
}

pub(super) fn video(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    file(world, params, FileKind::Video)
}

pub(super) fn document(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    params.flag("disable_content_type_detection")?;
    file(world, params, FileKind::Document)
}

fn file(world: &mut World, params: &mut Params, kind: FileKind) -> Result<Value, ApiError> {
    let sending = sending::read(world, params)?;
    let fields = Params::of(std::mem::take(&mut params.values));
    let (content, html) = media::content(world, kind, &fields, kind.word(), params)?;
    sending::finish(world, sending, content, html)
}

pub(super) fn chat_action(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let action = params.required_text("action")?.to_owned();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bug("wrong parameter action in request"));
    }
    let chat_id = sending::target(world, params)?;
    let until_ms = world.now_ms + ACTION_LIFE_MS;
    world.chat(chat_id)?.action = Some((action, until_ms));
    world.touch();
    Ok(true.into())
}

pub(super) fn draft(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    if params.required_int("draft_id")? == 0 {
        return Err(ApiError::bug("draft_id must be non-zero"));
    }
    let words = text::words(params, "text")?;
    params.flag("can_stop")?;
    params.flag("keep_on_stop")?;
    let chat_id = sending::target(world, params)?;
    let until_ms = world.now_ms + DRAFT_LIFE_MS;
    let chat = world.chat(chat_id)?;
    if !chat.is_private() {
        return Err(ApiError::bug("drafts can be sent to private chats only"));
    }
    chat.draft = Some((words.marked.text, until_ms));
    world.touch();
    Ok(true.into())
}

pub(super) fn copy(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let from = sending::chat_id(world, params, "from_chat_id")?;
    let message_id = params.required_int("message_id")?;
    let sending: Sending = sending::read(world, params)?;
    let Some(original) = world.chat(from)?.message(message_id) else {
        return Err(ApiError::bad("message to copy not found"));
    };
    let mut content: Map<String, Value> = original.content();
    let mut html = original.html.clone();
    let has_caption = ["photo", "video", "document"].iter().any(|key| content.contains_key(*key));
    if content.is_empty() || content.contains_key("invoice") {
        return Err(ApiError::bad("message can't be copied"));
    }
    if has_caption && params.has("caption") {
        let words = text::words(params, "caption")?;
        content.remove("caption");
        content.remove("caption_entities");
        content.extend(words_content(&words, "caption"));
        html = words.html;
    }
    let message = sending::finish(world, sending, content, html)?;
    Ok(json!({"message_id": message["message_id"]}))
}
