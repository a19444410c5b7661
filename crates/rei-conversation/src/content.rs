//! What is not just words: pictures, videos, voices, files and everything else.

use rei_texts::Text;

use crate::Turn;
use crate::effect::{Place, Screen};
use crate::event::{Content, Origin};
use crate::words::{Command, is_meaningful};

/// Telegram hands files over to bots only up to this size.
const BOT_DOWNLOAD_MAX_BYTES: u64 = 20 * 1024 * 1024;

/// What the words under a picture ask for.
enum Caption {
    /// A picture from these words.
    Draw(String),
    /// A video.
    Video,
    /// Nothing that could be drawn.
    Nothing,
}

impl Turn<'_> {
    /// Anything that isn't words gets an answer; what can't be ordered yet is told so.
    pub(crate) fn sent(&mut self, content: Content, caption: Option<String>, origin: Origin) {
        let too_big = |size: Option<u64>| size.is_some_and(|bytes| bytes > BOT_DOWNLOAD_MAX_BYTES);
        match content {
            Content::Service => {}
            Content::Picture { album: Some(album), .. } => self.album_part(album, caption, origin),
            Content::Picture { size_bytes, .. }
            | Content::File { size_bytes }
            | Content::Video { size_bytes }
                if too_big(size_bytes) =>
            {
                self.say(Text::FileTooBig {});
            }
            Content::Picture { .. } => {
                let wish = self.caption(caption, origin);
                self.picture(wish, origin);
            }
            Content::Video { .. } => self.say(Text::SoonVideo {}),
            Content::Voice => self.say(Text::Voice {}),
            Content::File { .. } | Content::Other => {
                let html = Text::UnknownContent {}.html(self.lang());
                self.show(Screen { html, keyboard: self.main_keyboard() }, Place::New, None);
            }
        }
    }

    fn picture(&mut self, wish: Caption, origin: Origin) {
        match wish {
            Caption::Video => self.say(Text::SoonVideo {}),
            Caption::Nothing => self.say(Text::SoonEdit {}),
            Caption::Draw(words) => {
                self.offer(&words, Some(origin.message), Place::New, Some(Text::NotePhoto {}));
            }
        }
    }

    /// An album comes as one message a part. The first is answered, the rest belong to it; words may stand
    /// under any of them.
    fn album_part(&mut self, album: String, caption: Option<String>, origin: Origin) {
        let first = self.session.album.as_ref() != Some(&album);
        if first {
            self.session.album = Some(album);
            self.session.album_had_words = false;
        }
        match self.caption(caption, origin) {
            Caption::Nothing if first => self.say(Text::Album {}),
            Caption::Nothing => {}
            wish if !self.session.album_had_words => {
                self.session.album_had_words = true;
                self.picture(wish, origin);
            }
            Caption::Draw(_) | Caption::Video => {}
        }
    }

    /// What the words under a picture ask for; a command before them counts unless they were forwarded.
    fn caption(&self, caption: Option<String>, origin: Origin) -> Caption {
        let Some(words) = caption else { return Caption::Nothing };
        let is_command = words.trim_start().starts_with('/') && !origin.forwarded;
        let words = match Command::read(&words, self.world.bot_username) {
            Some(Command::Video) if is_command => return Caption::Video,
            Some(Command::Image { prompt }) if is_command => prompt,
            Some(_) if is_command => {
                let after = words.trim_start().split_once(char::is_whitespace);
                after.map_or_else(String::new, |(_, words)| words.trim().to_owned())
            }
            _ => words,
        };
        if is_meaningful(&words) { Caption::Draw(words) } else { Caption::Nothing }
    }
}
