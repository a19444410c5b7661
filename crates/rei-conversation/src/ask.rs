//! The form on its way to an offer: what is still missing is asked for, and nothing else.

use rei_domain::catalog::{Kind, Slot};
use rei_texts::{Text, escape, shorten};

use crate::Turn;
use crate::callback::Action;
use crate::choice::{Purpose, Scope};
use crate::effect::{Button, Place, Screen};
use crate::form::{Form, Next, Wish};
use crate::quote::{PROMPT_SHOWN_CHARS, Pace};
use crate::session::Stage;

impl Turn<'_> {
    /// Takes the form one step further: asks for what is missing, or shows the offer. Silent while files are
    /// on their way, because their arrival leads here again.
    pub(crate) fn proceed(&mut self, place: Place, mut notes: Vec<Text>, pace: Pace) {
        if self.session.stage == Stage::Idle {
            self.session.stage = Stage::Draft;
        }
        let now = self.world.now;
        self.session.form.give_up_lost(now);
        if !self.session.form.ready(now) {
            // Whoever pressed a button is told; words and files are answered when all is there.
            if pace == Pace::Calm {
                self.say(Text::FileComing {});
            }
            return;
        }
        if let Some(album) = &mut self.session.form.album {
            album.told = true;
        }
        notes.extend(self.take_notes());
        match self.session.form.next() {
            Next::Offer => self.offer(place, notes, pace),
            Next::Purpose => self.ask_purpose(place, notes),
            Next::Photo if self.session.form.prompt.is_some() => {
                self.ask(place, notes, "photo_only");
            }
            Next::Photo => self.ask(place, notes, "photo"),
            Next::MotionPhoto => self.ask(place, notes, "motion_photo"),
            Next::MotionClip => self.ask(place, notes, "motion_clip"),
            Next::Words => {
                let what = self.words_wanted();
                self.ask(place, notes, what);
            }
        }
    }

    /// An empty form; what was open is left.
    pub(crate) fn open_form(&mut self, wish: Wish, place: Place, note: Option<Text>) {
        self.session.leave_form();
        self.session.form = Form::wishing(Some(wish));
        self.proceed(place, note.into_iter().collect(), Pace::Calm);
    }

    /// Whatever form is open, as it stands: the way back from the pickers.
    pub(crate) fn return_to_form(&mut self, place: Place) {
        match self.session.stage.clone() {
            Stage::Quoted { quote } => self.reopen_quote(*quote, place),
            Stage::TooLong {} => self.offer(place, Vec::new(), Pace::Calm),
            Stage::Draft => self.proceed(place, Vec::new(), Pace::Calm),
            Stage::Idle => self.open_form(Wish::Picture, place, None),
        }
    }

    /// Asks for other words; files and choices stay.
    pub(crate) fn ask_again(&mut self) {
        self.session.form.prompt = None;
        self.session.form.message = None;
        self.session.form.held = None;
        self.session.stage = Stage::Draft;
        let Some(choices) = self.form_choices() else { return self.nothing_on_sale() };
        let photos = count(self.session.form.photos());
        let clips = count(self.session.form.clips());
        let text = Text::DraftReask { options: self.summary(&choices), photos, clips };
        let rows = vec![vec![self.button(Text::ButtonDrop {}, Action::Close)]];
        self.show(Screen::with(text.html(self.lang()), rows), Place::New, None);
    }

    fn words_wanted(&self) -> &'static str {
        let form = &self.session.form;
        match self.kind() {
            Kind::Image => "image",
            Kind::Edit if form.wish == Some(Wish::Picture) => "draw",
            Kind::Edit => "edit",
            Kind::VideoVideo if self.borrows_style() => "style",
            Kind::VideoVideo => "clip",
            _ => "video",
        }
    }

    fn borrows_style(&self) -> bool {
        let model = self.form_choices().and_then(|choices| self.world.catalog.model(&choices.sku));
        model.is_some_and(|model| model.input(Slot::FeatureVideo).is_some())
    }

    /// Says what is missing, with what is chosen and known so far.
    fn ask(&mut self, place: Place, notes: Vec<Text>, what: &str) {
        self.session.stage = Stage::Draft;
        let Some(choices) = self.form_choices() else { return self.nothing_on_sale() };
        let lang = self.lang();
        let form = &self.session.form;
        let text = Text::Draft {
            what: what.to_owned(),
            photos: count(form.photos()),
            seconds: self.form_length().map_or(0, seconds),
        };
        let mut lines = vec![text.html(lang)];
        if let Some(prompt) = &form.prompt {
            let prompt = shorten(prompt, PROMPT_SHOWN_CHARS);
            lines.push(Text::QuotePrompt { prompt }.html(lang));
        }
        lines.push(escape(&self.summary(&choices)));
        let mut rows = self.choice_rows(Scope::Form, &choices);
        if form.prompt.is_some() && form.files.is_empty() {
            rows.push(vec![self.button(Text::ButtonPlain {}, Action::Plain)]);
        }
        rows.push(match form.files.is_empty() {
            true if what == "image" => vec![
                self.button(Text::LabelIdeas {}, Action::Idea(0)),
                self.button(Text::ButtonMenu {}, Action::Menu),
            ],
            true => vec![self.button(Text::ButtonMenu {}, Action::Menu)],
            false => vec![self.button(Text::ButtonDrop {}, Action::Close)],
        });
        let html = self.noted(notes, &lines.join("\n"));
        self.show(Screen::with(html, rows), place, None);
    }

    /// Files came without words: what may be done with them.
    fn ask_purpose(&mut self, place: Place, notes: Vec<Text>) {
        self.session.stage = Stage::Draft;
        let form = &self.session.form;
        let (photos, clips) = (count(form.photos()), form.clips() > 0);
        let text = match clips {
            true => Text::ReceivedClip { seconds: self.form_length().map_or(0, seconds) },
            false => Text::ReceivedPhotos { count: photos },
        };
        let purposes: &[Purpose] = match clips {
            true => &[Purpose::Clip, Purpose::Motion, Purpose::Style],
            false => &[Purpose::Edit, Purpose::Animate, Purpose::Draw],
        };
        let mut rows: Vec<Vec<Button>> = purposes
            .iter()
            .filter(|purpose| self.can(**purpose))
            .map(|purpose| vec![self.purpose_button(*purpose, photos)])
            .collect();
        rows.push(vec![self.button(Text::ButtonDrop {}, Action::Close)]);
        let html = self.noted(notes, &text.html(self.lang()));
        self.show(Screen::with(html, rows), place, None);
    }

    fn purpose_button(&self, purpose: Purpose, photos: i64) -> Button {
        let what = match purpose {
            Purpose::Animate if photos > 1 && self.world.sells(Kind::FramesVideo) => "frames",
            _ => purpose.as_str(),
        };
        self.button(Text::ButtonPurpose { what: what.to_owned() }, Action::Wish(purpose))
    }

    fn can(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Edit | Purpose::Draw => self.world.sells(Kind::Edit),
            Purpose::Animate => self.world.sells(Kind::ImageVideo),
            Purpose::Clip => self.clip_row(Slot::BaseVideo).is_some(),
            Purpose::Style => self.clip_row(Slot::FeatureVideo).is_some(),
            Purpose::Motion => self.world.sells(Kind::Motion),
        }
    }

    fn clip_row(&self, slot: Slot) -> Option<String> {
        let mut rows = self.world.catalog.of_kind(Kind::VideoVideo);
        rows.find(|model| model.input(slot).is_some()).map(|model| model.sku.clone())
    }

    /// The customer says what the files are for.
    pub(crate) fn purpose(&mut self, purpose: Purpose, place: Place) {
        if self.session.form.files.is_empty() {
            return self.open_form(Wish::Edit, Place::New, Some(Text::NoteStale {}));
        }
        let form = &mut self.session.form;
        form.wish = Some(match purpose {
            Purpose::Edit => Wish::Edit,
            Purpose::Draw => Wish::Picture,
            Purpose::Animate | Purpose::Clip | Purpose::Style => Wish::Video,
            Purpose::Motion => Wish::Motion,
        });
        let slot = match purpose {
            Purpose::Clip => Some(Slot::BaseVideo),
            Purpose::Style => Some(Slot::FeatureVideo),
            _ => None,
        };
        if let Some(slot) = slot {
            // The two uses of a clip differ only by the row.
            let right = |turn: &Self| {
                let choices = turn.form_choices();
                let model = choices.and_then(|choices| turn.world.catalog.model(&choices.sku));
                model.is_some_and(|model| model.input(slot).is_some())
            };
            if !right(self) {
                self.session.form.choices = self
                    .clip_row(slot)
                    .and_then(|sku| self.world.catalog.model(&sku))
                    .map(|model| model.default_choices());
                self.session.form.sku = None;
            }
        }
        self.proceed(place, Vec::new(), Pace::Quick);
    }

    /// The words of the open form without its files.
    pub(crate) fn without_files(&mut self, place: Place) {
        let form = std::mem::take(&mut self.session.form);
        let wish = if form.kind().is_video() { Wish::Video } else { Wish::Picture };
        let (prompt, message) = (form.prompt, form.message);
        self.session.form = Form { wish: Some(wish), prompt, message, ..Form::default() };
        self.proceed(place, Vec::new(), Pace::Calm);
    }

    /// Leaves the form.
    pub(crate) fn close(&mut self, place: Place) {
        self.session.leave_form();
        self.show(Screen::bare(Text::CancelledForm {}.html(self.lang())), place, None);
    }

    /// Nothing of what the form wants is on sale.
    pub(crate) fn nothing_on_sale(&mut self) {
        let what = match self.kind() {
            Kind::Image => "image",
            Kind::Edit => "edit",
            Kind::TextVideo | Kind::ImageVideo | Kind::FramesVideo => "video",
            Kind::VideoVideo | Kind::Motion => "clip",
        };
        self.say(Text::NothingOnSale { what: what.to_owned() });
    }
}

/// Whole seconds, begun ones counted, as the price counts them.
pub(crate) fn seconds(length_ms: u64) -> i64 {
    i64::try_from(length_ms.div_ceil(1000)).unwrap_or(i64::MAX)
}

/// A number for a text.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
