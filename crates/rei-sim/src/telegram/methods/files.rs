//! `getFile`.

use serde_json::Value;

use crate::telegram::error::ApiError;
use crate::telegram::params::Params;
use crate::telegram::state::World;

pub(super) fn get(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let id = params.required_text("file_id")?;
    world.files.open(id, world.now_ms)
}
