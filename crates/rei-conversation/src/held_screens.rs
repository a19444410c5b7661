//! The screens of the held order: what it lacks, how to pay that, and what became of it.

use rei_domain::ids::QuoteId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::quote::Quote;
use rei_texts::{Message, MoneyText, Text, escape, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Place, Screen};
use crate::held::Held;
use crate::question::TopUp;
use crate::quote::{PROMPT_SHOWN_CHARS, Pace};
use crate::session::Stage;

/// How many larger sums are offered beside the missing one.
const LARGER_SUMS: usize = 2;

impl Turn<'_> {
    /// What the wallet lacks, right after the order was confirmed.
    pub(crate) fn short_screen(&self, held: &Held, free: Kopecks, notes: Vec<MoneyText>) -> Screen {
        let price = held.quote.price;
        let missing = free.missing_to(price);
        let lang = self.lang();
        let mut lines = vec![Text::NeedMore { missing, price, balance: free }.html(lang)];
        lines.extend(self.kept_lines(missing));
        Screen::with(self.noted(notes, &lines.join("\n")), self.held_rows(held, free))
    }

    /// The held order whenever the customer asks for it, with lines that say why it is shown.
    pub(crate) fn held_screen(&self, held: &Held, mut lines: Vec<String>) -> Screen {
        let lang = self.lang();
        let Held { quote, .. } = held;
        let (price, balance) = (quote.price, self.world.customer.free());
        let missing = balance.missing_to(price);
        let mut own = vec![MoneyText::HeldHead {}.html(lang)];
        if !quote.prompt.is_empty() {
            let prompt = shorten(&quote.prompt, PROMPT_SHOWN_CHARS);
            own.push(Text::QuotePrompt { prompt }.html(lang));
        }
        own.push(escape(&self.summary(&quote.choices)));
        match balance.checked_sub(price).filter(|_| !missing.is_positive()) {
            Some(left) => own.push(Text::QuotePrice { price, balance, left }.html(lang)),
            None => {
                own.push(Text::QuoteShort { price, balance, missing }.html(lang));
                own.extend(self.kept_lines(missing));
            }
        }
        lines.push(own.join("\n"));
        Screen::with(lines.join("\n\n"), self.held_rows(held, balance))
    }

    /// Until when it is kept, and why the offered sum may be above the missing one.
    fn kept_lines(&self, missing: Kopecks) -> Vec<String> {
        let lang = self.lang();
        let Some(first) = self.world.till.rails.first() else {
            return vec![MoneyText::HeldKeptOff {}.html(lang)];
        };
        let least = (missing < first.min).then_some(MoneyText::HeldMinimum { sum: first.min });
        let kept = MoneyText::HeldKept {}.html(lang);
        [kept].into_iter().chain(least.map(|text| text.html(lang))).collect()
    }

    fn held_rows(&self, held: &Held, free: Kopecks) -> Vec<Vec<Button>> {
        let mut rows = self.pay_rows(held.id, free.missing_to(held.quote.price));
        if free < held.quote.price {
            rows.extend(self.cheaper_row(&held.quote));
        }
        rows.push(vec![
            self.held_button(&held.quote),
            self.button(MoneyText::ButtonHeldDrop {}, Action::HeldDrop(held.id)),
        ]);
        rows
    }

    /// The button that starts it at the price it shows.
    pub(crate) fn held_button(&self, quote: &Quote) -> Button {
        self.button(Text::ButtonCreate { price: quote.price }, Action::HeldRun(quote.id))
    }

    /// Exactly what is missing, by every way that is open, and other sums.
    fn pay_rows(&self, id: QuoteId, missing: Kopecks) -> Vec<Vec<Button>> {
        if !missing.is_positive() {
            return Vec::new();
        }
        let mut rows = Vec::new();
        for (at, rules) in self.world.till.rails.iter().enumerate() {
            let rail = rules.rail;
            let exact = rules.sum_for(missing);
            rows.extend(self.exact_row(id, missing, rail));
            if at == 0 {
                let above = exact.unwrap_or(rules.max);
                let sums = self.world.till.amounts.iter().copied();
                let larger = sums.filter(|sum| *sum > above && rules.takes(*sum));
                let mut row: Vec<Button> = larger
                    .take(LARGER_SUMS)
                    .map(|sum| self.sum_button(rules, sum, Action::PayHeldSum(id, rail, sum.get())))
                    .collect();
                let other = Action::PayHeldOther(id, rail);
                row.push(self.button(MoneyText::ButtonOtherSum {}, other));
                rows.push(row);
            }
        }
        rows
    }

    /// The button for exactly what is missing, rounded up to what the way to pay takes.
    pub(crate) fn exact_row(
        &self,
        id: QuoteId,
        missing: Kopecks,
        rail: Rail,
    ) -> Option<Vec<Button>> {
        let rules = self.world.till.rules(rail)?;
        let sum = rules.sum_for(missing)?;
        let label = match rules.units(sum) {
            Some(stars) => MoneyText::ButtonPayExactStars { stars },
            None => {
                let exact = if sum == missing { "yes" } else { "no" };
                MoneyText::ButtonPayExact { exact: exact.to_owned(), sum }
            }
        };
        Some(vec![self.button(label, Action::PayHeld(id, rail))])
    }

    /// Exactly what the held order lacks. From an open offer the order is put by first.
    pub(crate) fn pay_held(&mut self, id: QuoteId, rail: Rail, place: Place) {
        let Some(held) = self.held_for(id) else { return self.held_shown(id, place) };
        let missing = self.world.customer.free().missing_to(held.quote.price);
        if !missing.is_positive() {
            return self.held_shown(held.id, place);
        }
        let sum = self.world.till.rules(rail).map(|rules| rules.sum_for(missing));
        match sum {
            None => self.rail_off(place),
            Some(None) => self.ask_amount(rail, Some(held.id)),
            Some(Some(sum)) => self.top_up(TopUp { sum, rail, held: Some(held.id) }, place),
        }
    }

    pub(crate) fn pay_held_sum(&mut self, id: QuoteId, rail: Rail, kopecks: i64, place: Place) {
        let held = self.held_for(id).map(|held| held.id);
        self.top_up_pressed(rail, kopecks, held, place);
    }

    pub(crate) fn pay_held_other(&mut self, id: QuoteId, rail: Rail) {
        let held = self.held_for(id).map(|held| held.id);
        self.ask_amount(rail, held);
    }

    /// The held order that a button to pay names.
    fn held_for(&mut self, id: QuoteId) -> Option<Held> {
        if let Some(held) = self.held_alive().filter(|held| held.id == id) {
            return Some(held.clone());
        }
        if let Stage::Quoted { quote } = self.session.stage.clone()
            && quote.id == id
        {
            let replaced = self.hold(&quote);
            if let Some(note) = replaced {
                self.say(note);
            }
            return self.held_alive().cloned();
        }
        None
    }

    /// The button that shows the held order, at today's price.
    pub(crate) fn held_shown(&mut self, id: QuoteId, place: Place) {
        let Some(held) = self.session.held.as_deref().cloned() else {
            return self.no_held(place);
        };
        if !held.alive(self.world.now) {
            return self.reopen_lapsed(Text::NoteStale {}, place);
        }
        let stale = (held.id != id).then(|| Text::NoteStale {}.html(self.lang()));
        self.show_held_today(stale.into_iter().collect(), place);
    }

    /// Shows it at today's price. A price that rose becomes an offer of its own, so that the old button is stale.
    pub(crate) fn show_held_today(&mut self, mut lines: Vec<String>, place: Place) {
        let Some(mut held) = self.session.held.as_deref().cloned() else {
            return self.no_held(place);
        };
        let Some(today) = self.offer_today(&held.quote, self.world.quote_id()) else {
            return self.held_not_on_sale(lines, place);
        };
        let (price, was) = (today.price, held.quote.price);
        if price > was {
            lines.push(MoneyText::HeldRose { price, was }.html(self.lang()));
        } else if price < was {
            lines.push(MoneyText::HeldCheaper { price, was }.html(self.lang()));
        }
        if price != was || held.quote.expired(self.world.now) {
            held.quote = today;
            self.session.held = Some(Box::new(held.clone()));
        }
        let screen = self.held_screen(&held, lines);
        self.show(screen, place, None);
    }

    pub(crate) fn held_not_on_sale(&mut self, mut lines: Vec<String>, place: Place) {
        let Some(held) = self.session.held.as_deref() else { return self.no_held(place) };
        lines.push(MoneyText::HeldNotOnSale {}.html(self.lang()));
        let rows = vec![
            vec![self.button(MoneyText::ButtonHeldOther {}, Action::HeldRun(held.quote.id))],
            vec![self.button(MoneyText::ButtonHeldDrop {}, Action::HeldDrop(held.id))],
        ];
        self.show(Screen::with(lines.join("\n"), rows), place, None);
    }

    /// Its day is over, and the customer still wants it: an ordinary offer, at today's price.
    pub(crate) fn reopen_lapsed(&mut self, note: impl Message, place: Place) {
        let Some(held) = self.session.held.take() else { return self.no_held(place) };
        self.session.leave_form();
        self.session.form = crate::form::Form { held: None, ..held.whole_form() };
        self.session.stage = Stage::Draft;
        self.say(note);
        self.offer(Place::New, Vec::new(), Pace::Calm);
    }

    pub(crate) fn no_held(&mut self, place: Place) {
        let rows = vec![vec![
            self.button(Text::ButtonImage {}, Action::Draft),
            self.button(Text::ButtonMenu {}, Action::Menu),
        ]];
        self.show(Screen::with(MoneyText::HeldNone {}.html(self.lang()), rows), place, None);
    }

    /// The customer doesn't want it any more; its payment, when it comes, is an ordinary top-up.
    pub(crate) fn held_drop(&mut self, id: QuoteId, place: Place) {
        let dropped = self.session.held.take_if(|held| held.id == id);
        if dropped.is_none() {
            return self.no_held(place);
        }
        if self.session.form.held == Some(id) {
            self.session.leave_form();
        }
        let rows = vec![vec![
            self.button(Text::ButtonImage {}, Action::Draft),
            self.button(Text::ButtonBalance {}, Action::Balance),
        ]];
        self.show(Screen::with(MoneyText::HeldDropped {}.html(self.lang()), rows), place, None);
    }
}
