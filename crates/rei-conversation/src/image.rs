//! Ordering a picture: the form, the choices, the offer.

use rei_domain::catalog::{Choices, Model};
use rei_domain::ids::{MessageId, QuoteId};
use rei_domain::quote::{Quote, QuoteError};
use rei_texts::{Lang, Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Effect, Place, Screen};
use crate::event::{Origin, Press};
use crate::session::Stage;
use crate::words::is_meaningful;

/// How much of a prompt the offer repeats.
const PROMPT_SHOWN_CHARS: usize = 300;
/// The same order within this time is asked about.
const TWIN_WITHIN: std::time::Duration = std::time::Duration::from_secs(60);
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

    fn model(&self) -> Option<&Model> {
        self.world.model_for(self.session.choices.as_ref())
    }

    pub(crate) fn open_draft(&mut self, place: Place) {
        let (Some(choices), Some(model)) = (self.choices(), self.model()) else {
            return self.say(Text::NothingOnSale {});
        };
        let title = self.title(model);
        let text = Text::Draft { title, ratio: choices.ratio.clone(), size: choices.size.clone() };
        let rows = vec![
            vec![
                self.button(Text::ButtonRatio { ratio: choices.ratio }, Action::Ratios),
                self.button(Text::ButtonSize { size: choices.size }, Action::Sizes),
            ],
            vec![
                self.button(Text::LabelIdeas {}, Action::Idea(0)),
                self.button(Text::ButtonMenu {}, Action::Menu),
            ],
        ];
        if !matches!(self.session.stage, Stage::Quoted { .. }) {
            self.session.stage = Stage::Draft;
        }
        self.show(Screen::with(text.html(self.lang()), rows), place, None);
    }

    /// Words that may be a description.
    pub(crate) fn prompt(&mut self, text: String, origin: Origin) {
        if !is_meaningful(&text) {
            return self.say(Text::HintShort {});
        }
        if origin.replies_to_picture {
            return self.prompt_with_note(text, origin, Text::NoteNewPicture {});
        }
        self.offer(&text, Some(origin.message), Place::New, None);
    }

    pub(crate) fn prompt_with_note(&mut self, text: String, origin: Origin, note: Text) {
        self.offer(&text, Some(origin.message), Place::New, Some(note));
    }

    /// The customer changed the words of a message.
    pub(crate) fn edited(&mut self, message: MessageId, text: String) {
        match &self.session.stage {
            Stage::Quoted { message: Some(quoted), .. }
                if *quoted == message && is_meaningful(&text) =>
            {
                self.offer(&text, Some(message), Place::New, None);
            }
            _ if self
                .session
                .last_order
                .as_ref()
                .is_some_and(|last| last.message == Some(message)) =>
            {
                self.say(Text::EditTooLate {});
            }
            _ => self.say(Text::EditUnused {}),
        }
    }

    /// Shows the price of these words with what is chosen now.
    pub(crate) fn offer(
        &mut self,
        prompt: &str,
        message: Option<MessageId>,
        place: Place,
        note: Option<Text>,
    ) {
        let Some(choices) = self.choices() else { return self.say(Text::NothingOnSale {}) };
        if self.world.provider_down {
            self.session.stage = Stage::Idle;
            return self.say(Text::ProviderDown {});
        }
        let quote = Quote::make(
            self.world.catalog,
            &choices,
            prompt,
            self.world.quote_id(),
            self.world.now,
        );
        match quote {
            Ok(quote) => self.show_quote(quote, message, place, note),
            Err(QuoteError::PromptTooLong { chars, chars_max }) => {
                self.session.stage = Stage::TooLong { prompt: prompt.to_owned() };
                let length = i64::try_from(chars).unwrap_or(i64::MAX);
                let limit = i64::try_from(chars_max).unwrap_or(i64::MAX);
                let rows = vec![
                    vec![self.button(Text::ButtonShorten { limit }, Action::Shorten)],
                    vec![self.button(Text::ButtonMenu {}, Action::Menu)],
                ];
                let html = Text::PromptTooLong { length, limit }.html(self.lang());
                self.show(Screen::with(html, rows), place, None);
            }
            Err(QuoteError::NotOnSale | QuoteError::NoSuchChoice) => self.say(Text::NotOnSale {}),
        }
    }

    fn show_quote(
        &mut self,
        quote: Quote,
        message: Option<MessageId>,
        place: Place,
        note: Option<Text>,
    ) {
        let note = note.or_else(|| self.twin_note(&quote));
        let screen = self.quote_screen(&quote, note);
        self.session.stage = Stage::Quoted { quote: Box::new(quote), message };
        self.show(screen, place, None);
    }

    fn quote_screen(&self, quote: &Quote, note: Option<Text>) -> Screen {
        let lang = self.lang();
        let balance = self.world.customer.free();
        let prompt = shorten(&quote.prompt, PROMPT_SHOWN_CHARS);
        let title = self
            .world
            .catalog
            .model(&quote.choices.sku)
            .map_or_else(String::new, |model| self.title(model));
        let (ratio, size) = (quote.choices.ratio.clone(), quote.choices.size.clone());
        let missing = balance.missing_to(quote.price);
        let text = match balance.checked_sub(quote.price) {
            Some(left) if !missing.is_positive() => {
                Text::Quote { prompt, title, ratio, size, price: quote.price, balance, left }
            }
            _ => Text::QuoteShort {
                prompt,
                title,
                ratio,
                size,
                price: quote.price,
                balance,
                missing,
            },
        };
        let html = match note {
            Some(note) => format!("{}\n\n{}", note.html(lang), text.html(lang)),
            None => text.html(lang),
        };
        let mut rows = vec![
            vec![self.button(Text::ButtonCreate { price: quote.price }, Action::Create(quote.id))],
            vec![
                self.button(Text::ButtonChange {}, Action::Change(quote.id)),
                self.button(Text::ButtonTune {}, Action::Tune(quote.id)),
                self.button(Text::ButtonDrop {}, Action::Drop(quote.id)),
            ],
        ];
        if let Some(button) = self.cheaper_button(quote).filter(|_| missing.is_positive()) {
            rows.insert(1, vec![button]);
        }
        Screen::with(html, rows)
    }

    pub(crate) fn cheaper_button(&self, quote: &Quote) -> Option<Button> {
        let model = self.world.catalog.model(&quote.choices.sku)?;
        let row = model.cheaper(quote.price, self.world.customer.free())?;
        let label = Text::ButtonCheaper { size: row.size.clone(), price: row.sale };
        Some(self.button(label, Action::Cheaper(quote.id)))
    }

    fn twin_note(&self, quote: &Quote) -> Option<Text> {
        let last = self.session.last_order.as_ref()?;
        let ago = self.world.now.since(last.at);
        let same =
            last.prompt == quote.prompt && last.choices == quote.choices && ago <= TWIN_WITHIN;
        same.then(|| Text::NoteTwice { seconds: i64::try_from(ago.as_secs()).unwrap_or(i64::MAX) })
    }

    /// Buttons of the form: ratio, size, ideas.
    pub(crate) fn image_action(&mut self, action: Action, place: Place) {
        match action {
            Action::Ratios => self.ratio_picker(place),
            Action::Sizes => self.size_picker(place),
            Action::Idea(0) => self.ideas(),
            Action::Idea(number) => match idea(number) {
                Some(idea) => self.offer(&idea.plain(self.lang()), None, Place::New, None),
                None => self.ideas(),
            },
            Action::Ratio(ratio) => self.choose(place, |choices| choices.ratio = ratio),
            Action::Size(size) => self.choose(place, |choices| choices.size = size),
            _ => self.open_draft(place),
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
            Stage::Idle | Stage::Draft | Stage::TooLong { .. } => self.open_draft(place),
        }
    }

    fn ratio_picker(&mut self, place: Place) {
        let (Some(choices), Some(model)) = (self.choices(), self.model()) else {
            return self.say(Text::NothingOnSale {});
        };
        let button = |ratio: &String| {
            let label = Text::ButtonRatioChoice {
                mark: mark(*ratio == choices.ratio),
                ratio: ratio.clone(),
            };
            self.button(label, Action::Ratio(ratio.clone()))
        };
        let mut rows: Vec<Vec<Button>> = model
            .ratios
            .chunks(RATIOS_IN_A_ROW)
            .map(|row| row.iter().map(button).collect())
            .collect();
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Draft)]);
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
        rows.push(vec![self.button(Text::ButtonBack {}, Action::Draft)]);
        self.show(Screen::with(Text::SizeChoose {}.html(self.lang()), rows), place, None);
    }

    pub(crate) fn ideas(&mut self) {
        let mut rows: Vec<Vec<Button>> = (1..=4)
            .filter_map(|number| Some(vec![self.button(idea(number)?, Action::Idea(number))]))
            .collect();
        rows.push(vec![self.button(Text::ButtonMenu {}, Action::Menu)]);
        self.show(Screen::with(Text::Ideas {}.html(self.lang()), rows), Place::New, None);
    }

    /// Buttons under an offer. Only the newest offer counts; pressing an older one shows a fresh screen.
    pub(crate) fn quote_action(&mut self, action: Action, press: &Press, place: Place) {
        if matches!(action, Action::Shorten) {
            self.toast(press, None);
            return self.shorten_prompt(place);
        }
        let pressed = match action {
            Action::Create(id) | Action::Change(id) | Action::Tune(id) => Some(id),
            Action::Drop(id) | Action::Cheaper(id) => Some(id),
            _ => None,
        };
        let (quote, message) = match &self.session.stage {
            Stage::Quoted { quote, message } if Some(quote.id) == pressed => {
                ((**quote).clone(), *message)
            }
            _ => return self.stale_quote(press, pressed),
        };
        match action {
            Action::Create(_) if quote.expired(self.world.now) => {
                self.toast(press, Some(Text::StaleButton {}));
                let note = self.requote_note(&quote);
                self.offer(&quote.prompt, message, place, Some(note));
            }
            Action::Create(_) => self.confirm(quote, press, place),
            Action::Change(_) => {
                self.toast(press, None);
                self.ask_again(&quote);
            }
            Action::Tune(_) => {
                self.toast(press, None);
                self.session.choices = Some(quote.choices.clone());
                self.open_draft(place);
            }
            Action::Cheaper(_) => {
                self.toast(press, None);
                self.choose_cheaper(&quote, message, place);
            }
            _ => {
                self.toast(press, None);
                self.session.stage = Stage::Idle;
                self.show(Screen::bare(Text::QuoteDropped {}.html(self.lang())), place, None);
            }
        }
    }

    fn confirm(&mut self, quote: Quote, press: &Press, place: Place) {
        let on_sale =
            self.world.catalog.model(&quote.choices.sku).is_some_and(|model| model.enabled);
        if !on_sale {
            self.toast(press, None);
            self.session.stage = Stage::Idle;
            return self.say(Text::NotOnSale {});
        }
        if self.world.provider_down {
            self.toast(press, None);
            return self.say(Text::ProviderDown {});
        }
        if self.world.active.len() >= self.world.active_orders_max {
            self.toast(press, None);
            return self.too_many_active();
        }
        self.toast(press, Some(Text::ToastAccepted {}));
        self.effects.push(Effect::PlaceOrder { quote, place });
    }

    /// A confirmation of an offer that isn't the newest: a double tap, or a screen from long ago.
    fn stale_quote(&mut self, press: &Press, pressed: Option<QuoteId>) {
        if let (Stage::Quoted { quote, message }, Some(_)) = (self.session.stage.clone(), pressed) {
            self.toast(press, Some(Text::StaleButton {}));
            return self.offer(&quote.prompt, message, Place::New, Some(Text::NoteStale {}));
        }
        let just_ordered = self.session.last_order.as_ref().is_some_and(|last| {
            last.quote == pressed && self.world.now.since(last.at) <= rei_domain::quote::QUOTE_VALID
        });
        if just_ordered {
            return self.toast(press, Some(Text::OrderRunning {}));
        }
        self.toast(press, Some(Text::StaleButton {}));
        self.open_draft(Place::New);
    }

    fn requote_note(&self, old: &Quote) -> Text {
        let price = self.choices().and_then(|choices| {
            self.world.catalog.model(&choices.sku)?.price_row(&choices.size).map(|row| row.sale)
        });
        if price == Some(old.price) { Text::NoteStale {} } else { Text::NotePriceChanged {} }
    }

    fn ask_again(&mut self, quote: &Quote) {
        let title = self
            .world
            .catalog
            .model(&quote.choices.sku)
            .map_or_else(String::new, |model| self.title(model));
        self.session.stage = Stage::Draft;
        self.session.choices = Some(quote.choices.clone());
        self.say(Text::DraftReask {
            title,
            ratio: quote.choices.ratio.clone(),
            size: quote.choices.size.clone(),
        });
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

    fn shorten_prompt(&mut self, place: Place) {
        let limit = self.model().map_or(0, |model| model.prompt_chars_max);
        match self.session.stage.clone() {
            Stage::TooLong { prompt } => self.offer(&shorten(&prompt, limit), None, place, None),
            _ => self.open_draft(Place::New),
        }
    }

    pub(crate) fn title(&self, model: &Model) -> String {
        model.title(self.lang() == Lang::Ru).to_owned()
    }

    /// `/cancel` and the word: the open form first, else it points at the jobs.
    pub(crate) fn cancel_form(&mut self) {
        let had_form = self.session.stage != Stage::Idle;
        self.session.stage = Stage::Idle;
        match had_form {
            true => self.say(Text::CancelledForm {}),
            false if self.world.active.is_empty() => self.say(Text::NothingToCancel {}),
            false => self.jobs(Place::New),
        }
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
