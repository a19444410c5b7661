//! Sending: words, pictures, files, videos, albums, and "is drawing…".

use rei_domain::ids::ChatId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{LinkPreviewOptions, ParseMode, ReplyParameters, fields, is_false, message, value};
use crate::client::Client;
use crate::error::CallError;
use crate::limits::ALBUM_MAX;
use crate::markup::ReplyMarkup;
use crate::reply::SentMessage;
use crate::upload::{Attachments, InputFile};

/// What all kinds of messages share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendOptions {
    /// The topic of the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    /// Without a sound.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disable_notification: bool,
    /// Not to be forwarded or saved.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect_content: bool,
    /// An effect, in private chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_effect_id: Option<String>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_parameters: Option<ReplyParameters>,
    /// What stands under it. Left out of albums, which cannot have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<ReplyMarkup>,
}

/// Words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMessage {
    /// Where to.
    pub chat_id: ChatId,
    /// 1 to 4096 characters after markup is read.
    pub text: String,
    /// How they are marked up; plain when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// Previews of links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_preview_options: Option<LinkPreviewOptions>,
    /// The rest.
    #[serde(flatten)]
    pub options: SendOptions,
}

impl SendMessage {
    /// Words in Telegram's HTML, without previews of links.
    pub fn html(chat_id: ChatId, html: impl Into<String>) -> Self {
        Self { parse_mode: Some(ParseMode::Html), ..Self::plain(chat_id, html) }
    }

    /// Plain words, without previews of links.
    pub fn plain(chat_id: ChatId, text: impl Into<String>) -> Self {
        Self {
            chat_id,
            text: text.into(),
            parse_mode: None,
            link_preview_options: Some(LinkPreviewOptions::disabled()),
            options: SendOptions::default(),
        }
    }
}

/// A picture as Telegram shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendPhoto {
    /// Where to.
    pub chat_id: ChatId,
    /// The picture: at most 10 MB, sides at most 10 000 together, at most 1:20.
    #[serde(skip)]
    pub photo: InputFile,
    /// 0 to 1024 characters after markup is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How the caption is marked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// The rest.
    #[serde(flatten)]
    pub options: SendOptions,
}

/// A file as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendDocument {
    /// Where to.
    pub chat_id: ChatId,
    /// The file: at most 50 MB.
    #[serde(skip)]
    pub document: InputFile,
    /// 0 to 1024 characters after markup is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How the caption is marked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// Keeps Telegram from making a photo or a video of it.
    #[serde(skip_serializing_if = "is_false")]
    pub disable_content_type_detection: bool,
    /// The rest.
    #[serde(flatten)]
    pub options: SendOptions,
}

/// A video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendVideo {
    /// Where to.
    pub chat_id: ChatId,
    /// The video: MPEG-4, at most 50 MB.
    #[serde(skip)]
    pub video: InputFile,
    /// Its length in seconds.
    #[serde(rename = "duration", skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<u32>,
    /// In pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// In pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Starts before it is loaded in whole.
    #[serde(skip_serializing_if = "is_false")]
    pub supports_streaming: bool,
    /// What is shown before it plays.
    #[serde(skip)]
    pub cover: Option<InputFile>,
    /// 0 to 1024 characters after markup is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How the caption is marked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// The rest.
    #[serde(flatten)]
    pub options: SendOptions,
}

/// What a part of an album, or a message after an edit, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Telegram's own words")]
pub enum MediaKind {
    Photo,
    Video,
    Document,
}

/// A part of an album, or the new content of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputMedia {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: MediaKind,
    /// The file.
    #[serde(skip)]
    pub media: InputFile,
    /// 0 to 1024 characters after markup is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How the caption is marked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
}

impl InputMedia {
    /// The object with its file put under `name`.
    pub(super) fn object(&self, name: &str, files: &mut Attachments) -> Result<Value, CallError> {
        let mut object = fields(self)?;
        object.insert("media".to_owned(), files.attach(name, &self.media));
        Ok(Value::Object(object))
    }
}

