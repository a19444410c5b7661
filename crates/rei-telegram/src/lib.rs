//! The Bot API: a thin client that says exactly what became of each call, and a tolerant reading of
//! what Telegram sends.
//!
//! Owns the wire: addresses with the token in them, forms, limits, error classes, updates. It never
//! repeats a call, never waits for a flood to pass and never decides what a customer sees: the outbox
//! decides, from the class of a [`CallError`].

mod classify;
mod client;
mod command;
mod error;
pub mod html;
mod incoming;
pub mod limits;
mod markup;
mod methods;
mod redact;
mod reply;
mod split;
mod telemetry;
mod upload;

pub use client::{Client, ClientOptions, Timeouts};
pub use command::{Addressed, Command, deep_link, parse_command};
pub use error::{CallError, ClientError, DownloadError, Transport};
pub use incoming::{
    Callback, Chat, ChatKind, ChatMember, Content, Incoming, Lane, Media, Message, Other, Payment,
    PreCheckout, Pressed, ReplyTo, User, decode,
};
pub use markup::{
    ButtonAction, ButtonStyle, CallbackData, InlineButton, InlineKeyboard, KeyboardButton,
    MarkupError, RemoveKeyboard, ReplyKeyboard, ReplyMarkup,
};
pub use methods::{
    AnswerCallbackQuery, AnswerPreCheckoutQuery, BotCommand, ChatAction, CommandScope,
    CreateInvoiceLink, EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup,
    EditMessageText, FilePath, GetUpdates, InputMedia, LabeledPrice, LinkPreviewOptions, Me,
    MediaKind, MenuButton, ParseMode, RawUpdate, ReplyParameters, STARS, SendDocument,
    SendMediaGroup, SendMessage, SendOptions, SendPhoto, SendVideo, SetMyCommands, SetWebhook,
    StarDirection, StarPage, StarTransaction, WebhookInfo,
};
pub use reply::SentMessage;
pub use split::{split_html, split_text};
pub use upload::{InputFile, UploadContent};
