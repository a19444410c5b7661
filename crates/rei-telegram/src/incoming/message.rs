//! A message: who, where, what, and what it answers.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, MessageId};
use serde_json::Value;

use super::content::{Content, Media, content, largest_photo, media_of};
use super::fields::{id, int, list, object, text, words};
use super::people::{Chat, User, chat, sender};
use crate::command::{Addressed, parse_command};

/// A message that somebody sent or edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub chat: Chat,
    /// Who; nobody in channels.
    pub from: Option<User>,
    /// Its id in its chat.
    pub message_id: MessageId,
    /// When it was sent; the epoch when that is not said.
    pub sent_at: Timestamp,
    /// Its words; never empty.
    pub text: Option<String>,
    /// The words under its media; never empty.
    pub caption: Option<String>,
    /// What it holds.
    pub content: Content,
    /// The album it belongs to.
    pub media_group_id: Option<String>,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
    /// Whether it was forwarded, from whomever: then it is content, never a command.
    pub forwarded: bool,
    /// The topic: sent back in every answer.
    pub thread_id: Option<i64>,
    /// Whether it was written through an inline bot.
    pub via_bot: bool,
    /// Whether Telegram marks a command at its very beginning.
    pub starts_with_command: bool,
}

/// The message that a message answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// Its id; none when it is from another chat that we may not see.
    pub message_id: Option<MessageId>,
    /// Its chat when it is another one.
    pub other_chat: Option<ChatId>,
    /// Who wrote it.
    pub from: Option<CustomerId>,
    /// Whether a bot wrote it.
    pub from_bot: bool,
    /// The picture in it: a photo's largest size, or a file that says it is a picture.
    pub picture: Option<Media>,
    /// The clip in it: a video, an animation, or a file that says it is a video.
    pub video: Option<Media>,
    /// Its words or caption.
    pub text: Option<String>,
}

impl Message {
    /// The person who wrote it: not a bot, not a channel.
    pub fn person(&self) -> Option<&User> {
        self.from.as_ref().filter(|user| !user.is_bot)
    }

    /// Its words, or those under its media.
    pub fn words(&self) -> Option<&str> {
        self.text.as_deref().or(self.caption.as_deref())
    }

    /// The command at its beginning. A forwarded message holds none.
    pub fn command(&self, bot_username: &str) -> Addressed {
        match self.words() {
            Some(words) if !self.forwarded => parse_command(words, bot_username),
            _ => Addressed::NoCommand,
        }
    }
}

/// Reads a message; an error names what makes it unusable.
pub(super) fn message(value: &Value) -> Result<Message, &'static str> {
    let chat = chat(value).ok_or("a message without a chat")?;
    let message_id = int(value, "message_id").ok_or("a message without an id")?;
    Ok(Message {
        chat,
        from: sender(value),
        message_id: MessageId(message_id),
        sent_at: Timestamp(int(value, "date").unwrap_or(0).saturating_mul(1000)),
        text: words(value, "text"),
        caption: words(value, "caption"),
        content: content(value),
        media_group_id: id(value, "media_group_id"),
        reply_to: reply_to(value),
        forwarded: value.get("forward_origin").is_some() || value.get("forward_date").is_some(),
        thread_id: int(value, "message_thread_id"),
        via_bot: object(value, "via_bot").is_some(),
        starts_with_command: starts_with_command(value),
    })
}

fn reply_to(value: &Value) -> Option<ReplyTo> {
    let same_chat = object(value, "reply_to_message");
    let replied = same_chat.or_else(|| object(value, "external_reply"))?;
    let from = sender(replied);
    Some(ReplyTo {
        message_id: int(replied, "message_id").map(MessageId),
        other_chat: chat(replied).filter(|_| same_chat.is_none()).map(|chat| chat.id),
        from_bot: from.as_ref().is_some_and(|user| user.is_bot),
        from: from.map(|user| user.id),
        picture: picture(replied),
        video: video(replied),
        text: words(replied, "text").or_else(|| words(replied, "caption")),
    })
}

fn picture(value: &Value) -> Option<Media> {
    let document = || object(value, "document").and_then(media_of).filter(Media::claims_image);
    largest_photo(value).or_else(document)
}

fn video(value: &Value) -> Option<Media> {
    let file = |key: &str| object(value, key).and_then(media_of);
    let document = || file("document").filter(Media::claims_video);
    file("video").or_else(|| file("animation")).or_else(document)
}

fn starts_with_command(value: &Value) -> bool {
    let is_first = |entity: &Value| {
        text(entity, "type").as_deref() == Some("bot_command") && int(entity, "offset") == Some(0)
    };
    list(value, "entities").iter().chain(list(value, "caption_entities")).any(is_first)
}

/// Whether a message is out of reach: Telegram sends its id with a date of zero.
pub(super) fn is_accessible(value: &Value) -> bool {
    int(value, "date") != Some(0)
}
