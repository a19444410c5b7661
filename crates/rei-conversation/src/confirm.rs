//! The buttons under an offer. Only the newest offer counts; pressing an older one shows a fresh screen, and
//! nothing is ever charged at a price that wasn't on the pressed button.

use rei_domain::ids::QuoteId;
use rei_domain::quote::{QUOTE_VALID, Quote};
use rei_texts::{Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place, Screen};
use crate::event::Press;
use crate::form::Wish;
use crate::quote::Pace;
use crate::session::Stage;

impl Turn<'_> {
    /// A button of the offer `id`.
    pub(crate) fn quote_action(
        &mut self,
        id: QuoteId,
        action: Action,
        press: &Press,
        place: Place,
    ) {
        let quote = match &self.session.stage {
            Stage::Quoted { quote } if quote.id == id => (**quote).clone(),
            _ => return self.other_quote(id, action, press, place),
        };
        if let Action::Create(_) = action {
            return self.create(quote, press, place);
        }
        self.toast(press, None);
        match action {
            Action::Change(_) => {
                self.session.form.choices = Some(quote.choices);
                self.ask_again();
            }
            Action::Tune(_) => {
                self.session.form.choices = Some(quote.choices.clone());
                self.tune(&quote, place);
            }
            Action::Cheaper(_) => self.choose_cheaper(&quote, place),
            _ => {
                let form = self.session.leave_form().unwrap_or_default();
                self.release_held(form.held, &quote);
                self.dropped(place);
            }
        }
    }

    /// The customer wants it at the price on the button.
    fn create(&mut self, quote: Quote, press: &Press, place: Place) {
        if quote.expired(self.world.now) {
            self.toast(press, Some(Text::StaleButton {}));
            return self.reopen_quote(quote, place);
        }
        let on_sale =
            self.world.catalog.model(&quote.choices.sku).is_some_and(|model| model.enabled);
        if !on_sale {
            self.toast(press, None);
            return self.offer(place, vec![Text::NotOnSale {}], Pace::Calm);
        }
        if self.is_down(&quote) {
            self.toast(press, None);
            return self.unavailable(&quote, place);
        }
        if self.world.active.len() >= self.world.active_orders_max {
            self.toast(press, None);
            let create = self.create_button(&quote);
            return self.too_many_active(create);
        }
        if let Some(stop) = self.stopped() {
            self.toast(press, None);
            return self.order_stopped(stop, Vec::new());
        }
        // The wallet itself decides; the toast only shouldn't promise what it will surely refuse.
        let enough = self.world.customer.free() >= quote.price;
        self.toast(press, enough.then_some(Text::ToastAccepted {}));
        self.effects.push(Effect::PlaceOrder { quote, place });
    }

    /// An offer that isn't the newest: a double tap, or a screen from long ago.
    fn other_quote(&mut self, id: QuoteId, action: Action, press: &Press, place: Place) {
        let just_ordered = self.session.last_order.as_ref().is_some_and(|last| {
            last.quote == Some(id) && self.world.now.since(last.at) <= QUOTE_VALID
        });
        if just_ordered {
            return self.toast(press, Some(Text::OrderRunning {}));
        }
        if let Action::Drop(_) = action {
            let held = self.session.held.take_if(|held| held.id == id || held.quote.id == id);
            let left = self.session.left_offer.take_if(|left| left.quote.id == id);
            if held.is_some() || left.is_some() {
                self.toast(press, None);
                return self.dropped(place);
            }
            // Perhaps it became an order long ago: nothing may be said about its money.
            return self.toast(press, Some(Text::StaleButton {}));
        }
        // What was put by is as good as open.
        if self.held_alive().is_some_and(|held| held.quote.id == id) && self.open_held() {
            return self.quote_action(id, action, press, place);
        }
        self.toast(press, Some(Text::StaleButton {}));
        let note = vec![Text::NoteStale {}];
        if let Stage::Quoted { .. } = self.session.stage {
            return self.offer(Place::New, note, Pace::Calm);
        }
        match self.session.left_offer.clone().filter(|left| left.quote.id == id) {
            Some(left) => {
                self.session.leave_form();
                self.session.form = left.form;
                self.session.form.choices = Some(left.quote.choices);
                self.offer(Place::New, note, Pace::Calm);
            }
            None => self.open_form(Wish::Picture, Place::New, Some(Text::NoteStale {})),
        }
    }

    fn dropped(&mut self, place: Place) {
        self.show(Screen::bare(Text::QuoteDropped {}.html(self.lang())), place, None);
    }

    fn choose_cheaper(&mut self, quote: &Quote, place: Place) {
        self.session.form.choices =
            Some(self.cheaper(quote).map_or_else(|| quote.choices.clone(), |(choices, _)| choices));
        self.offer(place, Vec::new(), Pace::Calm);
    }

    /// Cuts a description that is too long, because the customer asked for it.
    pub(crate) fn shorten_prompt(&mut self, place: Place) {
        let choices = self.form_choices();
        let model = choices.and_then(|choices| self.world.catalog.model(&choices.sku));
        let limit = model.map_or(0, |model| model.prompt_chars_max);
        match (&self.session.stage, &self.session.form.prompt) {
            (Stage::TooLong {}, Some(prompt)) => {
                self.session.form.prompt = Some(shorten(prompt, limit));
                self.offer(place, Vec::new(), Pace::Calm);
            }
            _ => self.open_form(Wish::Picture, Place::New, Some(Text::NoteStale {})),
        }
    }
}
