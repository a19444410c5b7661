//! What a request must be like. The first thing that is wrong is named, as the service does it.

pub(super) mod payment;
pub(super) mod receipt;

use serde_json::{Map, Value};

use super::refusals::Refusal;

const METADATA_KEYS_MAX: usize = 16;
const METADATA_KEY_CHARS_MAX: usize = 32;
const METADATA_VALUE_CHARS_MAX: usize = 512;

/// An optional text of at most `chars_max` characters.
pub(super) fn text(body: &Value, name: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= chars_max => Ok(Some(text.clone())),
        Value::String(_) => {
            Err(Refusal::invalid(name, &format!("it is longer than {chars_max} characters")))
        }
        _ => Err(Refusal::invalid(name, "a string is expected")),
    }
}

/// An optional switch.
pub(super) fn switch(body: &Value, name: &str) -> Result<Option<bool>, Refusal> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::Bool(on) => Ok(Some(*on)),
        _ => Err(Refusal::invalid(name, "true or false is expected")),
    }
}

/// What the shop attaches.
pub(super) fn metadata(body: &Value) -> Result<Option<Map<String, Value>>, Refusal> {
    const AT: &str = "metadata";
    let map = match &body[AT] {
        Value::Null => return Ok(None),
        Value::Object(map) => map,
        _ => return Err(Refusal::invalid(AT, "an object is expected")),
    };
    if map.len() > METADATA_KEYS_MAX {
        return Err(Refusal::invalid(AT, "there are more than 16 keys"));
    }
    for (key, value) in map {
        if key.chars().count() > METADATA_KEY_CHARS_MAX {
            return Err(Refusal::invalid(AT, "a key is longer than 32 characters"));
        }
        let Some(text) = value.as_str() else {
            return Err(Refusal::invalid(AT, "values must be strings"));
        };
        if text.chars().count() > METADATA_VALUE_CHARS_MAX {
            return Err(Refusal::invalid(AT, "a value is longer than 512 characters"));
        }
    }
    Ok(Some(map.clone()))
}
