//! What was asked of the service.

use serde::Serialize;
use serde_json::Value;

use super::behaviour::Behaviour;
use super::order::{Order, Role};
use super::sources::Source;

/// Longer texts of a body are shortened in the record: they are pictures.
const TEXT_MAX_CHARS: usize = 4_096;
const TEXT_SHOWN_CHARS: usize = 64;

/// One call that wanted to create a task.
#[derive(Clone, Debug, Serialize)]
pub struct Create {
    /// When it arrived, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// The whole path.
    pub path: String,
    /// The model's id, or `model_name`.
    pub model: String,
    /// `external_task_id`.
    pub external_id: Option<String>,
    /// The parsed JSON; long texts, which are pictures, are shortened.
    pub body: Value,
    /// Its words.
    pub prompt: String,
    /// What it brought along.
    pub inputs: Vec<SentInput>,
    /// What was done with it; none: it was refused.
    pub behaviour: Option<Behaviour>,
    /// The task that it made.
    pub task_id: Option<String>,
    /// HTTP status of the answer; none: not answered.
    pub status: Option<u16>,
}

/// An input of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentInput {
    /// What it is for.
    pub role: Role,
    /// Its address; none: it came as base64.
    pub url: Option<String>,
    /// The size of what came as base64.
    pub inline_bytes: Option<usize>,
}

/// One query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Poll {
    /// When it arrived, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// The whole path.
    pub path: String,
    /// What was asked for, in the order of the query.
    pub ids: Vec<String>,
    /// Whether these are `external_task_ids`; for the older generation, where either may stand, false.
    pub by_external_id: bool,
}

/// One callback that was sent.
#[derive(Clone, Debug, Serialize)]
pub struct Callback {
    /// When, in milliseconds since 1970 on the simulator's clock.
    pub at_ms: i64,
    /// Where to.
    pub url: String,
    /// `webhook-id`, also known when nothing is signed.
    pub id: String,
    /// What was told.
    pub body: Value,
    /// HTTP status of the answer; none: there was none.
    pub status: Option<u16>,
}

impl Create {
    pub(super) fn new(at_ms: i64, path: &str, model: &str, body: &Value) -> Self {
        Self {
            at_ms,
            path: path.to_owned(),
            model: model.to_owned(),
            external_id: None,
            body: shortened(body),
            prompt: String::new(),
            inputs: Vec::new(),
            behaviour: None,
            task_id: None,
            status: None,
        }
    }

    pub(super) fn read(&mut self, order: &Order) {
        self.external_id.clone_from(&order.external_id);
        self.prompt.clone_from(&order.prompt);
        let sent = |(role, source): (Role, &Source)| match source {
            Source::Url(url) => SentInput { role, url: Some(url.clone()), inline_bytes: None },
            Source::Bytes(bytes) => SentInput { role, url: None, inline_bytes: Some(bytes.len()) },
        };
        self.inputs = order.inputs.iter().map(|input| sent((input.role, &input.source))).collect();
    }

    /// Whether it brought a file for this.
    pub fn has(&self, role: Role) -> bool {
        self.inputs.iter().any(|input| input.role == role)
    }
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > TEXT_MAX_CHARS => {
            let shown: String = text.chars().take(TEXT_SHOWN_CHARS).collect();
            format!("{shown}… ({} bytes)", text.len()).into()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), shortened(value))).collect()
        }
        other => other.clone(),
    }
}
