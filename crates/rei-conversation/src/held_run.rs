//! Starting the held order: by itself when the money came that was paid for it, and by its button. Never at a price
//! above the one that the customer saw, and never twice.

use rei_domain::ids::{OrderId, QuoteId};
use rei_domain::quote::{QUOTE_VALID, Quote};
use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place, Screen};
use crate::event::Press;
use crate::form::Form;
use crate::held::Held;
use crate::quote::Pace;
use crate::session::Stage;

impl Turn<'_> {
    /// The money came that was paid for it: it starts at the same price or a lower one, and asks when it rose.
    pub(crate) fn continue_held(&mut self, lines: Vec<String>) {
        let Some(held) = self.session.held.as_deref() else { return };
        let (quote, was) = (held.quote.clone(), held.quote.price);
        match self.offer_today(&quote, quote.id) {
            None => self.held_not_on_sale(lines, Place::New),
            Some(today) if today.price > was => self.show_held_today(lines, Place::New),
            Some(today) => self.run_held(today, lines, Place::New),
        }
    }

    /// The button that starts it. Its price is honoured while the offer counts.
    pub(crate) fn held_run(&mut self, id: QuoteId, press: &Press, place: Place) {
        let held = self.held_alive().filter(|held| held.quote.id == id).cloned();
        let Some(held) = held else { return self.held_run_stale(id, press, place) };
        let (was, quote) = (held.quote.price, held.quote);
        let enough = |turn: &Self, quote: &Quote| {
            turn.stopped().is_none() && turn.world.customer.free() >= quote.price
        };
        match self.offer_today(&quote, quote.id) {
            None => {
                self.toast(press, None);
                self.open_held();
                self.offer(place, vec![Text::NotOnSale {}], Pace::Calm);
            }
            Some(today) if today.price > was && quote.expired(self.world.now) => {
                self.toast(press, Some(Text::StaleButton {}));
                self.show_held_today(Vec::new(), place);
            }
            Some(today) => {
                let chosen = if today.price > was { quote } else { today };
                let accepted = enough(self, &chosen).then_some(Text::ToastAccepted {});
                self.toast(press, accepted);
                self.run_held(chosen, Vec::new(), place);
            }
        }
    }

    /// A button of an offer that doesn't count any more: a double tap, or a screen from before.
    fn held_run_stale(&mut self, id: QuoteId, press: &Press, place: Place) {
        let just_ordered = self.session.last_order.as_ref().is_some_and(|last| {
            last.quote == Some(id) && self.world.now.since(last.at) <= QUOTE_VALID
        });
        if just_ordered {
            return self.toast(press, Some(Text::OrderRunning {}));
        }
        self.toast(press, Some(Text::StaleButton {}));
        self.held_shown(id, place);
    }

    /// Places it, unless something stands in the way; then it stays held and says what.
    fn run_held(&mut self, quote: Quote, mut lines: Vec<String>, place: Place) {
        let lang = self.lang();
        let Some(held) = self.session.held.as_mut() else { return };
        let (was, price) = (held.quote.price, quote.price);
        held.quote = quote.clone();
        let held = (**held).clone();
        if let Some(stop) = self.stopped() {
            return self.order_stopped(stop, lines);
        }
        if self.is_down(&quote) {
            lines.push(MoneyText::HeldUnavailable {}.html(lang));
            let drop = self.button(MoneyText::ButtonHeldDrop {}, Action::HeldDrop(held.id));
            let rows = vec![vec![self.held_button(&quote), drop]];
            return self.show(Screen::with(lines.join("\n"), rows), place, None);
        }
        if self.world.customer.free() < price {
            let screen = self.held_screen(&held, lines);
            return self.show(screen, place, None);
        }
        let told = !lines.is_empty();
        if self.world.active.len() >= self.world.active_orders_max {
            if told {
                self.show(Screen::bare(lines.join("\n")), Place::New, None);
            }
            let button = self.held_button(&quote);
            return self.too_many_active(button);
        }
        if told {
            if price < was {
                lines.push(MoneyText::HeldCheaper { price, was }.html(lang));
            }
            lines.push(MoneyText::HeldRunning { what: self.held_what(), price }.html(lang));
            self.show(Screen::bare(lines.join("\n")), Place::New, None);
        }
        if let Some(held) = self.session.held.as_mut() {
            held.placing = true;
        }
        self.effects.push(Effect::PlaceOrder { quote, place });
    }

    /// The application refused what this turn asked for; the order stays held. `None` when it was another order.
    pub(crate) fn held_refused(&mut self) -> Option<Held> {
        let held = self.session.held.as_mut().filter(|held| held.placing)?;
        held.placing = false;
        Some((**held).clone())
    }

    /// The held order became an order; `false` when it was another one.
    pub(crate) fn held_placed(&mut self, order: OrderId) -> bool {
        let Some(held) = self.session.held.take_if(|held| held.placing) else { return false };
        let on_screen = match &self.session.stage {
            Stage::Quoted { quote } if quote.id == held.quote.id => true,
            _ => self.session.form.held == Some(held.id),
        };
        if on_screen {
            self.session.leave_form();
        }
        self.session.left_offer.take_if(|left| left.form.held == Some(held.id));
        let Held { quote, form, .. } = *held;
        self.ordered(order, quote, &form);
        true
    }

    /// Its files are no longer kept: they are asked for again, its words stay.
    pub(crate) fn held_files_gone(&mut self) -> bool {
        let Some(held) = self.session.held.take_if(|held| held.placing) else { return false };
        self.session.leave_form();
        self.session.form = Form { held: None, ..held.whole_form() };
        self.files_gone(held.quote.kind(self.world.catalog));
        true
    }
}
