//! The held order: what the customer confirmed and could not pay for. It is kept for a day, survives everything the
//! customer does meanwhile, and there is one at a time.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{PaymentId, QuoteId};
use rei_domain::quote::{Quote, Wanted};
use rei_texts::{MoneyText, shorten};
use serde::{Deserialize, Serialize};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect};
use crate::form::Form;
use crate::session::{Session, Stage};

/// It waits for its money this long.
pub(crate) const HELD_KEPT: Duration = Duration::from_secs(24 * 3600);
/// Money that comes later than this finds nothing to offer anew.
const HELD_REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// The word with which its end comes back.
const WAKE_HELD: &str = "held:";
/// How much of its words a line repeats.
const WHAT_CHARS: usize = 60;

/// An order that waits for its money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The offer that was confirmed first: payments and buttons name it.
    pub id: QuoteId,
    /// The offer that counts now.
    pub quote: Quote,
    /// The form behind it; its words stand in the offer.
    pub form: Form,
    /// When it was put by.
    pub since: Timestamp,
    /// The latest payment that was opened for it.
    #[serde(default)]
    pub payment: Option<PaymentId>,
    /// Whether the customer was told that its time is over.
    #[serde(default)]
    pub lapsed: bool,
    /// Whether this very turn asked to place it.
    #[serde(default)]
    pub placing: bool,
}

impl Held {
    /// Whether it still waits.
    pub(crate) fn alive(&self, now: Timestamp) -> bool {
        !self.lapsed && now.since(self.since) < HELD_KEPT
    }

    /// The form with its words again.
    pub(crate) fn whole_form(&self) -> Form {
        let prompt = Some(self.quote.prompt.clone()).filter(|prompt| !prompt.is_empty());
        Form { prompt, choices: Some(self.quote.choices.clone()), ..self.form.clone() }
    }

    fn is_twin_of(&self, quote: &Quote) -> bool {
        let own = &self.quote;
        own.prompt == quote.prompt && own.choices == quote.choices && own.inputs == quote.inputs
    }
}

impl Session {
    /// What no money will wake any more is forgotten; a turn that was cut short placed nothing.
    pub(crate) fn tidy_held(&mut self, now: Timestamp) {
        let old = |held: &mut Box<Held>| now.since(held.since) > HELD_REMEMBERED;
        self.held.take_if(old);
    }
}

impl Turn<'_> {
    /// The held order while it waits.
    pub(crate) fn held_alive(&self) -> Option<&Held> {
        self.session.held.as_deref().filter(|held| held.alive(self.world.now))
    }

    /// Puts an offer by that the wallet can't pay. Returns what has to be told about an older one.
    pub(crate) fn hold(&mut self, quote: &Quote) -> Option<MoneyText> {
        let before = self.held_alive();
        if before.is_some_and(|held| held.quote.id == quote.id) {
            return None;
        }
        let of_form = self.session.form.held;
        let same = before.filter(|held| of_form == Some(held.id) || held.is_twin_of(quote));
        let id = same.map_or(quote.id, |held| held.id);
        let payment = same.and_then(|held| held.payment);
        let replaced = before.is_some() && same.is_none();
        self.session.form.held = Some(id);
        let form = Form { prompt: None, notes: Vec::new(), ..self.session.form.clone() };
        let since = self.world.now;
        let quote = quote.clone();
        let held = Held { id, quote, form, since, payment, lapsed: false, placing: false };
        self.session.held = Some(Box::new(held));
        let what = format!("{WAKE_HELD}{}", id.to_short());
        self.effects.push(Effect::WakeAt { at: since.plus(HELD_KEPT), what });
        replaced.then_some(MoneyText::HeldReplaced {})
    }

    /// Its day is over: told once. What is paid for it later still finds it.
    pub(crate) fn held_woken(&mut self, what: &str) {
        let now = self.world.now;
        let Some(id) = what.strip_prefix(WAKE_HELD).and_then(QuoteId::from_short) else { return };
        let Some(held) = self.session.held.as_mut() else { return };
        if held.id != id || held.lapsed || held.alive(now) {
            return;
        }
        held.lapsed = true;
        let what = self.held_what();
        self.say(MoneyText::HeldExpired { what });
    }

    /// What it is, in a few words.
    pub(crate) fn held_what(&self) -> String {
        let Some(held) = &self.session.held else { return String::new() };
        match held.quote.prompt.is_empty() {
            true => self.kind_name(held.quote.kind(self.world.catalog)).plain(self.lang()),
            false => shorten(&held.quote.prompt, WHAT_CHARS),
        }
    }

    /// The held order that a payment was opened for.
    pub(crate) fn held_of(&self, payment: PaymentId) -> Option<QuoteId> {
        self.held_alive().filter(|held| held.payment == Some(payment)).map(|held| held.id)
    }

    /// The button that shows it, where there is one.
    pub(crate) fn held_row(&self) -> Vec<Vec<Button>> {
        let button = self
            .held_alive()
            .map(|held| self.button(MoneyText::ButtonHeld {}, Action::Held(held.id)));
        button.into_iter().map(|button| vec![button]).collect()
    }

    /// The offer at today's price; none when it isn't sold any more.
    pub(crate) fn offer_today(&self, old: &Quote, id: QuoteId) -> Option<Quote> {
        let Quote { prompt, choices, inputs, length_ms, .. } = old.clone();
        let wanted = Wanted { prompt, choices, inputs, length_ms };
        Quote::make(self.world.catalog, wanted, id, self.world.now).ok()
    }

    /// Opens it as an ordinary offer; it stays held.
    pub(crate) fn open_held(&mut self) -> bool {
        let Some(held) = self.session.held.clone() else { return false };
        self.session.leave_form();
        self.session.form = held.whole_form();
        self.session.stage = Stage::Quoted { quote: Box::new(held.quote) };
        true
    }

    /// An order was placed from a form: what was held of the same form is done.
    pub(crate) fn release_held(&mut self, of_form: Option<QuoteId>, quote: &Quote) {
        self.session.held.take_if(|held| {
            of_form == Some(held.id) || held.quote.id == quote.id || held.is_twin_of(quote)
        });
    }
}
