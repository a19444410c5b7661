//! What the bot understands of an update. Reading never fails: unknown kinds, values and fields, and
//! wrong types where we do not look, change nothing; what cannot be used at all says why.

mod content;
mod fields;
mod message;
mod people;

use rei_domain::ids::{ChatId, CustomerId, MessageId};
use serde_json::Value;

pub(crate) use content::media_of;
pub use content::{Content, Media, Payment};
pub use message::{Message, ReplyTo};
pub use people::{Chat, ChatKind, User};

use fields::{id, int, object, text, words};
use people::{chat, sender};

/// The longest name of a kind that is kept; names become metric labels.
const KIND_MAX: usize = 64;

/// An update, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Somebody sent something, or something happened in a chat.
    Message(Box<Message>),
    /// Somebody changed a message; it is given as it is now.
    EditedMessage(Box<Message>),
    /// Somebody pressed an inline button.
    Callback(Callback),
    /// The bot's own place in a chat changed; in a private chat: blocked or let back in.
    ChatMember(ChatMember),
    /// Telegram asks whether a payment may go on: to be answered within 10 s.
    PreCheckout(PreCheckout),
    /// A kind that we do not handle.
    Other(Other),
    /// An update that cannot be used.
    Malformed {
        /// Why, without anything from the update.
        why: String,
    },
}

/// A press of an inline button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Telegram's id of the press, answered exactly once.
    pub id: String,
    /// Who pressed.
    pub from: User,
    /// What the button carries. Proof of nothing: a client may send anything.
    pub data: Option<String>,
    /// The message under which it stood; none for inline messages.
    pub message: Option<Pressed>,
}

/// The message under which a pressed button stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// Where.
    pub chat: Chat,
    /// Its id.
    pub message_id: MessageId,
    /// Whether it can still be edited; if not, a new one is sent.
    pub accessible: bool,
    /// The topic it stands in.
    pub thread_id: Option<i64>,
}

/// A change of the bot's place in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMember {
    /// Where.
    pub chat: Chat,
    /// Who changed it.
    pub from: Option<User>,
    /// What the bot was: `member`, `kicked`, `left` …
    pub old_status: String,
    /// What the bot is now.
    pub new_status: String,
}

impl ChatMember {
    /// Whether a person has just blocked the bot.
    pub fn blocked(&self) -> bool {
        self.chat.kind == ChatKind::Private && matches!(self.new_status.as_str(), "kicked" | "left")
    }

    /// Whether a person lets the bot in (again).
    pub fn unblocked(&self) -> bool {
        self.chat.kind == ChatKind::Private && self.new_status == "member"
    }
}

/// A payment that waits for a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreCheckout {
    /// Telegram's id of the question.
    pub id: String,
    /// Who pays.
    pub from: User,
    /// `XTR` for Stars, else a currency's three letters.
    pub currency: String,
    /// In whole Stars, or the currency's smallest unit.
    pub total_amount: i64,
    /// What we put into the invoice.
    pub invoice_payload: String,
}

/// An update of a kind that we do not handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The kind's name; empty when the update holds nothing.
    pub kind: String,
    /// The chat it is about, if it names one.
    pub chat: Option<Chat>,
    /// The person it is about, if it names one.
    pub from: Option<User>,
}

/// Updates with the same lane are handled one after the other. The id of a chat, or of a person for
/// presses and payments: in a private chat these are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub i64);

impl Incoming {
    /// The lane of this update; 0 for what belongs to nobody.
    pub fn lane(&self) -> Lane {
        let of_chat = |chat: &Chat| Lane(chat.id.0);
        let of_user = |user: &User| Lane(user.id.0);
        match self {
            Self::Message(message) | Self::EditedMessage(message) => of_chat(&message.chat),
            Self::Callback(callback) => of_user(&callback.from),
            Self::ChatMember(change) => of_chat(&change.chat),
            Self::PreCheckout(question) => of_user(&question.from),
            Self::Other(other) => {
                let chat = other.chat.as_ref().map(of_chat);
                chat.or(other.from.as_ref().map(of_user)).unwrap_or(Lane(0))
            }
            Self::Malformed { .. } => Lane(0),
        }
    }

