//! What is not just words: pictures, clips, albums, and everything else.

use rei_domain::catalog::Measured;
use rei_domain::ids::{MessageId, UploadId};
use rei_texts::Text;

use crate::Turn;
use crate::effect::{Effect, Place, Screen};
use crate::event::{Content, FileProblem, FileRef, Origin};
use crate::form::{ALBUM_QUIET, Album, Attached, FILES_MAX, Form, Note, Wish};
use crate::notes::{note_text, problem_text};
use crate::quote::Pace;
use crate::session::Stage;
use crate::words::{Command, is_meaningful};

/// Telegram hands files over to bots only up to this size.
pub(crate) const BOT_DOWNLOAD_MAX_BYTES: u64 = 20 * 1024 * 1024;
/// The word with which a quiet album comes back.
const WAKE_ALBUM: &str = "album";

/// What the words under a file ask for.
#[derive(Default)]
struct Caption {
    wish: Option<Wish>,
    words: Option<String>,
}

impl Caption {
    fn says_something(&self) -> bool {
        self.wish.is_some() || self.words.is_some()
    }
}

/// A file on its way in.
struct Coming {
    file: FileRef,
    album: Option<String>,
    is_video: bool,
}

impl Turn<'_> {
    /// Anything that isn't words gets an answer.
    pub(crate) fn sent(&mut self, content: Content, caption: Option<String>, origin: &Origin) {
        match content {
            Content::Service => {}
            Content::Picture { file, album } => {
                self.file_comes(Coming { file, album, is_video: false }, caption, origin);
            }
            Content::Video { file, album } => {
                self.file_comes(Coming { file, album, is_video: true }, caption, origin);
            }
            Content::Voice => self.say(Text::Voice {}),
            Content::File { file } if too_big(&file) => self.say(Text::FileTooBig {}),
            Content::File { .. } | Content::Other => {
                let html = Text::UnknownContent {}.html(self.lang());
                self.show(Screen { html, keyboard: self.main_keyboard() }, Place::New, None);
            }
        }
    }

    fn file_comes(&mut self, coming: Coming, caption: Option<String>, origin: &Origin) {
        if too_big(&coming.file) {
            return self.say(Text::FileTooBig {});
        }
        (self.session.question, self.session.top_up) = (None, None);
        self.leave_old_offer();
        let caption = self.caption(caption, origin);
        match coming.album.clone() {
            Some(album) => self.album_part(album, coming, caption, origin),
            None => self.single_file(coming, caption, origin),
        }
    }

    /// Without words a file joins what is open; with words it begins anew, unless files are waited for.
    fn single_file(&mut self, coming: Coming, caption: Caption, origin: &Origin) {
        // A photo with words in reply to a result: both go into the next picture.
        if let Some((order, item)) = self.world.replied.filter(|_| caption.says_something()) {
            self.use_result(order, item, Form::default());
            self.take_caption(caption, origin);
            return self.take(coming, origin);
        }
        match self.session.stage {
            Stage::Idle | Stage::Draft => {}
            Stage::TooLong {} | Stage::Quoted { .. } if !caption.says_something() => {
                self.session.form.note(Note::Joined);
            }
            Stage::TooLong {} | Stage::Quoted { .. } => {
                self.session.leave_form();
            }
        }
        self.take_caption(caption, origin);
        self.take(coming, origin);
    }

    /// An album comes as one message a part, in any order; words may stand under any of them.
    fn album_part(&mut self, id: String, coming: Coming, caption: Caption, origin: &Origin) {
        let open = self.session.stage != Stage::Idle;
        let known = open && self.session.form.album.as_ref().is_some_and(|album| album.id == id);
        if !known {
            let late = self.session.closed_album.as_ref() == Some(&id);
            let joins = match self.session.stage {
                Stage::Idle => false,
                Stage::Draft => true,
                // Words first, photos after.
                Stage::TooLong {} | Stage::Quoted { .. } => {
                    self.session.form.files.is_empty() && !caption.says_something()
                }
            };
            if !joins {
                self.session.leave_form();
            }
            self.session.form.album = Some(Album::new(id, self.world.now));
            if late {
                self.session.form.note(Note::LatePart);
            }
        }
        let mut takes_caption = false;
        if let Some(album) = &mut self.session.form.album {
            takes_caption = caption.says_something() && !album.captioned;
            album.captioned |= takes_caption;
            album.parts += 1;
            match album.told {
                true => self.session.form.note(Note::Joined),
                false => album.last_at = self.world.now,
            }
        }
        if takes_caption {
            self.take_caption(caption, origin);
        }
        self.take(coming, origin);
        if self.session.form.collecting() {
            let at = self.world.now.plus(ALBUM_QUIET);
            self.effects.push(Effect::WakeAt { at, what: WAKE_ALBUM.to_owned() });
        }
    }

    fn take_caption(&mut self, caption: Caption, origin: &Origin) {
        if caption.wish.is_some() {
            self.session.form.wish = caption.wish;
        }
        if caption.words.is_some() {
            self.session.form.prompt = caption.words;
            self.session.form.message = Some(origin.message);
        }
    }

    fn take(&mut self, coming: Coming, origin: &Origin) {
        if self.session.stage == Stage::Idle {
            self.session.stage = Stage::Draft;
        }
        if self.session.form.files.len() >= FILES_MAX {
            return match self.session.form.collecting() {
                true => self.session.form.note(Note::TooMany),
                false => self.say(note_text(&Note::TooMany)),
            };
        }
        let form = &mut self.session.form;
        // Several clips in one album are told apart later; a clip of its own takes the place of the one before.
        if coming.is_video && coming.album.is_none() && form.clips() > 0 {
            form.files.retain(|file| !file.is_video);
            form.note(Note::ClipReplaced);
        }
        self.fetch(coming.file, coming.album, coming.is_video, origin.message);
    }

    /// Has a file fetched and read; what follows from it comes with `FileTaken`.
    pub(crate) fn fetch(
        &mut self,
        file: FileRef,
        album: Option<String>,
        is_video: bool,
        message: MessageId,
    ) {
        let upload = self.world.upload_id();
        let sent_at = self.world.now;
        let attached = Attached { upload, measured: None, album, message, is_video, sent_at };
        self.session.form.attach(attached);
        self.effects.push(Effect::TakeFile { upload, file, message });
    }

    /// What the words under a file ask for; a command before them counts unless they were forwarded.
    fn caption(&self, caption: Option<String>, origin: &Origin) -> Caption {
        let Some(words) = caption else { return Caption::default() };
        let is_command = words.trim_start().starts_with('/') && !origin.forwarded;
        let (wish, words) = match Command::read(&words, self.world.bot_username) {
            Some(Command::Video { prompt }) if is_command => (Some(Wish::Video), prompt),
            Some(Command::Edit { prompt }) if is_command => (Some(Wish::Edit), prompt),
            Some(Command::Image { prompt }) if is_command => (Some(Wish::Picture), prompt),
            Some(_) if is_command => {
                let after = words.trim_start().split_once(char::is_whitespace);
                (None, after.map_or_else(String::new, |(_, words)| words.trim().to_owned()))
            }
            _ => (None, words),
        };
        Caption { wish, words: Some(words).filter(|words| is_meaningful(words)) }
    }

    /// A file is there.
    pub(crate) fn file_taken(&mut self, upload: UploadId, measured: Measured) {
        let files = &mut self.session.form.files;
        // The form that it was for may be closed by now.
        let Some(file) = files.iter_mut().find(|file| file.upload == upload) else { return };
        file.is_video = measured.is_video();
        file.measured = Some(measured);
        self.go_on_when_ready();
    }

    /// A file can't be used. In an album the other parts go on without it.
    pub(crate) fn file_refused(&mut self, upload: UploadId, problem: FileProblem) {
        if self.session.form.remove(upload).is_none() {
            return;
        }
        let prompt = self.session.form.prompt.as_deref().unwrap_or_default();
        // Words that came under the file change the offer all the same.
        let offered =
            matches!(&self.session.stage, Stage::Quoted { quote } if quote.prompt == prompt);
        if !self.session.form.collecting() && offered {
            self.session.form.notes.retain(|note| *note != Note::Joined);
            return self.say(problem_text(problem));
        }
        self.session.form.note(Note::Refused(problem));
        self.go_on_when_ready();
    }

    /// A moment has come that was waited for.
    pub(crate) fn woken(&mut self, what: &str) {
        if what == WAKE_ALBUM && self.session.form.collecting() {
            self.go_on_when_ready();
        }
    }

    fn go_on_when_ready(&mut self) {
        if !self.session.form.ready(self.world.now) {
            return;
        }
        if self.session.form.files.is_empty() {
            return self.nothing_came();
        }
        self.proceed(Place::New, Vec::new(), Pace::Quick);
    }

    /// Every file was refused: the words and the wish stay for the next one.
    fn nothing_came(&mut self) {
        let form = std::mem::take(&mut self.session.form);
        let texts: Vec<String> =
            form.notes.iter().map(|note| note_text(note).html(self.lang())).collect();
        match (form.wish, form.prompt) {
            (None, None) => self.session.stage = Stage::Idle,
            (wish, prompt) => {
                let wish = wish.or(Some(Wish::Edit));
                let message = form.message;
                self.session.form = Form { wish, prompt, message, ..Form::default() };
                self.session.stage = Stage::Draft;
            }
        }
        self.show(Screen::bare(texts.join("\n\n")), Place::New, None);
    }
}

fn too_big(file: &FileRef) -> bool {
    file.size_bytes.is_some_and(|bytes| bytes > BOT_DOWNLOAD_MAX_BYTES)
}
