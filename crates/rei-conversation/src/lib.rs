//! What the bot says and does next: `(World, Session, Event) -> (Session, Effects)`.
//!
//! Pure. Knows screens, buttons and forms; has never heard of Telegram's transport, of SQL or of jobs.
//! A door feeds it events and carries out its effects.

mod admin;
mod ask;
mod callback;
mod choice;
mod confirm;
mod content;
mod effect;
mod event;
mod form;
mod history;
mod labels;
mod limits;
mod menu;
mod notes;
mod ordering;
mod orders;
mod pick;
mod quote;
mod results;
mod rows;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod words;
mod world;

pub use callback::{Action, CALLBACK_BYTES_MAX};
pub use choice::{Choice, HistoryFilter, Purpose, Scope};
pub use effect::{Button, Effect, Keyboard, Place, Screen, Slot};
pub use event::{AppAnswer, Content, Event, FileProblem, FileRef, Origin, Press, Reply, Typed};
pub use form::{Album, Attached, Form, Note, Wish};
pub use history::HISTORY_PAGE;
pub use menu::commands;
pub use session::{LastOrder, LeftOffer, Session, Stage};
pub use words::{Command, is_meaningful};
pub use world::{BriefInput, Customer, OrderBrief, World};

/// What follows from an event: the session to keep and the effects to carry out, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The session to store in the same transaction as the effects.
    pub session: Session,
    /// What to do, in order.
    pub effects: Vec<Effect>,
}

/// Decides what follows from `event`. Total: every event gets an answer, every button leads somewhere.
pub fn decide(world: &World<'_>, session: Session, event: Event) -> Decision {
    let mut turn = Turn { world, session: session.fresh(world.now), effects: Vec::new() };
    match event {
        Event::Typed(typed) => turn.typed(typed),
        Event::Pressed(press) => turn.pressed(press),
        Event::Edited { message, text } => turn.edited(message, text),
        Event::Sent { content, caption, origin } => turn.sent(content, caption, &origin),
        Event::InGroup => turn.in_group(),
        Event::Unblocked => turn.unblocked(),
        Event::Answered(answer) => turn.answered(answer),
        Event::FileTaken { upload, measured } => turn.file_taken(upload, measured),
        Event::FileRefused { upload, problem } => turn.file_refused(upload, problem),
        Event::Woken { what } => turn.woken(&what),
    }
    turn.session.saved_at = world.now;
    Decision { session: turn.session, effects: turn.effects }
}

/// One decision in the making. Each subject adds its own methods in its own file.
struct Turn<'w> {
    world: &'w World<'w>,
    session: Session,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    fn typed(&mut self, typed: Typed) {
        let origin = &typed.origin;
        if origin.group_command {
            return self.in_group();
        }
        // Forwarded words are content; only the customer's own words are commands.
        match Command::read(&typed.text, self.world.bot_username).filter(|_| !origin.forwarded) {
            Some(command) => self.command(command, origin),
            None => self.words(typed),
        }
    }

    fn words(&mut self, typed: Typed) {
        match self.session.join_split_prompt(&typed, self.world.now) {
            Some(whole) => self.prompt(whole, &typed.origin),
            None => self.prompt(typed.text, &typed.origin),
        }
    }

    fn pressed(&mut self, press: Press) {
        let Some(action) = Action::parse(&press.data) else {
            self.toast(&press, Some(rei_texts::Text::StaleButton {}));
            return self.menu();
        };
        let place = press.message.map_or(Place::New, Place::Edit);
        match action {
            Action::Menu | Action::Help | Action::Balance | Action::Support | Action::Pay => {
                self.toast(&press, None);
                self.menu_action(action, place);
            }
            Action::Settings | Action::Setup(_) | Action::Quick(_) | Action::Language(_) => {
                self.toast(&press, None);
                self.menu_action(action, place);
            }
            Action::Draft | Action::Form | Action::Close | Action::Plain | Action::Shorten => {
                self.toast(&press, None);
                self.form_action(action, place);
            }
            Action::Idea(_) | Action::Wish(_) | Action::Options(..) | Action::Choose(..) => {
                self.toast(&press, None);
                self.form_action(action, place);
            }
            Action::Create(id)
            | Action::Change(id)
            | Action::Tune(id)
            | Action::Drop(id)
            | Action::Cheaper(id) => self.quote_action(id, action, &press, place),
            Action::Jobs
            | Action::History(..)
            | Action::Cancel(_)
            | Action::Again(_)
            | Action::Rewrite(_)
            | Action::Original(_)
            | Action::Star(_)
            | Action::Redo(..)
            | Action::Upscale(..)
            | Action::Animate(..) => self.order_action(action, &press, place),
        }
    }

    /// Answers the press, which Telegram wants exactly once and at once.
    fn toast(&mut self, press: &Press, text: Option<rei_texts::Text>) {
        let text = text.map(|text| text.plain(self.world.customer.lang));
        self.effects.push(Effect::AnswerPress { query: press.query.clone(), text });
    }

    fn show(&mut self, screen: Screen, place: Place, slot: Option<Slot>) {
        self.effects.push(Effect::Show { screen, place, slot });
    }

    /// A screen with lines before it that say why it is shown.
    fn noted(&self, notes: Vec<rei_texts::Text>, html: &str) -> String {
        let notes = notes.into_iter().map(|note| note.html(self.world.customer.lang));
        notes.chain([html.to_owned()]).collect::<Vec<_>>().join("\n\n")
    }

    fn say(&mut self, text: rei_texts::Text) {
        let screen = Screen::bare(text.html(self.world.customer.lang));
        self.show(screen, Place::New, None);
    }
}
