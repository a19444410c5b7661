//! An update as an event of the conversation, with the person it comes from.

use rei_conversation::{Content, Event, FileRef, Origin, Press, Reply, Typed};
use rei_domain::ids::{ChatId, CustomerId};
use rei_telegram::{
    Addressed, Callback, ChatKind, Content as Sent, Incoming, Media, Message, Payment, PreCheckout,
    ReplyTo, User,
};

use crate::BotIdentity;

#[cfg(test)]
mod tests;

/// What an update means for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Somebody did something in a private chat.
    Privately {
        /// Who.
        person: Person,
        /// What.
        event: Box<Event>,
    },
    /// Somebody addressed the bot in a group.
    InGroup {
        /// Where.
        chat: ChatId,
        /// Who.
        person: Person,
    },
    /// Telegram asks whether a payment in Stars may go on.
    Checkout(PreCheckout),
    /// Stars came.
    StarsPaid {
        /// Who paid.
        person: Person,
        /// What.
        payment: Payment,
    },
    /// Stars went back.
    StarsRefunded(Payment),
    /// The customer blocked the bot.
    Blocked(CustomerId),
    /// Nothing that asks for an answer.
    Nothing,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The name, for the owner's eyes.
    pub name: String,
    /// What stands after the @, if there is one.
    pub username: Option<String>,
    /// Telegram's language code.
    pub language: Option<String>,
}

/// Says what an update means.
pub fn translate(incoming: Incoming, bot: &BotIdentity) -> Said {
    match incoming {
        Incoming::Message(message) => said_in_message(*message, bot),
        Incoming::EditedMessage(message) => edited(*message),
        Incoming::Callback(callback) => pressed(callback),
        Incoming::ChatMember(change) if change.blocked() => {
            Said::Blocked(CustomerId(change.chat.id.0))
        }
        Incoming::ChatMember(change) if change.unblocked() => match change.from {
            Some(user) => {
                Said::Privately { person: person(&user), event: Box::new(Event::Unblocked) }
            }
            None => Said::Nothing,
        },
        Incoming::Other(other) => match (other.chat, other.from) {
            // A kind newer than this program, in a private chat: an answer is due all the same.
            (Some(chat), Some(user))
                if chat.kind == ChatKind::Private && !user.is_bot && is_chatty(&other.kind) =>
            {
                let event = Event::Sent { content: Content::Other, caption: None, origin: NOWHERE };
                Said::Privately { person: person(&user), event: Box::new(event) }
            }
            _ => Said::Nothing,
        },
        Incoming::PreCheckout(query) => Said::Checkout(query),
        Incoming::ChatMember(_) | Incoming::Malformed { .. } => Said::Nothing,
    }
}

const NOWHERE: Origin = Origin {
    message: rei_domain::ids::MessageId(0),
    forwarded: false,
    reply: None,
    group_command: false,
};

/// Known kinds that are no words to the bot: reactions, votes, boosts, business chats.
fn is_chatty(kind: &str) -> bool {
    const SILENT: [&str; 14] = [
        "message_reaction",
        "message_reaction_count",
        "poll",
        "poll_answer",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "inline_query",
        "chosen_inline_result",
    ];
    !SILENT.contains(&kind)
}

fn said_in_message(message: Message, bot: &BotIdentity) -> Said {
    // Money counts wherever it is said that it moved.
    if let Sent::RefundedPayment(payment) = message.content {
        return Said::StarsRefunded(payment);
    }
    let Some(user) = message.person() else { return Said::Nothing };
    let person = person(user);
    if let Sent::SuccessfulPayment(payment) = message.content {
        return Said::StarsPaid { person, payment };
    }
    match message.chat.kind {
        ChatKind::Private => match event(message) {
            Some(event) => Said::Privately { person, event: Box::new(event) },
            None => Said::Nothing,
        },
        ChatKind::Group | ChatKind::Unknown if addresses_us(&message, bot) => {
            Said::InGroup { chat: message.chat.id, person }
        }
        ChatKind::Group | ChatKind::Channel | ChatKind::Unknown => Said::Nothing,
    }
}

/// In groups only what is plainly meant for the bot counts: a command of ours, or its name.
fn addresses_us(message: &Message, bot: &BotIdentity) -> bool {
    let mentioned = message.words().is_some_and(|words| {
        words.to_lowercase().contains(&format!("@{}", bot.username.to_lowercase()))
    });
    mentioned || matches!(message.command(&bot.username), Addressed::Ours(_))
}

fn event(message: Message) -> Option<Event> {
    let origin = Origin {
        message: message.message_id,
        forwarded: message.forwarded,
        reply: message.reply_to.map(reply),
        group_command: false,
    };
    let album = message.media_group_id;
    let content = match message.content {
        Sent::Text => {
            let text = message.text.filter(|text| !text.trim().is_empty())?;
            return Some(Event::Typed(Typed { text, origin }));
        }
        Sent::Photo(media) => Content::Picture { file: file(media), album },
        Sent::Document(media) if media.claims_image() => {
            Content::Picture { file: file(media), album }
        }
        Sent::Document(media) if media.claims_video() => {
            Content::Video { file: file(media), album }
        }
        Sent::Document(media) => Content::File { file: file(media) },
        Sent::Video(media) | Sent::Animation(media) => Content::Video { file: file(media), album },
        Sent::Voice(_) | Sent::VideoNote(_) | Sent::Audio(_) => Content::Voice,
        Sent::Service(_) | Sent::MigratedTo(_) => Content::Service,
        Sent::SuccessfulPayment(_) | Sent::RefundedPayment(_) => Content::Service,
        Sent::Sticker | Sent::Poll | Sent::Contact | Sent::Location | Sent::Venue => Content::Other,
        Sent::Dice | Sent::Game | Sent::Story | Sent::Unknown(_) => Content::Other,
    };
    Some(Event::Sent { content, caption: message.caption, origin })
}

fn file(media: Media) -> FileRef {
    FileRef {
        file_id: media.file_id,
        unique_id: media.file_unique_id,
        size_bytes: media.size_bytes,
    }
}

/// A message of another chat has no number here.
fn reply(replied: ReplyTo) -> Reply {
    Reply {
        message: replied.message_id.filter(|_| replied.other_chat.is_none()),
        picture: replied.picture.map(file),
        video: replied.video.map(file),
    }
}

fn edited(message: Message) -> Said {
    let Some(user) = message.person().filter(|_| message.chat.kind == ChatKind::Private) else {
        return Said::Nothing;
    };
    let text = message.words().unwrap_or_default().to_owned();
    Said::Privately {
        person: person(user),
        event: Box::new(Event::Edited { message: message.message_id, text }),
    }
}

/// Authorised by who pressed, not by where: a forwarded button acts for the one who presses it.
fn pressed(callback: Callback) -> Said {
    if callback.from.is_bot {
        return Said::Nothing;
    }
    let own_chat = ChatId(callback.from.id.0);
    let message =
        callback.message.filter(|pressed| pressed.accessible && pressed.chat.id == own_chat);
    let press = Press {
        query: callback.id,
        data: callback.data.unwrap_or_default(),
        message: message.map(|pressed| pressed.message_id),
    };
    Said::Privately { person: person(&callback.from), event: Box::new(Event::Pressed(press)) }
}

fn person(user: &User) -> Person {
    Person {
        id: user.id,
        name: user.full_name(),
        username: user.username.clone(),
        language: user.language_code.clone(),
    }
}
