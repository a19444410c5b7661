//! The offer: from words to a price on the screen.

use std::time::Duration;

use rei_domain::ids::MessageId;
use rei_domain::quote::{Quote, QuoteError};
use rei_texts::{Text, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Button, Place, Screen};
use crate::event::Origin;
use crate::session::Stage;
use crate::words::{Command, is_meaningful};

/// How much of a prompt an offer repeats.
pub(crate) const PROMPT_SHOWN_CHARS: usize = 300;
/// The same order within this time is asked about.
const TWIN_WITHIN: Duration = Duration::from_secs(60);

impl Turn<'_> {
    /// Words that may be a description.
    pub(crate) fn prompt(&mut self, text: String, origin: Origin) {
        if !is_meaningful(&text) {
            return self.say(Text::HintShort {});
        }
        let note = match origin.replies_to_picture {
            true => Some(Text::NoteNewPicture {}),
            false => self.twin_note(&text),
        };
        self.offer(&text, Some(origin.message), Place::New, note);
    }

    /// The customer changed the words of a message.
    pub(crate) fn edited(&mut self, message: MessageId, text: String) {
        let text = match Command::read(&text, self.world.bot_username) {
            Some(Command::Image { prompt }) => prompt,
            _ => text,
        };
        let quoted = match &self.session.stage {
            Stage::Quoted { quote, message: Some(known) } if *known == message => {
                Some(&quote.prompt)
            }
            Stage::TooLong { prompt, message: Some(known) } if *known == message => Some(prompt),
            _ => None,
        };
        let last = self.session.last_order.as_ref();
        let ordered = last.filter(|last| last.message == Some(message)).map(|last| &last.prompt);
        // Telegram also reports an edit when only the preview of a link came.
        if quoted == Some(&text) || (quoted.is_none() && ordered == Some(&text)) {
            return;
        }
        match (quoted.is_some() || self.session.stage == Stage::Draft, is_meaningful(&text)) {
            _ if quoted.is_none() && ordered.is_some() => self.say(Text::EditTooLate {}),
            (true, true) => self.offer(&text, Some(message), Place::New, None),
            (true, false) => self.say(Text::HintShort {}),
            (false, _) => self.say(Text::EditUnused {}),
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
        let id = self.world.quote_id();
        match Quote::make(self.world.catalog, &choices, prompt, id, self.world.now) {
            Ok(quote) => self.show_quote(quote, message, place, note),
            Err(QuoteError::PromptTooLong { chars, chars_max }) => {
                self.session.stage = Stage::TooLong { prompt: prompt.to_owned(), message };
                self.show_too_long(chars, chars_max, place);
            }
            Err(QuoteError::NotOnSale | QuoteError::NoSuchChoice) => {
                self.say(Text::NothingOnSale {});
            }
        }
    }

    /// The open offer once more: the same while it counts, else a new one.
    pub(crate) fn reopen_quote(&mut self, quote: Quote, message: Option<MessageId>, place: Place) {
        if quote.expired(self.world.now) {
            let note = self.requote_note(&quote);
            return self.offer(&quote.prompt, message, place, Some(note));
        }
        if self.price_of(&quote.choices).is_none() {
            return self.offer(&quote.prompt, message, place, Some(Text::NotOnSale {}));
        }
        self.show_quote(quote, message, place, None);
    }

    fn show_quote(
        &mut self,
        quote: Quote,
        message: Option<MessageId>,
        place: Place,
        note: Option<Text>,
    ) {
        let screen = self.quote_screen(&quote, note);
        self.session.stage = Stage::Quoted { quote: Box::new(quote), message };
        if self.world.provider_down {
            return self.unavailable(place);
        }
        self.show(screen, place, None);
    }

    /// The offer stays open, so that nothing has to be written again.
    pub(crate) fn unavailable(&mut self, place: Place) {
        let rows = vec![
            vec![self.button(Text::ButtonRetry {}, Action::Form)],
            vec![self.button(Text::ButtonMenu {}, Action::Menu)],
        ];
        self.show(Screen::with(Text::ProviderDown {}.html(self.lang()), rows), place, None);
    }

    fn quote_screen(&self, quote: &Quote, note: Option<Text>) -> Screen {
        let balance = self.world.customer.free();
        let prompt = shorten(&quote.prompt, PROMPT_SHOWN_CHARS);
        let title = self.title_of(&quote.choices);
        let (ratio, size) = (quote.choices.ratio.clone(), quote.choices.size.clone());
        let price = quote.price;
        let missing = balance.missing_to(price);
        let left = balance.checked_sub(price).filter(|_| !missing.is_positive());
        let text = match left {
            Some(left) => Text::Quote { prompt, title, ratio, size, price, balance, left },
            None => Text::QuoteShort { prompt, title, ratio, size, price, balance, missing },
        };
        let mut rows = vec![vec![self.create_button(quote)]];
        if left.is_none() {
            rows.extend(self.ways_to_pay(quote));
        }
        rows.push(vec![
            self.button(Text::ButtonChange {}, Action::Change(quote.id)),
            self.button(Text::ButtonTune {}, Action::Tune(quote.id)),
            self.button(Text::ButtonDrop {}, Action::Drop(quote.id)),
        ]);
        Screen::with(self.noted(note, &text), rows)
    }

    pub(crate) fn create_button(&self, quote: &Quote) -> Button {
        self.button(Text::ButtonCreate { price: quote.price }, Action::Create(quote.id))
    }

    /// What helps when the wallet holds less than the price.
    pub(crate) fn ways_to_pay(&self, quote: &Quote) -> Vec<Vec<Button>> {
        let model = self.world.catalog.model(&quote.choices.sku);
        let cheaper =
            model.and_then(|model| model.cheaper(quote.price, self.world.customer.free()));
        let cheaper = cheaper.map(|row| {
            let label = Text::ButtonCheaper { size: row.size.clone(), price: row.sale };
            vec![self.button(label, Action::Cheaper(quote.id))]
        });
        let pay = vec![self.button(Text::LabelPay {}, Action::Pay)];
        cheaper.into_iter().chain([pay]).collect()
    }

    fn show_too_long(&mut self, chars: usize, chars_max: usize, place: Place) {
        let length = i64::try_from(chars).unwrap_or(i64::MAX);
        let limit = i64::try_from(chars_max).unwrap_or(i64::MAX);
        let rows = vec![
            vec![self.button(Text::ButtonShorten { limit }, Action::Shorten)],
            vec![self.button(Text::ButtonMenu {}, Action::Menu)],
        ];
        let html = Text::PromptTooLong { length, limit }.html(self.lang());
        self.show(Screen::with(html, rows), place, None);
    }

    /// Says so when the very same was ordered a moment ago.
    fn twin_note(&self, prompt: &str) -> Option<Text> {
        let last = self.session.last_order.as_ref()?;
        let ago = self.world.now.since(last.at);
        let same = last.prompt == prompt
            && self.choices().as_ref() == Some(&last.choices)
            && ago <= TWIN_WITHIN;
        same.then(|| Text::NoteTwice { seconds: i64::try_from(ago.as_secs()).unwrap_or(i64::MAX) })
    }

    /// Why an old offer is made anew.
    pub(crate) fn requote_note(&self, old: &Quote) -> Text {
        let price = self.choices().and_then(|choices| self.price_of(&choices));
        if price == Some(old.price) { Text::NoteStale {} } else { Text::NotePriceChanged {} }
    }
}
