//! Where a chat stands between two messages. Stored as JSON in the book, so a restart keeps it.

use std::time::Duration;

use rei_domain::catalog::Choices;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{MessageId, OrderId, QuoteId};
use rei_domain::quote::Quote;
use serde::{Deserialize, Serialize};

use crate::event::Typed;

/// A half-filled form is forgotten after this long.
const FORM_KEPT: Duration = Duration::from_secs(24 * 3600);
/// Telegram cuts longer texts in two messages; the second is expected this soon.
const SPLIT_WITHIN: Duration = Duration::from_secs(2);
/// Parts are joined up to this many characters; what follows is a text of its own.
const JOINED_CHARS_MAX: usize = 32_768;
/// A text of this many UTF-16 units is a full message, so it may have been cut.
const FULL_MESSAGE_UNITS: usize = 4096;

/// What is kept of a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The shape of this record; one of another version starts anew.
    pub version: u32,
    /// When it was stored.
    pub saved_at: Timestamp,
    /// Which form is open.
    pub stage: Stage,
    /// What was chosen last, for the next picture.
    pub choices: Option<Choices>,
    /// The latest order, to notice that the same is asked for again.
    pub last_order: Option<LastOrder>,
    /// The latest offer that was left unanswered, so that its buttons still lead to its words.
    pub left: Option<Box<Quote>>,
    /// The album that was answered last: one answer for all its parts.
    pub album: Option<String>,
    /// Whether the words under one of its parts were taken.
    pub album_had_words: bool,
    /// The latest words when they filled a whole message.
    full_message: Option<FullMessage>,
}

/// Which form is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// None.
    #[default]
    Idle,
    /// The bot waits for a description.
    Draft,
    /// The description is too long; the customer may let it be cut.
    TooLong {
        /// The whole of it.
        prompt: String,
        /// The message that ended it.
        #[serde(default)]
        message: Option<MessageId>,
    },
    /// An offer is on the screen.
    Quoted {
        /// The offer.
        quote: Box<Quote>,
        /// The message whose words it quotes, when they came in a message of their own.
        message: Option<MessageId>,
    },
}

/// Enough of an order to notice a twin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastOrder {
    /// The order itself; one that was cancelled is forgotten.
    #[serde(default)]
    pub order: Option<OrderId>,
    /// The offer it came from, so a second press on its button is known.
    pub quote: Option<QuoteId>,
    /// What was asked for.
    pub prompt: String,
    /// What was chosen.
    pub choices: Choices,
    /// When it was placed.
    pub at: Timestamp,
    /// The message whose words it took.
    pub message: Option<MessageId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FullMessage {
    text: String,
    at: Timestamp,
}

impl Session {
    /// The version this program writes.
    const VERSION: u32 = 1;

    /// Reads the book's JSON; anything unreadable starts a new session rather than losing the chat.
    pub fn from_json(json: &str) -> Self {
        serde_json::from_str::<Self>(json).unwrap_or_default()
    }

    /// The book's JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a session has only plain fields")
    }

    /// The session as it counts now: old forms are forgotten, another version's too.
    pub(crate) fn fresh(mut self, now: Timestamp) -> Self {
        if self.version != Self::VERSION {
            self = Self { version: Self::VERSION, ..Self::default() };
        }
        if now.since(self.saved_at) > FORM_KEPT {
            self.stage = Stage::Idle;
            self.left = None;
        }
        self
    }

    /// Closes the form that is open; its words, if it had any.
    pub(crate) fn leave_form(&mut self) -> Option<String> {
        match std::mem::take(&mut self.stage) {
            Stage::Idle | Stage::Draft => None,
            Stage::TooLong { prompt, .. } => Some(prompt),
            Stage::Quoted { quote, .. } => {
                let prompt = quote.prompt.clone();
                self.left = Some(quote);
                Some(prompt)
            }
        }
    }

    /// The whole text when `typed` continues a message that Telegram cut; remembers full messages.
    pub(crate) fn join_split_prompt(&mut self, typed: &Typed, now: Timestamp) -> Option<String> {
        let before = self.full_message.take();
        if typed.text.encode_utf16().count() >= FULL_MESSAGE_UNITS {
            self.full_message = Some(FullMessage { text: typed.text.clone(), at: now });
        }
        let before = before.filter(|before| now.since(before.at) <= SPLIT_WITHIN)?;
        let whole = format!("{}{}", before.text, typed.text);
        match &mut self.full_message {
            Some(full) if whole.chars().count() <= JOINED_CHARS_MAX => {
                full.text.clone_from(&whole);
            }
            _ => self.full_message = None,
        }
        Some(whole)
    }
}
