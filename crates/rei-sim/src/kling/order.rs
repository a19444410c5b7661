//! A task that was ordered, and the strict reading of the new generation's bodies.

use serde::Serialize;
use serde_json::Value;

use super::fields::{Object, Reader};
use super::matrix::{Endpoint, LastFrame, Model, MultiShot, Seconds};
use super::rules;
use super::sources::{self, Source};

/// The settings of any model; one that a model does not have is refused, any other name is ignored.
const SETTINGS: [&str; 6] =
    ["resolution", "duration", "aspect_ratio", "audio", "multi_shot", "character_orientation"];
const RATIOS: [&str; 3] = ["16:9", "9:16", "1:1"];
const SECONDS_DEFAULT: u32 = 5;

/// A task as it was ordered; both generations come down to this.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) endpoint: Endpoint,
    pub(super) model: &'static Model,
    pub(super) prompt: String,
    pub(super) inputs: Vec<Input>,
    /// `720p` …
    pub(super) resolution: String,
    /// None: as long as the input.
    pub(super) seconds: Option<u32>,
    /// None: that of the input.
    pub(super) ratio: Option<String>,
    pub(super) has_sound: bool,
    /// The person's orientation follows the picture, so the clip must be short.
    pub(super) follows_image: bool,
    pub(super) external_id: Option<String>,
    pub(super) callback_url: Option<String>,
    pub(super) has_watermark: bool,
}

/// A file of the customer's.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) role: Role,
    pub(super) source: Source,
}

/// What an input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The video begins with it.
    FirstFrame,
    /// The video ends with it.
    LastFrame,
    /// A picture to be drawn after.
    ReferImage,
    /// A clip whose style, camera or motion is borrowed.
    FeatureVideo,
    /// A clip that is changed.
    BaseVideo,
    /// The person of motion control.
    Image,
    /// The motion of motion control.
    Video,
}

impl Role {
    /// Whether it is a clip rather than a picture.
    pub fn is_video(self) -> bool {
        matches!(self, Self::FeatureVideo | Self::BaseVideo | Self::Video)
    }

    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "first_frame" => Self::FirstFrame,
            "last_frame" => Self::LastFrame,
            "refer_image" => Self::ReferImage,
            "feature_video" => Self::FeatureVideo,
            "base_video" => Self::BaseVideo,
            "image" => Self::Image,
            "video" => Self::Video,
            _ => return None,
        })
    }
}

impl Order {
    /// An order of nothing yet.
    pub(super) fn new(endpoint: Endpoint, model: &'static Model) -> Self {
        Self {
            endpoint,
            model,
            prompt: String::new(),
            inputs: Vec::new(),
            resolution: "720p".to_owned(),
            seconds: None,
            ratio: None,
            has_sound: model.audio.is_empty() && model.id == "kling-3.0-turbo",
            follows_image: false,
            external_id: None,
            callback_url: None,
            has_watermark: false,
        }
    }

    pub(super) fn count(&self, role: Role) -> usize {
        self.inputs.iter().filter(|input| input.role == role).count()
    }

    pub(super) fn has_video(&self) -> bool {
        self.inputs.iter().any(|input| input.role.is_video())
    }
}

/// What is counted and checked, but shapes no result.
#[derive(Debug, Default)]
pub(super) struct Extras {
    pub(super) elements: usize,
    pub(super) voices: usize,
    pub(super) ids: Vec<String>,
    pub(super) audio: Option<String>,
    pub(super) multi_shot: Option<bool>,
}

/// Reads a body of the new generation; what is wrong with it is in the reader.
pub(super) fn read(
    endpoint: Endpoint,
    model: &'static Model,
    body: &Value,
    reader: &mut Reader,
) -> Order {
    reader.no_null(body, "body");
    let mut order = Order::new(endpoint, model);
    let mut extras = Extras::default();
    let content = if endpoint == Endpoint::Text { "prompt" } else { "contents" };
    let root = reader.object(body, "body", &[content, "settings", "options"]);
    if endpoint == Endpoint::Text {
        order.prompt = reader.required(&root, "prompt").unwrap_or_default().to_owned();
    } else {
        read_contents(reader, &root, &mut order, &mut extras);
    }
    read_settings(reader, &root, &mut order, &mut extras);
    read_options(reader, &root, &mut order);
    rules::check(&order, &extras, reader);
    order
}

fn read_contents(reader: &mut Reader, root: &Object<'_>, order: &mut Order, extras: &mut Extras) {
    let items = reader.list(root, "contents");
    reader.demand(!items.is_empty(), "body.contents is required");
    let mut prompts = 0;
    for (index, item) in items.iter().enumerate() {
        let path = format!("contents[{index}]");
        let kind = item["type"].as_str().unwrap_or_default();
        let allowed = content_kinds(order.endpoint);
        let known = allowed.iter().find(|(known, _)| *known == kind);
        let Some((_, fields)) = known else {
            reader.wrong(format!("{path}.type \"{kind}\" is not supported here"));
            continue;
        };
        let object = reader.object(item, &path, fields);
        if let Some(id) = reader.text(&object, "id") {
            extras.ids.push(id.to_owned());
        }
        match kind {
            "prompt" => {
                prompts += 1;
                order.prompt = reader.required(&object, "text").unwrap_or_default().to_owned();
            }
            "element" => {
                extras.elements += 1;
                reader.required(&object, "element_id");
            }
            "voice" => {
                extras.voices += 1;
                reader.required(&object, "voice_id");
            }
            _ => order.inputs.extend(read_file(reader, &object, kind)),
        }
    }
    reader.demand(prompts <= 1, "contents holds more than one prompt");
}

