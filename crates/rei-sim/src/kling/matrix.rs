//! What each model can do: the capability matrix and the price list (facts of autumn 2026).

/// The paths under which tasks are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Text,
    Image,
    Omni,
    Motion,
}

impl Endpoint {
    /// Its path in the new generation.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Text => "text-to-video",
            Self::Image => "image-to-video",
            Self::Omni => "omni-video",
            Self::Motion => "motion-control",
        }
    }

    /// Its path in the older generation, after `/v1/videos/`.
    pub(super) fn legacy_path(self) -> &'static str {
        match self {
            Self::Text => "text2video",
            Self::Image => "image2video",
            Self::Omni => "omni-video",
            Self::Motion => "motion-control",
        }
    }
}

/// When a last frame may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastFrame {
    Never,
    Always,
    /// In 1080p without sound.
    Silent1080p,
    /// Not together with reference images.
    WithoutReferences,
}

/// Whether several shots can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MultiShot {
    /// There is no such setting.
    Unknown,
    /// It can be said that there shall be one.
    OnlyOff,
    /// It is on unless it is switched off.
    DefaultOn,
}

/// Which lengths there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seconds {
    Between(u32, u32),
    OneOf(&'static [u32]),
    /// As long as the input: it cannot be chosen.
    OfInput,
}

/// Micro-dollars for a second of output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    pub(super) resolution: &'static str,
    pub(super) silent: u64,
    pub(super) with_sound: u64,
    pub(super) with_video: u64,
}

/// A model at one endpoint.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) id: &'static str,
    /// `model_name` of the older generation; none: it is not there.
    pub(super) legacy: Option<&'static str>,
    pub(super) endpoints: &'static [Endpoint],
    pub(super) prices: &'static [Price],
    pub(super) seconds: Seconds,
    /// Values of `audio`; empty: there is no such setting.
    pub(super) audio: &'static [&'static str],
    pub(super) multi_shot: MultiShot,
    pub(super) prompt_max: usize,
    pub(super) last_frame: LastFrame,
    pub(super) elements_max: usize,
    pub(super) voices_max: usize,
    pub(super) video: Option<VideoLimits>,
}

/// What an input clip must be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct VideoLimits {
    pub(super) bytes_max: usize,
    pub(super) seconds: (f64, f64),
    pub(super) side: (u32, u32),
    pub(super) area_max: u64,
    /// Width by height.
    pub(super) ratio: (f64, f64),
    pub(super) fps: (f64, f64),
}

const MB: usize = 1024 * 1024;
const ANY: (f64, f64) = (0.0, f64::MAX);
/// 24 to 60, and the 23.976 that cameras call 24.
const FPS: (f64, f64) = (23.5, 60.5);
const LONG_PROMPT: usize = 3_072;
const PROMPT: usize = 2_500;
const TEXT_AND_IMAGE: &[Endpoint] = &[Endpoint::Text, Endpoint::Image];

const fn price(resolution: &'static str, silent: u64, with_sound: u64, with_video: u64) -> Price {
    Price { resolution, silent, with_sound, with_video }
}

const fn motion_limits() -> VideoLimits {
    VideoLimits {
        bytes_max: 100 * MB,
        seconds: (3.0, 30.0),
        side: (340, 3850),
        area_max: u64::MAX,
        ratio: ANY,
        fps: ANY,
    }
}

