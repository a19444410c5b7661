//! One sellable model: what can be chosen, which files it takes, and what its row must not say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Extra, InputSlot, Kind, Measured, PriceRow, Slot};
use crate::money::Kopecks;

/// The ratio that leaves it to the source picture.
pub const RATIO_OF_SOURCE: &str = "source";
/// The most pictures in one order.
const COUNT_MAX: u32 = 4;
/// The longest name of a concurrency group.
const GROUP_CHARS_MAX: usize = 32;
/// The provider that counts what runs at once for each version of its models. Its paths end in the version.
const COUNTS_BY_VERSION: &str = "kling";

/// One sellable model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The row's key in orders and buttons: lower case letters, digits and dashes.
    pub sku: String,
    /// What it makes.
    pub kind: Kind,
    /// The provider's name, as in `provider:model` of the metrics.
    pub provider: String,
    /// The provider's own model id, or the path of its endpoint.
    pub model: String,
    /// The model's name in the provider's older API; none: it isn't sold there.
    pub model_legacy: Option<String>,
    /// Whether it is on sale.
    pub enabled: bool,
    /// Its name for customers who read Russian.
    pub title_ru: String,
    /// Its name for customers who read English.
    pub title_en: String,
    /// The longest prompt, in characters.
    pub prompt_chars_max: usize,
    /// After this long without a result the money goes back, in seconds.
    pub(super) deadline_s: u64,
    /// How long it usually takes, from and to, in seconds.
    pub typical_s: [u32; 2],
    /// The ratios a customer may choose from, as `width:height`, or `source`; none: there is no such choice.
    #[serde(default)]
    pub ratios: Vec<String>,
    /// The ratio of somebody who chose none.
    #[serde(default)]
    pub default_ratio: String,
    /// The size of somebody who chose none.
    pub default_size: String,
    /// The sound of somebody who chose none.
    #[serde(default)]
    pub default_sound: String,
    /// Videos: the lengths a customer may choose from; none: as long as the clip that goes in.
    #[serde(default)]
    pub seconds: Vec<u32>,
    /// The length of somebody who chose none.
    #[serde(default)]
    pub default_seconds: u32,
    /// Pictures: the most in one order.
    #[serde(default = "one")]
    pub count_max: u32,
    /// The files it takes.
    #[serde(default, rename = "input")]
    pub inputs: Vec<InputSlot>,
    /// Fixed fields of the request, by the provider's names.
    #[serde(default)]
    pub extras: BTreeMap<String, Extra>,
    /// The least that an order costs.
    #[serde(default, rename = "floor_kopecks")]
    pub floor: Kopecks,
    /// The day on which the provider's prices were read.
    #[serde(default)]
    pub cost_date: String,
    /// One row for each size, or for each size with each sound.
    #[serde(rename = "price")]
    pub prices: Vec<PriceRow>,
    /// The rows that share the provider's places; none: [`Model::concurrency_group`] tells.
    #[serde(default, rename = "concurrency_group")]
    pub(super) group: Option<String>,
    /// What the owner's settings multiply and divide all prices of the row by.
    #[serde(skip, default = "unscaled")]
    pub(super) scale: (i64, i64),
}

const fn one() -> u32 {
    1
}

const fn unscaled() -> (i64, i64) {
    (1, 1)
}

/// What the customer chose for one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The model's key.
    pub sku: String,
    /// `width:height`, `source`, or empty where there is no such choice.
    pub ratio: String,
    /// `1K`, `2K`, `4K`; `720p`, `1080p`, `4k`.
    pub size: String,
    /// Videos: `off`, `native`, `original`, or empty where there is no such choice.
    #[serde(default)]
    pub sound: String,
    /// Videos: the length in seconds; zero where it follows from the clip.
    #[serde(default)]
    pub seconds: u32,
    /// Pictures: how many.
    #[serde(default = "one")]
    pub count: u32,
}

impl Model {
    /// The name in the reader's language.
    pub fn title(&self, russian: bool) -> &str {
        if russian { &self.title_ru } else { &self.title_en }
    }

