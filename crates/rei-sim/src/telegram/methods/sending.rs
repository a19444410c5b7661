//! What all sends share: the chat, the message answered, the keyboard, the flags.

use serde_json::{Map, Value};

use crate::telegram::error::ApiError;
use crate::telegram::keyboards::{self, Markup};
use crate::telegram::params::Params;
use crate::telegram::state::{Draft, World};
use crate::telegram::text::Words;

const REPLY_FIELDS: &[&str] = &[
    "message_id",
    "chat_id",
    "allow_sending_without_reply",
    "quote",
    "quote_parse_mode",
    "quote_entities",
    "quote_position",
    "checklist_task_id",
];
const QUOTE_MAX: usize = 1024;

/// A send whose common parameters were read.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub chat_id: i64,
    pub markup: Markup,
    common: Map<String, Value>,
}

/// The chat that a call names, open to the bot.
pub(crate) fn target(world: &mut World, params: &Params) -> Result<i64, ApiError> {
    let id = chat_id(world, params, "chat_id")?;
    let chat = world.chat(id)?;
    if chat.blocked {
        return Err(ApiError::new(403, "Forbidden: bot was blocked by the user"));
    }
    Ok(id)
}

/// The chat under a parameter: a number, or `@name`.
pub(crate) fn chat_id(world: &World, params: &Params, key: &str) -> Result<i64, ApiError> {
    let named =
        params.values.get(key).and_then(Value::as_str).and_then(|text| text.strip_prefix('@'));
    let Some(name) = named else { return params.required_int(key) };
    let has_name = |card: &Value| {
        card["type"] != "private"
            && card["username"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let found = world.chats.iter().find(|(_, chat)| has_name(&chat.card));
    found.map(|(id, _)| *id).ok_or_else(|| ApiError::bad("chat not found"))
}

/// Reads the common parameters.
pub(crate) fn read(world: &mut World, params: &Params) -> Result<Sending, ApiError> {
    let markup = keyboards::markup(params)?;
    let reply = params.object("reply_parameters", REPLY_FIELDS)?;
    let thread = params.int("message_thread_id")?;
    let silent = params.flag("disable_notification")?;
    let protected = params.flag("protect_content")?;
    let effect = params.text("message_effect_id")?;
    let chat_id = target(world, params)?;
    let mut common = Map::new();
    let chat = world.chat(chat_id)?;
    if let Some(thread) = thread {
        if !chat.threads.contains(&thread) {
            return Err(ApiError::bad("message thread not found"));
        }
        common.insert("message_thread_id".into(), thread.into());
        common.insert("is_topic_message".into(), true.into());
    }
    if let Some(effect) = effect {
        if !chat.is_private() || effect.is_empty() || !effect.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ApiError::bad("EFFECT_ID_INVALID"));
        }
        common.insert("effect_id".into(), effect.into());
    }
    if protected {
        common.insert("has_protected_content".into(), true.into());
    }
    if let Some(reply) = reply
        && let Some(answered) = answered(world, chat_id, &reply)?
    {
        common.insert("reply_to_message".into(), answered);
    }
    // Nobody hears anything here; the flag only has to be a flag.
    let _silent = silent;
    Ok(Sending { chat_id, markup, common })
}

/// The message that a send answers; nothing when it is gone and that is allowed.
fn answered(
    world: &mut World,
    chat_id: i64,
    reply: &Map<String, Value>,
) -> Result<Option<Value>, ApiError> {
    let quote = reply.get("quote").and_then(Value::as_str).unwrap_or_default();
    if quote.chars().count() > QUOTE_MAX {
        return Err(ApiError::bug("message to be replied: the quote is too long"));
    }
    let Some(message_id) = reply.get("message_id").and_then(Value::as_i64) else {
        return Err(ApiError::bug("message to be replied: message_id is not a number"));
    };
    let allowed = match reply.get("allow_sending_without_reply") {
        None => false,
        Some(Value::Bool(allowed)) => *allowed,
        Some(_) => return Err(ApiError::bug("allow_sending_without_reply must be a boolean")),
    };
    let chat_id = reply.get("chat_id").and_then(Value::as_i64).unwrap_or(chat_id);
    match world.chats.get(&chat_id).and_then(|chat| chat.message(message_id)) {
        Some(message) => Ok(Some(message.as_reply_target())),
        None if allowed => Ok(None),
        None => Err(ApiError::bad("message to be replied not found")),
    }
}

/// Puts the message into the chat and returns it.
pub(crate) fn finish(
    world: &mut World,
    sending: Sending,
    content: Map<String, Value>,
    html: Option<String>,
) -> Result<Value, ApiError> {
    let mut api = content;
    api.extend(sending.common);
    api.insert("from".into(), world.profile.card.clone());
    world.put(sending.chat_id, Draft { api, from_bot: true, html, markup: sending.markup })
}

/// The content fields of words under `text` or `caption`.
pub(crate) fn words_content(words: &Words, key: &str) -> Map<String, Value> {
    let mut content = Map::new();
    let entities_key = if key == "caption" { "caption_entities" } else { "entities" };
    if !words.marked.text.is_empty() {
        content.insert(key.into(), words.marked.text.as_str().into());
        if !words.marked.entities.is_empty() {
            content.insert(entities_key.into(), words.marked.entities.clone().into());
        }
    }
    content
}
