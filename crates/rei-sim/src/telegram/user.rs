//! A person in the private chat with the bot: what they send, and what they see.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::TelegramSim;
use super::chat::{CallbackAnswer, Chat};
use super::error::SimError;
use super::files::{FileKind, NewFile, dimensions};
use super::html::Marked;
use super::new_video::NewVideo;
use super::state::{Draft, World};
use super::text::{CAPTION_MAX, TEXT_MAX, spoken};
use super::view::{SimButton, SimMessage, buttons};

/// A handle on a person; clones are the same one.
#[derive(Clone)]
pub struct User {
    pub(super) sim: TelegramSim,
    pub(super) id: i64,
}

impl User {
    pub(super) fn new(sim: TelegramSim, id: i64) -> Self {
        Self { sim, id }
    }

    /// The id of the person and of the chat.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Writes a text; returns the message's id.
    ///
    /// # Errors
    /// The text is empty or too long, or the person has blocked the bot. So for all that follow.
    pub fn says(&self, text: &str) -> Result<i64, SimError> {
        self.speaks(text_fields(text)?)
    }

    /// Answers a message with a text.
    ///
    /// # Errors
    /// No such message, or as for [`Self::says`].
    pub fn replies(&self, to_message_id: i64, text: &str) -> Result<i64, SimError> {
        let mut fields = text_fields(text)?;
        let answered =
            self.in_chat(|chat| chat.message(to_message_id).map(|m| m.as_reply_target()));
        let answered = answered.flatten().ok_or_else(|| self.no_message(to_message_id))?;
        fields.insert("reply_to_message".into(), answered);
        self.speaks(fields)
    }

    /// Sends a picture as a photo.
    ///
    /// # Errors
    /// The bytes are no picture, or as for [`Self::says`].
    pub fn sends_photo(&self, bytes: impl Into<Bytes>, caption: &str) -> Result<i64, SimError> {
        let file = self.keeps_photo(bytes.into())?;
        self.sends_file(FileKind::Photo, file, caption)
    }

