//! The body that creates a task: `contents`, `settings`, `options`. What was not chosen is left out, since null is
//! refused and a wrong field is ignored without a word.

use std::borrow::Cow;

use rei_domain::catalog::{Extra, Slot};
use serde::Serialize;
use serde_json::{Map, Value};

use super::endpoint::Endpoint;
use super::media::{self, Media};
use super::mention;
use crate::provider::{InputFile, SubmitRequest};
use crate::rejection::Rejection;

/// The largest picture in base64, in bytes of the file.
const PICTURE_MAX_BYTES: u64 = 50_000_000;
/// What a task without any picture or clip is given when nobody chose: the endpoint for everything insists on it.
const RATIO: &str = "16:9";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    settings: Map<String, Value>,
    options: Options<'a>,
}

#[derive(Serialize)]
struct Item<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Media<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

#[derive(Serialize)]
struct Options<'a> {
    external_task_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
}

/// Writes the request's JSON; the same request always gives the same bytes. Reads files: not for an async thread.
///
/// # Errors
/// The endpoint does not take these files, or one of them cannot be read.
pub(super) fn body(request: &SubmitRequest, endpoint: Endpoint) -> Result<Vec<u8>, Rejection> {
    media::check(request, endpoint, PICTURE_MAX_BYTES)?;
    let in_words = endpoint == Endpoint::TextToVideo;
    let body = Body {
        prompt: in_words.then_some(request.prompt.as_str()),
        contents: if in_words { Vec::new() } else { contents(request, endpoint) },
        settings: settings(request, endpoint),
        options: Options {
            external_task_id: &request.key,
            callback_url: request.callback_url.as_deref(),
        },
    };
    media::written(&body, request)
}

fn contents(request: &SubmitRequest, endpoint: Endpoint) -> Vec<Item<'_>> {
    let omni = endpoint == Endpoint::OmniVideo;
    let prompt = if omni && media::has_video(request) {
        mention::with_video(&request.prompt)
    } else {
        Cow::Borrowed(request.prompt.as_str())
    };
    let mut contents = Vec::with_capacity(request.inputs.len() + 1);
    if !prompt.is_empty() {
        contents.push(Item { r#type: "prompt", text: Some(prompt), url: None, id: None });
    }
    let mut pictures = 0;
    for input in &request.inputs {
        // Checked before: the endpoint takes each of them.
        let Some(word) = endpoint.word_for(input.slot) else { continue };
        let id = if omni { id(input, &mut pictures) } else { None };
        contents.push(Item { r#type: word, text: None, url: Some(Media(&input.content)), id });
    }
    contents
}

/// What the prompt may call a file.
fn id(input: &InputFile, pictures: &mut usize) -> Option<String> {
    match input.slot {
        Slot::Reference => {
            *pictures += 1;
            Some(mention::picture(*pictures))
        }
        slot if slot.is_video() => Some(mention::VIDEO.to_owned()),
        _ => None,
    }
}

fn settings(request: &SubmitRequest, endpoint: Endpoint) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            settings.insert(name.to_owned(), value);
        }
    };
    for (name, extra) in &request.extras {
        set(name, Some(value(extra)));
    }
    let word = |text: &str| Value::from(text);
    set("resolution", request.size.as_deref().map(word));
    if !media::has_video(request) {
        set("duration", request.seconds.map(Value::from));
    }
    set("aspect_ratio", ratio(request, endpoint).map(word));
    set("audio", request.sound.as_deref().map(word));
    settings
}

pub(super) fn value(extra: &Extra) -> Value {
    match extra {
        Extra::Switch(on) => Value::from(*on),
        Extra::Number(number) => Value::from(*number),
        Extra::Text(text) => Value::from(text.as_str()),
    }
}

/// The ratio where the endpoint takes one; elsewhere it follows from the first picture or the clip.
pub(super) fn ratio(request: &SubmitRequest, endpoint: Endpoint) -> Option<&str> {
    let chosen = request.aspect_ratio.as_deref();
    let has = |slot| request.inputs.iter().any(|input| input.slot == slot);
    match endpoint {
        Endpoint::TextToVideo => chosen,
        Endpoint::OmniVideo if has(Slot::FirstFrame) || has(Slot::BaseVideo) => None,
        Endpoint::OmniVideo if has(Slot::FeatureVideo) => chosen,
        Endpoint::OmniVideo => chosen.or(Some(RATIO)),
        Endpoint::ImageToVideo | Endpoint::MotionControl => None,
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
