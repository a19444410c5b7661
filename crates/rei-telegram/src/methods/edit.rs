//! Changing and deleting messages. An edit without markup removes the buttons, so whoever edits words
//! sends the buttons again.

use rei_domain::ids::{ChatId, MessageId};
use serde::{Deserialize, Serialize};

use super::{InputMedia, LinkPreviewOptions, ParseMode, fields, message};
use crate::client::{Client, Reply};
use crate::error::CallError;
use crate::markup::InlineKeyboard;
use crate::reply::SentMessage;
use crate::upload::Attachments;

/// New words for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMessageText {
    /// Its chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// 1 to 4096 characters after markup is read.
    pub text: String,
    /// How they are marked up; plain when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// Previews of links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_preview_options: Option<LinkPreviewOptions>,
    /// The buttons; none removes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

/// A new caption for a message with media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMessageCaption {
    /// Its chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// 0 to 1024 characters after markup is read.
    pub caption: String,
    /// How they are marked up; plain when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<ParseMode>,
    /// The buttons; none removes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

/// New buttons for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMessageReplyMarkup {
    /// Its chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// The buttons; none removes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

/// New content for a message: words may become a picture or a video, never back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditMessageMedia {
    /// Its chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// The content.
    #[serde(skip)]
    pub media: InputMedia,
    /// The buttons; none removes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<InlineKeyboard>,
}

impl Client {
    /// Changes the words of a message; no change is success.
    ///
    /// # Errors
    /// [`CallError::EditImpossible`] means: send a new message and keep its id.
    pub async fn edit_message_text(
        &self,
        request: &EditMessageText,
    ) -> Result<SentMessage, CallError> {
        let reply = self.plain("editMessageText", request).await;
        edited(reply, request.chat_id, request.message_id)
    }

    /// Changes the caption of a message; no change is success.
    ///
    /// # Errors
    /// [`CallError::EditImpossible`] means: send a new message and keep its id.
    pub async fn edit_message_caption(
        &self,
        request: &EditMessageCaption,
    ) -> Result<SentMessage, CallError> {
        let reply = self.plain("editMessageCaption", request).await;
        edited(reply, request.chat_id, request.message_id)
    }

    /// Changes the buttons of a message; no change is success.
    ///
    /// # Errors
    /// [`CallError::EditImpossible`].
    pub async fn edit_message_reply_markup(
        &self,
        request: &EditMessageReplyMarkup,
    ) -> Result<SentMessage, CallError> {
        let reply = self.plain("editMessageReplyMarkup", request).await;
        edited(reply, request.chat_id, request.message_id)
    }

    /// Changes the content of a message; no change is success.
    ///
    /// # Errors
    /// [`CallError::EditImpossible`] means: send a new message and keep its id.
    pub async fn edit_message_media(
        &self,
        request: &EditMessageMedia,
    ) -> Result<SentMessage, CallError> {
        let (mut fields, mut files) = (fields(request)?, Attachments::default());
        fields.insert("media".to_owned(), request.media.object("media0", &mut files)?);
        let reply = self.with_files("editMessageMedia", fields, files).await;
        edited(reply, request.chat_id, request.message_id)
    }

    /// Deletes a message; one that is gone already is success.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn delete_message(
        &self,
        chat_id: ChatId,
        message_id: MessageId,
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Parameters {
            chat_id: ChatId,
            message_id: MessageId,
        }
        let reply = self.plain("deleteMessage", &Parameters { chat_id, message_id }).await;
        reply.map(drop).or_else(|error| error.unless_done(()))
    }
}

/// The message after the edit; its id is known even when the answer does not name it.
fn edited(
    reply: Result<Reply, CallError>,
    chat: ChatId,
    message_id: MessageId,
) -> Result<SentMessage, CallError> {
    let unchanged = SentMessage::unchanged(chat, message_id);
    match reply.map(message) {
        Ok(sent) if sent.message_id.is_some() => Ok(sent),
        Ok(sent) => Ok(SentMessage { message_id: Some(message_id), chat: Some(chat), ..sent }),
        Err(error) => error.unless_done(unchanged),
    }
}