    /// Sends a file as it is.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_document(
        &self,
        bytes: impl Into<Bytes>,
        name: &str,
        mime: &str,
        caption: &str,
    ) -> Result<i64, SimError> {
        let file = self.sim.add_file(FileKind::Document, bytes.into(), Some(name), Some(mime));
        self.sends_file(FileKind::Document, file, caption)
    }

    /// Sends a video of the size and length that its file says; bytes that are no video pass for 5 seconds of 1280 by
    /// 720 pixels.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_video(&self, bytes: impl Into<Bytes>, caption: &str) -> Result<i64, SimError> {
        self.sends_video_as(NewVideo::of(bytes), caption)
    }

    /// Sends a video of which anything can be said.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_video_as(&self, video: NewVideo, caption: &str) -> Result<i64, SimError> {
        let file = self.keeps_video(video);
        self.sends_file(FileKind::Video, file, caption)
    }

    /// Sends a recording of speech of 3 seconds.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_voice(&self, bytes: impl Into<Bytes>) -> Result<i64, SimError> {
        let mut file = self.sim.add_file(FileKind::Voice, bytes.into(), None, Some("audio/ogg"));
        file["duration"] = 3.into();
        self.sends_file(FileKind::Voice, file, "")
    }

    /// Sends a sticker.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_sticker(&self, emoji: &str) -> Result<i64, SimError> {
        let mut file =
            self.sim.add_file(FileKind::Sticker, Bytes::from_static(b"RIFF"), None, None);
        file["width"] = 512.into();
        file["height"] = 512.into();
        file["emoji"] = emoji.into();
        self.sends_file(FileKind::Sticker, file, "")
    }

    /// Sends any kind of message: the fields of a `Message` object but id and date. `from` and `chat` are the person and the
    /// private chat unless they are given.
    ///
    /// # Errors
    /// It is no object, or as for [`Self::says`].
    pub fn sends_raw_message(&self, message: Value) -> Result<i64, SimError> {
        match message {
            Value::Object(fields) => self.speaks(fields),
            other => Err(SimError::new(format_args!("a message is an object, not {other}"))),
        }
    }

    /// Sends pictures as an album; returns the messages' ids.
    ///
    /// # Errors
    /// One of them is no picture, or as for [`Self::says`].
    pub fn sends_album<'a, B: Into<Bytes>>(
        &self,
        parts: impl IntoIterator<Item = (B, &'a str)>,
    ) -> Result<Vec<i64>, SimError> {
        let group = self.begins_album();
        parts
            .into_iter()
            .map(|(bytes, caption)| self.sends_album_part(&group, bytes, caption))
            .collect()
    }

    /// A new `media_group_id`, for an album whose parts come at their own time.
    pub fn begins_album(&self) -> String {
        self.sim.shared.with(World::group_id)
    }

    /// Sends one picture of an album.
    ///
    /// # Errors
    /// As for [`Self::sends_photo`].
    pub fn sends_album_part(
        &self,
        group: &str,
        bytes: impl Into<Bytes>,
        caption: &str,
    ) -> Result<i64, SimError> {
        let photo = self.keeps_photo(bytes.into())?;
        let mut fields = caption_fields(caption)?;
        fields.insert("photo".into(), photo);
        fields.insert("media_group_id".into(), group.into());
        self.speaks(fields)
    }

    /// Sends one video of an album.
    ///
    /// # Errors
    /// As for [`Self::says`].
    pub fn sends_album_video(
        &self,
        group: &str,
        video: NewVideo,
        caption: &str,
    ) -> Result<i64, SimError> {
        let video = self.keeps_video(video);
        let mut fields = caption_fields(caption)?;
        fields.insert("video".into(), video);
        fields.insert("media_group_id".into(), group.into());
        self.speaks(fields)
    }

    fn keeps_video(&self, video: NewVideo) -> Value {
        let NewVideo { bytes, file_name, mime_type, width, height, duration_s } = video;
        let new = NewFile {
            bytes,
            name: file_name,
            mime: Some(mime_type),
            width,
            height,
            duration_s: i64::from(duration_s),
            ..NewFile::default()
        };
        self.sim.shared.with(|world| world.files.store(FileKind::Video, new).shown.clone())
    }

    fn keeps_photo(&self, bytes: Bytes) -> Result<Value, SimError> {
        if dimensions(&bytes).is_none() {
            return Err(SimError::new("these bytes are no picture"));
        }
        Ok(self.sim.add_file(FileKind::Photo, bytes, None, Some("image/jpeg")))
    }

    fn sends_file(&self, kind: FileKind, file: Value, caption: &str) -> Result<i64, SimError> {
        let mut fields = caption_fields(caption)?;
        fields.insert(kind.word().into(), file);
        self.speaks(fields)
    }

    fn speaks(&self, fields: Map<String, Value>) -> Result<i64, SimError> {
        self.sim.shared.with(|world| speak(world, self.id, fields))
    }

    /// Changes the text (or the caption) of an own message.
    ///
    /// # Errors
    /// No such message, not an own one, or as for [`Self::says`].
    pub fn edits(&self, message_id: i64, new_text: &str) -> Result<(), SimError> {
        let marked = checked(new_text, TEXT_MAX)?;
        self.sim.shared.with(|world| {
            let own = own_chat(world, self.id)?.message(message_id).filter(|m| !m.from_bot);
            if own.is_none() {
                return Err(SimError::new(format_args!(
                    "{message_id} is no message of {}",
                    self.id
                )));
            }
            let now_s = world.now_ms / 1_000;
            let edited = world.change(self.id, message_id, |message| {
                let is_text = message.api.contains_key("text");
                let keys =
                    if is_text { ("text", "entities") } else { ("caption", "caption_entities") };
                put_words(&mut message.api, keys, marked);
                message.api.insert("edit_date".into(), now_s.into());
                message.edits += 1;
                Value::Object(message.api.clone())
            });
            if let Some(edited) = edited {
                world.update("edited_message", &edited);
            }
            Ok(())
        })
    }

    /// Deletes a message for both sides; the bot is not told.
    ///
    /// # Errors
    /// No such message.
    pub fn deletes(&self, message_id: i64) -> Result<(), SimError> {
        let gone = self
            .sim
            .shared
            .with(|world| world.change(self.id, message_id, |message| message.deleted = true));
        gone.ok_or_else(|| self.no_message(message_id))
    }

    /// Blocks the bot: it gets `my_chat_member`, and 403 for what it sends.
    ///
    /// # Errors
    /// It is blocked already.
    pub fn blocks_bot(&self) -> Result<(), SimError> {
        self.sim.shared.with(|world| set_blocked(world, self.id, true))
    }

    /// Unblocks the bot.
    ///
    /// # Errors
    /// It is not blocked.
    pub fn unblocks_bot(&self) -> Result<(), SimError> {
        self.sim.shared.with(|world| set_blocked(world, self.id, false))
    }

    /// All messages of the chat, oldest first.
    pub fn messages(&self) -> Vec<SimMessage> {
        self.in_chat(|chat| chat.messages().map(SimMessage::of).collect()).unwrap_or_default()
    }

    /// What is new, edited or deleted since a revision, in the order of the changes.
    pub fn messages_since(&self, revision: u64) -> Vec<SimMessage> {
        let since = |chat: &Chat| chat.changed_since(revision).map(SimMessage::of).collect();
        self.in_chat(since).unwrap_or_default()
    }

    /// One message.
    pub fn message(&self, id: i64) -> Option<SimMessage> {
        self.in_chat(|chat| chat.message(id).map(SimMessage::of)).flatten()
    }

    /// The newest message of the bot.
    pub fn last_bot_message(&self) -> Option<SimMessage> {
        let last = |chat: &Chat| chat.messages().rev().find(|m| m.from_bot).map(SimMessage::of);
        self.in_chat(last).flatten()
    }

    /// The keyboard under the input line, row by row; empty when there is none.
    pub fn keyboard(&self) -> Vec<Vec<SimButton>> {
        let shown = |chat: &Chat| chat.keyboard.as_ref().map(|keyboard| buttons(&keyboard.markup));
        self.in_chat(shown).flatten().unwrap_or_default()
    }

    /// The bot's answers to this person's taps, oldest first.
    pub fn callback_answers(&self) -> Vec<CallbackAnswer> {
        self.in_chat(|chat| chat.answers.iter().cloned().collect()).unwrap_or_default()
    }

    /// What the bot is seen doing now, such as `typing`.
    pub fn chat_action(&self) -> Option<String> {
        self.lasting(|chat| chat.action.clone())
    }

    /// The preview of an answer that the bot is writing now.
    pub fn draft(&self) -> Option<String> {
        self.lasting(|chat| chat.draft.clone())
    }

    fn lasting(&self, what: impl FnOnce(&Chat) -> Option<(String, i64)>) -> Option<String> {
        let now_ms = self.sim.clock().now_ms();
        let (text, until_ms) = self.in_chat(what).flatten()?;
        (until_ms > now_ms).then_some(text)
    }

    /// The commands that this person is offered: names and descriptions.
    pub fn commands(&self) -> Vec<(String, String)> {
        let list = self.sim.shared.with(|world| {
            let language =
                world.people.get(&self.id).and_then(|card| card["language_code"].as_str());
            let language = language.unwrap_or_default().split('-').next().unwrap_or_default();
            world.profile.commands_in(self.id, language)
        });
        let text =
            |command: &Value, key: &str| command[key].as_str().unwrap_or_default().to_owned();
        list.iter()
            .map(|command| (text(command, "command"), text(command, "description")))
            .collect()
    }

    /// Waits for a message of the bot that is new or edited since a revision and is as wanted.
    ///
    /// # Errors
    /// None came within this time of the machine's clock; the words tell what did.
    pub async fn waits_for(
        &self,
        since: u64,
        within: Duration,
        wanted: impl Fn(&SimMessage) -> bool,
    ) -> Result<SimMessage, SimError> {
        let mut changes = self.sim.changes();
        let end = tokio::time::sleep(within);
        tokio::pin!(end);
        loop {
            changes.borrow_and_update();
            let mut new = self.messages_since(since);
            new.retain(|message| message.from_bot && !message.deleted);
            if let Some(found) = new.iter().find(|message| wanted(message)) {
                return Ok(found.clone());
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = &mut end => {
                    let texts: Vec<&str> = new.iter().map(|message| message.text.as_str()).collect();
                    return Err(SimError::new(format_args!(
                        "no such message within {within:?}; new from the bot: {texts:?}"
                    )));
                }
            }
        }
    }

    pub(super) fn in_chat<T>(&self, look: impl FnOnce(&Chat) -> T) -> Option<T> {
        self.sim.shared.with(|world| world.chats.get(&self.id).map(look))
    }

    pub(super) fn no_message(&self, id: i64) -> SimError {
        SimError::new(format_args!("no message {id} in the chat {}", self.id))
    }
}

