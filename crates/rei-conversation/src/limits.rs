//! Files that a row doesn't take: the limit is named before any money is held, and what helps is offered.

use rei_domain::catalog::{Choices, InputProblem};
use rei_domain::ids::UploadId;
use rei_texts::Text;

use crate::Turn;
use crate::ask::count;
use crate::callback::Action;
use crate::choice::{Choice, Scope};
use crate::effect::{Button, Place, Screen};
use crate::form::Wish;
use crate::rows::Fitted;
use crate::session::Stage;

impl Turn<'_> {
    /// A file breaks a limit: the limit is named, and the form waits for another file.
    pub(crate) fn unfit_file(
        &mut self,
        upload: UploadId,
        problem: &InputProblem,
        other: Option<Box<Choices>>,
        place: Place,
    ) {
        let lang = self.lang();
        self.session.stage = Stage::Draft;
        let reason = problem_name(problem).html(lang);
        let offered = other.and_then(|other| {
            let price = self.price_of(&other, self.form_length())?;
            let label = Text::ButtonOtherModel { title: self.title_of(&other), price };
            Some(self.button(label, Action::Choose(Scope::Form, Choice::Model, other.sku)))
        });
        let drop = self.button(Text::ButtonDrop {}, Action::Close);
        let rows: Vec<Vec<Button>> = match offered {
            Some(button) => vec![vec![button], vec![drop]],
            None => {
                let removed = self.session.form.remove(upload);
                let kept_wish = removed.map(|file| self.wish_without(file.is_video));
                self.session.form.wish = kept_wish.or(self.session.form.wish);
                vec![vec![drop]]
            }
        };
        let html = format!("{reason}\n{}", Text::FileUnfit {}.html(lang));
        self.show(Screen::with(html, rows), place, None);
    }

    /// Every model of the kind refuses a file; what the customer wanted must not turn into something else.
    fn wish_without(&self, is_video: bool) -> Wish {
        match self.session.form.wish {
            Some(wish) => wish,
            None if is_video => Wish::Video,
            None if self.session.form.clips() > 0 => Wish::Motion,
            None => Wish::Edit,
        }
    }

    /// Which files are used when there are more than the row takes.
    pub(crate) fn unused_note(&self, fitted: &Fitted) -> Option<Text> {
        let form = &self.session.form;
        let (photos, clips) = fitted.used;
        if photos == form.photos() && clips == form.clips() {
            return None;
        }
        Some(Text::NoteUnused {
            photos: count(photos),
            photos_sent: count(form.photos()),
            clips: count(clips),
            clips_sent: count(form.clips()),
        })
    }
}

/// A limit in words.
fn problem_name(problem: &InputProblem) -> Text {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match problem {
        InputProblem::WrongType { allowed } => {
            let types: Vec<String> = allowed.iter().map(|name| name.to_uppercase()).collect();
            Text::LimitType { types: types.join(", ") }
        }
        InputProblem::TooLarge { bytes_max } => {
            Text::LimitSize { megabytes: number(bytes_max / 1_000_000) }
        }
        InputProblem::SideTooShort { px_min } => Text::LimitSideMin { pixels: i64::from(*px_min) },
        InputProblem::SideTooLong { px_max } => Text::LimitSideMax { pixels: i64::from(*px_max) },
        InputProblem::TooManyPixels { px_max } => {
            Text::LimitPixels { megapixels: number(px_max / 1_000_000) }
        }
        InputProblem::TooNarrow => Text::LimitNarrow {},
        InputProblem::TooShort { ms_min } => {
            Text::LimitLengthMin { seconds: number(ms_min / 1000) }
        }
        InputProblem::TooLong { ms_max } => Text::LimitLengthMax { seconds: number(ms_max / 1000) },
    }
}
