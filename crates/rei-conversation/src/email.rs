//! The address for receipts: asked once, shown, changed, deleted. It is kept by the application, never in the
//! session.

use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place, Screen};
use crate::question::Question;

/// The longest address that a receipt takes.
const EMAIL_CHARS_MAX: usize = 254;
/// The longest part before the `@`.
const LOCAL_CHARS_MAX: usize = 64;
/// The longest piece between two dots of a domain.
const LABEL_CHARS_MAX: usize = 63;

impl Turn<'_> {
    /// Asks before the first top-up; the chosen sum waits.
    pub(crate) fn ask_email(&mut self) {
        let html = MoneyText::EmailAsk {}.html(self.lang());
        self.ask_question(Question::Email, html, Action::Menu);
    }

    /// The page of the settings.
    pub(crate) fn email_page(&mut self) {
        let Some(email) = self.world.till.email.clone() else {
            let html = MoneyText::EmailAsk {}.html(self.lang());
            return self.ask_question(Question::Email, html, Action::Settings);
        };
        self.session.question = Some(Question::Email);
        let html = MoneyText::EmailSet { email }.html(self.lang());
        let rows = vec![
            vec![self.button(MoneyText::ButtonEmailDelete {}, Action::EmailDelete)],
            vec![self.button(Text::ButtonBack {}, Action::Settings)],
        ];
        self.show(Screen::with(html, rows), Place::New, None);
    }

    pub(crate) fn email_delete(&mut self, place: Place) {
        self.effects.push(Effect::SaveEmail { email: None });
        let rows = vec![vec![self.button(Text::LabelSettings {}, Action::Settings)]];
        let html = MoneyText::EmailDeleted {}.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    /// An address was typed: kept, and the payment that waited for it goes on.
    pub(crate) fn email_typed(&mut self, words: &str) {
        let email = words.trim();
        if !is_email(email) {
            let html = MoneyText::EmailBad {}.html(self.lang());
            let last = match self.session.top_up {
                Some(_) => Action::Menu,
                None => Action::Settings,
            };
            return self.ask_question(Question::Email, html, last);
        }
        let email = email.to_owned();
        self.effects.push(Effect::SaveEmail { email: Some(email.clone()) });
        match self.session.top_up {
            Some(_) if !self.world.till.terms_accepted => self.ask_terms(Place::New),
            Some(top_up) => self.open_payment(top_up, Place::New),
            None => {
                let rows = vec![vec![self.button(Text::LabelSettings {}, Action::Settings)]];
                let html = MoneyText::EmailSaved { email }.html(self.lang());
                self.show(Screen::with(html, rows), Place::New, None);
            }
        }
    }
}

/// Whether a receipt can be sent there, as far as its letters tell.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let local_fits = local.len() <= LOCAL_CHARS_MAX
        && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    let labels: Vec<&str> = domain.split('.').collect();
    let label_fits = |label: &&str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = labels.last().copied().unwrap_or_default();
    text.len() <= EMAIL_CHARS_MAX
        && local_fits
        && labels.len() > 1
        && labels.iter().all(label_fits)
        && top.len() > 1
        && !top.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_can_get_a_receipt_pass_and_others_are_asked_again() {
        let long = |length: usize| format!("a@{}.ru", "b".repeat(length));
        for good in ["a@b.ru", "anna.petrova+bot@mail.example.com", "x_y-z@xn--e1afmkfd.xn--p1ai"] {
            assert!(is_email(good), "{good}");
        }
        assert!(is_email(&long(63)));
        let deep = format!("a@{}ru", "b.".repeat(126));
        for bad in [
            "",
            "@",
            "a@",
            "@b.ru",
            "a@b",
            "a b@c.ru",
            "a@b..ru",
            ".a@b.ru",
            "a.@b.ru",
            "a..b@c.ru",
            "a@-b.ru",
            "a@b-.ru",
            "a@b.1",
            "a@1.2.3.4",
            "a@b.r",
            "a@b.ru\nx",
            "a@@b.ru",
            "почта@b.ru",
            "<a>@b.ru",
            "кот на Луне",
            &long(64),
            &deep,
            &format!("{}@b.ru", "a".repeat(65)),
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