/// The person's chat, if it was ever opened.
fn own_chat(world: &mut World, id: i64) -> Result<&mut Chat, SimError> {
    let chat = world.chats.get_mut(&id);
    chat.ok_or_else(|| SimError::new(format_args!("{id} has never written to the bot")))
}

/// Puts a person's message into its chat and makes the update.
pub(super) fn speak(
    world: &mut World,
    user_id: i64,
    fields: Map<String, Value>,
) -> Result<i64, SimError> {
    let Some(from) = world.people.get(&user_id).cloned() else {
        return Err(SimError::new(format_args!("nobody has the id {user_id}")));
    };
    let card = fields.get("chat").cloned().unwrap_or_else(|| private_chat(&from));
    let Some(chat_id) = card["id"].as_i64() else {
        return Err(SimError::new("a chat needs a number as its id"));
    };
    let chat = world.open_chat(chat_id, || card);
    if chat.blocked {
        return Err(SimError::new(format_args!("{user_id} has blocked the bot: unblock it first")));
    }
    chat.threads.extend(fields.get("message_thread_id").and_then(Value::as_i64));
    let mut api = fields;
    api.entry("from").or_insert(from);
    let message = world.put(chat_id, Draft { api, ..Draft::default() });
    let message = message.map_err(|refusal| SimError::new(refusal.description))?;
    world.update("message", &message);
    Ok(message["message_id"].as_i64().unwrap_or_default())
}