/// An album: 2 to 10 parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendMediaGroup {
    /// Where to.
    pub chat_id: ChatId,
    /// The parts: photos and videos mixed, or documents only.
    pub media: Vec<InputMedia>,
    /// The rest; markup is left out.
    pub options: SendOptions,
}

/// What the bot is seen doing, for 5 seconds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Telegram's own words")]
pub enum ChatAction {
    Typing,
    UploadPhoto,
    RecordVideo,
    UploadVideo,
    UploadDocument,
}

impl Client {
    /// Sends words.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn send_message(&self, request: &SendMessage) -> Result<SentMessage, CallError> {
        self.plain("sendMessage", request).await.map(message)
    }

    /// Sends a picture as Telegram shows it.
    ///
    /// # Errors
    /// Any class of [`CallError`]; [`CallError::WrongMediaForm`] means: send it as a document.
    pub async fn send_photo(&self, request: &SendPhoto) -> Result<SentMessage, CallError> {
        let (mut fields, mut files) = (fields(request)?, Attachments::default());
        files.put(&mut fields, "photo", &request.photo);
        self.with_files("sendPhoto", fields, files).await.map(message)
    }

    /// Sends a file as it is.
    ///
    /// # Errors
    /// Any class of [`CallError`]; [`CallError::WrongMediaForm`] means: over 50 MB, send a link.
    pub async fn send_document(&self, request: &SendDocument) -> Result<SentMessage, CallError> {
        let (mut fields, mut files) = (fields(request)?, Attachments::default());
        files.put(&mut fields, "document", &request.document);
        self.with_files("sendDocument", fields, files).await.map(message)
    }

    /// Sends a video.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn send_video(&self, request: &SendVideo) -> Result<SentMessage, CallError> {
        let (mut fields, mut files) = (fields(request)?, Attachments::default());
        files.put(&mut fields, "video", &request.video);
        if let Some(cover) = &request.cover {
            // The reference wants a cover referenced, not in a part of its own name.
            let reference = files.attach("cover_file", cover);
            fields.insert("cover".to_owned(), reference);
        }
        self.with_files("sendVideo", fields, files).await.map(message)
    }

    /// Sends an album and returns its messages in their order, as far as the answer names them.
    ///
    /// # Errors
    /// [`CallError::OurBug`] without a call when there are fewer than 2 or more than 10 parts.
    pub async fn send_media_group(
        &self,
        request: &SendMediaGroup,
    ) -> Result<Vec<SentMessage>, CallError> {
        if !(2..=ALBUM_MAX).contains(&request.media.len()) {
            let description = format!("an album of {} parts", request.media.len());
            return Err(CallError::OurBug { description });
        }
        let mut fields: Map<String, Value> = fields(&request.options)?;
        fields.remove("reply_markup");
        fields.insert("chat_id".to_owned(), request.chat_id.0.into());
        let mut files = Attachments::default();
        let media: Result<Vec<Value>, CallError> = request
            .media
            .iter()
            .enumerate()
            .map(|(index, media)| media.object(&format!("media{index}"), &mut files))
            .collect();
        fields.insert("media".to_owned(), Value::Array(media?));
        let reply = value(self.with_files("sendMediaGroup", fields, files).await?);
        Ok(reply
            .as_array()
            .map(|sent| sent.iter().map(SentMessage::read).collect())
            .unwrap_or_default())
    }

    /// Shows for a few seconds what the bot is doing.
    ///
    /// # Errors
    /// Any class of [`CallError`]; nobody needs to mind.
    pub async fn send_chat_action(
        &self,
        chat_id: ChatId,
        action: ChatAction,
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Parameters {
            chat_id: ChatId,
            action: ChatAction,
        }
        self.plain("sendChatAction", &Parameters { chat_id, action }).await.map(drop)
    }
}
