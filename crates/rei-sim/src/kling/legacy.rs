//! The strict reading of the older generation's bodies (`/v1/videos/…`).

use serde_json::Value;

use super::fields::{Object, Reader};
use super::matrix::{Endpoint, LastFrame, Model, Seconds};
use super::order::{Input, Order, Role, read_common};
use super::sources::{self, Source};

const IMAGE_MAX_BYTES: usize = 10 * 1024 * 1024;
const PROMPT_MAX: usize = 2_500;
const COMMON: [&str; 7] = [
    "model_name",
    "prompt",
    "mode",
    "callback_url",
    "external_task_id",
    "watermark_info",
    "element_list",
];
const MADE: [&str; 9] = [
    "negative_prompt",
    "duration",
    "sound",
    "cfg_scale",
    "camera_control",
    "multi_shot",
    "shot_type",
    "multi_prompt",
    "voice_list",
];

/// Reads a body; what is wrong with it is in the reader.
pub(super) fn read(
    endpoint: Endpoint,
    model: &'static Model,
    body: &Value,
    reader: &mut Reader,
) -> Order {
    reader.no_null(body, "body");
    let own: &[&str] = match endpoint {
        Endpoint::Text => &["aspect_ratio"],
        Endpoint::Image => &["image", "image_tail"],
        Endpoint::Omni => &["aspect_ratio", "image_list", "video_list"],
        Endpoint::Motion => {
            &["image_url", "video_url", "character_orientation", "keep_original_sound"]
        }
    };
    let made: &[&str] = if endpoint == Endpoint::Motion { &[] } else { &MADE };
    let known: Vec<&str> = [&COMMON[..], made, own].concat();
    let root = reader.object(body, "body", &known);
    let mut order = Order::new(endpoint, model);
    order.has_sound = false;
    read_words(reader, &root, &mut order);
    read_inputs(reader, &root, &mut order);
    read_choices(reader, &root, &mut order);
    read_common(reader, &root, &mut order);
    check(&order, reader);
    order
}

fn read_words(reader: &mut Reader, root: &Object<'_>, order: &mut Order) {
    let needs_words = matches!(order.endpoint, Endpoint::Text | Endpoint::Omni);
    let prompt = match needs_words {
        true => reader.required(root, "prompt"),
        false => reader.text(root, "prompt"),
    };
    order.prompt = prompt.unwrap_or_default().to_owned();
    for words in [prompt, reader.text(root, "negative_prompt")].into_iter().flatten() {
        let fits = words.chars().count() <= PROMPT_MAX;
        reader.demand(fits, format!("prompt is longer than {PROMPT_MAX} characters"));
    }
    for gone in ["cfg_scale", "camera_control"] {
        reader.demand(!root.has(gone), format!("{gone} is not supported by this model"));
    }
}

fn read_choices(reader: &mut Reader, root: &Object<'_>, order: &mut Order) {
    let mode = reader.choice(root, "mode", &["std", "pro", "4k"]).unwrap_or("std");
    let resolution = match mode {
        "std" => "720p",
        "pro" => "1080p",
        other => other,
    };
    let fits = order.model.price(resolution).is_some();
    reader.demand(fits, format!("mode {mode} is not supported by this model"));
    order.resolution = resolution.to_owned();
    order.ratio = reader.choice(root, "aspect_ratio", &["16:9", "9:16", "1:1"]).map(str::to_owned);
    if reader.choice(root, "sound", &["on", "off"]) == Some("on") {
        let fits = order.model.audio.contains(&"native");
        reader.demand(fits, "sound is not supported by this model");
        order.has_sound = true;
    }
    let duration = reader.text(root, "duration");
    if order.has_video() {
        reader.demand(duration.is_none(), "duration must be left out with a video");
    } else if !matches!(order.model.seconds, Seconds::OfInput) {
        let seconds = duration.unwrap_or("5").parse();
        let seconds = seconds.ok().filter(|seconds| order.model.takes_seconds(*seconds));
        reader.demand(seconds.is_some(), "duration is not supported by this model");
        order.seconds = seconds;
    }
    if order.endpoint == Endpoint::Motion {
        reader.required(root, "character_orientation");
        let orientation = reader.choice(root, "character_orientation", &["image", "video"]);
        order.follows_image = orientation == Some("image");
        order.has_sound = reader.choice(root, "keep_original_sound", &["yes", "no"]) != Some("no");
    }
}

fn read_inputs(reader: &mut Reader, root: &Object<'_>, order: &mut Order) {
    let singles = [
        ("image", Role::FirstFrame),
        ("image_tail", Role::LastFrame),
        ("image_url", Role::Image),
        ("video_url", Role::Video),
    ];
    for (name, role) in singles {
        if let Some(text) = reader.text(root, name) {
            add(reader, order, text, &root.at(name), role);
        }
    }
    for (index, item) in reader.list(root, "image_list").iter().enumerate() {
        let path = format!("image_list[{index}]");
        let item = reader.object(item, &path, &["image_url", "type"]);
        let role = match reader.choice(&item, "type", &["first_frame", "end_frame"]) {
            Some("first_frame") => Role::FirstFrame,
            Some(_) => Role::LastFrame,
            None => Role::ReferImage,
        };
        if let Some(text) = reader.required(&item, "image_url") {
            add(reader, order, text, &path, role);
        }
    }
    for (index, item) in reader.list(root, "video_list").iter().enumerate() {
        let path = format!("video_list[{index}]");
        let item = reader.object(item, &path, &["video_url", "refer_type", "keep_original_sound"]);
        let role = match reader.choice(&item, "refer_type", &["base", "feature"]) {
            Some("feature") => Role::FeatureVideo,
            _ => Role::BaseVideo,
        };
        order.has_sound =
            reader.choice(&item, "keep_original_sound", &["yes", "no"]) == Some("yes");
        if let Some(text) = reader.required(&item, "video_url") {
            add(reader, order, text, &path, role);
        }
    }
}

fn add(reader: &mut Reader, order: &mut Order, text: &str, path: &str, role: Role) {
    let Some(source) = sources::read(reader, text, path, role) else { return };
    if let Source::Bytes(bytes) = &source {
        reader.demand(bytes.len() <= IMAGE_MAX_BYTES, format!("{path} is larger than 10 MB"));
    }
    order.inputs.push(Input { role, source });
}

fn check(order: &Order, reader: &mut Reader) {
    let videos = order.inputs.iter().filter(|input| input.role.is_video()).count();
    match order.endpoint {
        Endpoint::Text => {}
        Endpoint::Image => {
            reader.demand(order.count(Role::FirstFrame) == 1, "image is required");
        }
        Endpoint::Omni => {
            reader.demand(videos <= 1, "one video per task");
            let needs_ratio = videos == 0 && order.count(Role::FirstFrame) == 0;
            let given = order.ratio.is_some();
            reader.demand(!needs_ratio || given, "aspect_ratio is required");
        }
        Endpoint::Motion => {
            reader.demand(order.count(Role::Image) == 1, "image_url is required");
            reader.demand(order.count(Role::Video) == 1, "video_url is required");
        }
    }
    if order.count(Role::LastFrame) > 0 {
        let needs_1080p = order.model.last_frame == LastFrame::Silent1080p;
        let fits = match order.model.last_frame {
            LastFrame::Never => false,
            _ => !needs_1080p || (order.resolution == "1080p" && !order.has_sound),
        };
        reader.demand(fits, "the end frame does not fit this model");
        reader.demand(order.count(Role::FirstFrame) > 0, "an end frame needs a first one");
    }
}
