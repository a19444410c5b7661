//! What is being put together: words, files, and what shall become of them. Kept in the session, so a restart
//! in the middle of an album loses nothing.

use std::time::Duration;

use rei_domain::catalog::{Choices, Kind, Measured};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{MessageId, QuoteId, UploadId};
use serde::{Deserialize, Serialize};

use crate::event::FileProblem;

/// Parts of an album come within this time of each other.
pub(crate) const ALBUM_QUIET: Duration = Duration::from_millis(1_500);
/// No album is waited for longer than this.
const ALBUM_LONGEST: Duration = Duration::from_secs(10);
/// Telegram's albums have at most so many parts.
const ALBUM_PARTS_MAX: u32 = 10;
/// A form holds this many files; no row of the catalogue takes more.
pub(crate) const FILES_MAX: usize = 20;
/// A file of which nothing was heard for this long will not come.
const FILE_LOST_AFTER: Duration = Duration::from_secs(180);

/// What the customer wants, where the files alone don't tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// A new picture; photos are examples.
    Picture,
    /// A photo that is changed.
    Edit,
    /// A video.
    Video,
    /// A picture that moves like a clip.
    Motion,
}

/// What is being put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// What it shall be; none: it follows from the files.
    pub wish: Option<Wish>,
    /// The row that the customer picked for this very form.
    pub sku: Option<String>,
    /// What was chosen for this very form.
    pub choices: Option<Choices>,
    /// What to make.
    pub prompt: Option<String>,
    /// The message that these words came in, so that its edits count.
    pub message: Option<MessageId>,
    /// The files, in the order of their messages.
    pub files: Vec<Attached>,
    /// The album that is coming in, or that came in last.
    pub album: Option<Album>,
    /// The data of the button under a result that began the form, to know a second press.
    pub button: Option<String>,
    /// The held order that it is, or grew out of.
    pub held: Option<QuoteId>,
    /// What the next screen has to tell first.
    pub notes: Vec<Note>,
}

/// A file of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Its name in the book.
    pub upload: UploadId,
    /// What was found in it; none until it was fetched.
    pub measured: Option<Measured>,
    /// The album that it came with.
    pub album: Option<String>,
    /// The message that holds it; zero for a result.
    pub message: MessageId,
    /// Whether it moves.
    pub is_video: bool,
    /// When it was sent.
    #[serde(default)]
    pub sent_at: Timestamp,
}

/// An album on its way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// Telegram's name for it.
    pub id: String,
    /// When its first part came.
    pub first_at: Timestamp,
    /// When its latest part came.
    pub last_at: Timestamp,
    /// How many parts came.
    pub parts: u32,
    /// Whether words under one of its parts were taken.
    pub captioned: bool,
    /// Whether it was answered: what comes now is late.
    pub told: bool,
}

/// Something to tell on the next screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The album's order was closed before this part came.
    LatePart,
    /// Photos joined an open offer.
    Joined,
    /// The latest clip took the place of an earlier one.
    ClipReplaced,
    /// More files came than a form holds.
    TooMany,
    /// A file could not be taken.
    Refused(FileProblem),
}

/// What the form needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// What shall become of the files.
    Purpose,
    /// A photo to change.
    Photo,
    /// A photo for the movement of the clip.
    MotionPhoto,
    /// A clip for the movement of the photo.
    MotionClip,
    /// Words.
    Words,
    /// Nothing: it can be priced.
    Offer,
}

impl Album {
    /// An album whose first part is coming.
    pub(crate) fn new(id: String, now: Timestamp) -> Self {
        Self { id, first_at: now, last_at: now, parts: 0, captioned: false, told: false }
    }

    /// Whether no further part is waited for.
    fn settled(&self, now: Timestamp) -> bool {
        self.told
            || self.parts >= ALBUM_PARTS_MAX
            || now.since(self.last_at) >= ALBUM_QUIET
            || now.since(self.first_at) >= ALBUM_LONGEST
    }
}

impl Form {
    /// A form that begins with a wish.
    pub(crate) fn wishing(wish: Option<Wish>) -> Self {
        Self { wish, ..Self::default() }
    }

    /// How many photos it holds.
    pub(crate) fn photos(&self) -> usize {
        self.files.iter().filter(|file| !file.is_video).count()
    }

    /// How many clips it holds.
    pub(crate) fn clips(&self) -> usize {
        self.files.len() - self.photos()
    }

    /// What it will be, as far as is known.
    pub(crate) fn kind(&self) -> Kind {
        match (self.wish, self.photos(), self.clips()) {
            (Some(Wish::Motion), _, _) => Kind::Motion,
            (Some(Wish::Edit), _, _) => Kind::Edit,
            (Some(Wish::Picture), 0, _) => Kind::Image,
            (Some(Wish::Picture), _, _) => Kind::Edit,
            (Some(Wish::Video), 0, 0) => Kind::TextVideo,
            (Some(Wish::Video), 1, 0) => Kind::ImageVideo,
            (Some(Wish::Video), _, 0) => Kind::FramesVideo,
            (None, 0, 0) => Kind::Image,
            (None, _, 0) => Kind::Edit,
            (Some(Wish::Video) | None, 0, _) => Kind::VideoVideo,
            (Some(Wish::Video) | None, _, _) => Kind::Motion,
        }
    }

    /// What it needs next.
    pub(crate) fn next(&self) -> Next {
        let (photos, clips) = (self.photos(), self.clips());
        let one_sort = (photos == 0) != (clips == 0);
        match self.kind() {
            _ if self.wish.is_none() && self.prompt.is_none() && one_sort => Next::Purpose,
            Kind::Edit if photos == 0 => Next::Photo,
            Kind::Motion if photos == 0 => Next::MotionPhoto,
            Kind::Motion if clips == 0 => Next::MotionClip,
            kind if kind.needs_words() && self.prompt.is_none() => Next::Words,
            _ => Next::Offer,
        }
    }

    /// Whether every file was read and no part of an album is waited for.
    pub(crate) fn ready(&self, now: Timestamp) -> bool {
        let settled = self.album.as_ref().is_none_or(|album| album.settled(now));
        settled && self.files.iter().all(|file| file.measured.is_some())
    }

    /// Whether an album is coming in that was not answered yet.
    pub(crate) fn collecting(&self) -> bool {
        self.album.as_ref().is_some_and(|album| !album.told)
    }

    /// Adds a file in the order of the messages, whatever the order of arrival.
    pub(crate) fn attach(&mut self, file: Attached) {
        let after = self.files.iter().rposition(|other| other.message <= file.message);
        self.files.insert(after.map_or(0, |at| at + 1), file);
    }

    /// Removes a file.
    pub(crate) fn remove(&mut self, upload: UploadId) -> Option<Attached> {
        let at = self.files.iter().position(|file| file.upload == upload)?;
        Some(self.files.remove(at))
    }

    /// Removes files of which nothing was heard for long.
    pub(crate) fn give_up_lost(&mut self, now: Timestamp) {
        let lost =
            |file: &Attached| file.measured.is_none() && now.since(file.sent_at) > FILE_LOST_AFTER;
        if self.files.iter().any(lost) {
            self.files.retain(|file| !lost(file));
            self.note(Note::Refused(FileProblem::Gone));
        }
    }

    /// Has something told on the next screen, once.
    pub(crate) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
