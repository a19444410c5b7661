//! The customer's own orders: what runs, what was made, once more, stop.

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::Quote;
use rei_texts::{Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Place, Screen, Slot};
use crate::event::{AppAnswer, Press};
use crate::session::{LastOrder, Stage};
use crate::world::OrderBrief;

/// Orders on one page of the history.
pub const HISTORY_PAGE: usize = 5;
/// How much of a prompt a list repeats.
const PROMPT_LISTED_CHARS: usize = 50;
/// A list shows this many orders and counts the rest, so that it fits a message.
const JOBS_LISTED_MAX: usize = 8;

impl Turn<'_> {
    pub(crate) fn order_action(&mut self, action: Action, press: &Press, place: Place) {
        match action {
            Action::Jobs => {
                self.toast(press, None);
                self.jobs(place);
            }
            Action::History(page) => {
                self.toast(press, None);
                self.history(page, place);
            }
            // An order that isn't this customer's is not among the facts, so it can't be touched.
            _ if self.world.named_order.is_none() => {
                self.toast(press, Some(Text::StrangerButton {}))
            }
            Action::Again(_) => {
                self.toast(press, None);
                self.again();
            }
            Action::Cancel(order) => {
                let state = self.world.named_order.as_ref().map(|order| order.state);
                match state {
                    Some(OrderState::Queued) => {
                        self.toast(press, None);
                        self.effects.push(Effect::CancelOrder { order, place });
                    }
                    Some(state) if state.holds_money() => {
                        self.toast(press, Some(Text::CancelTooLate {}))
                    }
                    _ => self.toast(press, Some(Text::CancelFinished {})),
                }
            }
            _ => self.toast(press, None),
        }
    }

    pub(crate) fn jobs(&mut self, place: Place) {
        let lang = self.lang();
        if self.world.active.is_empty() {
            let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
            return self.show(Screen::with(Text::JobsEmpty {}.html(lang), rows), place, None);
        }
        let last = self.button(Text::ButtonMenu {}, Action::Menu);
        let screen = self.active_list(&Text::JobsHead {}, last);
        self.show(screen, place, None);
    }

    /// Shows what is at work; the offer stays open and can be confirmed once there is room.
    pub(crate) fn too_many_active(&mut self, quote: &Quote) {
        let count = i64::try_from(self.world.active.len()).unwrap_or(i64::MAX);
        let screen = self.active_list(&Text::TooManyActive { count }, self.create_button(quote));
        self.show(screen, Place::New, None);
    }

    /// `/cancel` and the word: the open form first, then it asks about the jobs.
    pub(crate) fn cancel(&mut self) {
        let had_form = self.session.stage != Stage::Idle;
        self.session.leave_form();
        let can_stop = self.world.active.iter().any(|order| order.state == OrderState::Queued);
        match (had_form, self.world.active.is_empty()) {
            (true, true) => self.say(Text::CancelledForm {}),
            (true, false) => {
                let rows = vec![vec![self.button(Text::ButtonJobs {}, Action::Jobs)]];
                let html = Text::CancelledForm {}.html(self.lang());
                self.show(Screen::with(html, rows), Place::New, None);
            }
            (false, true) => self.say(Text::NothingToCancel {}),
            (false, false) => {
                let head = if can_stop { Text::CancelWhich {} } else { Text::CancelTooLate {} };
                let last = self.button(Text::ButtonMenu {}, Action::Menu);
                let screen = self.active_list(&head, last);
                self.show(screen, Place::New, None);
            }
        }
    }

    /// Orders at work under a head, with a button for each that can be stopped.
    fn active_list(&self, head: &Text, last: Button) -> Screen {
        let mut lines = vec![head.html(self.lang())];
        let mut rows = Vec::new();
        for order in self.world.active.iter().take(JOBS_LISTED_MAX) {
            lines.push(self.job_line(order));
            if order.state == OrderState::Queued {
                let label = Text::ButtonCancelNumber { number: order.number };
                rows.push(vec![self.button(label, Action::Cancel(order.id))]);
            }
        }
        let more = self.world.active.len().saturating_sub(JOBS_LISTED_MAX);
        if more > 0 {
            let count = i64::try_from(more).unwrap_or(i64::MAX);
            lines.push(Text::JobsMore { count }.html(self.lang()));
        }
        rows.push(vec![last]);
        Screen::with(lines.join("\n"), rows)
    }

    pub(crate) fn history(&mut self, page: u32, place: Place) {
        let lang = self.lang();
        if self.world.history.is_empty() {
            let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
            return self.show(Screen::with(Text::HistoryEmpty {}.html(lang), rows), place, None);
        }
        let mut lines = vec![Text::HistoryHead {}.html(lang)];
        let mut rows: Vec<Vec<Button>> = Vec::new();
        for order in self.world.history.iter().take(HISTORY_PAGE) {
            lines.push(self.history_line(order));
            if let Some(button) = self.repeat_button(order) {
                rows.push(vec![button]);
            }
        }
        let mut turn = Vec::new();
        if page > 0 {
            turn.push(self.button(Text::ButtonNewer {}, Action::History(page - 1)));
        }
        if self.world.history.len() > HISTORY_PAGE {
            turn.push(self.button(Text::ButtonOlder {}, Action::History(page.saturating_add(1))));
        }
        if !turn.is_empty() {
            rows.push(turn);
        }
        self.show(Screen::with(lines.join("\n"), rows), place, None);
    }

    /// `/repeat`: the latest order's offer once more.
    pub(crate) fn repeat_last(&mut self) {
        match self.world.history.first().cloned() {
            Some(order) => self.offer_again(&order),
            None => self.say(Text::HistoryEmpty {}),
        }
    }

    fn again(&mut self) {
        if let Some(order) = self.world.named_order.clone() {
            self.offer_again(&order);
        }
    }

    fn offer_again(&mut self, order: &OrderBrief) {
        self.session.choices = Some(order.choices.clone());
        self.offer(&order.prompt, None, Place::New, None);
    }

    /// The application did, or did not do, what this turn asked for.
    pub(crate) fn answered(&mut self, answer: AppAnswer) {
        match answer {
            AppAnswer::Placed { order, number, price, ahead, place } => {
                if let Stage::Quoted { quote, message } = std::mem::take(&mut self.session.stage) {
                    self.session.choices = Some(quote.choices.clone());
                    self.session.last_order = Some(LastOrder {
                        order: Some(order),
                        quote: Some(quote.id),
                        prompt: quote.prompt,
                        choices: quote.choices,
                        at: self.world.now,
                        message,
                    });
                }
                let [from, to] = self.typical_seconds();
                let text =
                    Text::Accepted { number, ahead, price, from_seconds: from, to_seconds: to };
                let rows = vec![vec![self.button(Text::ButtonCancel {}, Action::Cancel(order))]];
                self.show(
                    Screen::with(text.html(self.lang()), rows),
                    place,
                    Some(Slot::Order(order)),
                );
            }
            AppAnswer::PlacedBefore => {
                self.session.stage = Stage::Idle;
                self.say(Text::OrderRunning {});
            }
            AppAnswer::NotOnSale => {
                let note = Some(Text::NotOnSale {});
                match self.session.stage.clone() {
                    Stage::Quoted { quote, message } => {
                        self.offer(&quote.prompt, message, Place::New, note);
                    }
                    _ => self.open_draft(Place::New, note),
                }
            }
            AppAnswer::NotEnough { free, price, place } => self.not_enough(free, price, place),
            AppAnswer::Cancelled { number, price, free, order, place } => {
                if self.session.last_order.as_ref().is_some_and(|last| last.order == Some(order)) {
                    self.session.last_order = None;
                }
                let text = Text::Cancelled { number, price, balance: free };
                self.show(Screen::bare(text.html(self.lang())), place, Some(Slot::Order(order)));
            }
            AppAnswer::CancelTooLate => self.say(Text::CancelTooLate {}),
            AppAnswer::CancelFinished => self.say(Text::CancelFinished {}),
        }
    }

    /// The offer stays open, so a cheaper choice or a credit leads straight on.
    fn not_enough(&mut self, free: Kopecks, price: Kopecks, place: Place) {
        let missing = free.missing_to(price);
        let html = Text::NeedMore { missing, price, balance: free }.html(self.lang());
        let mut rows = Vec::new();
        if let Stage::Quoted { quote, .. } = &self.session.stage {
            rows.extend(self.ways_to_pay(quote));
            rows.push(vec![
                self.create_button(quote),
                self.button(Text::ButtonDrop {}, Action::Drop(quote.id)),
            ]);
        }
        self.show(Screen::with(html, rows), place, None);
    }

    fn typical_seconds(&self) -> [i64; 2] {
        self.world
            .model_for(self.session.choices.as_ref())
            .map_or([0, 0], |model| model.typical_s.map(i64::from))
    }

    fn job_line(&self, order: &OrderBrief) -> String {
        let prompt = shorten(&order.prompt, PROMPT_LISTED_CHARS);
        let state = state_word(order.state).plain(self.lang());
        Text::JobLine { number: order.number, state, price: order.price, prompt }.html(self.lang())
    }

    fn history_line(&self, order: &OrderBrief) -> String {
        let prompt = shorten(&order.prompt, PROMPT_LISTED_CHARS);
        let state = state_word(order.state).plain(self.lang());
        let date = date(order.placed_at);
        Text::HistoryLine { number: order.number, date, state, price: order.price, prompt }
            .html(self.lang())
    }

    fn repeat_button(&self, order: &OrderBrief) -> Option<Button> {
        let model = self.world.catalog.model(&order.choices.sku).filter(|model| model.enabled)?;
        let price = model.price_row(&order.choices.size)?.sale;
        Some(self.button(
            Text::ButtonRepeatNumber { number: order.number, price },
            Action::Again(order.id),
        ))
    }
}

/// The word for a state in lists.
fn state_word(state: OrderState) -> Text {
    match state {
        OrderState::Queued => Text::StateQueued {},
        OrderState::Submitting => Text::StateSubmitting {},
        OrderState::Unknown => Text::StateUnknown {},
        OrderState::Running => Text::StateRunning {},
        OrderState::Fetching => Text::StateFetching {},
        OrderState::Ready => Text::StateReady {},
        OrderState::Delivering => Text::StateDelivering {},
        OrderState::Delivered => Text::StateDelivered {},
        OrderState::Cancelled => Text::StateCancelled {},
        OrderState::Refused => Text::StateRefused {},
        OrderState::Failed => Text::StateFailed {},
        OrderState::Expired => Text::StateExpired {},
        OrderState::Gifted => Text::StateGifted {},
    }
}

/// A day as people write it, in UTC.
fn date(at: Timestamp) -> String {
    at.date_utc()
}
