//! The orders of the past, in pages, all of them or some.

use rei_texts::{MoneyText, Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::choice::HistoryFilter;
use crate::effect::{Button, Place, Screen};
use crate::labels::mark;
use crate::orders::{PROMPT_LISTED_CHARS, state_word};
use crate::world::OrderBrief;

/// Orders on one page of the history.
pub const HISTORY_PAGE: usize = 5;

impl Turn<'_> {
    pub(crate) fn history(&mut self, filter: HistoryFilter, page: u32, place: Place) {
        let lang = self.lang();
        let orders = self.world.history.clone();
        if orders.is_empty() && filter == HistoryFilter::All && page == 0 {
            let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
            return self.show(Screen::with(Text::HistoryEmpty {}.html(lang), rows), place, None);
        }
        let mut lines = vec![Text::HistoryHead {}.html(lang)];
        if orders.is_empty() {
            lines.push(Text::HistoryNone {}.html(lang));
        }
        let mut rows: Vec<Vec<Button>> = Vec::new();
        for order in orders.iter().take(HISTORY_PAGE) {
            lines.push(self.history_line(order));
            rows.push(self.history_buttons(order));
        }
        rows.push(HistoryFilter::ALL.map(|other| self.filter_button(other, filter)).to_vec());
        let mut turn = Vec::new();
        if page > 0 {
            turn.push(self.button(Text::ButtonNewer {}, Action::History(filter, page - 1)));
        }
        if orders.len() > HISTORY_PAGE {
            let next = Action::History(filter, page.saturating_add(1));
            turn.push(self.button(Text::ButtonOlder {}, next));
        }
        if !turn.is_empty() {
            rows.push(turn);
        }
        self.show(Screen::with(lines.join("\n"), rows), place, None);
    }

    /// `/repeat`: the latest order's offer once more.
    pub(crate) fn repeat_last(&mut self) {
        match self.world.history.first().cloned() {
            Some(order) => self.offer_again(&order, None),
            None => self.say(Text::HistoryEmpty {}),
        }
    }

    fn history_line(&self, order: &OrderBrief) -> String {
        let lang = self.lang();
        let prompt = match order.prompt.is_empty() {
            true => self.kind_name(order.kind).plain(lang),
            false => shorten(&order.prompt, PROMPT_LISTED_CHARS),
        };
        let star = if order.favourite { "★ ".to_owned() } else { String::new() };
        Text::HistoryLine {
            star,
            number: order.number,
            date: order.placed_at.date_utc(),
            state: state_word(order.state).plain(lang),
            price: order.price,
            prompt,
        }
        .html(lang)
    }

    fn history_buttons(&self, order: &OrderBrief) -> Vec<Button> {
        let number = order.number;
        let repeat = self.price_today(order).map(|price| {
            self.button(Text::ButtonRepeatNumber { number, price }, Action::Again(order.id))
        });
        let original = order.has_result.then(|| {
            self.button(Text::ButtonOriginalNumber { number }, Action::Original(order.id))
        });
        let why = self.button(MoneyText::ButtonWhyNumber { number }, Action::Why(order.id));
        repeat.into_iter().chain(original).chain([why]).collect()
    }

    fn filter_button(&self, filter: HistoryFilter, now: HistoryFilter) -> Button {
        let label = Text::ButtonFilter {
            mark: mark(filter == now),
            what: match filter {
                HistoryFilter::All => "all".to_owned(),
                filter => filter.as_str().to_owned(),
            },
        };
        self.button(label, Action::History(filter, 0))
    }
}