    /// The kind's name, for metrics.
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::EditedMessage(_) => "edited_message",
            Self::Callback(_) => "callback_query",
            Self::ChatMember(_) => "my_chat_member",
            Self::PreCheckout(_) => "pre_checkout_query",
            Self::Other(other) => &other.kind,
            Self::Malformed { .. } => "malformed",
        }
    }

    /// The chat to answer in, if there is one.
    pub fn chat(&self) -> Option<ChatId> {
        match self {
            Self::Message(message) | Self::EditedMessage(message) => Some(message.chat.id),
            Self::Callback(callback) => callback.message.as_ref().map(|pressed| pressed.chat.id),
            Self::ChatMember(change) => Some(change.chat.id),
            Self::Other(other) => other.chat.as_ref().map(|chat| chat.id),
            Self::PreCheckout(_) | Self::Malformed { .. } => None,
        }
    }

    /// The person behind it: not a bot, not a channel.
    pub fn person(&self) -> Option<&User> {
        let user = match self {
            Self::Message(message) | Self::EditedMessage(message) => message.from.as_ref(),
            Self::Callback(callback) => Some(&callback.from),
            Self::ChatMember(change) => change.from.as_ref(),
            Self::PreCheckout(question) => Some(&question.from),
            Self::Other(other) => other.from.as_ref(),
            Self::Malformed { .. } => None,
        };
        user.filter(|user| !user.is_bot)
    }

    /// The id of the person behind it.
    pub fn customer(&self) -> Option<CustomerId> {
        self.person().map(|user| user.id)
    }
}

/// Understands an update from its JSON.
pub fn decode(json: &str) -> Incoming {
    let Ok(update) = serde_json::from_str::<Value>(json) else {
        return malformed("not readable as json");
    };
    let Some(fields) = update.as_object() else { return malformed("not an object") };
    let payload = |kind: &str| fields.get(kind).filter(|payload| !payload.is_null());
    let understood = if let Some(value) = payload("message") {
        message::message(value).map(Box::new).map(Incoming::Message)
    } else if let Some(value) = payload("edited_message") {
        message::message(value).map(Box::new).map(Incoming::EditedMessage)
    } else if let Some(value) = payload("callback_query") {
        callback(value).map(Incoming::Callback)
    } else if let Some(value) = payload("my_chat_member") {
        chat_member(value).map(Incoming::ChatMember)
    } else if let Some(value) = payload("pre_checkout_query") {
        pre_checkout(value).map(Incoming::PreCheckout)
    } else {
        Ok(Incoming::Other(other(&update)))
    };
    understood.unwrap_or_else(malformed)
}

fn malformed(why: &str) -> Incoming {
    Incoming::Malformed { why: why.to_owned() }
}

fn callback(value: &Value) -> Result<Callback, &'static str> {
    let id = id(value, "id").ok_or("a press without an id")?;
    let from = sender(value).ok_or("a press without a person")?;
    Ok(Callback { id, from, data: words(value, "data"), message: pressed(value) })
}

fn pressed(callback: &Value) -> Option<Pressed> {
    let message = object(callback, "message")?;
    Some(Pressed {
        chat: chat(message)?,
        message_id: MessageId(int(message, "message_id")?),
        accessible: message::is_accessible(message),
        thread_id: int(message, "message_thread_id"),
    })
}

fn chat_member(value: &Value) -> Result<ChatMember, &'static str> {
    let chat = chat(value).ok_or("a change of membership without a chat")?;
    let status = |key: &str| object(value, key).and_then(|member| text(member, "status"));
    Ok(ChatMember {
        chat,
        from: sender(value),
        old_status: status("old_chat_member").unwrap_or_default(),
        new_status: status("new_chat_member").ok_or("a change of membership without a status")?,
    })
}

fn pre_checkout(value: &Value) -> Result<PreCheckout, &'static str> {
    Ok(PreCheckout {
        id: id(value, "id").ok_or("a payment question without an id")?,
        from: sender(value).ok_or("a payment question without a person")?,
        currency: text(value, "currency").ok_or("a payment question without a currency")?,
        total_amount: int(value, "total_amount").ok_or("a payment question without a sum")?,
        invoice_payload: text(value, "invoice_payload").unwrap_or_default(),
    })
}

fn other(update: &Value) -> Other {
    let fields = update.as_object().into_iter().flatten();
    let mut payloads = fields.filter(|(key, _)| key.as_str() != "update_id");
    match payloads.next() {
        Some((kind, payload)) => Other {
            kind: kind.chars().take(KIND_MAX).collect(),
            chat: chat(payload),
            from: sender(payload),
        },
        None => Other { kind: String::new(), chat: None, from: None },
    }
}

#[cfg(test)]
mod tests;
