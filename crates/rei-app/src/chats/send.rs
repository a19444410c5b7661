//! One row as calls to Telegram: which method, what happens when a message can't be edited or a picture can't
//! be a photo. Says what became of it; decides nothing about the row.

use std::time::Duration;

use rei_blobs::BlobKey;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, MessageId};
use rei_storage::outbox::OutboxRow;
use rei_telegram::{
    AnswerCallbackQuery, AnswerPreCheckoutQuery, CallError, Client, EditMessageText, InlineButton,
    InlineKeyboard, InputFile, LinkPreviewOptions, ParseMode, ReplyKeyboard, ReplyMarkup,
    SendDocument, SendMessage, SendOptions, SendPhoto, SendVideo, SentMessage, html,
};
use rei_texts::Text;

use super::outgoing::{Buttons, Outgoing, Target};
use crate::orders::{PART_ORIGINAL, PART_PREVIEW};
use crate::{CrashPoint, House, files};

/// Telegram takes files of bots up to this size.
const UPLOAD_MAX_BYTES: u64 = 50 * 1024 * 1024;

/// How long one try to answer a checkout may take: of its ten seconds enough must be left for another.
const CHECKOUT_TRY: Duration = Duration::from_secs(3);

/// What became of a row's call.
#[derive(Debug)]
pub(super) enum Sent {
    /// It arrived, or there was nothing left to do.
    Done {
        /// The message, when one came of it.
        message: Option<MessageId>,
    },
    /// It was not tried: too early.
    NotYet {
        /// When to try.
        at: Timestamp,
        /// Why, for the row.
        why: &'static str,
    },
    /// Telegram asked for silence.
    Flood {
        /// For how long.
        after: Duration,
    },
    /// The chat can't be reached any more.
    ChatGone,
    /// The token or the address is wrong.
    Misconfigured(String),
    /// It failed in a way that may heal.
    Lost {
        /// What happened.
        why: String,
        /// Whether it may have arrived all the same.
        may_have_happened: bool,
    },
    /// Telegram will never take it.
    Refused(String),
}

/// Makes the calls of a row.
pub(super) async fn send(client: &Client, house: &House, row: &OutboxRow) -> Sent {
    let outgoing: Outgoing = match serde_json::from_str(&row.payload) {
        Ok(outgoing) => outgoing,
        Err(error) => return Sent::Refused(format!("the row is unreadable: {error}")),
    };
    let ended = match outgoing {
        Outgoing::AnswerPress { query, text } => answer_press(client, query, text).await,
        Outgoing::AnswerPreCheckout { query, refusal } => {
            return answer_checkout(client, query, refusal).await;
        }
        Outgoing::Text { html, buttons, target } => text(client, row, html, buttons, target).await,
        Outgoing::Photo { blob, caption, buttons } => {
            photo(client, house, row.chat, &blob, caption, buttons).await
        }
        Outgoing::Video { .. } => video(client, house, row.chat, outgoing).await,
        Outgoing::Document { blob, number, file_name, caption } => {
            let sent =
                document(client, house, row.chat, &blob, file_name, caption, Buttons::None).await;
            match sent {
                Err(Failure::TooLarge { bytes }) => {
                    linked(client, house, row.chat, &blob, number, bytes).await
                }
                sent => sent,
            }
        }
    };
    if ended.is_ok() {
        match row.part.as_deref().and_then(|part| part.split(':').next()) {
            Some(PART_PREVIEW) => CrashPoint::PreviewSent.reached(),
            Some(PART_ORIGINAL) => CrashPoint::OriginalSent.reached(),
            _ => {}
        }
    }
    match ended {
        Ok(message) => Sent::Done { message },
        Err(Failure::Call(error)) => classify(error),
        Err(Failure::NoFile(why)) => Sent::Lost { why, may_have_happened: false },
        Err(Failure::TooLarge { bytes }) => {
            Sent::Refused(format!("a file of {bytes} bytes is more than Telegram takes"))
        }
    }
}

