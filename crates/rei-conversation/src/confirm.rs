//! The buttons under an offer. Only the newest offer counts; pressing an older one shows a fresh screen, and
//! nothing is ever charged at a price that wasn't on the pressed button.

use rei_domain::catalog::Choices;
use rei_domain::ids::{MessageId, QuoteId};
use rei_domain::quote::{QUOTE_VALID, Quote};
use rei_texts::{Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place, Screen};
use crate::event::Press;
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
        let (quote, message) = match &self.session.stage {
            Stage::Quoted { quote, message } if quote.id == id => ((**quote).clone(), *message),
            _ => return self.other_quote(id, action, press, place),
        };
        if let Action::Create(_) = action {
            return self.create(quote, message, press, place);
        }
        self.toast(press, None);
        match action {
            Action::Change(_) => self.ask_again(&quote),
            Action::Tune(_) => {
                self.session.choices = Some(quote.choices.clone());
                self.tune(&quote, place);
            }
            Action::Cheaper(_) => self.choose_cheaper(&quote, message, place),
            _ => {
                self.session.leave_form();
                self.dropped(place);
            }
        }
    }

    /// The customer wants it at the price on the button.
    fn create(&mut self, quote: Quote, message: Option<MessageId>, press: &Press, place: Place) {
        if quote.expired(self.world.now) {
            self.toast(press, Some(Text::StaleButton {}));
            return self.reopen_quote(quote, message, place);
        }
        let on_sale =
            self.world.catalog.model(&quote.choices.sku).is_some_and(|model| model.enabled);
        if !on_sale {
            self.toast(press, None);
            return self.offer(&quote.prompt, message, place, Some(Text::NotOnSale {}));
        }
        if self.world.provider_down {
            self.toast(press, None);
            return self.unavailable(place);
        }
        if self.world.active.len() >= self.world.active_orders_max {
            self.toast(press, None);
            return self.too_many_active(&quote);
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
            self.toast(press, None);
            return self.dropped(place);
        }
        self.toast(press, Some(Text::StaleButton {}));
        let note = Some(Text::NoteStale {});
        if let Stage::Quoted { quote, message } = self.session.stage.clone() {
            return self.offer(&quote.prompt, message, Place::New, note);
        }
        match self.session.left.clone().filter(|left| left.id == id) {
            Some(left) => {
                self.session.choices = Some(left.choices);
                self.offer(&left.prompt, None, Place::New, note);
            }
            None => self.open_draft(Place::New, note),
        }
    }

    fn dropped(&mut self, place: Place) {
        self.show(Screen::bare(Text::QuoteDropped {}.html(self.lang())), place, None);
    }

    fn choose_cheaper(&mut self, quote: &Quote, message: Option<MessageId>, place: Place) {
        let model = self.world.catalog.model(&quote.choices.sku);
        let cheaper =
            model.and_then(|model| model.cheaper(quote.price, self.world.customer.free()));
        if let Some(row) = cheaper {
            let size = row.size.clone();
            self.session.choices = Some(Choices { size, ..quote.choices.clone() });
        }
        self.offer(&quote.prompt, message, place, None);
    }

    /// Cuts a description that is too long, because the customer asked for it.
    pub(crate) fn shorten_prompt(&mut self, place: Place) {
        let limit = self.model().map_or(0, |model| model.prompt_chars_max);
        match self.session.stage.clone() {
            Stage::TooLong { prompt, message } => {
                self.offer(&shorten(&prompt, limit), message, place, None);
            }
            _ => self.open_draft(Place::New, Some(Text::NoteStale {})),
        }
    }
}