/// All models that are not retired.
pub(super) const MODELS: &[Model] = &[
    Model {
        id: "kling-3.0-turbo",
        legacy: None,
        endpoints: TEXT_AND_IMAGE,
        prices: &[price("720p", 112_000, 112_000, 0), price("1080p", 140_000, 140_000, 0)],
        seconds: Seconds::Between(3, 15),
        audio: &[],
        multi_shot: MultiShot::Unknown,
        prompt_max: LONG_PROMPT,
        last_frame: LastFrame::Never,
        elements_max: 0,
        voices_max: 0,
        video: None,
    },
    Model {
        id: "kling-3.0",
        legacy: Some("kling-v3"),
        endpoints: TEXT_AND_IMAGE,
        prices: &[
            price("720p", 84_000, 126_000, 0),
            price("1080p", 112_000, 168_000, 0),
            price("4k", 420_000, 420_000, 0),
        ],
        seconds: Seconds::Between(3, 15),
        audio: &["native", "off"],
        multi_shot: MultiShot::DefaultOn,
        prompt_max: LONG_PROMPT,
        last_frame: LastFrame::Always,
        elements_max: 3,
        voices_max: 0,
        video: None,
    },
    Model {
        id: "kling-2.6",
        legacy: Some("kling-v2-6"),
        endpoints: TEXT_AND_IMAGE,
        prices: &[price("720p", 42_000, 42_000, 0), price("1080p", 70_000, 140_000, 0)],
        seconds: Seconds::OneOf(&[5, 10]),
        audio: &["native", "off"],
        multi_shot: MultiShot::Unknown,
        prompt_max: PROMPT,
        last_frame: LastFrame::Silent1080p,
        elements_max: 0,
        voices_max: 2,
        video: None,
    },
    Model {
        id: "kling-2.5-turbo",
        legacy: Some("kling-v2-5-turbo"),
        endpoints: TEXT_AND_IMAGE,
        prices: &[price("720p", 42_000, 42_000, 0), price("1080p", 70_000, 70_000, 0)],
        seconds: Seconds::OneOf(&[5, 10]),
        audio: &[],
        multi_shot: MultiShot::Unknown,
        prompt_max: PROMPT,
        last_frame: LastFrame::Silent1080p,
        elements_max: 0,
        voices_max: 0,
        video: None,
    },
    Model {
        id: "kling-3.0-omni",
        legacy: Some("kling-v3-omni"),
        endpoints: &[Endpoint::Omni],
        prices: &[
            price("720p", 84_000, 112_000, 126_000),
            price("1080p", 112_000, 140_000, 168_000),
            price("4k", 420_000, 420_000, 420_000),
        ],
        seconds: Seconds::Between(3, 15),
        audio: &["native", "original", "off"],
        multi_shot: MultiShot::DefaultOn,
        prompt_max: LONG_PROMPT,
        last_frame: LastFrame::Always,
        elements_max: 7,
        voices_max: 0,
        video: Some(VideoLimits {
            bytes_max: 200 * MB,
            seconds: (3.0, 15.5),
            side: (700, 4553),
            area_max: 8_294_400,
            ratio: (0.4, 2.0),
            fps: FPS,
        }),
    },
    Model {
        id: "kling-o1",
        legacy: Some("kling-video-o1"),
        endpoints: &[Endpoint::Omni],
        prices: &[
            price("720p", 84_000, 84_000, 126_000),
            price("1080p", 112_000, 112_000, 168_000),
        ],
        seconds: Seconds::Between(3, 10),
        audio: &["original", "off"],
        multi_shot: MultiShot::OnlyOff,
        prompt_max: PROMPT,
        last_frame: LastFrame::WithoutReferences,
        elements_max: 7,
        voices_max: 0,
        video: Some(VideoLimits {
            bytes_max: 200 * MB,
            seconds: (3.0, 10.05),
            side: (700, 2160),
            area_max: u64::MAX,
            ratio: ANY,
            fps: FPS,
        }),
    },
    Model {
        id: "kling-3.0",
        legacy: Some("kling-v3"),
        endpoints: &[Endpoint::Motion],
        prices: &[price("720p", 0, 0, 126_000), price("1080p", 0, 0, 168_000)],
        seconds: Seconds::OfInput,
        audio: &["original", "off"],
        multi_shot: MultiShot::Unknown,
        prompt_max: LONG_PROMPT,
        last_frame: LastFrame::Never,
        elements_max: 1,
        voices_max: 0,
        video: Some(motion_limits()),
    },
    Model {
        id: "kling-2.6",
        legacy: Some("kling-v2-6"),
        endpoints: &[Endpoint::Motion],
        prices: &[price("720p", 0, 0, 70_000), price("1080p", 0, 0, 112_000)],
        seconds: Seconds::OfInput,
        audio: &["original", "off"],
        multi_shot: MultiShot::Unknown,
        prompt_max: PROMPT,
        last_frame: LastFrame::Never,
        elements_max: 0,
        voices_max: 0,
        video: Some(motion_limits()),
    },
];

/// A model by the two parts of its path.
pub(super) fn find(path: &str, id: &str) -> Option<(Endpoint, &'static Model)> {
    at(|endpoint, model| endpoint.path() == path && model.id == id)
}

/// A model by the older generation's path and `model_name`.
pub(super) fn find_legacy(path: &str, name: &str) -> Option<(Endpoint, &'static Model)> {
    at(|endpoint, model| endpoint.legacy_path() == path && model.legacy == Some(name))
}

/// Whether there is such a path at all, of either generation.
pub(super) fn is_endpoint(path: &str) -> bool {
    at(|endpoint, _| endpoint.path() == path || endpoint.legacy_path() == path).is_some()
}

fn at(wanted: impl Fn(Endpoint, &Model) -> bool) -> Option<(Endpoint, &'static Model)> {
    MODELS.iter().find_map(|model| {
        let endpoint = model.endpoints.iter().find(|endpoint| wanted(**endpoint, model))?;
        Some((*endpoint, model))
    })
}

impl Model {
    pub(super) fn price(&self, resolution: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.resolution == resolution)
    }

    pub(super) fn resolutions(&self) -> Vec<&'static str> {
        self.prices.iter().map(|price| price.resolution).collect()
    }

    pub(super) fn takes_seconds(&self, seconds: u32) -> bool {
        match self.seconds {
            Seconds::Between(least, most) => (least..=most).contains(&seconds),
            Seconds::OneOf(choices) => choices.contains(&seconds),
            Seconds::OfInput => false,
        }
    }
}
