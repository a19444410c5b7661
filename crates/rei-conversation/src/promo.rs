//! Promo codes: with the command, from a link, or asked for.

use rei_texts::MoneyText;
use rei_texts::Text;

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place, Screen};
use crate::question::Question;
use crate::till::PromoAnswer;

/// No code is longer.
const CODE_CHARS_MAX: usize = 32;

impl Turn<'_> {
    /// `/promo` with or without a code.
    pub(crate) fn promo(&mut self, code: &str) {
        match code.is_empty() {
            true => self.ask_promo(),
            false => self.use_promo(code),
        }
    }

    pub(crate) fn ask_promo(&mut self) {
        let html = MoneyText::PromoAsk {}.html(self.lang());
        self.ask_question(Question::Promo, html, Action::Balance);
    }

    /// What can't be a code is not even looked up.
    pub(crate) fn use_promo(&mut self, words: &str) {
        let code = words.trim();
        match is_code(code) {
            true => self.effects.push(Effect::UsePromo { code: code.to_owned() }),
            false => self.promo_answered(&PromoAnswer::Unknown),
        }
    }

    pub(crate) fn promo_answered(&mut self, answer: &PromoAnswer) {
        let text = match *answer {
            PromoAnswer::Given { sum, balance } => MoneyText::PromoGiven { sum, balance },
            PromoAnswer::Unknown => MoneyText::PromoUnknown {},
            PromoAnswer::Expired => MoneyText::PromoExpired {},
            PromoAnswer::UsedUp => MoneyText::PromoUsedUp {},
            PromoAnswer::UsedByYou => MoneyText::PromoUsedByYou {},
            PromoAnswer::NotForYou => MoneyText::PromoNotForYou {},
        };
        let mut rows = match answer {
            // New money offers the held order and never spends itself.
            PromoAnswer::Given { .. } => self.held_row(),
            _ => vec![vec![self.button(MoneyText::ButtonPromo {}, Action::Promo)]],
        };
        rows.push(vec![
            self.button(Text::ButtonBalance {}, Action::Balance),
            self.button(Text::ButtonMenu {}, Action::Menu),
        ]);
        self.show(Screen::with(text.html(self.lang()), rows), Place::New, None);
    }
}

/// Whether it looks like a code: one word of letters, digits, `-` and `_`.
pub(crate) fn is_code(text: &str) -> bool {
    let length = text.chars().count();
    (1..=CODE_CHARS_MAX).contains(&length)
        && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}
