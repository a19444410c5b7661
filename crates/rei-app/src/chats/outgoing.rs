//! The messages of the outbox. Written as JSON by use cases and doors, read by the sender alone.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, MessageId, OrderId};
use rei_storage::outbox::{NewOutbox, OutboxClass};
use rei_storage::{BookError, Tx, customers, outbox};
use serde::{Deserialize, Serialize};

/// A call on its way to a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outgoing {
    /// The answer to a press.
    AnswerPress {
        /// Telegram's id of the press.
        query: String,
        /// A few plain words, or none.
        text: Option<String>,
    },
    /// The answer to the question whether a payment may go on.
    AnswerPreCheckout {
        /// Telegram's id of the question.
        query: String,
        /// Why it may not, in plain words; none when it may.
        refusal: Option<String>,
    },
    /// Words with buttons.
    Text {
        /// Telegram HTML.
        html: String,
        /// What stands under it.
        buttons: Buttons,
        /// Which message it becomes.
        target: Target,
    },
    /// A picture as Telegram shows it.
    Photo {
        /// Its key in the blob storage.
        blob: String,
        /// Telegram HTML, at most 1024 characters.
        caption: String,
        /// What stands under it.
        buttons: Buttons,
    },
    /// A video; a link to it when it is too large for Telegram.
    Video {
        /// Its key in the blob storage.
        blob: String,
        /// The key of the picture shown before it plays.
        cover: Option<String>,
        /// How long it runs, in seconds.
        duration_s: u32,
        /// Pixels from side to side.
        width: Option<u32>,
        /// Pixels from top to bottom.
        height: Option<u32>,
        /// The number of its order, for people.
        number: i64,
        /// Telegram HTML, at most 1024 characters.
        caption: String,
        /// What stands under it.
        buttons: Buttons,
    },
    /// A file as it is; a link to it when it is too large for Telegram.
    Document {
        /// Its key in the blob storage.
        blob: String,
        /// The number of its order, for people.
        #[serde(default)]
        number: i64,
        /// The name the customer sees.
        file_name: String,
        /// Telegram HTML, at most 1024 characters.
        caption: String,
    },
}

/// What stands under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Buttons {
    /// Nothing.
    None,
    /// Rows of (label, data). In place of data, an address makes a button that opens it.
    Inline(Vec<Vec<(String, String)>>),
    /// The keyboard in place of the letters.
    Main(Vec<Vec<String>>),
}

/// Which message a text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A new one.
    New,
    /// This one, changed; a new one when it can't be changed.
    Edit(MessageId),
    /// The one that shows the row's slot; a new one when there is none.
    Slot,
}

/// The name of the slot that shows an order's status.
pub fn order_slot(order: OrderId) -> String {
    format!("order:{}", order.to_short())
}

/// Puts a message on its way to a customer's private chat.
pub fn put(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    class: OutboxClass,
    outgoing: &Outgoing,
    slot: Option<String>,
    delivery: Option<(OrderId, String)>,
    now: Timestamp,
) -> Result<(), BookError> {
    let blocked = customers::find(tx, customer)?.is_some_and(|row| row.blocked);
    let payload = serde_json::to_string(outgoing).expect("a message has only plain fields");
    let new = NewOutbox { chat: ChatId(customer.0), class, payload, slot, delivery };
    outbox::put(tx, &new, blocked, now)
}
