//! Remarks about settings with which the bot works all the same.

use super::words::{self, Language};

/// A remark for `rei check` and for the log at the start.
#[expect(missing_docs, reason = "the fields are the names that the sentence of the variant needs")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An older name was read.
    Alias { alias: String, name: String },
    /// An older name was passed over, because the newer one is set.
    AliasIgnored { alias: String, name: String },
    /// A name of our kind that nothing reads; `nearest` is what was probably meant.
    Unknown { name: String, nearest: Option<String> },
    /// Senders must be YooKassa's, and behind a proxy that may not speak for others nobody is.
    NobodyPasses,
}

impl Note {
    /// The remark as one sentence.
    pub fn text(&self, language: Language) -> String {
        let say = |id, args: &[(&'static str, &str)]| words::say(language, id, args);
        match self {
            Self::Alias { alias, name } => say("note-alias", &[("alias", alias), ("name", name)]),
            Self::AliasIgnored { alias, name } => {
                say("note-alias-ignored", &[("alias", alias), ("name", name)])
            }
            Self::Unknown { name, nearest: None } => say("note-unknown", &[("name", name)]),
            Self::Unknown { name, nearest: Some(nearest) } => {
                say("note-typo", &[("name", name), ("nearest", nearest)])
            }
            Self::NobodyPasses => say("note-nobody-passes", &[]),
        }
    }
}
