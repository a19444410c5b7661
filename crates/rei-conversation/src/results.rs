//! The buttons under a result and in the history: once more, edit, enlarge, animate, original, favourite.

use rei_domain::catalog::Kind;
use rei_domain::ids::{MessageId, OrderId};
use rei_domain::money::Kopecks;
use rei_texts::Text;

use crate::Turn;
use crate::callback::Action;
use crate::effect::{Effect, Place};
use crate::event::Press;
use crate::form::{Attached, Form, Next, Wish};
use crate::quote::Pace;
use crate::session::Stage;
use crate::world::OrderBrief;

impl Turn<'_> {
    /// A button that names an order of the customer's.
    pub(crate) fn result_action(&mut self, action: Action, press: &Press, order: &OrderBrief) {
        match action {
            Action::Upscale(id, item) => return self.upscale(id, item, press, order),
            Action::Star(id) => {
                let on = !order.favourite;
                let told = if on { Text::ToastStarred {} } else { Text::ToastUnstarred {} };
                self.toast(press, Some(told));
                return self.effects.push(Effect::SetFavourite { order: id, on });
            }
            _ => self.toast(press, None),
        }
        match action {
            Action::Original(order) => self.effects.push(Effect::SendOriginal { order }),
            Action::Why(order) => self.effects.push(Effect::ShowWhy { order }),
            Action::Redo(id, item) => self.begin_with_result(id, item, Wish::Edit, press),
            Action::Animate(id, item) => self.begin_with_result(id, item, Wish::Video, press),
            Action::Rewrite(_) => {
                if self.form_of_order(order, None) {
                    self.ask_again();
                }
            }
            _ => self.offer_again(order, Some(press.data.clone())),
        }
    }

    /// The offer of an order once more: same words, choices and files.
    pub(crate) fn offer_again(&mut self, order: &OrderBrief, button: Option<String>) {
        if !self.form_of_order(order, button) {
            return;
        }
        let sold = self.world.catalog.model(&order.choices.sku).is_some_and(|model| model.enabled);
        let notes = if sold { Vec::new() } else { vec![Text::NotOnSale {}] };
        self.proceed(Place::New, notes, Pace::Quick);
    }

    /// Begins a form with an order's words, choices and files; `false` when files are missing, which was told.
    fn form_of_order(&mut self, order: &OrderBrief, button: Option<String>) -> bool {
        self.session.leave_form();
        let wish = wish_of(order.kind);
        let sent_at = self.world.now;
        let files = order.inputs.iter().map(|input| Attached {
            upload: input.upload,
            measured: Some(input.measured.clone()),
            album: None,
            message: MessageId(0),
            is_video: input.slot.is_video(),
            sent_at,
        });
        self.session.form = Form {
            wish: Some(wish),
            choices: Some(order.choices.clone()),
            prompt: Some(order.prompt.clone()).filter(|prompt| !prompt.is_empty()),
            files: files.collect(),
            button,
            ..Form::default()
        };
        self.session.stage = Stage::Draft;
        let form = &self.session.form;
        let lacks_files = matches!(form.next(), Next::Photo | Next::MotionPhoto | Next::MotionClip);
        let complete = form.kind() == order.kind && !lacks_files;
        if !complete {
            self.files_gone(order.kind);
        }
        complete
    }

    fn begin_with_result(&mut self, order: OrderId, item: u32, wish: Wish, press: &Press) {
        let button = Some(press.data.clone());
        self.use_result(order, item, Form { button, ..Form::wishing(Some(wish)) });
    }

    /// The same picture at the next larger size of the same model.
    fn upscale(&mut self, id: OrderId, item: u32, press: &Press, order: &OrderBrief) {
        let Some(model) = self.world.catalog.model(&order.choices.sku) else {
            return self.toast(press, Some(Text::ToastLargest {}));
        };
        let mut edits = self.world.catalog.of_kind(Kind::Edit);
        let row = edits.find(|row| row.provider == model.provider && row.model == model.model);
        let larger = row.filter(|_| !order.kind.is_video()).and_then(|row| {
            let sizes = row.sizes();
            let at = sizes.iter().position(|size| *size == order.choices.size)?;
            let mut choices = row.default_choices();
            choices.size = (*sizes.get(at + 1)?).to_owned();
            Some(row.fit(&choices))
        });
        let Some(choices) = larger else {
            return self.toast(press, Some(Text::ToastLargest {}));
        };
        self.toast(press, None);
        let form = Form {
            prompt: Some(Text::PromptUpscale {}.plain(self.lang())),
            choices: Some(choices),
            button: Some(press.data.clone()),
            ..Form::wishing(Some(Wish::Edit))
        };
        self.use_result(id, item, form);
    }

    /// The customer's files that the order needs are no longer kept: they are asked for again, the words stay.
    pub(crate) fn files_gone(&mut self, kind: Kind) {
        let form = &mut self.session.form;
        form.files.clear();
        form.wish = Some(wish_of(kind));
        self.session.stage = Stage::Draft;
        self.say(Text::FilesGone {});
    }

    /// What an order would cost today.
    pub(crate) fn price_today(&self, order: &OrderBrief) -> Option<Kopecks> {
        let length_ms = order.inputs.iter().find_map(|input| input.measured.length_ms);
        self.price_of(&order.choices, length_ms)
    }
}

/// The wish that leads to a kind, given its files.
const fn wish_of(kind: Kind) -> Wish {
    match kind {
        Kind::Image => Wish::Picture,
        Kind::Edit => Wish::Edit,
        Kind::Motion => Wish::Motion,
        Kind::TextVideo | Kind::ImageVideo | Kind::FramesVideo | Kind::VideoVideo => Wish::Video,
    }
}
