//! What the bot asked and whose answer the next words are: a sum, an address, a promo code. The form that is open
//! stays open meanwhile.

use rei_domain::ids::QuoteId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_texts::Text;
use serde::{Deserialize, Serialize};

use crate::Turn;
use crate::callback::Action;
use crate::effect::Place;
use crate::words::Command;

/// What the next words answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How much to pay.
    Amount {
        /// By which way.
        rail: Rail,
        /// For which held order.
        held: Option<QuoteId>,
    },
    /// Where receipts go.
    Email,
    /// A promo code.
    Promo,
}

/// A top-up that waits for an address or for the terms to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// What is to be credited.
    pub sum: Kopecks,
    /// The way to pay.
    pub rail: Rail,
    /// The held order that it is paid for.
    pub held: Option<QuoteId>,
}

impl Turn<'_> {
    /// The customer's own words answer what was asked.
    pub(crate) fn answer_question(&mut self, question: Question, words: &str) {
        match question {
            Question::Amount { rail, held } => self.amount_typed(words, rail, held),
            Question::Email => self.email_typed(words),
            Question::Promo => self.use_promo(words),
        }
    }

    /// A command leaves the question; reading the terms only interrupts it. `true` when that was all the command
    /// wanted.
    pub(crate) fn leave_question(&mut self, command: &Command) -> bool {
        if matches!(command, Command::Terms | Command::Privacy) {
            return false;
        }
        let asked = self.session.question.take().is_some();
        let waited = self.session.top_up.take().is_some();
        if *command != Command::Cancel || !(asked || waited) {
            return false;
        }
        self.say(Text::CancelledForm {});
        true
    }

    /// A press leaves the question too, unless it belongs to the way from a sum to its payment.
    pub(crate) fn leave_question_by(&mut self, action: &Action) {
        if matches!(action, Action::Terms) {
            return;
        }
        self.session.question = None;
        if !matches!(action, Action::AcceptTerms(_)) {
            self.session.top_up = None;
        }
    }

    /// Asks; the answer comes as words.
    pub(crate) fn ask_question(&mut self, question: Question, html: String, last: Action) {
        self.session.question = Some(question);
        let label = if last == Action::Menu { Text::ButtonMenu {} } else { Text::ButtonBack {} };
        let rows = vec![vec![self.button(label, last)]];
        self.show(crate::effect::Screen::with(html, rows), Place::New, None);
    }
}
