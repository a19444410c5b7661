//! The files that a model takes: how many, of which kind, how large, and how they reach the provider.

use serde::{Deserialize, Serialize};

use super::Slot;

/// A way in which a file reaches a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carriage {
    /// As bytes: inside the request, or through the provider's own upload when they are many.
    Inline,
    /// As a link that the provider follows.
    Url,
}

/// Files of one purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSlot {
    /// What they are for.
    pub slot: Slot,
    /// At least so many.
    #[serde(default = "one")]
    pub min: usize,
    /// At most so many.
    #[serde(default = "one")]
    pub max: usize,
    /// The ways the provider takes them, the better one first.
    pub carried: Vec<Carriage>,
    /// The kinds of file by their usual ending: `png`, `jpg`, `webp`, `mp4`, `mov`.
    pub types: Vec<String>,
    /// The largest file, in bytes.
    pub size_bytes_max: u64,
    /// The shortest and the longest side, in pixels.
    pub side_px: Option<[u32; 2]>,
    /// The most pixels.
    pub area_px_max: Option<u64>,
    /// The least and the greatest width divided by height, in thousandths.
    pub ratio_permille: Option<[u64; 2]>,
    /// The shortest and the longest clip, in milliseconds.
    pub length_ms: Option<[u64; 2]>,
}

const fn one() -> usize {
    1
}

/// What was found in a file by reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// What it is, by its first bytes: `png`, `jpg`, `webp`, `mp4`, `mov`.
    pub file_type: String,
    /// How long it is, in bytes.
    pub size_bytes: u64,
    /// Pixels from side to side, as shown.
    pub width: u32,
    /// Pixels from top to bottom, as shown.
    pub height: u32,
    /// Videos: how long they run, in milliseconds.
    pub length_ms: Option<u64>,
}

impl Measured {
    /// Whether it moves.
    pub fn is_video(&self) -> bool {
        self.length_ms.is_some()
    }
}

/// Why a file can't be taken, with the limit that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the limit it is named after")]
pub enum InputProblem {
    WrongType { allowed: Vec<String> },
    TooLarge { bytes_max: u64 },
    SideTooShort { px_min: u32 },
    SideTooLong { px_max: u32 },
    TooManyPixels { px_max: u64 },
    TooNarrow,
    TooShort { ms_min: u64 },
    TooLong { ms_max: u64 },
}

impl InputSlot {
    /// Whether the model takes this file.
    ///
    /// # Errors
    /// The first limit that the file breaks.
    pub fn check(&self, file: &Measured) -> Result<(), InputProblem> {
        if !self.types.contains(&file.file_type) {
            return Err(InputProblem::WrongType { allowed: self.types.clone() });
        }
        if file.size_bytes > self.size_bytes_max {
            return Err(InputProblem::TooLarge { bytes_max: self.size_bytes_max });
        }
        let (shorter, longer) = (file.width.min(file.height), file.width.max(file.height));
        if let Some([px_min, px_max]) = self.side_px {
            if shorter < px_min {
                return Err(InputProblem::SideTooShort { px_min });
            }
            if longer > px_max {
                return Err(InputProblem::SideTooLong { px_max });
            }
        }
        let (width, height) = (u64::from(file.width), u64::from(file.height));
        if let Some(px_max) = self.area_px_max.filter(|max| width * height > *max) {
            return Err(InputProblem::TooManyPixels { px_max });
        }
        if let Some([least, greatest]) = self.ratio_permille
            && !(height.saturating_mul(least)..=height.saturating_mul(greatest))
                .contains(&(width * 1000))
        {
            return Err(InputProblem::TooNarrow);
        }
        match (self.length_ms, file.length_ms) {
            (Some([ms_min, _]), Some(ms)) if ms < ms_min => Err(InputProblem::TooShort { ms_min }),
            (Some([_, ms_max]), Some(ms)) if ms > ms_max => Err(InputProblem::TooLong { ms_max }),
            _ => Ok(()),
        }
    }

    pub(super) fn mistake(&self) -> Option<String> {
        let named = self.slot.as_str();
        if self.min == 0 || self.max < self.min {
            return Some(format!("input {named}: min must be at least 1 and max at least min"));
        }
        if self.carried.is_empty() || self.types.is_empty() {
            return Some(format!("input {named}: carried and types must not be empty"));
        }
        let reversed = self.side_px.is_some_and(|[from, to]| from > to)
            || self.ratio_permille.is_some_and(|[from, to]| from > to)
            || self.length_ms.is_some_and(|[from, to]| from > to);
        if reversed {
            return Some(format!("input {named}: a range must go from the smaller to the greater"));
        }
        let known = |name: &String| match self.slot.is_video() {
            true => matches!(name.as_str(), "mp4" | "mov"),
            false => matches!(name.as_str(), "png" | "jpg" | "webp"),
        };
        self.types
            .iter()
            .find(|name| !known(name))
            .map(|name| format!("input {named}: a file of the type {name} cannot be handled"))
    }
}
