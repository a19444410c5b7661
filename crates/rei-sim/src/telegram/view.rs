//! Messages as a person sees them.

use serde::Serialize;
use serde_json::{Map, Value};

use super::chat::Stored;

/// A button of either kind of keyboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimButton {
    /// The label.
    pub text: String,
    /// What it does: `callback_data`, `url`, `pay`, `disabled`, …; `text` on the user's own keyboard.
    pub kind: String,
    /// `callback_data`, or the address.
    pub value: Option<String>,
    /// `primary`, `success`, `danger`.
    pub style: Option<String>,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimDocument {
    /// To be fetched with [`TelegramSim::file`](super::TelegramSim::file).
    pub file_id: String,
    /// Its name.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// Its size.
    pub size_bytes: u64,
}

/// A video of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimVideo {
    /// To be fetched with [`TelegramSim::file`](super::TelegramSim::file).
    pub file_id: String,
    /// Its name.
    pub file_name: Option<String>,
    /// Its type.
    pub mime_type: Option<String>,
    /// Its size.
    pub size_bytes: u64,
    /// In pixels, as the sender said.
    pub width: u32,
    /// In pixels, as the sender said.
    pub height: u32,
    /// In seconds, as the sender said.
    pub duration_s: u32,
    /// The `file_id` of the small picture that is shown before it plays.
    pub thumbnail: Option<String>,
    /// The `file_id` of its cover.
    pub cover: Option<String>,
}

/// A message as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimMessage {
    /// Its id in the chat.
    pub id: i64,
    /// The chat.
    pub chat_id: i64,
    /// Sent by the bot.
    pub from_bot: bool,
    /// Text or caption without markup, every space as it was sent.
    pub text: String,
    /// What is marked in it: `MessageEntity` objects.
    pub entities: Vec<Value>,
    /// Text or caption as sent, when it was HTML.
    pub html: Option<String>,
    /// The inline keyboard, row by row.
    pub buttons: Vec<Vec<SimButton>>,
    /// The `file_id` of the whole photo.
    pub photo: Option<String>,
    /// The document.
    pub document: Option<SimDocument>,
    /// The video.
    pub video: Option<SimVideo>,
    /// The album that it belongs to.
    pub media_group_id: Option<String>,
    /// How often it was edited.
    pub edited: u32,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// Seconds since 1970.
    pub date: i64,
    /// The emoji that the bot reacted with.
    pub reactions: Vec<Value>,
    /// Grows with each change in any chat.
    pub revision: u64,
    /// It is gone; only told to those who ask for changes.
    pub deleted: bool,
    /// The whole `Message` object.
    pub api: Value,
}

impl SimMessage {
    pub(crate) fn of(message: &Stored) -> Self {
        let api = &message.api;
        let text = |key: &str| api.get(key).and_then(Value::as_str);
        let entities = api.get("entities").or_else(|| api.get("caption_entities"));
        Self {
            id: message.id,
            chat_id: api.get("chat").and_then(|chat| chat["id"].as_i64()).unwrap_or_default(),
            from_bot: message.from_bot,
            text: text("text").or_else(|| text("caption")).unwrap_or_default().to_owned(),
            entities: entities.and_then(Value::as_array).cloned().unwrap_or_default(),
            html: message.html.clone(),
            buttons: api.get("reply_markup").map(buttons).unwrap_or_default(),
            photo: photo(api),
            document: api.get("document").and_then(document),
            video: api.get("video").and_then(video),
            media_group_id: text("media_group_id").map(str::to_owned),
            edited: message.edits,
            reply_to: api.get("reply_to_message").and_then(|to| to["message_id"].as_i64()),
            date: message.date_ms / 1_000,
            reactions: message.reaction.clone(),
            revision: message.revision,
            deleted: message.deleted,
            api: Value::Object(api.clone()),
        }
    }

    /// The labels of the inline keyboard.
    pub fn labels(&self) -> Vec<&str> {
        self.buttons.iter().flatten().map(|button| button.text.as_str()).collect()
    }
}

fn photo(api: &Map<String, Value>) -> Option<String> {
    let sizes = api.get("photo")?.as_array()?;
    Some(sizes.last()?["file_id"].as_str()?.to_owned())
}

fn document(file: &Value) -> Option<SimDocument> {
    let text = |key: &str| file[key].as_str().map(str::to_owned);
    Some(SimDocument {
        file_id: text("file_id")?,
        file_name: text("file_name"),
        mime_type: text("mime_type"),
        size_bytes: file["file_size"].as_u64().unwrap_or_default(),
    })
}

fn video(file: &Value) -> Option<SimVideo> {
    let SimDocument { file_id, file_name, mime_type, size_bytes } = document(file)?;
    let number = |key: &str| file[key].as_u64().and_then(|n| u32::try_from(n).ok());
    let id = |picture: &Value| picture["file_id"].as_str().map(str::to_owned);
    Some(SimVideo {
        file_id,
        file_name,
        mime_type,
        size_bytes,
        width: number("width").unwrap_or_default(),
        height: number("height").unwrap_or_default(),
        duration_s: number("duration").unwrap_or_default(),
        thumbnail: id(&file["thumbnail"]),
        cover: id(&file["cover"][0]),
    })
}

/// The buttons of an inline keyboard or of the user's own.
pub(crate) fn buttons(markup: &Value) -> Vec<Vec<SimButton>> {
    let rows = markup.get("inline_keyboard").or_else(|| markup.get("keyboard"));
    let rows = rows.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let row = |row: &Value| row.as_array().into_iter().flatten().map(button).collect();
    rows.iter().map(row).collect()
}

fn button(button: &Value) -> SimButton {
    const LOOKS: [&str; 3] = ["text", "style", "icon_custom_emoji_id"];
    let text = |key: &str| button[key].as_str().map(str::to_owned);
    let action = button
        .as_object()
        .and_then(|button| button.iter().find(|(key, _)| !LOOKS.contains(&key.as_str())));
    let value = action.and_then(|(_, value)| {
        let inner = value.get("url").or_else(|| value.get("text")).unwrap_or(value);
        inner.as_str().map(str::to_owned)
    });
    SimButton {
        text: text("text").unwrap_or_default(),
        kind: action.map_or("text", |(kind, _)| kind).to_owned(),
        value,
        style: text("style"),
    }
}
