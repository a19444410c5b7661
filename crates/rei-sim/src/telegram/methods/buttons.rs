//! Answers to button presses, and reactions.

use serde_json::Value;

use super::sending;
use crate::telegram::chat::CallbackAnswer;
use crate::telegram::error::ApiError;
use crate::telegram::params::{Params, object};
use crate::telegram::state::World;

const NOTICE_MAX: usize = 200;
const TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

pub(super) fn answer(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let id = params.required_text("callback_query_id")?;
    let text = params.text("text")?.filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > NOTICE_MAX) {
        return Err(ApiError::bug("MESSAGE_TOO_LONG"));
    }
    let show_alert = params.flag("show_alert")?;
    let url = params.text("url")?.map(str::to_owned);
    params.int("cache_time")?;
    let time_ms = world.now_ms;
    let Some(chat_id) = world.taps.answer(id, time_ms) else {
        return Err(ApiError::bad(TOO_OLD));
    };
    let answer = CallbackAnswer {
        query_id: id.to_owned(),
        text: text.map(str::to_owned),
        show_alert,
        url,
        time_ms,
    };
    world.touch();
    world.chat(chat_id)?.answered(answer);
    Ok(true.into())
}

pub(super) fn react(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let reactions = params.list("reaction")?.unwrap_or_default();
    params.flag("is_big")?;
    if reactions.len() > 1 {
        return Err(ApiError::bug("REACTIONS_TOO_MANY"));
    }
    for reaction in &reactions {
        let reaction =
            object(reaction.clone(), "ReactionType", &["type", "emoji", "custom_emoji_id"])?;
        let filled = |key: &str| {
            reaction.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        let known = match reaction.get("type").and_then(Value::as_str) {
            Some("emoji") => filled("emoji"),
            Some("custom_emoji") => filled("custom_emoji_id"),
            _ => false,
        };
        if !known {
            return Err(ApiError::bug("REACTION_INVALID"));
        }
    }
    let chat_id = sending::target(world, params)?;
    let message_id = params.required_int("message_id")?;
    let changed = world.change(chat_id, message_id, |message| message.reaction = reactions);
    changed.map(|()| true.into()).ok_or_else(|| ApiError::bad("message to react not found"))
}
