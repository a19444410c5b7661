//! What a picker can be about, and whose choices it changes.

use rei_domain::catalog::Kind;

/// One thing that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what is chosen")]
pub enum Choice {
    Model,
    Ratio,
    Size,
    Seconds,
    Sound,
    Count,
}

impl Choice {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Model, Self::Ratio, Self::Size, Self::Seconds, Self::Sound, Self::Count];

    /// The word of its buttons and texts; its picker has the plural.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Size => "size",
            Self::Seconds => "length",
            Self::Sound => "sound",
            Self::Ratio => "ratio",
            Self::Count => "count",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == word)
    }
}

/// Whose choices a picker changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those of the open form.
    Form,
    /// Those that are remembered for a kind: the settings.
    Kind(Kind),
}

impl Scope {
    /// The word of its buttons.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "-",
            Self::Kind(kind) => kind.as_str(),
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "-" { Some(Self::Form) } else { Kind::from_word(word).map(Self::Kind) }
    }
}

/// What may be done with files that came without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what is made")]
pub enum Purpose {
    Edit,
    Draw,
    Animate,
    Clip,
    Motion,
    Style,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Edit, Self::Draw, Self::Animate, Self::Clip, Self::Motion, Self::Style];

    /// The word of its buttons and texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Draw => "draw",
            Self::Animate => "animate",
            Self::Clip => "clip",
            Self::Motion => "motion",
            Self::Style => "style",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// Which orders the history shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what it shows")]
pub enum HistoryFilter {
    All,
    Images,
    Videos,
    Favourites,
}

impl HistoryFilter {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 4] = [Self::All, Self::Images, Self::Videos, Self::Favourites];

    /// The word of its buttons and texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "-",
            Self::Images => "images",
            Self::Videos => "videos",
            Self::Favourites => "stars",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == word)
    }
}
