//! The offer: from a form to a price on the screen.

use std::time::Duration;

use rei_domain::catalog::{Choices, Kind, Slot};
use rei_domain::ids::MessageId;
use rei_domain::money::Kopecks;
use rei_domain::quote::{Quote, QuoteError, Wanted};
use rei_texts::{Text, escape, shorten};

use crate::Turn;
use crate::ask::{count, seconds};
use crate::callback::Action;
use crate::choice::Choice;
use crate::effect::{Button, Effect, Place, Screen};
use crate::form::Wish;
use crate::rows::{Fitted, Misfit};
use crate::session::Stage;
use crate::words::{Command, is_meaningful};

/// How much of a prompt an offer repeats.
pub(crate) const PROMPT_SHOWN_CHARS: usize = 300;
/// The same order within this time is asked about.
const TWIN_WITHIN: Duration = Duration::from_secs(60);

/// Whether an offer may be ordered without asking, where the customer allowed that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It comes straight from words, files or a button under a result.
    Quick,
    /// The customer is looking at it.
    Calm,
}

impl Turn<'_> {
    /// The customer changed the words of a message.
    pub(crate) fn edited(&mut self, message: MessageId, text: String) {
        let text = match Command::read(&text, self.world.bot_username) {
            Some(
                Command::Image { prompt } | Command::Edit { prompt } | Command::Video { prompt },
            ) => prompt,
            _ => text,
        };
        let form = &self.session.form;
        let open = self.session.stage != Stage::Idle;
        let known = form.prompt.as_ref().filter(|_| open && form.message == Some(message));
        let last = self.session.last_order.as_ref();
        let ordered = last.filter(|last| last.message == Some(message)).map(|last| &last.prompt);
        // Telegram also reports an edit when only the preview of a link came.
        if known == Some(&text) || (known.is_none() && ordered == Some(&text)) {
            return;
        }
        match (known.is_some() || self.session.stage == Stage::Draft, is_meaningful(&text)) {
            _ if known.is_none() && ordered.is_some() => self.say(Text::EditTooLate {}),
            (true, true) => {
                self.session.form.prompt = Some(text);
                self.session.form.message = Some(message);
                self.proceed(Place::New, Vec::new(), Pace::Calm);
            }
            (true, false) => self.say(Text::HintShort {}),
            (false, _) => self.say(Text::EditUnused {}),
        }
    }

    /// Shows the price of the form with what is chosen now.
    pub(crate) fn offer(&mut self, place: Place, mut notes: Vec<Text>, pace: Pace) {
        if !self.session.form.ready(self.world.now) {
            return self.say(Text::FileComing {});
        }
        let fitted = match self.fit_files() {
            Ok(fitted) => fitted,
            Err(Misfit::NothingOnSale) => return self.nothing_on_sale(),
            Err(Misfit::File { upload, problem, other }) => {
                return self.unfit_file(upload, &problem, other, place);
            }
        };
        notes.extend(self.unused_note(&fitted));
        let prompt = self.session.form.prompt.clone().unwrap_or_default();
        let Fitted { choices, inputs, length_ms, .. } = fitted;
        let wanted = Wanted { prompt, choices, inputs, length_ms };
        let id = self.world.quote_id();
        match Quote::make(self.world.catalog, wanted, id, self.world.now) {
            Ok(quote) => self.show_quote(quote, place, notes, pace),
            Err(QuoteError::PromptTooLong { chars, chars_max }) => {
                self.session.stage = Stage::TooLong {};
                self.show_too_long(chars, chars_max, place);
            }
            Err(QuoteError::NotOnSale | QuoteError::NoSuchChoice) => self.nothing_on_sale(),
        }
    }

    /// The open offer once more: the same while it counts, else a new one.
    pub(crate) fn reopen_quote(&mut self, quote: Quote, place: Place) {
        self.session.form.choices = Some(quote.choices.clone());
        if quote.expired(self.world.now) {
            let note = self.requote_note(&quote);
            return self.offer(place, vec![note], Pace::Calm);
        }
        if self.price_of(&quote.choices, quote.length_ms).is_none() {
            return self.offer(place, vec![Text::NotOnSale {}], Pace::Calm);
        }
        self.show_quote(quote, place, Vec::new(), Pace::Calm);
    }

    fn show_quote(&mut self, quote: Quote, place: Place, mut notes: Vec<Text>, pace: Pace) {
        let twin = match pace {
            Pace::Quick => self.twin_note(&quote),
            Pace::Calm => None,
        };
        let at_once = pace == Pace::Quick
            && twin.is_none()
            && notes.is_empty()
            && self.may_order_at_once(&quote);
        notes.extend(twin);
        let screen = self.quote_screen(&quote, notes);
        let down = self.is_down(&quote);
        self.session.stage = Stage::Quoted { quote: Box::new(quote.clone()) };
        if down {
            return self.unavailable(&quote, place);
        }
        if at_once {
            return self.effects.push(Effect::PlaceOrder { quote, place });
        }
        self.show(screen, place, None);
    }

    /// Quick mode: the customer said that sums up to this aren't worth a question.
    fn may_order_at_once(&self, quote: &Quote) -> bool {
        let limit = Kopecks::from_rubles(i64::from(self.session.quick_rubles));
        quote.price <= limit
            && self.stopped().is_none()
            && self.world.customer.free() >= quote.price
            && self.world.active.len() < self.world.active_orders_max
    }

    /// Whether the provider of this offer takes no orders right now.
    pub(crate) fn is_down(&self, quote: &Quote) -> bool {
        let model = self.world.catalog.model(&quote.choices.sku);
        model.is_some_and(|model| self.world.down.contains(&model.provider))
    }

    /// The offer stays open, so that nothing has to be written again.
    pub(crate) fn unavailable(&mut self, quote: &Quote, place: Place) {
        let what = if quote.kind(self.world.catalog).is_video() { "videos" } else { "pictures" };
        let rows = vec![
            vec![self.button(Text::ButtonRetry {}, Action::Form)],
            vec![self.button(Text::ButtonMenu {}, Action::Menu)],
        ];
        let html = Text::ProviderDown { what: what.to_owned() }.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    fn quote_screen(&self, quote: &Quote, notes: Vec<Text>) -> Screen {
        let lang = self.lang();
        let balance = self.world.customer.free();
        let price = quote.price;
        let missing = balance.missing_to(price);
        let left = balance.checked_sub(price).filter(|_| !missing.is_positive());
        let mut lines = vec![Text::QuoteHead { task: self.task(quote).plain(lang) }.html(lang)];
        if !quote.prompt.is_empty() {
            let prompt = shorten(&quote.prompt, PROMPT_SHOWN_CHARS);
            lines.push(Text::QuotePrompt { prompt }.html(lang));
        }
        lines.push(escape(&self.summary(&quote.choices)));
        if quote.prompt.is_empty() {
            lines.push(Text::QuoteNoWords {}.html(lang));
        }
        lines.push(match left {
            Some(left) => Text::QuotePrice { price, balance, left }.html(lang),
            None => Text::QuoteShort { price, balance, missing }.html(lang),
        });
        let mut rows = vec![vec![self.create_button(quote)]];
        if left.is_none() {
            rows.extend(self.ways_to_pay(quote, missing));
        }
        rows.push(vec![
            self.button(Text::ButtonChange {}, Action::Change(quote.id)),
            self.button(Text::ButtonTune {}, Action::Tune(quote.id)),
            self.button(Text::ButtonDrop {}, Action::Drop(quote.id)),
        ]);
        Screen::with(self.noted(notes, &lines.join("\n")), rows)
    }

    /// What will be made, in a few words.
    fn task(&self, quote: &Quote) -> Text {
        let kind = quote.kind(self.world.catalog);
        let borrows = quote.inputs.iter().any(|input| input.slot == Slot::FeatureVideo);
        let photos = quote.inputs.iter().filter(|input| !input.slot.is_video()).count();
        let what = match kind {
            Kind::Edit if self.session.form.wish == Some(Wish::Picture) => "draw",
            Kind::VideoVideo if borrows => "style",
            kind => kind.as_str(),
        };
        Text::Task {
            what: what.to_owned(),
            photos: count(photos),
            seconds: quote.length_ms.map_or(0, seconds),
        }
    }

    pub(crate) fn create_button(&self, quote: &Quote) -> Button {
        self.button(Text::ButtonCreate { price: quote.price }, Action::Create(quote.id))
    }

    /// What helps when the wallet holds less than the price: exactly what is missing, and something cheaper.
    fn ways_to_pay(&self, quote: &Quote, missing: Kopecks) -> Vec<Vec<Button>> {
        let rails = self.world.till.rails.iter();
        let exact = rails.filter_map(|rules| self.exact_row(quote.id, missing, rules.rail));
        let pay = vec![self.button(Text::LabelPay {}, Action::Pay)];
        exact.chain(self.cheaper_row(quote)).chain([pay]).collect()
    }

    pub(crate) fn cheaper_row(&self, quote: &Quote) -> Option<Vec<Button>> {
        let (choices, price) = self.cheaper(quote)?;
        let label = Text::ButtonCheaper { what: self.difference(quote, &choices), price };
        Some(vec![self.button(label, Action::Cheaper(quote.id))])
    }

    /// The best that the wallet affords by changing one thing: the size, the length, the sound or the count.
    pub(crate) fn cheaper(&self, quote: &Quote) -> Option<(Choices, Kopecks)> {
        let model = self.world.catalog.model(&quote.choices.sku).filter(|model| model.enabled)?;
        let now = &quote.choices;
        let sizes = model.sizes().into_iter();
        let mut ways: Vec<Choices> =
            sizes.map(|size| Choices { size: size.to_owned(), ..now.clone() }).collect();
        ways.extend(
            model.seconds.iter().map(|seconds| Choices { seconds: *seconds, ..now.clone() }),
        );
        let sounds = model.sounds(&now.size).into_iter();
        ways.extend(sounds.map(|sound| Choices { sound: sound.to_owned(), ..now.clone() }));
        ways.extend((1..now.count).map(|count| Choices { count, ..now.clone() }));
        let free = self.world.customer.free();
        ways.into_iter()
            .map(|choices| model.fit(&choices))
            .filter_map(|choices| {
                let price = self.price_of(&choices, quote.length_ms)?;
                (price < quote.price && price <= free).then_some((choices, price))
            })
            .max_by_key(|(_, price)| *price)
    }

    fn difference(&self, quote: &Quote, other: &Choices) -> String {
        let differs = |choice: &Choice| {
            self.value_of(*choice, &quote.choices) != self.value_of(*choice, other)
        };
        let values = Choice::ALL.into_iter().filter(differs);
        let values = values.filter_map(|choice| self.value_of(choice, other));
        values.collect::<Vec<_>>().join(" · ")
    }

    fn show_too_long(&mut self, chars: usize, chars_max: usize, place: Place) {
        let (length, limit) = (count(chars), count(chars_max));
        let rows = vec![
            vec![self.button(Text::ButtonShorten { limit }, Action::Shorten)],
            vec![self.button(Text::ButtonMenu {}, Action::Menu)],
        ];
        let html = Text::PromptTooLong { length, limit }.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    /// Says so when the very same was ordered a moment ago: by the same words, or by the same button.
    fn twin_note(&self, quote: &Quote) -> Option<Text> {
        let last = self.session.last_order.as_ref()?;
        let ago = self.world.now.since(last.at);
        let same = match &self.session.form.button {
            Some(button) => last.button.as_ref() == Some(button),
            None => {
                last.prompt == quote.prompt
                    && last.choices == quote.choices
                    && last.inputs == quote.inputs
            }
        };
        let seconds = i64::try_from(ago.as_secs()).unwrap_or(i64::MAX);
        (same && ago <= TWIN_WITHIN).then_some(Text::NoteTwice { seconds })
    }

    /// Why an old offer is made anew.
    pub(crate) fn requote_note(&self, old: &Quote) -> Text {
        let price = self.price_of(&old.choices, old.length_ms);
        if price == Some(old.price) { Text::NoteStale {} } else { Text::NotePriceChanged {} }
    }
}
