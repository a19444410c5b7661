//! What can happen in a chat.

use rei_domain::ids::{MessageId, OrderId};
use rei_domain::money::Kopecks;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Words in a private chat, or a command in any.
    Typed(Typed),
    /// A button under a message.
    Pressed(Press),
    /// The customer changed the words of a message.
    Edited {
        /// The message that was changed.
        message: MessageId,
        /// Its words now; empty when it has none.
        text: String,
    },
    /// Anything that is not just words.
    Sent {
        /// What it is.
        content: Content,
        /// Words under it.
        caption: Option<String>,
        /// The message it came in.
        origin: Origin,
    },
    /// Somebody addressed the bot in a group or a channel.
    InGroup,
    /// A customer who had blocked the bot let it back in.
    Unblocked,
    /// The application answers an effect of this very turn.
    Answered(AppAnswer),
}

/// Words with where they stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The words, never empty.
    pub text: String,
    /// The message they came in.
    pub origin: Origin,
}

/// Where something stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The message.
    pub message: MessageId,
    /// Whether it was forwarded from somebody: then it is content, never a command.
    pub forwarded: bool,
    /// Whether it answers a message that holds a picture.
    pub replies_to_picture: bool,
    /// Whether it is a command in a group.
    pub group_command: bool,
}

/// A press of a button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Telegram's id of the press, answered exactly once.
    pub query: String,
    /// What the button carries. From outside: an old or a changed client may send anything.
    pub data: String,
    /// The message under which it stood; none when it can't be edited any more.
    pub message: Option<MessageId>,
}

/// What came instead of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A photo, or a picture sent as a file.
    Picture {
        /// Its size when known.
        size_bytes: Option<u64>,
        /// The album it belongs to.
        album: Option<String>,
    },
    /// A video.
    Video {
        /// Its size when known.
        size_bytes: Option<u64>,
    },
    /// A voice message or a video note.
    Voice,
    /// A file that isn't a picture.
    File {
        /// Its size when known.
        size_bytes: Option<u64>,
    },
    /// A sticker, a poll, a place, a dice, or something newer than this program.
    Other,
    /// A service message that needs no answer, such as a pinned message.
    Service,
}

/// How the application answered an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppAnswer {
    /// The order stands: its price is on hold, its job is in the queue.
    Placed {
        /// The new order.
        order: OrderId,
        /// Its number for people.
        number: i64,
        /// What is on hold.
        price: Kopecks,
        /// How many jobs stand before it.
        ahead: i64,
        /// The message under whose button it was placed.
        place: crate::Place,
    },
    /// The same quote was confirmed before.
    PlacedBefore,
    /// The model was taken off sale a moment ago.
    NotOnSale,
    /// The wallet holds less than the price.
    NotEnough {
        /// What can be spent.
        free: Kopecks,
        /// The price that was asked.
        price: Kopecks,
        /// Where to show it.
        place: crate::Place,
    },
    /// The order was stopped and its hold went back.
    Cancelled {
        /// Its number for people.
        number: i64,
        /// What went back.
        price: Kopecks,
        /// What can be spent now.
        free: Kopecks,
        /// The order.
        order: OrderId,
        /// Where to show it.
        place: crate::Place,
    },
    /// A worker was faster: it is being drawn.
    CancelTooLate,
    /// It is over already.
    CancelFinished,
}
