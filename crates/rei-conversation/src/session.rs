//! Where a chat stands between two messages. Stored as JSON in the book, so a restart keeps it.

use std::collections::BTreeMap;
use std::time::Duration;

use rei_domain::catalog::{Choices, Kind};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{MessageId, OrderId, PaymentId, QuoteId};
use rei_domain::quote::{Quote, QuoteInput};
use serde::{Deserialize, Serialize};

use crate::event::Typed;
use crate::form::Form;
use crate::held::Held;
use crate::question::{Question, TopUp};

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
    /// How far the form is.
    pub stage: Stage,
    /// What is being put together.
    pub form: Form,
    /// What was chosen last for each kind.
    pub remembered: BTreeMap<Kind, Choices>,
    /// Offers up to this many rubles are ordered without asking; zero: never.
    pub quick_rubles: u32,
    /// The latest order, to notice that the same is asked for again.
    pub last_order: Option<LastOrder>,
    /// The latest offer that was left unanswered, so that its buttons still lead to it.
    pub left_offer: Option<Box<LeftOffer>>,
    /// The album of the form that was closed last: what still comes of it is late.
    pub closed_album: Option<String>,
    /// What was asked last: the next words answer it.
    pub question: Option<Question>,
    /// A top-up that waits for an address or for the terms.
    pub top_up: Option<TopUp>,
    /// The order that waits for its money.
    pub held: Option<Box<Held>>,
    /// The latest payments that were told, so that none is told twice.
    pub paid_told: Vec<PaymentId>,
    /// The latest words when they filled a whole message.
    full_message: Option<FullMessage>,
    /// What version 3.6.0 remembered, for pictures only.
    #[serde(skip_serializing)]
    choices: Option<Choices>,
}

/// How far the form is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// There is none.
    #[default]
    Idle,
    /// Words or files are waited for.
    Draft,
    /// The description is too long; the customer may let it be cut.
    TooLong {},
    /// An offer is on the screen.
    Quoted {
        /// The offer.
        quote: Box<Quote>,
    },
}

/// An offer that was left, with the form behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOffer {
    /// The offer.
    pub quote: Quote,
    /// The form it came from.
    pub form: Form,
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
    /// The files that went in.
    #[serde(default)]
    pub inputs: Vec<QuoteInput>,
    /// When it was placed.
    pub at: Timestamp,
    /// The message whose words it took.
    pub message: Option<MessageId>,
    /// The button under a result that led to it.
    #[serde(default)]
    pub button: Option<String>,
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
        if let Some(choices) = self.choices.take() {
            self.remembered.entry(Kind::Image).or_insert(choices);
        }
        if now.since(self.saved_at) > FORM_KEPT {
            self.stage = Stage::Idle;
            self.left_offer = None;
            self.question = None;
            self.top_up = None;
        }
        self.tidy_held(now);
        match &self.stage {
            Stage::Idle => self.form = Form::default(),
            // An offer of version 3.6.0 had its words nowhere else.
            Stage::Quoted { quote } if self.form == Form::default() => {
                self.form.choices = Some(quote.choices.clone());
                self.form.prompt = Some(quote.prompt.clone());
            }
            Stage::TooLong {} if self.form.prompt.is_none() => self.stage = Stage::Draft,
            _ => {}
        }
        self
    }

    /// Closes the form that is open, and returns it when there was one.
    pub(crate) fn leave_form(&mut self) -> Option<Form> {
        let stage = std::mem::take(&mut self.stage);
        let form = std::mem::take(&mut self.form);
        if let Some(album) = &form.album {
            self.closed_album = Some(album.id.clone());
        }
        match stage {
            Stage::Idle => return None,
            Stage::Draft | Stage::TooLong {} => {}
            Stage::Quoted { quote } => {
                self.left_offer = Some(Box::new(LeftOffer { quote: *quote, form: form.clone() }));
            }
        }
        Some(form)
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
