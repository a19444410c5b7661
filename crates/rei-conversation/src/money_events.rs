//! Money that came or went, told by the house itself.

use rei_domain::ids::QuoteId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Place, Screen};
use crate::session::Stage;
use crate::till::PaymentBrief;

/// So many payments are remembered as told.
const PAID_REMEMBERED: usize = 8;

impl Turn<'_> {
    /// A payment was credited. Only the one that was started from the held order starts it.
    pub(crate) fn paid(&mut self, payment: &PaymentBrief, bonus: Kopecks, held: Option<QuoteId>) {
        if self.session.paid_told.contains(&payment.id) {
            return;
        }
        self.session.paid_told.push(payment.id);
        let forget = self.session.paid_told.len().saturating_sub(PAID_REMEMBERED);
        self.session.paid_told.drain(..forget);
        let lang = self.lang();
        let balance = self.world.customer.free();
        let mut lines = vec![MoneyText::PayCredited { sum: payment.sum, balance }.html(lang)];
        if bonus.is_positive() {
            lines.push(MoneyText::PayBonus { bonus }.html(lang));
        }
        let named = self.session.held.as_ref().filter(|its| held == Some(its.id));
        match named.map(|held| held.alive(self.world.now)) {
            Some(true) => self.continue_held(lines),
            Some(false) => self.paid_too_late(lines),
            None => self.credited(lines),
        }
    }

    /// Money of which nobody said what it is for: what waits is offered, nothing starts by itself.
    fn credited(&mut self, mut lines: Vec<String>) {
        let lang = self.lang();
        let mut rows = Vec::new();
        if let Some(debt) = self.debt() {
            lines.push(MoneyText::Frozen { debt }.html(lang));
            rows.extend(self.debt_rows(debt));
        } else if self.held_alive().is_some() {
            lines.push(MoneyText::HeldOffer { what: self.held_what() }.html(lang));
            rows.extend(self.held_row());
        } else if let Stage::Quoted { quote } = &self.session.stage
            && !quote.expired(self.world.now)
            && self.world.customer.free() >= quote.price
        {
            rows.push(vec![self.create_button(quote)]);
        }
        rows.push(vec![
            self.button(Text::ButtonImage {}, Action::Draft),
            self.button(Text::ButtonBalance {}, Action::Balance),
        ]);
        self.show(Screen::with(lines.join("\n"), rows), Place::New, None);
    }

    /// The held order ended before its money came: it is offered anew, unless the customer is at something else.
    fn paid_too_late(&mut self, mut lines: Vec<String>) {
        if self.session.stage == Stage::Idle {
            self.show(Screen::bare(lines.join("\n")), Place::New, None);
            return self.reopen_lapsed(MoneyText::HeldExpiredPaid {}, Place::New);
        }
        let Some(held) = &self.session.held else { return self.credited(lines) };
        let button = self.button(MoneyText::ButtonHeld {}, Action::Held(held.id));
        lines.push(MoneyText::HeldOffer { what: self.held_what() }.html(self.lang()));
        let rows = vec![vec![button], vec![self.button(Text::ButtonBalance {}, Action::Balance)]];
        self.show(Screen::with(lines.join("\n"), rows), Place::New, None);
    }

    /// Money went back to where it came from.
    pub(crate) fn refunded(
        &mut self,
        sum: Kopecks,
        rail: Rail,
        foreign: bool,
        debt: Option<Kopecks>,
    ) {
        let lang = self.lang();
        let text = MoneyText::Refunded {
            foreign: if foreign { "yes" } else { "no" }.to_owned(),
            rail: rail.as_str().to_owned(),
            sum,
            balance: self.world.customer.free(),
        };
        let mut lines = vec![text.html(lang)];
        let mut rows = Vec::new();
        if let Some(debt) = debt.filter(|debt| debt.is_positive()) {
            lines.push(MoneyText::Frozen { debt }.html(lang));
            rows.extend(self.debt_rows(debt));
        }
        rows.push(vec![
            self.button(MoneyText::ButtonStatement {}, Action::Statement(0)),
            self.button(MoneyText::ButtonPayHelp {}, Action::PaySupport),
        ]);
        self.show(Screen::with(lines.join("\n\n"), rows), Place::New, None);
    }

    /// The payment system refused to give money back; it is in the wallet again.
    pub(crate) fn refund_failed(&mut self, sum: Kopecks) {
        let balance = self.world.customer.free();
        let html = MoneyText::RefundFailed { sum, balance }.html(self.lang());
        let rows = vec![vec![
            self.button(Text::ButtonBalance {}, Action::Balance),
            self.button(MoneyText::ButtonPayHelp {}, Action::PaySupport),
        ]];
        self.show(Screen::with(html, rows), Place::New, None);
    }
}