enum Failure {
    Call(CallError),
    /// The result can't be read from our own storage.
    NoFile(String),
    /// Telegram doesn't take files of this size.
    TooLarge {
        bytes: u64,
    },
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

type Ended = Result<Option<MessageId>, Failure>;

async fn answer_press(client: &Client, query: String, text: Option<String>) -> Ended {
    client
        .answer_callback_query(&AnswerCallbackQuery {
            callback_query_id: query,
            text,
            show_alert: false,
        })
        .await?;
    Ok(None)
}

/// An answer that may have got lost is given again: a second one is refused without harm, and so is one that comes after
/// the ten seconds in which it counts.
async fn answer_checkout(client: &Client, query: String, refusal: Option<String>) -> Sent {
    let answer = AnswerPreCheckoutQuery {
        pre_checkout_query_id: query,
        ok: refusal.is_none(),
        error_message: refusal,
    };
    let call = client.answer_pre_checkout_query(&answer);
    match tokio::time::timeout(CHECKOUT_TRY, call).await {
        Ok(Ok(())) => Sent::Done { message: None },
        Ok(Err(error)) => match classify(error) {
            Sent::Lost { why, .. } => Sent::Lost { why, may_have_happened: false },
            // Whatever is wrong with the chat, the payer's other rows are not held back by this one.
            Sent::ChatGone => Sent::Refused("the payer can't be answered".to_owned()),
            sent => sent,
        },
        Err(_) => Sent::Lost { why: "no answer in time".to_owned(), may_have_happened: false },
    }
}

async fn text(
    client: &Client,
    row: &OutboxRow,
    html: String,
    buttons: Buttons,
    target: Target,
) -> Ended {
    let shown = match target {
        Target::New => None,
        Target::Edit(message) => Some(message),
        Target::Slot => row.slot_message,
    };
    // The keyboard in place of the letters can only come with a new message.
    let shown = shown.filter(|_| !matches!(buttons, Buttons::Main(_)));
    if let Some(message) = shown {
        match edit(client, row.chat, message, &html, &buttons).await {
            Err(CallError::EditImpossible) => {}
            edited => return edited.map(|()| Some(message)).map_err(Failure::from),
        }
    }
    let mut request = SendMessage::html(row.chat, html.as_str());
    request.options = options(&buttons);
    match client.send_message(&request).await {
        Err(error) if error.is_broken_markup() => {
            tracing::error!(outbox.ord = row.ord, "our markup was refused, sending plain words");
            let mut plain = SendMessage::plain(row.chat, html::visible_text(&html));
            plain.options = options(&buttons);
            Ok(client.send_message(&plain).await?.message_id)
        }
        sent => Ok(sent?.message_id),
    }
}

async fn edit(
    client: &Client,
    chat_id: ChatId,
    message_id: MessageId,
    html: &str,
    buttons: &Buttons,
) -> Result<(), CallError> {
    let request = EditMessageText {
        chat_id,
        message_id,
        text: html.to_owned(),
        parse_mode: Some(ParseMode::Html),
        link_preview_options: Some(LinkPreviewOptions::disabled()),
        reply_markup: inline(buttons),
    };
    client.edit_message_text(&request).await.map(|_| ())
}

/// A picture that Telegram won't show as a photo goes as a file.
async fn photo(
    client: &Client,
    house: &House,
    chat: ChatId,
    blob: &str,
    caption: String,
    buttons: Buttons,
) -> Ended {
    let photo = file(house, blob, "preview").await?;
    let request = SendPhoto {
        chat_id: chat,
        photo,
        caption: Some(caption.clone()),
        parse_mode: Some(ParseMode::Html),
        options: options(&buttons),
    };
    match client.send_photo(&request).await {
        Err(CallError::WrongMediaForm) => {
            document(client, house, chat, blob, "preview.jpg".to_owned(), caption, buttons).await
        }
        sent => Ok(sent?.message_id),
    }
}

async fn document(
    client: &Client,
    house: &House,
    chat: ChatId,
    blob: &str,
    file_name: String,
    caption: String,
    buttons: Buttons,
) -> Ended {
    let request = SendDocument {
        chat_id: chat,
        document: file(house, blob, &file_name).await?,
        caption: Some(caption),
        parse_mode: Some(ParseMode::Html),
        // Otherwise Telegram may turn the original back into a squeezed photo.
        disable_content_type_detection: true,
        options: SendOptions { disable_notification: true, ..options(&buttons) },
    };
    let sent: SentMessage = client.send_document(&request).await?;
    Ok(sent.message_id)
}

/// A video that is too large becomes a link; one that Telegram won't play goes as a file.
async fn video(client: &Client, house: &House, chat: ChatId, outgoing: Outgoing) -> Ended {
    let Outgoing::Video { blob, cover, duration_s, width, height, number, caption, buttons } =
        outgoing
    else {
        return Ok(None);
    };
    let file_name = format!("rei-{number}.mp4");
    let video = match file(house, &blob, &file_name).await {
        Err(Failure::TooLarge { bytes }) => {
            return linked(client, house, chat, &blob, number, bytes).await;
        }
        video => video?,
    };
    let cover = match cover {
        // A video without its cover is still the video.
        Some(cover) => file(house, &cover, "cover").await.ok(),
        None => None,
    };
    let request = SendVideo {
        chat_id: chat,
        video,
        duration_s: Some(duration_s).filter(|seconds| *seconds > 0),
        width,
        height,
        supports_streaming: true,
        cover,
        caption: Some(caption.clone()),
        parse_mode: Some(ParseMode::Html),
        options: options(&buttons),
    };
    match client.send_video(&request).await {
        Err(CallError::FileTooBig) => {
            let bytes = size_of(house, &blob).await?;
            linked(client, house, chat, &blob, number, bytes).await
        }
        Err(CallError::WrongMediaForm) => {
            document(client, house, chat, &blob, file_name, caption, buttons).await
        }
        sent => Ok(sent?.message_id),
    }
}

/// A link under which the customer fetches what Telegram doesn't carry.
async fn linked(
    client: &Client,
    house: &House,
    chat: ChatId,
    blob: &str,
    number: i64,
    bytes: u64,
) -> Ended {
    let key = key(blob)?;
    let valid = house.files.link_valid;
    let link = files::link(house, &key, valid).await;
    let link = link.map_err(|error| Failure::NoFile(format!("no link can be made: {error}")))?;
    let lang = files::reader(house, chat).await;
    let megabytes = i64::try_from(bytes.div_ceil(1024 * 1024)).unwrap_or(i64::MAX);
    let hours = i64::try_from(valid.as_secs() / 3600).unwrap_or(i64::MAX);
    let text = match link {
        Some(link) => Text::ResultLink { number, megabytes, hours, link },
        None => {
            tracing::error!(
                number,
                "a result is too large for Telegram and there is nowhere to link to"
            );
            Text::ResultUnlinked { number, megabytes }
        }
    };
    Ok(client.send_message(&SendMessage::html(chat, text.html(lang))).await?.message_id)
}

async fn size_of(house: &House, blob: &str) -> Result<u64, Failure> {
    let opened = house.blobs.open_file(&key(blob)?).await;
    opened.map(|(_, bytes)| bytes).map_err(|error| Failure::NoFile(error.to_string()))
}

fn key(blob: &str) -> Result<BlobKey, Failure> {
    blob.parse().map_err(|_| Failure::NoFile("the blob's key is unreadable".to_owned()))
}

async fn file(house: &House, blob: &str, name: &str) -> Result<InputFile, Failure> {
    let key = key(blob)?;
    let mime = key.media().mime();
    let named = if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.{}", key.media().extension())
    };
    let unreadable = |why: String| Failure::NoFile(format!("the result can't be read: {why}"));
    let path = house.blobs.path_of(&key).await.map_err(|error| unreadable(error.to_string()))?;
    let found = tokio::fs::metadata(&path).await.map_err(|error| unreadable(error.to_string()))?;
    if found.len() > UPLOAD_MAX_BYTES {
        return Err(Failure::TooLarge { bytes: found.len() });
    }
    Ok(InputFile::from_path(named, mime, path))
}

