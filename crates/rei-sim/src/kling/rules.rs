//! What must fit together in an order, by the capability matrix.

use super::fields::Reader;
use super::matrix::{Endpoint, MultiShot};
use super::order::{Extras, Order, Role};

const REFERENCES_MAX: usize = 7;
const REFERENCES_WITH_VIDEO_MAX: usize = 4;
const SHOTS_MAX: usize = 6;
const SHOT_CHARS_MAX: usize = 512;

/// Notes everything that does not fit.
pub(super) fn check(order: &Order, extras: &Extras, reader: &mut Reader) {
    check_prompt(order, extras, reader);
    check_length(order, reader);
    check_counts(order, extras, reader);
    check_ids(extras, reader);
    let needs_1080p = extras.audio.as_deref() == Some("native") && order.model.id == "kling-2.6";
    reader.demand(!needs_1080p || order.resolution == "1080p", "native audio needs 1080p");
    match order.endpoint {
        Endpoint::Text => {}
        Endpoint::Image => {
            reader.demand(order.count(Role::FirstFrame) == 1, "one first_frame is required");
        }
        Endpoint::Omni => check_omni(order, extras, reader),
        Endpoint::Motion => {
            reader.demand(order.count(Role::Image) == 1, "one image is required");
            reader.demand(order.count(Role::Video) == 1, "one video is required");
        }
    }
    if order.count(Role::LastFrame) > 0 {
        let fits = order.model.takes_last_frame(order, extras);
        reader.demand(fits, format!("last_frame does not fit {}", order.model.id));
        reader.demand(order.count(Role::FirstFrame) > 0, "last_frame needs a first_frame");
        reader.demand(order.count(Role::LastFrame) == 1, "there can be one last_frame only");
    }
}

fn check_prompt(order: &Order, extras: &Extras, reader: &mut Reader) {
    let length = order.prompt.chars().count();
    let max = order.model.prompt_max;
    reader.demand(length <= max, format!("prompt is longer than {max} characters"));
    if order.endpoint == Endpoint::Omni {
        reader.demand(!order.prompt.trim().is_empty(), "prompt is required");
    }
    let is_on = match order.model.multi_shot {
        MultiShot::Unknown => false,
        MultiShot::OnlyOff => {
            reader.demand(extras.multi_shot != Some(true), "multi_shot must be false");
            false
        }
        MultiShot::DefaultOn => extras.multi_shot.unwrap_or(true),
    };
    if is_on && order.prompt.trim_start().starts_with("shot 1,") {
        check_shots(order, reader);
    }
}

/// `shot 1, 3, words; shot 2, 2, words;`
fn check_shots(order: &Order, reader: &mut Reader) {
    let shots: Vec<&str> =
        order.prompt.split(';').map(str::trim).filter(|shot| !shot.is_empty()).collect();
    reader.demand(shots.len() <= SHOTS_MAX, "there are more than 6 shots");
    let mut sum = 0;
    for (number, shot) in (1..).zip(shots) {
        let mut parts = shot.splitn(3, ',').map(str::trim);
        let named = parts.next() == Some(format!("shot {number}").as_str());
        let seconds = parts.next().and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
        let words = parts.next().unwrap_or_default();
        sum += seconds;
        reader.demand(named && seconds >= 1, format!("shot {number} is malformed"));
        let fits = (1..=SHOT_CHARS_MAX).contains(&words.chars().count());
        reader.demand(fits, format!("shot {number} has no words or too many"));
    }
    let is_whole = order.seconds.is_none_or(|seconds| seconds == sum);
    reader.demand(is_whole, "the shots do not add up to the duration");
}

fn check_length(order: &Order, reader: &mut Reader) {
    let Some(seconds) = order.seconds else { return };
    let fits = order.model.takes_seconds(seconds);
    reader.demand(fits, format!("duration {seconds} is not supported by {}", order.model.id));
    // As seen on the live service: free lengths only with reference images.
    if order.model.id == "kling-o1" && order.count(Role::ReferImage) == 0 {
        reader.demand(matches!(seconds, 5 | 10), "without references duration must be 5 or 10");
    }
}

fn check_counts(order: &Order, extras: &Extras, reader: &mut Reader) {
    let model = order.model;
    reader.demand(extras.elements <= model.elements_max, "too many elements");
    reader.demand(extras.voices <= model.voices_max, "too many voices");
    let references = order.count(Role::ReferImage) + extras.elements;
    let max = if order.has_video() { REFERENCES_WITH_VIDEO_MAX } else { REFERENCES_MAX };
    reader.demand(references <= max, format!("at most {max} references are taken here"));
    let videos = order.inputs.iter().filter(|input| input.role.is_video()).count();
    reader.demand(videos <= 1, "one video per task");
}

/// `@image_1` must not be read as the beginning of `@image_10`.
fn check_ids(extras: &Extras, reader: &mut Reader) {
    for (index, id) in extras.ids.iter().enumerate() {
        let clash = extras
            .ids
            .iter()
            .enumerate()
            .any(|(other, known)| other != index && known.starts_with(id.as_str()));
        reader.demand(!clash, format!("id {id} is given twice or begins another id"));
    }
}

fn check_omni(order: &Order, extras: &Extras, reader: &mut Reader) {
    let audio = extras.audio.as_deref().unwrap_or("off");
    let frames = order.count(Role::FirstFrame) + order.count(Role::LastFrame);
    reader.demand(order.count(Role::FirstFrame) <= 1, "there can be one first_frame only");
    if frames == 0 && !order.has_video() {
        let given = order.ratio.is_some();
        reader.demand(given, "aspect_ratio is required without first frame and video");
    }
    if order.count(Role::FeatureVideo) > 0 {
        reader.demand(audio == "off", "audio must be off with a feature_video");
        let fits =
            order.model.multi_shot != MultiShot::DefaultOn || extras.multi_shot != Some(false);
        reader.demand(fits, "multi_shot must be true with a feature_video");
    }
    if order.count(Role::BaseVideo) > 0 {
        reader.demand(frames == 0, "no frames with a base_video");
        reader.demand(audio != "native", "audio must be original or off with a base_video");
        let fits =
            order.model.multi_shot != MultiShot::DefaultOn || extras.multi_shot == Some(false);
        reader.demand(fits, "multi_shot must be false with a base_video");
    } else {
        reader.demand(audio != "original", "there is no original audio without a base_video");
    }
}
