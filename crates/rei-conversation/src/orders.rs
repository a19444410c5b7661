//! The customer's own orders: what runs, and what became of the latest wish.

use rei_domain::ids::OrderId;
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderState, Wait};
use rei_domain::quote::Quote;
use rei_texts::{Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Place, Screen, Slot};
use crate::event::{AppAnswer, Press};
use crate::form::{Form, Note, Wish};
use crate::quote::Pace;
use crate::session::{LastOrder, Stage};
use crate::world::OrderBrief;

/// How much of a prompt a list repeats.
pub(crate) const PROMPT_LISTED_CHARS: usize = 50;
/// A list shows this many orders and counts the rest, so that it fits a message.
const JOBS_LISTED_MAX: usize = 8;

impl Turn<'_> {
    pub(crate) fn order_action(&mut self, action: Action, press: &Press, place: Place) {
        match action {
            Action::Jobs => {
                self.toast(press, None);
                self.jobs(place);
            }
            Action::History(filter, page) => {
                self.toast(press, None);
                self.history(filter, page, place);
            }
            _ => match self.world.named_order.clone() {
                // An order that isn't this customer's is not among the facts, so it can't be touched.
                None => self.toast(press, Some(Text::StrangerButton {})),
                Some(order) => match action {
                    Action::Cancel(_) => self.cancel_order(&order, press, place),
                    action => self.result_action(action, press, &order),
                },
            },
        }
    }

    fn cancel_order(&mut self, order: &OrderBrief, press: &Press, place: Place) {
        match order.state {
            OrderState::Queued => {
                self.toast(press, None);
                self.effects.push(Effect::CancelOrder { order: order.id, place });
            }
            state if state.holds_money() => self.toast(press, Some(Text::CancelTooLate {})),
            _ => self.toast(press, Some(Text::CancelFinished {})),
        }
    }

    pub(crate) fn jobs(&mut self, place: Place) {
        let lang = self.lang();
        if self.world.active.is_empty() {
            let rows = vec![vec![self.button(Text::ButtonImage {}, Action::Draft)]];
            return self.show(Screen::with(Text::JobsEmpty {}.html(lang), rows), place, None);
        }
        self.effects.push(Effect::AskWaits { place });
    }

    /// What is at work, with what is left of each.
    fn waits_told(&mut self, waits: &[(OrderId, Wait)], place: Place) {
        let last = self.button(Text::ButtonMenu {}, Action::Menu);
        let screen = self.active_list(&Text::JobsHead {}, waits, last);
        self.show(screen, place, None);
    }

    /// Shows what is at work; the offer stays open and can be confirmed once there is room.
    pub(crate) fn too_many_active(&mut self, create: Button) {
        let count = i64::try_from(self.world.active.len()).unwrap_or(i64::MAX);
        let screen = self.active_list(&Text::TooManyActive { count }, &[], create);
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
            (false, true) if self.held_alive().is_some() => {
                self.show_held_today(Vec::new(), Place::New);
            }
            (false, true) => self.say(Text::NothingToCancel {}),
            (false, false) => {
                let head = if can_stop { Text::CancelWhich {} } else { Text::CancelTooLate {} };
                let last = self.button(Text::ButtonMenu {}, Action::Menu);
                let screen = self.active_list(&head, &[], last);
                self.show(screen, Place::New, None);
            }
        }
    }

    /// Orders at work under a head, with what is left of them where it is known, and a button for each that can be
    /// stopped.
    fn active_list(&self, head: &Text, waits: &[(OrderId, Wait)], last: Button) -> Screen {
        let mut lines = vec![head.html(self.lang())];
        let mut rows = Vec::new();
        for order in self.world.active.iter().take(JOBS_LISTED_MAX) {
            lines.push(self.job_line(order));
            let wait = waits.iter().find(|(id, _)| *id == order.id);
            lines.extend(wait.map(|(_, wait)| self.wait_line(*wait)));
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

    /// The application did, or did not do, what this turn asked for.
    pub(crate) fn answered(&mut self, answer: AppAnswer) {
        match answer {
            AppAnswer::Placed { order, number, price, ahead, seconds: [from, to], place } => {
                self.remember_order(order);
                let wait = Text::wait(from, to).plain(self.lang());
                let text = Text::Accepted { number, ahead, price, wait };
                let rows = vec![vec![self.button(Text::ButtonCancel {}, Action::Cancel(order))]];
                let slot = Some(Slot::Order(order));
                self.show(Screen::with(text.html(self.lang()), rows), place, slot);
            }
            AppAnswer::Waits { waits, place } => self.waits_told(&waits, place),
            AppAnswer::PlacedBefore if self.session.held.take_if(|held| held.placing).is_some() => {
                self.say(Text::OrderRunning {});
            }
            AppAnswer::PlacedBefore => {
                self.session.leave_form();
                self.say(Text::OrderRunning {});
            }
            AppAnswer::NotOnSale if self.held_refused().is_some() => {
                self.held_not_on_sale(Vec::new(), Place::New);
            }
            AppAnswer::NotOnSale => {
                let note = Text::NotOnSale {};
                match self.session.stage {
                    Stage::Quoted { .. } => self.offer(Place::New, vec![note], Pace::Calm),
                    _ => self.open_form(Wish::Picture, Place::New, Some(note)),
                }
            }
            AppAnswer::FilesGone if self.held_files_gone() => {}
            AppAnswer::FilesGone => self.files_gone(self.kind()),
            AppAnswer::ResultReady { upload, measured } => self.result_ready(upload, measured),
            AppAnswer::ResultGone => self.result_gone(),
            AppAnswer::OriginalGone => self.say(Text::ResultGone {}),
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
            AppAnswer::PaymentOpened { payment, place, held } => {
                self.payment_opened(&payment, place, held);
            }
            AppAnswer::PaymentRefused { why, place } => self.payment_refused(why, place),
            // The press was answered already; what the payment system says comes by itself.
            AppAnswer::PaymentChecking { .. } => {}
            AppAnswer::Promo(answer) => self.promo_answered(&answer),
            AppAnswer::OrderRefused(why) => self.order_refused(why),
        }
    }

    /// The order is put by until its money comes; the offer stays open, so a cheaper choice leads straight on.
    fn not_enough(&mut self, free: Kopecks, price: Kopecks, place: Place) {
        let mut notes = Vec::new();
        let mut held = self.held_refused();
        if let (None, Stage::Quoted { quote }) = (&held, self.session.stage.clone()) {
            notes.extend(self.hold(&quote));
            held = self.held_alive().cloned();
        }
        let screen = match held {
            Some(held) => self.short_screen(&held, free, notes),
            None => {
                let missing = free.missing_to(price);
                let html = Text::NeedMore { missing, price, balance: free }.html(self.lang());
                Screen::with(html, vec![vec![self.button(Text::LabelPay {}, Action::Pay)]])
            }
        };
        self.show(screen, place, None);
    }

    /// The form became an order; a file that was still on its way begins a form of its own.
    fn remember_order(&mut self, order: OrderId) {
        if self.held_placed(order) {
            return;
        }
        let Stage::Quoted { quote } = self.session.stage.clone() else { return };
        let Some(form) = self.session.leave_form() else { return };
        self.session.left_offer = None;
        self.release_held(form.held, &quote);
        self.ordered(order, (*quote).clone(), &form);
        let ordered = |upload| quote.inputs.iter().any(|input| input.upload == upload);
        let collecting = form.collecting();
        let mut files = form.files;
        files.retain(|file| !ordered(file.upload) && (collecting || file.measured.is_none()));
        if !files.is_empty() {
            let prompt = form.prompt.filter(|prompt| *prompt != quote.prompt);
            let message = prompt.as_ref().and(form.message);
            let notes = vec![Note::LatePart];
            let album = form.album;
            self.session.form = Form { prompt, message, files, album, notes, ..Form::default() };
            self.session.stage = Stage::Draft;
        }
    }

    /// Remembers the order, to notice its twin.
    pub(crate) fn ordered(&mut self, order: OrderId, quote: Quote, form: &Form) {
        self.session.last_order = Some(LastOrder {
            order: Some(order),
            quote: Some(quote.id),
            prompt: quote.prompt,
            choices: quote.choices,
            inputs: quote.inputs,
            at: self.world.now,
            message: form.message,
            button: form.button.clone(),
        });
    }

    fn wait_line(&self, wait: Wait) -> String {
        let left = wait.seconds.map(|[from, to]| Text::wait(from, to).plain(self.lang()));
        let text = match (wait.ahead, left) {
            (Some(ahead), Some(left)) => Text::JobAhead { ahead, left },
            (_, Some(left)) => Text::JobLeft { left },
            (_, None) => Text::JobLong {},
        };
        text.html(self.lang())
    }

    fn job_line(&self, order: &OrderBrief) -> String {
        let prompt = shorten(&order.prompt, PROMPT_LISTED_CHARS);
        let state = state_word(order.state).plain(self.lang());
        Text::JobLine { number: order.number, state, price: order.price, prompt }.html(self.lang())
    }
}

/// The word for a state in lists.
pub(crate) fn state_word(state: OrderState) -> Text {
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