/// The `Chat` object of a person's private chat.
pub(super) fn private_chat(person: &Value) -> Value {
    let mut card = json!({"type": "private"});
    for key in ["id", "first_name", "last_name", "username"] {
        if let Some(value) = person.get(key) {
            card[key] = value.clone();
        }
    }
    card
}

fn set_blocked(world: &mut World, user_id: i64, blocked: bool) -> Result<(), SimError> {
    let Some(from) = world.people.get(&user_id).cloned() else {
        return Err(SimError::new(format_args!("nobody has the id {user_id}")));
    };
    let chat = world.open_chat(user_id, || private_chat(&from));
    if chat.blocked == blocked {
        let state = if blocked { "blocked already" } else { "not blocked" };
        return Err(SimError::new(format_args!("the bot is {state}")));
    }
    chat.blocked = blocked;
    let card = chat.card.clone();
    let bot = world.profile.card.clone();
    let member = json!({"user": bot, "status": "member"});
    let kicked = json!({"user": bot, "status": "kicked", "until_date": 0});
    let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
    let change = json!({
        "chat": card, "from": from, "date": world.now_ms / 1_000,
        "old_chat_member": old, "new_chat_member": new,
    });
    world.update("my_chat_member", &change);
    world.touch();
    Ok(())
}

fn checked(text: &str, max: usize) -> Result<Marked, SimError> {
    let marked = spoken(text).trimmed();
    match marked.text.chars().count() {
        0 => Err(SimError::new("nothing to say")),
        length if length > max => {
            Err(SimError::new(format_args!("{length} characters are more than {max}")))
        }
        _ => Ok(marked),
    }
}

fn text_fields(text: &str) -> Result<Map<String, Value>, SimError> {
    let mut fields = Map::new();
    put_words(&mut fields, ("text", "entities"), checked(text, TEXT_MAX)?);
    Ok(fields)
}

fn caption_fields(caption: &str) -> Result<Map<String, Value>, SimError> {
    let mut fields = Map::new();
    if !caption.is_empty() {
        put_words(&mut fields, ("caption", "caption_entities"), checked(caption, CAPTION_MAX)?);
    }
    Ok(fields)
}

fn put_words(fields: &mut Map<String, Value>, keys: (&str, &str), marked: Marked) {
    fields.insert(keys.0.into(), marked.text.into());
    if marked.entities.is_empty() {
        fields.remove(keys.1);
    } else {
        fields.insert(keys.1.into(), marked.entities.into());
    }
}
