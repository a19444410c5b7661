//! The terms: shown at any time, accepted once before money comes in, and asked about again when they change.

use rei_texts::{MoneyText, Text};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Place, Screen};
use crate::event::Press;

impl Turn<'_> {
    /// Asks before the first top-up; the chosen sum waits.
    pub(crate) fn ask_terms(&mut self, place: Place) {
        let version = i64::from(self.world.till.terms_version);
        let rows = vec![
            vec![self.accept_button()],
            vec![
                self.button(MoneyText::ButtonTerms {}, Action::Terms),
                self.button(Text::ButtonMenu {}, Action::Menu),
            ],
        ];
        let html = MoneyText::TermsAsk { version }.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    /// `/terms` and the button.
    pub(crate) fn terms(&mut self) {
        self.show_terms(None);
    }

    fn show_terms(&mut self, note: Option<MoneyText>) {
        let lang = self.lang();
        let version = i64::from(self.world.till.terms_version);
        let text = format!(
            "{}\n\n{}",
            Text::Terms {}.html(lang),
            MoneyText::TermsVersion { version }.html(lang)
        );
        let html = self.noted(note.into_iter().collect(), &text);
        let accept = (!self.world.till.terms_accepted).then(|| vec![self.accept_button()]);
        let menu = vec![self.button(Text::ButtonMenu {}, Action::Menu)];
        let rows = accept.into_iter().chain([menu]).collect();
        self.show(Screen::with(html, rows), Place::New, None);
    }

    fn accept_button(&self) -> Button {
        let label = match self.session.top_up {
            Some(top_up) => MoneyText::ButtonAcceptPay { sum: top_up.sum },
            None => MoneyText::ButtonAccept {},
        };
        self.button(label, Action::AcceptTerms(self.world.till.terms_version))
    }

    /// One tap accepts the version that was on the screen, and the payment that waited goes on.
    pub(crate) fn accept_terms(&mut self, version: u32, press: &Press, place: Place) {
        if version != self.world.till.terms_version {
            self.toast(press, Some(Text::StaleButton {}));
            return self.show_terms(Some(MoneyText::TermsChanged {}));
        }
        self.toast(press, None);
        if !self.world.till.terms_accepted {
            self.effects.push(Effect::AcceptTerms { version });
        }
        match self.session.top_up {
            Some(top_up) => self.top_up_accepted(top_up, place),
            None => {
                let rows = vec![vec![
                    self.button(Text::LabelPay {}, Action::Pay),
                    self.button(Text::ButtonMenu {}, Action::Menu),
                ]];
                let html = MoneyText::TermsAccepted {}.html(self.lang());
                self.show(Screen::with(html, rows), place, None);
            }
        }
    }
}
