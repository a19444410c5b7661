//! What the customer can set once for all: models and sizes for each kind, language, quick mode.

use rei_domain::catalog::Kind;
use rei_domain::money::Kopecks;
use rei_texts::{Lang, MoneyText, Text, escape};

use crate::Turn;
use crate::callback::Action;
use crate::choice::Scope;
use crate::effect::{Effect, Keyboard, Place, Screen};
use crate::labels::mark;
use crate::menu::main_labels;

/// The kinds that have a page in the settings; the others follow their model.
const SET_UP: [Kind; 3] = [Kind::Image, Kind::Edit, Kind::TextVideo];
/// The limits that quick mode offers, in rubles.
const QUICK_RUBLES: [u32; 3] = [50, 100, 200];

impl Turn<'_> {
    pub(crate) fn settings(&mut self, place: Place) {
        let lang = self.lang();
        let mut lines = vec![Text::Settings {}.html(lang)];
        let mut pages = Vec::new();
        for kind in SET_UP {
            let Some(choices) = self.choices_for(kind) else { continue };
            let what = self.kind_name(kind).plain(lang);
            lines.push(Text::SettingsKind { what, options: self.summary(&choices) }.html(lang));
            let label = Text::ButtonSetup { kind: kind.as_str().to_owned() };
            pages.push(self.button(label, Action::Setup(kind)));
        }
        lines.push(match self.session.quick_rubles {
            0 => Text::SettingsQuickOff {}.html(lang),
            rubles => Text::SettingsQuick { limit: up_to(rubles) }.html(lang),
        });
        let till = &self.world.till;
        let receipts = match &till.email {
            Some(email) => Some(MoneyText::SettingsEmail { email: email.clone() }),
            None => till.email_needed.then_some(MoneyText::SettingsEmailNone {}),
        };
        lines.extend(receipts.as_ref().map(|text| text.html(lang)));
        let mut rows = vec![
            vec![self.button(Text::ButtonQuick {}, Action::Quick(None))],
            vec![
                self.button(Text::ButtonRussian {}, Action::Language(Lang::Ru)),
                self.button(Text::ButtonEnglish {}, Action::Language(Lang::En)),
            ],
        ];
        if receipts.is_some() {
            rows.insert(1, vec![self.button(MoneyText::ButtonEmail {}, Action::Email)]);
        }
        if !pages.is_empty() {
            rows.insert(0, pages);
        }
        self.show(Screen::with(lines.join("\n"), rows), place, None);
    }

    /// What is remembered for a kind, with its pickers.
    pub(crate) fn setup(&mut self, kind: Kind, place: Place) {
        let Some(choices) = self.choices_for(kind) else { return self.settings(place) };
        let lang = self.lang();
        let head = Text::Setup { what: self.kind_name(kind).plain(lang) }.html(lang);
        let mut rows = self.choice_rows(Scope::Kind(kind), &choices);
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Settings)]);
        let html = format!("{head}\n{}", escape(&self.summary(&choices)));
        self.show(Screen::with(html, rows), place, None);
    }

    /// Up to which price nothing is asked.
    pub(crate) fn quick(&mut self, chosen: Option<u32>, place: Place) {
        if let Some(rubles) = chosen {
            let known = QUICK_RUBLES.contains(&rubles);
            self.session.quick_rubles = if known { rubles } else { 0 };
            return self.settings(place);
        }
        let now = self.session.quick_rubles;
        let mut rows = vec![vec![
            self.button(Text::ButtonQuickOff { mark: mark(now == 0) }, Action::Quick(Some(0))),
        ]];
        let choices = QUICK_RUBLES.map(|rubles| {
            let label = Text::ButtonQuickUpTo { mark: mark(now == rubles), limit: up_to(rubles) };
            self.button(label, Action::Quick(Some(rubles)))
        });
        rows.push(choices.to_vec());
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Settings)]);
        self.show(Screen::with(Text::Quick {}.html(self.lang()), rows), place, None);
    }

    /// The new language counts from this very answer.
    pub(crate) fn set_language(&mut self, lang: Lang) {
        self.effects.push(Effect::SetLanguage(lang));
        let screen = Screen {
            html: Text::LanguageSet {}.html(lang),
            keyboard: Keyboard::Main(main_labels(lang)),
        };
        self.show(screen, Place::New, None);
    }
}

fn up_to(rubles: u32) -> Kopecks {
    Kopecks::from_rubles(i64::from(rubles))
}
