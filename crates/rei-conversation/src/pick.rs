//! The pickers: what can be chosen, what each choice would cost, and what follows from it.

use rei_domain::catalog::{Choices, Kind, Model};
use rei_domain::quote::Quote;
use rei_texts::{Lang, Text, escape, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::choice::{Choice, Scope};
use crate::effect::{Button, Place, Screen};
use crate::form::Wish;
use crate::labels::mark;
use crate::quote::{PROMPT_SHOWN_CHARS, Pace};
use crate::rows::settings_kind;
use crate::session::Stage;

const RATIOS_IN_A_ROW: usize = 5;
const CHOICES_IN_A_ROW: usize = 2;

impl Turn<'_> {
    /// The choices of an open offer.
    pub(crate) fn tune(&mut self, quote: &Quote, place: Place) {
        let mut lines = vec![Text::Tune {}.html(self.lang())];
        if !quote.prompt.is_empty() {
            let prompt = shorten(&quote.prompt, PROMPT_SHOWN_CHARS);
            lines.push(Text::QuotePrompt { prompt }.html(self.lang()));
        }
        lines.push(escape(&self.summary(&quote.choices)));
        let mut rows = self.choice_rows(Scope::Form, &quote.choices);
        rows.push(vec![self.create_button(quote), self.button(Text::ButtonBack {}, Action::Form)]);
        self.show(Screen::with(lines.join("\n"), rows), place, None);
    }

    /// A button for each thing that can be chosen.
    pub(crate) fn choice_rows(&self, scope: Scope, choices: &Choices) -> Vec<Vec<Button>> {
        let Some(model) = self.world.catalog.model(&choices.sku) else { return Vec::new() };
        let buttons: Vec<Button> = Choice::ALL
            .into_iter()
            .filter(|choice| self.values(*choice, model, choices).len() > 1)
            .filter_map(|choice| {
                let value = match choice {
                    Choice::Count => choices.count.to_string(),
                    choice => self.value_of(choice, choices)?,
                };
                let label = Text::ButtonOption { what: named(choice, model), value };
                Some(self.button(label, Action::Options(scope, choice)))
            })
            .collect();
        buttons.chunks(CHOICES_IN_A_ROW).map(<[Button]>::to_vec).collect()
    }

    /// What can be chosen in one respect.
    fn values(&self, choice: Choice, model: &Model, choices: &Choices) -> Vec<String> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
        match choice {
            Choice::Model => {
                let rows = self.world.catalog.of_kind(model.kind);
                rows.map(|model| model.sku.clone()).collect()
            }
            Choice::Size => owned(model.sizes()),
            Choice::Seconds => model.seconds.iter().map(u32::to_string).collect(),
            Choice::Sound => owned(model.sounds(&choices.size)),
            Choice::Ratio => model.ratios.clone(),
            Choice::Count => (1..=model.count_max).map(|count| count.to_string()).collect(),
        }
    }

    /// A picker. Each button shows what its choice would cost.
    pub(crate) fn picker(&mut self, scope: Scope, choice: Choice, place: Place) {
        let Some(choices) = self.scope_choices(scope) else { return self.nothing_on_sale() };
        let Some(model) = self.world.catalog.model(&choices.sku) else {
            return self.nothing_on_sale();
        };
        let values = self.values(choice, model, &choices);
        if values.is_empty() {
            // An old button of a model that had this choice.
            return match scope {
                Scope::Form => self.return_to_form(place),
                Scope::Kind(kind) => self.setup(kind, place),
            };
        }
        let buttons: Vec<Button> = values
            .into_iter()
            .map(|value| self.pick_button(scope, choice, value, &choices))
            .collect();
        let in_a_row = if choice == Choice::Ratio { RATIOS_IN_A_ROW } else { 1 };
        let mut rows: Vec<Vec<Button>> = buttons.chunks(in_a_row).map(<[Button]>::to_vec).collect();
        rows.push(vec![self.back_from_picker(scope)]);
        let text = Text::Choose { what: named(choice, model) };
        self.show(Screen::with(text.html(self.lang()), rows), place, None);
    }

    fn pick_button(&self, scope: Scope, choice: Choice, value: String, now: &Choices) -> Button {
        let length_ms = if scope == Scope::Form { self.form_length() } else { None };
        let russian = self.lang() == Lang::Ru;
        let wanted = self.with(now, choice, &value);
        let mark = mark(wanted.as_ref() == Some(now));
        let model = self.world.catalog.model(wanted.as_ref().map_or("", |it| it.sku.as_str()));
        let name = match (choice, model) {
            (Choice::Model, Some(model)) => model.title(russian).to_owned(),
            _ => self.value_name(choice, &value),
        };
        let price = match (choice, model) {
            // The shape costs the same whatever it is.
            (Choice::Ratio, _) => None,
            (Choice::Model, Some(model)) => self.lowest_price(model, length_ms),
            _ => wanted.and_then(|wanted| self.price_of(&wanted, length_ms)),
        };
        let label = match price {
            None => Text::ButtonPick { mark, value: name },
            Some(price) if choice == Choice::Model => {
                Text::ButtonPickFrom { mark, value: name, price }
            }
            Some(price) => Text::ButtonPickPrice { mark, value: name, price },
        };
        self.button(label, Action::Choose(scope, choice, value))
    }

    fn back_from_picker(&self, scope: Scope) -> Button {
        let back = match scope {
            Scope::Form => Action::Form,
            Scope::Kind(kind) => Action::Setup(kind),
        };
        self.button(Text::ButtonBack {}, back)
    }

    fn scope_choices(&self, scope: Scope) -> Option<Choices> {
        match scope {
            Scope::Kind(kind) => self.choices_for(kind),
            Scope::Form => match &self.session.stage {
                Stage::Quoted { quote } if self.price_is_known(quote) => {
                    Some(quote.choices.clone())
                }
                _ => self.form_choices(),
            },
        }
    }

    fn price_is_known(&self, quote: &Quote) -> bool {
        self.price_of(&quote.choices, quote.length_ms).is_some()
    }

    /// The choices after one more was made; `None` for a value that nothing has.
    fn with(&self, choices: &Choices, choice: Choice, value: &str) -> Option<Choices> {
        let mut wanted = choices.clone();
        match choice {
            Choice::Model => wanted.sku = value.to_owned(),
            Choice::Size => wanted.size = value.to_owned(),
            Choice::Seconds => wanted.seconds = value.parse().ok()?,
            Choice::Sound => wanted.sound = value.to_owned(),
            Choice::Ratio => wanted.ratio = value.to_owned(),
            Choice::Count => wanted.count = value.parse().ok()?,
        }
        let kind = self.world.catalog.model(&choices.sku)?.kind;
        let model = self.world.catalog.model(&wanted.sku);
        let model = model.filter(|model| model.enabled && model.kind == kind)?;
        Some(model.fit(&wanted))
    }

    /// Takes a choice; what the model doesn't have falls back to its default.
    pub(crate) fn choose(&mut self, scope: Scope, choice: Choice, value: &str, place: Place) {
        let Some(choices) = self.scope_choices(scope) else { return self.nothing_on_sale() };
        let chosen = self.with(&choices, choice, value).unwrap_or(choices);
        let kind = self.world.catalog.model(&chosen.sku).map_or(Kind::Image, |model| model.kind);
        self.session.remembered.insert(kind, chosen.clone());
        if scope != Scope::Form {
            if choice == Choice::Model {
                self.take_over_model(kind, &chosen.sku);
            }
            return self.setup(kind, place);
        }
        if choice == Choice::Model {
            self.session.form.sku = Some(chosen.sku.clone());
        }
        self.session.form.choices = Some(chosen);
        match self.session.stage {
            Stage::Quoted { .. } | Stage::TooLong {} => {
                self.offer(place, Vec::new(), Pace::Calm);
            }
            Stage::Draft => self.proceed(place, Vec::new(), Pace::Calm),
            Stage::Idle => self.open_form(Wish::Picture, place, None),
        }
    }

    /// A model chosen in the settings counts for its relatives too, where they have one of that name.
    fn take_over_model(&mut self, kind: Kind, sku: &str) {
        for other in Kind::ALL {
            if other == kind || settings_kind(other) != kind {
                continue;
            }
            let alike = self.alike(sku, other).cloned();
            if let (Some(model), Some(old)) = (alike, self.session.remembered.get(&other)) {
                let fitted = model.fit(old);
                self.session.remembered.insert(other, fitted);
            }
        }
    }
}

/// The word by which the texts know a choice.
fn named(choice: Choice, model: &Model) -> String {
    match choice {
        Choice::Size if model.kind.is_video() => "quality".to_owned(),
        choice => choice.as_str().to_owned(),
    }
}
