//! Albums: 2 to 10 files in one go, without a keyboard.

use serde_json::Value;

use super::{media, sending};
use crate::telegram::error::ApiError;
use crate::telegram::files::FileKind;
use crate::telegram::params::Params;
use crate::telegram::state::World;

const ITEMS_MIN: usize = 2;
const ITEMS_MAX: usize = 10;

pub(super) fn send(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let items = params.list("media")?.ok_or_else(|| ApiError::missing("media"))?;
    if items.len() < ITEMS_MIN {
        return Err(ApiError::bug("an album needs at least 2 items"));
    }
    if items.len() > ITEMS_MAX {
        return Err(ApiError::bug("too many messages to send as an album"));
    }
    let documents = items.iter().filter(|item| item["type"] == FileKind::Document.word()).count();
    if documents != 0 && documents != items.len() {
        return Err(ApiError::bug("documents can't be mixed with other media types"));
    }
    let sending = sending::read(world, params)?;
    // All items are read before any is sent: an album arrives in whole or not at all.
    let mut contents = Vec::with_capacity(items.len());
    for item in items {
        contents.push(media::item(world, item, params)?.1);
    }
    let group = world.group_id();
    let mut sent = Vec::with_capacity(contents.len());
    for (mut content, html) in contents {
        content.insert("media_group_id".into(), group.as_str().into());
        sent.push(sending::finish(world, sending.clone(), content, html)?);
    }
    Ok(Value::Array(sent))
}
