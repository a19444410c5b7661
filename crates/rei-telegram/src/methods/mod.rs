//! The methods we use, with exactly the parameters we use: an unknown one would pass unseen on the
//! live server.

mod callback;
mod edit;
mod files;
mod payments;
mod profile;
mod send;
mod updates;

use rei_domain::ids::MessageId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use callback::AnswerCallbackQuery;
pub use edit::{EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup, EditMessageText};
pub use files::FilePath;
pub use payments::{
    AnswerPreCheckoutQuery, CreateInvoiceLink, LabeledPrice, STARS, StarDirection, StarPage,
    StarTransaction,
};
pub use profile::{BotCommand, CommandScope, Me, MenuButton, SetMyCommands};
pub use send::{
    ChatAction, InputMedia, MediaKind, SendDocument, SendMediaGroup, SendMessage, SendOptions,
    SendPhoto, SendVideo,
};
pub use updates::{GetUpdates, RawUpdate, SetWebhook, WebhookInfo};

use crate::client::{Call, Client, Reply};
use crate::error::CallError;
use crate::reply::SentMessage;
use crate::upload::Attachments;

/// How the words of a message are marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParseMode {
    /// Telegram's HTML: see [`crate::html`].
    #[serde(rename = "HTML")]
    Html,
}

/// The message that a message answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyParameters {
    message_id: MessageId,
    allow_sending_without_reply: bool,
}

impl ReplyParameters {
    /// An answer that is sent also when the other message is gone.
    pub const fn to(message_id: MessageId) -> Self {
        Self { message_id, allow_sending_without_reply: true }
    }
}

/// Whether a link in the words is shown with a preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreviewOptions {
    is_disabled: bool,
}

impl LinkPreviewOptions {
    /// No preview.
    pub const fn disabled() -> Self {
        Self { is_disabled: true }
    }
}

impl Client {
    /// A call that has its parameters in one object.
    async fn plain<P: Serialize + Sync>(
        &self,
        method: &'static str,
        parameters: &P,
    ) -> Result<Reply, CallError> {
        self.with_files(method, fields(parameters)?, Attachments::default()).await
    }

    async fn with_files(
        &self,
        method: &'static str,
        fields: Map<String, Value>,
        files: Attachments,
    ) -> Result<Reply, CallError> {
        self.call(Call { method, fields, files: files.into_files(), held_open: None }).await
    }
}

/// The parameters as the fields of a JSON object or of a form.
fn fields<P: Serialize>(parameters: &P) -> Result<Map<String, Value>, CallError> {
    match serde_json::to_value(parameters) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => {
            Err(CallError::OurBug { description: "parameters are not an object".to_owned() })
        }
    }
}

/// The answer as a value; what cannot be read is null.
fn value(reply: Reply) -> Value {
    reply.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(Value::Null)
}

/// The answer as a message.
fn message(reply: Reply) -> SentMessage {
    SentMessage::read(&value(reply))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
