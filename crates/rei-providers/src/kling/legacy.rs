//! The older generation of the API, `/v1/videos/…`: the only one that takes a pair of keys.
//!
//! The model is a field, lengths are text, sizes are modes, and a task is asked for where it was created, so its name
//! here carries the endpoint.

use std::collections::BTreeMap;

use rei_domain::catalog::Slot;
use serde::Serialize;
use serde_json::Value;

use super::body::{ratio, value};
use super::endpoint::Endpoint;
use super::media::{self, Media};
use super::mention;
use crate::provider::{InputContent, SubmitRequest, TaskRef};
use crate::rejection::Rejection;

/// The largest picture in base64, in bytes of the file.
const PICTURE_MAX_BYTES: u64 = 10_000_000;

/// A field of the body.
#[derive(Serialize)]
#[serde(untagged)]
enum Field<'a> {
    Plain(Value),
    Media(Media<'a>),
    Pictures(Vec<Picture<'a>>),
    Videos(Vec<Video<'a>>),
}

#[derive(Serialize)]
struct Picture<'a> {
    image_url: Media<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
}

#[derive(Serialize)]
struct Video<'a> {
    video_url: Media<'a>,
    refer_type: &'static str,
    keep_original_sound: &'static str,
}

/// Fields by name; sorted, so that the same request always gives the same bytes.
type Fields<'a> = BTreeMap<&'a str, Field<'a>>;

/// The name of a task of this generation.
pub(super) fn task_ref(endpoint: Endpoint, id: &str) -> TaskRef {
    TaskRef(format!("{}/{id}", endpoint.legacy()))
}

/// The endpoint and the id in such a name; none: the task is of the newer generation.
pub(super) fn parts(task: &TaskRef) -> Option<(Endpoint, &str)> {
    let (word, id) = task.0.split_once('/')?;
    Endpoint::from_legacy(word).map(|endpoint| (endpoint, id))
}

/// Writes the request's JSON. Reads files: not for an async thread.
///
/// # Errors
/// The model is not there in this generation, the endpoint does not take these files, or one of them is unreadable.
pub(super) fn body(request: &SubmitRequest, endpoint: Endpoint) -> Result<Vec<u8>, Rejection> {
    let model = request.model_legacy.as_deref();
    let model = model.ok_or_else(|| Rejection::owner_fault("no-legacy-model"))?;
    media::check(request, endpoint, PICTURE_MAX_BYTES)?;
    let mut fields = Fields::new();
    for (name, extra) in &request.extras {
        fields.insert(name, Field::Plain(value(extra)));
    }
    let mut set = |name, text: Option<&str>| {
        if let Some(text) = text {
            fields.insert(name, Field::Plain(Value::from(text)));
        }
    };
    set("model_name", Some(model));
    set("mode", mode(request)?);
    if !media::has_video(request) {
        set("duration", request.seconds.map(|seconds| seconds.to_string()).as_deref());
    }
    set("aspect_ratio", ratio(request, endpoint));
    set("external_task_id", Some(&request.key));
    set("callback_url", request.callback_url.as_deref());
    let prompt = prompt(request, endpoint);
    set("prompt", Some(prompt.as_str()).filter(|prompt| !prompt.is_empty()));
    if !media::has_video(request) {
        set("sound", sound(request));
    } else if endpoint == Endpoint::MotionControl {
        set("keep_original_sound", Some(keeps_sound(request)));
    }
    files(request, endpoint, &mut fields);
    media::written(&fields, request)
}

fn mode(request: &SubmitRequest) -> Result<Option<&'static str>, Rejection> {
    match request.size.as_deref() {
        None => Ok(None),
        Some("720p") => Ok(Some("std")),
        Some("1080p") => Ok(Some("pro")),
        Some("4k") => Ok(Some("4k")),
        Some(_) => Err(Rejection::owner_fault("size-unknown")),
    }
}

fn sound(request: &SubmitRequest) -> Option<&'static str> {
    let chosen = request.sound.as_deref()?;
    Some(if chosen == "off" { "off" } else { "on" })
}

fn keeps_sound(request: &SubmitRequest) -> &'static str {
    if request.sound.as_deref() == Some("off") { "no" } else { "yes" }
}

fn prompt(request: &SubmitRequest, endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::OmniVideo if media::has_video(request) => {
            mention::in_brackets(&mention::with_video(&request.prompt))
        }
        Endpoint::OmniVideo => mention::in_brackets(&request.prompt),
        _ => request.prompt.clone(),
    }
}

fn files<'a>(request: &'a SubmitRequest, endpoint: Endpoint, fields: &mut Fields<'a>) {
    let mut set = |name, slot| {
        if let Some(media) = media::of(request, slot) {
            fields.insert(name, Field::Media(media));
        }
    };
    match endpoint {
        Endpoint::TextToVideo => {}
        Endpoint::ImageToVideo => {
            set("image", Slot::FirstFrame);
            set("image_tail", Slot::LastFrame);
        }
        Endpoint::MotionControl => {
            set("image_url", Slot::MotionImage);
            set("video_url", Slot::MotionVideo);
        }
        Endpoint::OmniVideo => lists(request, fields),
    }
}

fn lists<'a>(request: &'a SubmitRequest, fields: &mut Fields<'a>) {
    let (mut pictures, mut videos) = (Vec::new(), Vec::new());
    let picture = |content: &'a InputContent, r#type| Picture { image_url: Media(content), r#type };
    let video = |content: &'a InputContent, refer_type| Video {
        video_url: Media(content),
        refer_type,
        keep_original_sound: keeps_sound(request),
    };
    // The numbers in the prompt count the whole list, so the pictures that it may speak of come first.
    let (spoken_of, frames) = (Slot::Reference, [Slot::FirstFrame, Slot::LastFrame]);
    let of = |slot| request.inputs.iter().filter(move |input| input.slot == slot);
    pictures.extend(of(spoken_of).map(|input| picture(&input.content, None)));
    for (slot, word) in frames.into_iter().zip(["first_frame", "end_frame"]) {
        pictures.extend(of(slot).map(|input| picture(&input.content, Some(word))));
    }
    videos.extend(of(Slot::BaseVideo).map(|input| video(&input.content, "base")));
    videos.extend(of(Slot::FeatureVideo).map(|input| video(&input.content, "feature")));
    if !pictures.is_empty() {
        fields.insert("image_list", Field::Pictures(pictures));
    }
    if !videos.is_empty() {
        fields.insert("video_list", Field::Videos(videos));
    }
}

#[cfg(test)]
#[path = "legacy_tests.rs"]
mod tests;
