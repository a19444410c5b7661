//! Deleting messages.

use serde_json::Value;

use super::sending::chat_id;
use crate::telegram::error::ApiError;
use crate::telegram::params::Params;
use crate::telegram::state::World;

const DELETABLE_MS: i64 = 48 * 3_600_000;
const MANY_MAX: usize = 100;

pub(super) fn one(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let chat_id = chat_id(world, params, "chat_id")?;
    let message_id = params.required_int("message_id")?;
    delete(world, chat_id, message_id)?;
    Ok(true.into())
}

pub(super) fn many(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let chat_id = chat_id(world, params, "chat_id")?;
    let ids = params.list("message_ids")?.ok_or_else(|| ApiError::missing("message_ids"))?;
    if !(1..=MANY_MAX).contains(&ids.len()) {
        return Err(ApiError::bug("message_ids must have 1-100 items"));
    }
    world.chat(chat_id)?;
    for id in ids {
        let id = id.as_i64().ok_or_else(|| ApiError::bug("message_ids must be numbers"))?;
        // What cannot be found is skipped.
        let _skipped = delete(world, chat_id, id);
    }
    Ok(true.into())
}

fn delete(world: &mut World, chat_id: i64, message_id: i64) -> Result<(), ApiError> {
    let now_ms = world.now_ms;
    let chat = world.chat(chat_id)?;
    let Some(message) = chat.message(message_id) else {
        return Err(ApiError::bad("message to delete not found"));
    };
    if !message.from_bot && !chat.is_private() {
        return Err(ApiError::bad("message can't be deleted"));
    }
    if now_ms - message.date_ms > DELETABLE_MS {
        return Err(ApiError::bad("message can't be deleted for everyone"));
    }
    world.change(chat_id, message_id, |message| message.deleted = true);
    Ok(())
}
