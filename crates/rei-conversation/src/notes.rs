//! What a screen tells before everything else: what became of files that came.

use rei_texts::Text;

use crate::Turn;
use crate::content::BOT_DOWNLOAD_MAX_BYTES;
use crate::event::FileProblem;
use crate::form::{FILES_MAX, Note};

impl Turn<'_> {
    /// What the next screen tells first.
    pub(crate) fn take_notes(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.session.form.notes).iter().map(note_text).collect()
    }
}

pub(crate) fn note_text(note: &Note) -> Text {
    match note {
        Note::LatePart => Text::NoteLatePart {},
        Note::Joined => Text::NoteJoined {},
        Note::ClipReplaced => Text::NoteClipReplaced {},
        Note::TooMany => Text::NoteTooMany { limit: i64::try_from(FILES_MAX).unwrap_or(i64::MAX) },
        Note::Refused(problem) => problem_text(*problem),
    }
}

pub(crate) fn problem_text(problem: FileProblem) -> Text {
    match problem {
        // The limit is Telegram's own.
        FileProblem::TooBig { bytes_max } if bytes_max >= BOT_DOWNLOAD_MAX_BYTES => {
            Text::FileTooBig {}
        }
        FileProblem::TooBig { bytes_max } => {
            Text::FileOver { megabytes: i64::try_from(bytes_max / 1_000_000).unwrap_or(i64::MAX) }
        }
        FileProblem::NotMedia => Text::FileNotMedia {},
        FileProblem::Heic => Text::FileHeic {},
        FileProblem::Broken => Text::FileBroken {},
        FileProblem::Gone => Text::FileGone {},
        FileProblem::Busy => Text::FileBusy {},
    }
}
