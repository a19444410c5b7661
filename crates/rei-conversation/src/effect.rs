//! What the conversation wants done.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{MessageId, OrderId, PaymentId, QuoteId, UploadId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::quote::Quote;
use rei_texts::Lang;

use crate::callback::Action;
use crate::event::FileRef;

/// Something to carry out, in the transaction that stores the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer a press, with or without a toast.
    AnswerPress {
        /// Telegram's id of the press.
        query: String,
        /// A few plain words.
        text: Option<String>,
    },
    /// Show a screen.
    Show {
        /// What to show.
        screen: Screen,
        /// As a new message or in place of an old one.
        place: Place,
        /// Under which name later screens find this message.
        slot: Option<Slot>,
    },
    /// Hold the price and put the order into the queue; answered by `Placed`, `PlacedBefore`,
    /// `NotOnSale`, `FilesGone`, `NotEnough` or `OrderRefused`.
    PlaceOrder {
        /// The confirmed offer.
        quote: Quote,
        /// Where the answer is shown.
        place: Place,
    },
    /// Look how far the customer's orders are; answered by `Waits`.
    AskWaits {
        /// Where the answer is shown.
        place: Place,
    },
    /// Stop an order; answered by `Cancelled`, `CancelTooLate` or `CancelFinished`.
    CancelOrder {
        /// The order; the application checks whose it is.
        order: OrderId,
        /// Where the answer is shown.
        place: Place,
    },
    /// Fetch a file of the customer's and read it; `FileTaken` or `FileRefused` follows as an event of its own.
    TakeFile {
        /// The name under which it is known from now on.
        upload: UploadId,
        /// Where it is.
        file: FileRef,
        /// The message that holds it.
        message: MessageId,
    },
    /// Make a result usable like a file of the customer's; answered by `ResultReady` or `ResultGone`.
    UseResult {
        /// The order.
        order: OrderId,
        /// Which of its results, from 1.
        item: u32,
    },
    /// Come back at this moment with `Woken`.
    WakeAt {
        /// When.
        at: Timestamp,
        /// A word to know it by.
        what: String,
    },
    /// Send the originals of an order again; answered by `OriginalGone` when they are no longer kept.
    SendOriginal {
        /// The order.
        order: OrderId,
    },
    /// Mark an order as a favourite, or no longer.
    SetFavourite {
        /// The order.
        order: OrderId,
        /// Whether it is one.
        on: bool,
    },
    /// Remember the customer's language.
    SetLanguage(Lang),
    /// Hand over results that could not be delivered while the bot was blocked.
    DeliverWaiting,
    /// Open a payment, or find the open one of the same sum and rail; answered by `PaymentOpened` or
    /// `PaymentRefused`.
    OpenPayment {
        /// What is to be credited.
        sum: Kopecks,
        /// The way to pay.
        rail: Rail,
        /// The held order that it is paid for.
        held: Option<QuoteId>,
        /// Where the answer is shown.
        place: Place,
    },
    /// Ask the payment system about a payment; answered by `PaymentChecking`.
    CheckPayment {
        /// The payment; the application checks whose it is.
        payment: PaymentId,
    },
    /// Keep the address for receipts, or forget it.
    SaveEmail {
        /// The address; none to forget it.
        email: Option<String>,
    },
    /// The customer accepted the terms.
    AcceptTerms {
        /// The version that was on the screen.
        version: u32,
    },
    /// Credit a promo code's bonus; answered by `Promo`.
    UsePromo {
        /// The code as typed.
        code: String,
    },
    /// Show the customer's transfers in words.
    ShowStatement {
        /// The page, newest first, from 0.
        page: u32,
        /// Where it is shown.
        place: Place,
    },
    /// Send all of the customer's transfers as a file.
    SendStatementFile,
    /// Tell what an order cost, when and why.
    ShowWhy {
        /// The order, which is the customer's own.
        order: OrderId,
    },
    /// A command of those who run the bot; the application reads the words and answers.
    Admin {
        /// The command without its slash, in small letters.
        name: String,
        /// The words after it as typed.
        args: String,
        /// The command's message: the same message twice acts once.
        message: MessageId,
        /// The message that it answers.
        reply: Option<MessageId>,
    },
    /// A button of those who run the bot; the application also answers the press.
    AdminButton {
        /// What it does.
        act: String,
        /// What it is about.
        id: String,
        /// What else it carries.
        arg: Option<String>,
        /// Where the answer is shown.
        place: Place,
        /// Telegram's id of the press.
        query: String,
    },
}

/// A message: words in Telegram HTML and buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Telegram HTML with escaped values.
    pub html: String,
    /// What stands under it.
    pub keyboard: Keyboard,
}

/// The buttons of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// None.
    None,
    /// Buttons under the message.
    Inline(Vec<Vec<Button>>),
    /// The keyboard in place of the letters: rows of labels.
    Main(Vec<Vec<String>>),
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it leads to.
    pub leads: Leads,
}

/// What a button leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// A step of the conversation.
    Do(Action),
    /// An address on the web, opened by Telegram.
    Open(String),
}

/// Where a screen goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below everything else.
    New,
    /// In place of this message; as a new one when it can't be edited.
    Edit(MessageId),
}

/// A message that later screens replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The status of an order.
    Order(OrderId),
}

impl Screen {
    /// Words without buttons.
    pub fn bare(html: String) -> Self {
        Self { html, keyboard: Keyboard::None }
    }

    /// Words with buttons.
    pub fn with(html: String, rows: Vec<Vec<Button>>) -> Self {
        Self { html, keyboard: Keyboard::Inline(rows) }
    }
}

impl Button {
    /// A button with a label from the texts.
    pub fn new(label: String, action: Action) -> Self {
        Self { label, leads: Leads::Do(action) }
    }

    /// A button that opens an address.
    pub fn link(label: String, address: String) -> Self {
        Self { label, leads: Leads::Open(address) }
    }

    /// The step that it leads to; none for an address.
    pub fn action(&self) -> Option<&Action> {
        match &self.leads {
            Leads::Do(action) => Some(action),
            Leads::Open(_) => None,
        }
    }
}
