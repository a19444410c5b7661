//! What can be made, and what the customer's files are for.

use serde::{Deserialize, Serialize};

/// What a model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture from words.
    Image,
    /// A picture from pictures and words.
    Edit,
    /// A video from words.
    TextVideo,
    /// A video that begins with a picture.
    ImageVideo,
    /// A video between two pictures.
    FramesVideo,
    /// A video from a video.
    VideoVideo,
    /// The person of a picture moves as in a video.
    Motion,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Image,
        Self::Edit,
        Self::TextVideo,
        Self::ImageVideo,
        Self::FramesVideo,
        Self::VideoVideo,
        Self::Motion,
    ];

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Edit => "edit",
            Self::TextVideo => "text_video",
            Self::ImageVideo => "image_video",
            Self::FramesVideo => "frames_video",
            Self::VideoVideo => "video_video",
            Self::Motion => "motion",
        }
    }

    /// Reads the book's word; `None` for one that this version does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it is a video, priced by the second; else a picture, priced by the piece.
    pub const fn is_video(self) -> bool {
        match self {
            Self::Image | Self::Edit => false,
            Self::TextVideo | Self::ImageVideo | Self::FramesVideo => true,
            Self::VideoVideo | Self::Motion => true,
        }
    }

    /// Whether it is made from files of the customer's.
    pub const fn takes_files(self) -> bool {
        !matches!(self, Self::Image | Self::TextVideo)
    }

    /// Whether it can be ordered without a word.
    pub const fn needs_words(self) -> bool {
        match self {
            Self::Image | Self::Edit | Self::TextVideo | Self::VideoVideo => true,
            Self::ImageVideo | Self::FramesVideo | Self::Motion => false,
        }
    }
}

/// What one of the customer's files is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// A picture that is changed or drawn after.
    Reference,
    /// The picture that a video begins with.
    FirstFrame,
    /// The picture that a video ends with.
    LastFrame,
    /// The clip that is changed.
    BaseVideo,
    /// The clip whose style or camera is borrowed.
    FeatureVideo,
    /// The picture whose person is to move.
    MotionImage,
    /// The clip whose movement is taken over.
    MotionVideo,
}

impl Slot {
    /// Every slot.
    pub const ALL: [Self; 7] = [
        Self::Reference,
        Self::FirstFrame,
        Self::LastFrame,
        Self::BaseVideo,
        Self::FeatureVideo,
        Self::MotionImage,
        Self::MotionVideo,
    ];

    /// The word under which the book and the catalogue know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::FirstFrame => "first_frame",
            Self::LastFrame => "last_frame",
            Self::BaseVideo => "base_video",
            Self::FeatureVideo => "feature_video",
            Self::MotionImage => "motion_image",
            Self::MotionVideo => "motion_video",
        }
    }

    /// Reads the book's word; `None` for one that this version does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.as_str() == word)
    }

    /// Whether it takes a video; else a picture.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::BaseVideo | Self::FeatureVideo | Self::MotionVideo)
    }
}

/// A fixed field of a catalogue row that goes to the provider as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extra {
    /// `true`, `false`
    Switch(bool),
    /// A whole number.
    Number(i64),
    /// Words.
    Text(String),
}