    /// After this long without a result the money goes back.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_s)
    }

    /// The group whose rows share the provider's places, which are counted from the call to the end of the task; none
    /// where the provider counts nothing of the kind. Unnamed, it is the version at the end of the provider's path.
    pub fn concurrency_group(&self) -> Option<&str> {
        match &self.group {
            Some(group) => Some(group),
            None if self.provider == COUNTS_BY_VERSION => self.model.rsplit('/').next(),
            None => None,
        }
    }

    /// What somebody gets who chose nothing.
    pub fn default_choices(&self) -> Choices {
        Choices {
            sku: self.sku.clone(),
            ratio: self.default_ratio.clone(),
            size: self.default_size.clone(),
            sound: self.default_sound.clone(),
            seconds: self.default_seconds,
            count: 1,
        }
    }

    /// The nearest choices that this model has: what it doesn't have falls back to its default.
    pub fn fit(&self, wanted: &Choices) -> Choices {
        let ratio =
            if self.ratios.contains(&wanted.ratio) { &wanted.ratio } else { &self.default_ratio };
        let size = if self.sizes().contains(&wanted.size.as_str()) {
            &wanted.size
        } else {
            &self.default_size
        };
        let sounds = self.sounds(size);
        let sound = [&wanted.sound, &self.default_sound]
            .into_iter()
            .find(|sound| sounds.contains(&sound.as_str()))
            .cloned()
            .or_else(|| sounds.first().map(|sound| (*sound).to_owned()));
        let seconds = if self.seconds.contains(&wanted.seconds) {
            wanted.seconds
        } else {
            self.default_seconds
        };
        Choices {
            sku: self.sku.clone(),
            ratio: ratio.clone(),
            size: size.clone(),
            sound: sound.unwrap_or_default(),
            seconds,
            count: wanted.count.clamp(1, self.count_max),
        }
    }

    /// Whether these choices can be ordered as they are.
    pub fn has(&self, choices: &Choices) -> bool {
        self.fit(choices) == *choices
    }

    /// The sizes on sale, in the order of the rows.
    pub fn sizes(&self) -> Vec<&str> {
        let mut sizes: Vec<&str> = Vec::new();
        for row in &self.prices {
            if !sizes.contains(&row.size.as_str()) {
                sizes.push(&row.size);
            }
        }
        sizes
    }

    /// The sounds on sale with this size; one empty word where there is no choice.
    pub fn sounds(&self, size: &str) -> Vec<&str> {
        self.prices.iter().filter(|row| row.size == size).map(|row| row.sound.as_str()).collect()
    }

    /// The price row of a size and a sound.
    pub fn price_row(&self, size: &str, sound: &str) -> Option<&PriceRow> {
        self.prices.iter().find(|row| row.size == size && row.sound == sound)
    }

    /// Every combination that has a price of its own, with everything else at its default.
    pub fn combinations(&self) -> Vec<Choices> {
        let seconds = if self.seconds.is_empty() { vec![0] } else { self.seconds.clone() };
        let of_row = |row: &PriceRow| {
            let (size, sound) = (row.size.clone(), row.sound.clone());
            seconds
                .iter()
                .map(move |seconds| Choices {
                    size: size.clone(),
                    sound: sound.clone(),
                    seconds: *seconds,
                    ..self.default_choices()
                })
                .collect::<Vec<_>>()
        };
        self.prices.iter().flat_map(of_row).collect()
    }

    /// Whether the length of the result is that of the clip that goes in.
    pub fn length_follows_input(&self) -> bool {
        self.kind.is_video() && self.seconds.is_empty()
    }

    /// The longest clip that it takes, where its price follows from the clip's length.
    pub(super) fn longest_ms(&self) -> Option<u64> {
        let follows = self.length_follows_input();
        let clips = self.inputs.iter().filter(|input| follows && input.slot.is_video());
        clips.filter_map(|clip| clip.length_ms).map(|[_, longest]| longest).max()
    }

    /// Which file goes where: the index of each file that is used, with its slot, in the order of the slots.
    /// `None` when a slot stays short of files.
    pub fn assign(&self, are_videos: &[bool]) -> Option<Vec<(Slot, usize)>> {
        let mut used = vec![false; are_videos.len()];
        let mut assigned = Vec::new();
        for input in &self.inputs {
            let mut taken = 0;
            for (index, is_video) in are_videos.iter().enumerate() {
                if !used[index] && *is_video == input.slot.is_video() && taken < input.max {
                    used[index] = true;
                    taken += 1;
                    assigned.push((input.slot, index));
                }
            }
            if taken < input.min {
                return None;
            }
        }
        Some(assigned)
    }

    /// The rules for files of this purpose.
    pub fn input(&self, slot: Slot) -> Option<&InputSlot> {
        self.inputs.iter().find(|input| input.slot == slot)
    }

    /// The most files that it takes.
    pub fn files_max(&self) -> usize {
        self.inputs.iter().map(|input| input.max).sum()
    }

    /// The length that the price follows from, among the files that go in.
    pub fn length_of<'f>(&self, files: impl IntoIterator<Item = &'f Measured>) -> Option<u64> {
        files.into_iter().find_map(|file| file.length_ms)
    }

    pub(super) fn mistake(&self) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.sku.is_empty() || self.sku.len() > 32 || !self.sku.bytes().all(plain) {
            return Some("sku must be 1–32 lower case letters, digits and dashes".to_owned());
        }
        let no_ratios = self.ratios.is_empty() && self.default_ratio.is_empty();
        if !no_ratios && !self.ratios.contains(&self.default_ratio) {
            return Some(format!("default_ratio {} is not among the ratios", self.default_ratio));
        }
        if self.price_row(&self.default_size, &self.default_sound).is_none() {
            let (size, sound) = (&self.default_size, &self.default_sound);
            return Some(format!(
                "default_size {size} with default_sound \"{sound}\" has no price"
            ));
        }
        if self.deadline_s == 0 || self.prompt_chars_max == 0 {
            return Some("deadline_s and prompt_chars_max must be above zero".to_owned());
        }
        if self.count_max == 0
            || self.count_max > COUNT_MAX
            || (self.kind.is_video() && self.count_max > 1)
        {
            return Some(format!("count_max must be 1 to {COUNT_MAX}, and 1 for videos"));
        }
        self.mistake_in_group()
            .or_else(|| self.mistake_in_length())
            .or_else(|| self.mistake_in_inputs())
            .or_else(|| self.mistake_in_prices())
    }

    fn mistake_in_group(&self) -> Option<String> {
        let group = self.concurrency_group()?;
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        if group.is_empty() || group.len() > GROUP_CHARS_MAX || !group.bytes().all(plain) {
            return Some(format!(
                "concurrency_group \"{group}\" must be 1–{GROUP_CHARS_MAX} lower case letters, digits, dots and dashes"
            ));
        }
        (!self.kind.is_video()).then(|| {
            format!(
                "concurrency_group \"{group}\" is for videos; a picture takes no place for long"
            )
        })
    }

    fn mistake_in_length(&self) -> Option<String> {
        let has_clip = self.inputs.iter().any(|input| input.slot.is_video());
        if !self.kind.is_video() {
            return (!self.seconds.is_empty()).then(|| "a picture has no seconds".to_owned());
        }
        if self.seconds.is_empty() && !has_clip {
            return Some("a video needs seconds, or a clip whose length it takes".to_owned());
        }
        let default_missing =
            !self.seconds.is_empty() && !self.seconds.contains(&self.default_seconds);
        (default_missing || self.seconds.contains(&0))
            .then(|| "default_seconds must be among the seconds, all above zero".to_owned())
    }

    fn mistake_in_inputs(&self) -> Option<String> {
        let expected: &[Slot] = match self.kind {
            Kind::Image | Kind::TextVideo => &[],
            Kind::Edit => &[Slot::Reference],
            Kind::ImageVideo => &[Slot::FirstFrame],
            Kind::FramesVideo => &[Slot::FirstFrame, Slot::LastFrame],
            Kind::VideoVideo if self.input(Slot::FeatureVideo).is_some() => &[Slot::FeatureVideo],
            Kind::VideoVideo => &[Slot::BaseVideo],
            Kind::Motion => &[Slot::MotionImage, Slot::MotionVideo],
        };
        let found: Vec<Slot> = self.inputs.iter().map(|input| input.slot).collect();
        if found != expected {
            let names: Vec<&str> = expected.iter().map(|slot| slot.as_str()).collect();
            return Some(format!(
                "a row of the kind {} takes these inputs: {}",
                self.kind.as_str(),
                names.join(", ")
            ));
        }
        self.inputs.iter().find_map(InputSlot::mistake)
    }

    fn mistake_in_prices(&self) -> Option<String> {
        let mut known = BTreeSet::new();
        for row in &self.prices {
            if !known.insert((&row.size, &row.sound)) {
                return Some(format!("size {} stands twice with the same sound", row.size));
            }
            if row.cost.0 < 0
                || row.sale.is_some_and(|sale| !sale.is_positive() || sale > Kopecks::OPERATION_MAX)
            {
                return Some(format!("the price of size {} must be above zero", row.size));
            }
        }
        None
    }
}
