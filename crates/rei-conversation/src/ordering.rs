//! Words that ask for something: descriptions, `/image`, `/edit`, `/video`, and replies to pictures and clips.

use rei_domain::catalog::Measured;
use rei_domain::ids::{MessageId, OrderId, UploadId};
use rei_texts::Text;

use crate::Turn;
use crate::effect::{Effect, Place};
use crate::event::Origin;
use crate::form::{Attached, Form, Wish};
use crate::quote::Pace;
use crate::session::Stage;
use crate::words::is_meaningful;

impl Turn<'_> {
    /// Words that may be a description: of what is open, of the picture replied to, or of a new picture.
    pub(crate) fn prompt(&mut self, text: String, origin: &Origin) {
        if !is_meaningful(&text) {
            return self.say(Text::HintShort {});
        }
        if self.take_replied(origin, None, Some(&text)) {
            return;
        }
        self.leave_old_offer();
        let form = &mut self.session.form;
        form.prompt = Some(text);
        form.message = Some(origin.message);
        // Other words are another order: money paid for the held one must not start it.
        form.held = None;
        self.proceed(Place::New, Vec::new(), Pace::Quick);
    }

    /// An offer that ran out long ago is not what new words or files are about.
    pub(crate) fn leave_old_offer(&mut self) {
        if let Stage::Quoted { quote } = &self.session.stage
            && quote.expired(self.world.now)
        {
            self.session.leave_form();
        }
    }

    /// `/image`, `/edit`, `/video` with or without words. The last two take up files that are waiting.
    pub(crate) fn wish(&mut self, wish: Wish, words: String, origin: &Origin) {
        if !words.is_empty() && !is_meaningful(&words) {
            return self.say(Text::HintShort {});
        }
        let words = Some(words).filter(|words| !words.is_empty());
        if self.take_replied(origin, Some(wish), words.as_ref()) {
            return;
        }
        let form = &self.session.form;
        let waiting = self.session.stage == Stage::Draft || form.prompt.is_none();
        let takes_up = wish != Wish::Picture && waiting && !form.files.is_empty();
        if !takes_up {
            self.session.leave_form();
        }
        let form = &mut self.session.form;
        form.wish = Some(wish);
        if words.is_some() {
            form.prompt = words;
            form.message = Some(origin.message);
        }
        self.proceed(Place::New, Vec::new(), Pace::Quick);
    }

    /// A reply begins a form with what the message replied to shows: a result from its original bytes, or a file
    /// of the customer's own.
    fn take_replied(
        &mut self,
        origin: &Origin,
        wish: Option<Wish>,
        words: Option<&String>,
    ) -> bool {
        let Some(reply) = &origin.reply else { return false };
        let begun = Form {
            wish,
            prompt: words.cloned(),
            message: words.map(|_| origin.message),
            ..Form::default()
        };
        if let Some((order, item)) = self.world.replied {
            self.use_result(order, item, begun);
            return true;
        }
        let shown = reply.message;
        let (file, is_video) = match (&reply.picture, &reply.video) {
            (Some(file), _) => (file.clone(), false),
            (None, Some(file)) => (file.clone(), true),
            (None, None) => return false,
        };
        let waiting = |file: &Attached| Some(file.message) == shown;
        let form = &mut self.session.form;
        if self.session.stage == Stage::Draft && form.files.iter().any(waiting) {
            form.wish = wish.or(form.wish);
            if begun.prompt.is_some() {
                (form.prompt, form.message) = (begun.prompt, begun.message);
            }
            self.proceed(Place::New, Vec::new(), Pace::Quick);
            return true;
        }
        self.session.leave_form();
        self.session.form = begun;
        self.session.stage = Stage::Draft;
        self.fetch(file, None, is_video, shown.unwrap_or(origin.message));
        true
    }

    /// Begins a form with a result; what was open is left.
    pub(crate) fn use_result(&mut self, order: OrderId, item: u32, form: Form) {
        self.session.leave_form();
        self.session.form = form;
        self.session.stage = Stage::Draft;
        self.effects.push(Effect::UseResult { order, item });
    }

    /// The result is a file of the form now.
    pub(crate) fn result_ready(&mut self, upload: UploadId, measured: Measured) {
        let is_video = measured.is_video();
        self.session.form.attach(Attached {
            upload,
            measured: Some(measured),
            album: None,
            message: MessageId(0),
            is_video,
            sent_at: self.world.now,
        });
        self.proceed(Place::New, Vec::new(), Pace::Quick);
    }

    pub(crate) fn result_gone(&mut self) {
        self.session.leave_form();
        self.say(Text::ResultGone {});
    }
}
