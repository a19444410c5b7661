//! What can happen in a chat.

use rei_domain::catalog::Measured;
use rei_domain::ids::{MessageId, OrderId, QuoteId, UploadId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::order::Wait;
use serde::{Deserialize, Serialize};

use crate::till::{OrderRefusal, PaymentBrief, PaymentRefusal, PromoAnswer};

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
    /// A file that was sent is there and was read.
    FileTaken {
        /// The name that [`crate::Effect::TakeFile`] gave it.
        upload: UploadId,
        /// What was found in it.
        measured: Measured,
    },
    /// A file that was sent could not be taken.
    FileRefused {
        /// The name that [`crate::Effect::TakeFile`] gave it.
        upload: UploadId,
        /// Why.
        problem: FileProblem,
    },
    /// The moment that [`crate::Effect::WakeAt`] named has come.
    Woken {
        /// The word given then.
        what: String,
    },
    /// A payment has its link.
    PaymentReady {
        /// The payment.
        payment: PaymentBrief,
    },
    /// The payment system refused or closed a payment.
    PaymentFailed {
        /// The payment, with its reason.
        payment: PaymentBrief,
        /// Whether it is tried again without the customer.
        will_retry: bool,
    },
    /// The customer asked about a payment, and it is not paid yet.
    PaymentPending {
        /// The payment.
        payment: PaymentBrief,
    },
    /// A payment was credited. The same may be told twice.
    Paid {
        /// The payment.
        payment: PaymentBrief,
        /// What came on top; zero for nothing.
        bonus: Kopecks,
        /// The held order that it was paid for.
        held: Option<QuoteId>,
    },
    /// Money went back to where it was paid from.
    Refunded {
        /// How much.
        sum: Kopecks,
        /// By which way.
        rail: Rail,
        /// Whether it was done outside the bot, by hand or by a bank.
        foreign: bool,
        /// What the wallet owes since.
        debt: Option<Kopecks>,
    },
    /// The payment system refused to give money back; it is in the wallet again.
    RefundFailed {
        /// How much.
        sum: Kopecks,
    },
}

/// Why a file could not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    /// Larger than can be taken.
    TooBig {
        /// The limit.
        bytes_max: u64,
    },
    /// Neither a picture nor a video.
    NotMedia,
    /// Apple's format, which nothing here reads.
    Heic,
    /// It begins like a picture or a video but can't be read.
    Broken,
    /// Telegram doesn't hand it over any more.
    Gone,
    /// It could not be fetched, however often it was tried.
    Busy,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The message.
    pub message: MessageId,
    /// Whether it was forwarded from somebody: then it is content, never a command.
    pub forwarded: bool,
    /// The message that it answers.
    pub reply: Option<Reply>,
    /// Whether it is a command in a group.
    pub group_command: bool,
}

/// A message that was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Its number, when it stands in this chat.
    pub message: Option<MessageId>,
    /// The picture it holds.
    pub picture: Option<FileRef>,
    /// The video it holds.
    pub video: Option<FileRef>,
}

/// A file at Telegram's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRef {
    /// Telegram's name for it, good for this bot.
    pub file_id: String,
    /// Telegram's name that stays the same when the file is sent again.
    pub unique_id: Option<String>,
    /// Its size when known.
    pub size_bytes: Option<u64>,
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
        /// The file.
        file: FileRef,
        /// The album it belongs to.
        album: Option<String>,
    },
    /// A video, or a video sent as a file.
    Video {
        /// The file.
        file: FileRef,
        /// The album it belongs to.
        album: Option<String>,
    },
    /// A voice message or a video note.
    Voice,
    /// A file that is neither a picture nor a video.
    File {
        /// The file.
        file: FileRef,
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
        /// In how many seconds it is there, from and to.
        seconds: [u32; 2],
        /// The message under whose button it was placed.
        place: crate::Place,
    },
    /// The same quote was confirmed before.
    PlacedBefore,
    /// How far the customer's orders are.
    Waits {
        /// What is left of each that is at work.
        waits: Vec<(OrderId, Wait)>,
        /// Where to show it.
        place: crate::Place,
    },
    /// The model was taken off sale a moment ago.
    NotOnSale,
    /// The customer's files that it needs are no longer kept.
    FilesGone,
    /// The result that was asked for can be used as a file of the customer's.
    ResultReady {
        /// The file.
        upload: UploadId,
        /// What was found in it.
        measured: Measured,
    },
    /// The result that was asked for is no longer kept.
    ResultGone,
    /// The originals that were asked for are no longer kept.
    OriginalGone,
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
    /// The payment stands; its link is in it, or follows as [`Event::PaymentReady`].
    PaymentOpened {
        /// The payment.
        payment: PaymentBrief,
        /// Where to show it.
        place: crate::Place,
        /// The held order that it is paid for.
        held: Option<QuoteId>,
    },
    /// No payment was opened.
    PaymentRefused {
        /// Why.
        why: PaymentRefusal,
        /// Where to show it.
        place: crate::Place,
    },
    /// The payment system is being asked; what it says follows as an event of its own.
    PaymentChecking {
        /// The payment.
        payment: PaymentBrief,
    },
    /// What became of a promo code.
    Promo(PromoAnswer),
    /// The order was not taken, whatever the wallet holds.
    OrderRefused(OrderRefusal),
}
