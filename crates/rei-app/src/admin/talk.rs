//! One command or press of an admin's being answered: who asks, what may be read and changed, and what is said.

use std::fmt::Display;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_storage::ledger::LedgerError;
use rei_storage::outbox::OutboxClass;
use rei_storage::{BookError, Tx};
use rei_texts::{AdminText, Lang, Message, ReportText};

use super::role::{Permission, Role};
use crate::House;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::reader_of;

/// The longest data that Telegram takes for a button.
const DATA_BYTES_MAX: usize = 64;
/// The longest message that Telegram takes, less room for what stands around a list.
const LIST_CHARS_MAX: usize = 3_600;

/// The admin who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// What this person is to the house.
    pub role: Role,
    /// The language to answer in.
    pub lang: Lang,
}

/// What the admin sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Telegram HTML; empty when the message under the button stays as it is and only the toast is shown.
    pub html: String,
    /// What stands under it.
    pub buttons: Buttons,
    /// A few plain words in answer to a press.
    pub toast: Option<String>,
}

/// Why nothing was done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The admin is told so, in place of what was asked for.
    No(Box<AdminText>),
    /// The same, in the words of the reports.
    Report(Box<ReportText>),
    /// The admin is told so in passing; the message under the button is not his to change.
    Toast(Box<AdminText>),
    /// The book refused: the transaction is given up.
    Book(LedgerError),
}

/// A label and its data.
pub(super) type Button = (String, String);

/// What one command or press may use.
pub(super) struct Talk<'t, 'tx> {
    pub(super) tx: &'t mut Tx<'tx>,
    pub(super) house: &'t House,
    pub(super) caller: Caller,
    pub(super) now: Timestamp,
}

impl Talk<'_, '_> {
    /// Goes on only when the caller's role allows this.
    pub(super) fn permit(&self, permission: Permission) -> Result<(), Stop> {
        if self.caller.role.may(permission) {
            return Ok(());
        }
        Err(Stop::no(AdminText::NotAllowed { role: self.caller.role.as_str().to_owned() }))
    }

    /// The words as Telegram HTML in the caller's language.
    pub(super) fn html(&self, text: AdminText) -> String {
        text.html(self.caller.lang)
    }

    /// A button: `v1:adm-<act>:<id>[:<arg>]`.
    pub(super) fn button(
        &self,
        label: AdminText,
        act: &str,
        id: impl Display,
        arg: Option<&str>,
    ) -> Button {
        button(&label, self.caller.lang, act, id, arg)
    }

    /// Tells a customer, or another admin, in his own language.
    pub(super) fn tell(
        &mut self,
        whom: CustomerId,
        words: &dyn Message,
        buttons: impl Fn(Lang) -> Vec<Vec<Button>>,
    ) -> Result<(), BookError> {
        let lang = reader_of(self.tx, whom)?;
        self.send(whom, words.html(lang), buttons(lang))
    }

    /// Puts a message on its way to somebody's private chat.
    pub(super) fn send(
        &mut self,
        whom: CustomerId,
        html: String,
        buttons: Vec<Vec<Button>>,
    ) -> Result<(), BookError> {
        let outgoing = Outgoing::Text { html, buttons: shown(buttons), target: Target::New };
        put(self.tx, whom, OutboxClass::Result, &outgoing, None, None, self.now)
    }
}

impl Reply {
    /// Words alone.
    pub(super) fn new(html: String) -> Self {
        Self { html, buttons: Buttons::None, toast: None }
    }

    /// The same with rows of buttons.
    pub(super) fn with(mut self, rows: Vec<Vec<Button>>) -> Self {
        self.buttons = shown(rows);
        self
    }

    /// The answer when nothing was done; the error when the transaction is lost.
    pub(super) fn of(answer: Result<Self, Stop>, lang: Lang) -> Result<Self, LedgerError> {
        match answer {
            Ok(reply) => Ok(reply),
            Err(Stop::No(text)) => Ok(Self::new(text.html(lang))),
            Err(Stop::Report(text)) => Ok(Self::new(text.html(lang))),
            Err(Stop::Toast(text)) => {
                let toast = Some(text.plain(lang));
                Ok(Self { html: String::new(), buttons: Buttons::None, toast })
            }
            Err(Stop::Book(error)) => Err(error),
        }
    }
}

/// A button in a language.
pub(super) fn button(
    label: &dyn Message,
    lang: Lang,
    act: &str,
    id: impl Display,
    arg: Option<&str>,
) -> Button {
    let data = match arg {
        Some(arg) => format!("v1:adm-{act}:{id}:{arg}"),
        None => format!("v1:adm-{act}:{id}"),
    };
    debug_assert!(data.len() <= DATA_BYTES_MAX, "{data} is too long for a button");
    (label.plain(lang), data)
}

/// The lines of a list as far as they fit into one message.
pub(super) fn joined(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() > LIST_CHARS_MAX {
            text.push_str("\n…");
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}

fn shown(rows: Vec<Vec<Button>>) -> Buttons {
    let rows: Vec<Vec<Button>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
    if rows.is_empty() { Buttons::None } else { Buttons::Inline(rows) }
}

impl Stop {
    /// The admin is told so, in place of what was asked for.
    pub(super) fn no(why: AdminText) -> Self {
        Self::No(Box::new(why))
    }

    /// The same, in the words of the reports.
    pub(super) fn report(why: ReportText) -> Self {
        Self::Report(Box::new(why))
    }

    /// The admin is told so in passing.
    pub(super) fn toast(why: AdminText) -> Self {
        Self::Toast(Box::new(why))
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self::Book(error)
    }
}

impl From<BookError> for Stop {
    fn from(error: BookError) -> Self {
        Self::Book(error.into())
    }
}
