//! What the bot says and does next: `(World, Session, Event) -> (Session, Effects)`.
//!
//! Pure. Knows screens, buttons and forms; has never heard of Telegram's transport, of SQL or of jobs.
//! A door feeds it events and carries out its effects.

mod admin;
mod ask;
mod callback;
mod callback_money;
mod choice;
mod confirm;
mod content;
mod effect;
mod email;
mod event;
mod form;
mod held;
mod held_run;
mod held_screens;
mod history;
mod labels;
mod limits;
mod menu;
mod money_actions;
mod money_events;
mod notes;
mod ordering;
mod orders;
mod pay;
mod payments;
mod pick;
mod promo;
mod question;
mod quote;
mod results;
mod rows;
mod session;
mod settings;
mod statement;
mod stops;
mod terms;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod till;
mod words;
mod world;

pub use admin::COMMANDS as ADMIN_COMMANDS;
pub use callback::{Action, CALLBACK_BYTES_MAX};
pub use choice::{Choice, HistoryFilter, Purpose, Scope};
pub use effect::{Button, Effect, Keyboard, Leads, Place, Screen, Slot};
pub use event::{AppAnswer, Content, Event, FileProblem, FileRef, Origin, Press, Reply, Typed};
pub use form::{Album, Attached, Form, Note, Wish};
pub use held::Held;
pub use history::HISTORY_PAGE;
pub use menu::commands;
pub use question::{Question, TopUp};
pub use session::{LastOrder, LeftOffer, Session, Stage};
pub use statement::statement_buttons;
pub use till::{OrderRefusal, PaymentBrief, PaymentRefusal, PromoAnswer, Till};
pub use words::{Command, is_meaningful};
pub use world::{BriefInput, Customer, OrderBrief, World};

use rei_texts::{Message, Text};

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
    if let (Some(held), false) = (&mut turn.session.held, matches!(event, Event::Answered(_))) {
        held.placing = false;
    }
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
        Event::Woken { what } => {
            turn.woken(&what);
            turn.held_woken(&what);
        }
        Event::PaymentReady { payment } => turn.payment_ready(&payment),
        Event::PaymentFailed { payment, will_retry } => turn.payment_failed(&payment, will_retry),
        Event::PaymentPending { payment } => turn.payment_pending(&payment),
        Event::Paid { payment, bonus, held } => turn.paid(&payment, bonus, held),
        Event::Refunded { sum, rail, foreign, debt } => turn.refunded(sum, rail, foreign, debt),
        Event::RefundFailed { sum } => turn.refund_failed(sum),
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
        let command = Command::read(&typed.text, self.world.bot_username);
        match command.filter(|_| !origin.forwarded) {
            Some(command) if self.leave_question(&command) => {}
            Some(command) => self.command(command, origin),
            None => match self.session.question.take().filter(|_| !origin.forwarded) {
                Some(question) => self.answer_question(question, &typed.text),
                None => self.words(typed),
            },
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
            self.toast(&press, Some(Text::StaleButton {}));
            return self.menu();
        };
        self.leave_question_by(&action);
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
            Action::Admin { act, id, arg } => {
                self.admin_button(act, id, arg, press, place);
            }
            Action::Jobs
            | Action::History(..)
            | Action::Cancel(_)
            | Action::Again(_)
            | Action::Rewrite(_)
            | Action::Original(_)
            | Action::Star(_)
            | Action::Redo(..)
            | Action::Upscale(..)
            | Action::Animate(..)
            | Action::Why(_) => self.order_action(action, &press, place),
            money => self.money_action(money, &press, place),
        }
    }

    /// Answers the press, which Telegram wants exactly once and at once.
    fn toast(&mut self, press: &Press, text: Option<Text>) {
        let text = text.map(|text| text.plain(self.world.customer.lang));
        self.effects.push(Effect::AnswerPress { query: press.query.clone(), text });
    }

    /// Answers the press with a few words of any list.
    fn toast_words(&mut self, press: &Press, text: &impl Message) {
        let text = Some(text.plain(self.world.customer.lang));
        self.effects.push(Effect::AnswerPress { query: press.query.clone(), text });
    }

    fn show(&mut self, screen: Screen, place: Place, slot: Option<Slot>) {
        self.effects.push(Effect::Show { screen, place, slot });
    }

    /// A screen with lines before it that say why it is shown.
    fn noted(&self, notes: Vec<impl Message>, html: &str) -> String {
        let notes = notes.into_iter().map(|note| note.html(self.world.customer.lang));
        notes.chain([html.to_owned()]).collect::<Vec<_>>().join("\n\n")
    }

    fn say(&mut self, text: impl Message) {
        let screen = Screen::bare(text.html(self.world.customer.lang));
        self.show(screen, Place::New, None);
    }
}