fn read_file(reader: &mut Reader, object: &Object<'_>, kind: &str) -> Option<Input> {
    let role = Role::of(kind)?;
    let text = reader.required(object, "url")?;
    let source = sources::read(reader, text, &object.at("url"), role)?;
    Some(Input { role, source })
}

type Kind = (&'static str, &'static [&'static str]);

/// The kinds of content of an endpoint, each with its fields.
fn content_kinds(endpoint: Endpoint) -> &'static [Kind] {
    const PROMPT: Kind = ("prompt", &["type", "text"]);
    const ELEMENT: Kind = ("element", &["type", "element_id", "id"]);
    match endpoint {
        Endpoint::Text => &[],
        Endpoint::Image => &[
            PROMPT,
            ELEMENT,
            ("first_frame", &["type", "url"]),
            ("last_frame", &["type", "url"]),
            ("voice", &["type", "voice_id", "id"]),
        ],
        Endpoint::Omni => &[
            PROMPT,
            ELEMENT,
            ("first_frame", &["type", "url", "id"]),
            ("last_frame", &["type", "url", "id"]),
            ("refer_image", &["type", "url", "id"]),
            ("feature_video", &["type", "url", "id"]),
            ("base_video", &["type", "url", "id"]),
        ],
        Endpoint::Motion => {
            &[PROMPT, ELEMENT, ("image", &["type", "url"]), ("video", &["type", "url"])]
        }
    }
}

fn read_settings(reader: &mut Reader, root: &Object<'_>, order: &mut Order, extras: &mut Extras) {
    let model = order.model;
    let settings = reader.inner(root, "settings", &SETTINGS);
    for name in SETTINGS.iter().filter(|name| settings.has(name) && !has_setting(order, name)) {
        let (path, id) = (order.endpoint.path(), model.id);
        reader.wrong(format!("settings.{name} is not supported by {path}/{id}"));
    }
    if let Some(resolution) = reader.choice(&settings, "resolution", &model.resolutions()) {
        order.resolution = resolution.to_owned();
    }
    order.ratio = reader.choice(&settings, "aspect_ratio", &RATIOS).map(str::to_owned);
    extras.multi_shot = reader.flag(&settings, "multi_shot");
    if !model.audio.is_empty() {
        extras.audio = reader.choice(&settings, "audio", model.audio).map(str::to_owned);
        order.has_sound = extras.audio.as_deref().is_some_and(|audio| audio != "off")
            || (extras.audio.is_none() && order.endpoint == Endpoint::Motion);
    }
    let duration = reader.whole(&settings, "duration");
    if order.has_video() {
        reader.demand(duration.is_none(), "settings.duration must be left out with a video");
    } else if !matches!(model.seconds, Seconds::OfInput) {
        order.seconds = Some(duration.unwrap_or(SECONDS_DEFAULT));
    }
    if order.endpoint == Endpoint::Motion {
        reader.required(&settings, "character_orientation");
        let orientation = reader.choice(&settings, "character_orientation", &["image", "video"]);
        order.follows_image = orientation == Some("image");
    }
}

fn has_setting(order: &Order, name: &str) -> bool {
    let is_motion = order.endpoint == Endpoint::Motion;
    match name {
        "resolution" => true,
        "duration" => !is_motion,
        "aspect_ratio" => matches!(order.endpoint, Endpoint::Text | Endpoint::Omni),
        "audio" => !order.model.audio.is_empty(),
        "multi_shot" => order.model.multi_shot != MultiShot::Unknown,
        _ => is_motion,
    }
}

fn read_options(reader: &mut Reader, root: &Object<'_>, order: &mut Order) {
    let known = ["callback_url", "external_task_id", "watermark_info"];
    let options = reader.inner(root, "options", &known);
    read_common(reader, &options, order);
}

/// The fields that both generations have, the older one at the top.
pub(super) fn read_common(reader: &mut Reader, options: &Object<'_>, order: &mut Order) {
    if let Some(url) = reader.text(options, "callback_url") {
        reader.demand(sources::is_web(url), "callback_url must be an address");
        order.callback_url = Some(url.to_owned());
    }
    if let Some(id) = reader.text(options, "external_task_id") {
        reader.demand(!id.trim().is_empty(), "external_task_id must not be empty");
        order.external_id = Some(id.to_owned());
    }
    let watermark = reader.inner(options, "watermark_info", &["enabled"]);
    order.has_watermark = reader.flag(&watermark, "enabled").unwrap_or_default();
}

impl Model {
    /// Whether a last frame fits the rest of an order.
    pub(super) fn takes_last_frame(&self, order: &Order, extras: &Extras) -> bool {
        match self.last_frame {
            LastFrame::Never => false,
            LastFrame::Always => true,
            LastFrame::Silent1080p => {
                order.resolution == "1080p" && extras.audio.as_deref() != Some("native")
            }
            LastFrame::WithoutReferences => order.count(Role::ReferImage) == 0,
        }
    }
}