fn options(buttons: &Buttons) -> SendOptions {
    let reply_markup = match buttons {
        Buttons::Main(rows) => Some(ReplyMarkup::Keyboard(ReplyKeyboard::of_labels(rows.clone()))),
        _ => inline(buttons).map(ReplyMarkup::Inline),
    };
    SendOptions { reply_markup, ..SendOptions::default() }
}

fn inline(buttons: &Buttons) -> Option<InlineKeyboard> {
    let Buttons::Inline(rows) = buttons else { return None };
    let button = |(label, data): &(String, String)| {
        let made = match data.starts_with("https://") || data.starts_with("http://") {
            true => InlineButton::url(label, data),
            false => InlineButton::callback(label, data),
        };
        made.inspect_err(|error| tracing::error!(%error, "a button could not be made")).ok()
    };
    let rows: Vec<Vec<InlineButton>> =
        rows.iter().map(|row| row.iter().filter_map(button).collect()).collect();
    Some(InlineKeyboard { inline_keyboard: rows })
}

fn classify(error: CallError) -> Sent {
    let may_have_happened = error.may_have_happened();
    match error {
        CallError::Done => Sent::Done { message: None },
        CallError::RecipientGone | CallError::Moved { .. } => Sent::ChatGone,
        CallError::Flood { retry_after } => {
            Sent::Flood { after: Duration::from_secs(retry_after.max(1)) }
        }
        CallError::Configuration { description } => Sent::Misconfigured(description),
        CallError::OurBug { description } => Sent::Refused(description),
        CallError::WrongMediaForm | CallError::FileTooBig | CallError::BadFileId => {
            Sent::Refused(error.to_string())
        }
        CallError::EditImpossible | CallError::ReplyTargetGone | CallError::TopicGone => {
            Sent::Refused(error.to_string())
        }
        CallError::Conflict { .. }
        | CallError::Transient { .. }
        | CallError::NotSent(_)
        | CallError::Unanswered(_) => Sent::Lost { why: error.to_string(), may_have_happened },
    }
}
