//! The form of a picture: what is chosen, and the pickers that change it.

use rei_domain::catalog::{Choices, Model};
use rei_domain::money::Kopecks;
use rei_domain::quote::Quote;
use rei_texts::{Lang, Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Place, Screen};
use crate::quote::PROMPT_SHOWN_CHARS;
use crate::session::Stage;

const RATIOS_IN_A_ROW: usize = 5;

impl Turn<'_> {
    /// What the next picture would be made with.
    pub(crate) fn choices(&self) -> Option<Choices> {
        let model = self.world.model_for(self.session.choices.as_ref())?;
        let mut choices = self.session.choices.clone().unwrap_or_else(|| model.default_choices());
        choices.sku.clone_from(&model.sku);
        if !model.ratios.contains(&choices.ratio) {
            choices.ratio.clone_from(&model.default_ratio);
        }
        if model.price_row(&choices.size).is_none() {
            choices.size.clone_from(&model.default_size);
        }
        Some(choices)
    }

    pub(crate) fn model(&self) -> Option<&Model> {
        self.world.model_for(self.session.choices.as_ref())
    }

    /// An empty form; an offer that was open is left.
    pub(crate) fn open_draft(&mut self, place: Place, note: Option<Text>) {
        self.session.leave_form();
        let Some(choices) = self.choices() else { return self.say(Text::NothingOnSale {}) };
        let text = Text::Draft {
            title: self.title_of(&choices),
            ratio: choices.ratio.clone(),
            size: choices.size.clone(),
        };
        let rows = vec![
            self.choice_buttons(&choices),
            vec![
                self.button(Text::LabelIdeas {}, Action::Idea(0)),
                self.button(Text::ButtonMenu {}, Action::Menu),
            ],
        ];
        self.session.stage = Stage::Draft;
        self.show(Screen::with(self.noted(note, &text), rows), place, None);
    }

    /// Whatever form is open, as it stands: the way back from the pickers.
    pub(crate) fn return_to_form(&mut self, place: Place) {
        match self.session.stage.clone() {
            Stage::Quoted { quote, message } => self.reopen_quote(*quote, message, place),
            Stage::TooLong { prompt, message } => self.offer(&prompt, message, place, None),
            Stage::Idle | Stage::Draft => self.open_draft(place, None),
        }
    }

    /// The choices of an open offer.
    pub(crate) fn tune(&mut self, quote: &Quote, place: Place) {
        let Some(choices) = self.choices() else { return self.say(Text::NothingOnSale {}) };
        let text = Text::Tune {
            prompt: shorten(&quote.prompt, PROMPT_SHOWN_CHARS),
            title: self.title_of(&choices),
            ratio: choices.ratio.clone(),
            size: choices.size.clone(),
        };
        let rows = vec![
            self.choice_buttons(&choices),
            vec![self.button(Text::ButtonBack {}, Action::Form)],
        ];
        self.show(Screen::with(text.html(self.lang()), rows), place, None);
    }

    /// Asks for other words; what was chosen stays.
    pub(crate) fn ask_again(&mut self, quote: &Quote) {
        self.session.leave_form();
        self.session.stage = Stage::Draft;
        self.session.choices = Some(quote.choices.clone());
        self.say(Text::DraftReask {
            title: self.title_of(&quote.choices),
            ratio: quote.choices.ratio.clone(),
            size: quote.choices.size.clone(),
        });
    }

    /// Buttons of the form: ratio, size, ideas.
    pub(crate) fn draft_action(&mut self, action: Action, place: Place) {
        match action {
            Action::Ratios => self.ratio_picker(place),
            Action::Sizes => self.size_picker(place),
            Action::Ratio(ratio) => self.choose(place, |choices| choices.ratio = ratio),
            Action::Size(size) => self.choose(place, |choices| choices.size = size),
            Action::Idea(number) => match idea(number) {
                Some(idea) => self.offer(&idea.plain(self.lang()), None, Place::New, None),
                None => self.ideas(),
            },
            // The message with the button may hold something worth keeping, such as a refund.
            Action::Draft => self.open_draft(Place::New, None),
            _ => self.return_to_form(place),
        }
    }

    /// Takes a choice; one that the model doesn't have falls back to its default by [`Self::choices`].
    fn choose(&mut self, place: Place, change: impl FnOnce(&mut Choices)) {
        let Some(mut choices) = self.choices() else { return self.say(Text::NothingOnSale {}) };
        change(&mut choices);
        self.session.choices = Some(choices);
        self.session.choices = self.choices();
        match self.session.stage.clone() {
            Stage::Quoted { quote, message } => self.offer(&quote.prompt, message, place, None),
            Stage::TooLong { prompt, message } => self.offer(&prompt, message, place, None),
            Stage::Idle | Stage::Draft => self.open_draft(place, None),
        }
    }

    fn ratio_picker(&mut self, place: Place) {
        let (Some(choices), Some(model)) = (self.choices(), self.model()) else {
            return self.say(Text::NothingOnSale {});
        };
        let button = |ratio: &String| {
            let mark = mark(*ratio == choices.ratio);
            let label = Text::ButtonRatioChoice { mark, ratio: ratio.clone() };
            self.button(label, Action::Ratio(ratio.clone()))
        };
        let mut rows: Vec<Vec<Button>> = model
            .ratios
            .chunks(RATIOS_IN_A_ROW)
            .map(|row| row.iter().map(button).collect())
            .collect();
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Form)]);
        self.show(Screen::with(Text::RatioChoose {}.html(self.lang()), rows), place, None);
    }

    fn size_picker(&mut self, place: Place) {
        let (Some(choices), Some(model)) = (self.choices(), self.model()) else {
            return self.say(Text::NothingOnSale {});
        };
        let mut rows = Vec::new();
        for row in &model.prices {
            let mark = mark(row.size == choices.size);
            let label = Text::ButtonSizePrice { mark, size: row.size.clone(), price: row.sale };
            rows.push(vec![self.button(label, Action::Size(row.size.clone()))]);
        }
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Form)]);
        self.show(Screen::with(Text::SizeChoose {}.html(self.lang()), rows), place, None);
    }

    pub(crate) fn ideas(&mut self) {
        let mut rows: Vec<Vec<Button>> = (1..=4)
            .filter_map(|number| Some(vec![self.button(idea(number)?, Action::Idea(number))]))
            .collect();
        rows.push(vec![self.button(Text::ButtonMenu {}, Action::Menu)]);
        self.show(Screen::with(Text::Ideas {}.html(self.lang()), rows), Place::New, None);
    }

    /// Ratio and size as they are now; the size with its price.
    pub(crate) fn choice_buttons(&self, choices: &Choices) -> Vec<Button> {
        let price = self.price_of(choices).unwrap_or(Kopecks::ZERO);
        vec![
            self.button(Text::ButtonRatio { ratio: choices.ratio.clone() }, Action::Ratios),
            self.button(Text::ButtonSize { size: choices.size.clone(), price }, Action::Sizes),
        ]
    }

    /// What these choices cost today.
    pub(crate) fn price_of(&self, choices: &Choices) -> Option<Kopecks> {
        let model = self.world.catalog.model(&choices.sku).filter(|model| model.enabled)?;
        model.price_row(&choices.size).map(|row| row.sale)
    }

    /// The name of the model that is chosen.
    pub(crate) fn title_of(&self, choices: &Choices) -> String {
        let model = self.world.catalog.model(&choices.sku);
        model.map_or_else(String::new, |model| model.title(self.lang() == Lang::Ru).to_owned())
    }
}

fn mark(chosen: bool) -> String {
    if chosen { "✓ ".to_owned() } else { String::new() }
}

fn idea(number: u8) -> Option<Text> {
    match number {
        1 => Some(Text::Idea1 {}),
        2 => Some(Text::Idea2 {}),
        3 => Some(Text::Idea3 {}),
        4 => Some(Text::Idea4 {}),
        _ => None,
    }
}
