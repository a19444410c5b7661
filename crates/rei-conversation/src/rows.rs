//! Which row of the catalogue a form is made with: the customer's choice, what was remembered, and what takes
//! the files.

use rei_domain::catalog::{Choices, InputProblem, Kind, Measured, Model, Slot};
use rei_domain::ids::UploadId;
use rei_domain::quote::QuoteInput;

use crate::Turn;

/// A row that takes the files of the form.
pub(crate) struct Fitted {
    /// What it is made with.
    pub(crate) choices: Choices,
    /// Which file goes where.
    pub(crate) inputs: Vec<QuoteInput>,
    /// How long the clip among them is.
    pub(crate) length_ms: Option<u64>,
    /// How many photos and how many clips are used.
    pub(crate) used: (usize, usize),
}

/// Why the row that was picked doesn't take the files.
pub(crate) enum Misfit {
    /// Nothing of this kind is on sale.
    NothingOnSale,
    /// A file breaks a limit.
    File {
        /// The file.
        upload: UploadId,
        /// The limit.
        problem: InputProblem,
        /// Another row that takes it, when the customer insists on one that doesn't.
        other: Option<Box<Choices>>,
    },
}

impl Turn<'_> {
    /// What the open form will be: two frames are one where only one is sold.
    pub(crate) fn kind(&self) -> Kind {
        match self.session.form.kind() {
            Kind::FramesVideo if !self.world.sells(Kind::FramesVideo) => Kind::ImageVideo,
            kind => kind,
        }
    }

    /// What the open form would be made with, leaving its files aside.
    pub(crate) fn form_choices(&self) -> Option<Choices> {
        let kind = self.kind();
        let form = &self.session.form;
        let of_kind = |sku: &str| {
            self.world.catalog.model(sku).filter(|model| model.enabled && model.kind == kind)
        };
        let own = form.choices.as_ref().and_then(|choices| Some((of_kind(&choices.sku)?, choices)));
        let picked = form.sku.as_deref().and_then(of_kind);
        match (picked, own) {
            (Some(model), Some((_, choices))) => Some(model.fit(choices)),
            (Some(model), None) => {
                let remembered = self.session.remembered.get(&kind);
                Some(remembered.map_or_else(|| model.default_choices(), |old| model.fit(old)))
            }
            (None, Some((model, choices))) => Some(model.fit(choices)),
            (None, None) => self.choices_for(kind),
        }
    }

    /// What something of a kind is made with when nothing else is said: as last time, else with the model that
    /// was chosen for pictures or for videos, else with the catalogue's first.
    pub(crate) fn choices_for(&self, kind: Kind) -> Option<Choices> {
        let remembered = self.session.remembered.get(&kind);
        if let Some((model, choices)) = remembered
            .and_then(|choices| Some((self.world.catalog.model(&choices.sku)?, choices)))
            .filter(|(model, _)| model.enabled && model.kind == kind)
        {
            return Some(model.fit(choices));
        }
        let chosen = self.session.remembered.get(&settings_kind(kind));
        let alike = chosen.and_then(|choices| self.alike(&choices.sku, kind));
        alike.or_else(|| self.world.catalog.default_model(kind)).map(Model::default_choices)
    }

    /// The row of another kind that customers know by the same name.
    pub(crate) fn alike(&self, sku: &str, kind: Kind) -> Option<&Model> {
        let title = &self.world.catalog.model(sku)?.title_en;
        self.world.catalog.of_kind(kind).find(|model| model.title_en == *title)
    }

    /// Finds a row for the files: the one that is chosen, else one that takes them; a row that the customer
    /// picked for this form is never replaced behind his back.
    pub(crate) fn fit_files(&self) -> Result<Fitted, Misfit> {
        let Some(wanted) = self.form_choices() else { return Err(Misfit::NothingOnSale) };
        let Some(model) = self.world.catalog.model(&wanted.sku) else {
            return Err(Misfit::NothingOnSale);
        };
        let (at, problem) = match self.try_row(model) {
            Ok(assigned) => return Ok(self.fitted(wanted, &assigned)),
            Err(refused) => refused,
        };
        let insists = self.session.form.sku.as_ref() == Some(&wanted.sku);
        let others =
            self.world.catalog.of_kind(model.kind).filter(|other| same_slots(other, model));
        let found = others
            .filter(|other| other.sku != model.sku)
            .find_map(|other| Some((other.fit(&wanted), self.try_row(other).ok()?)));
        match (found, at) {
            (Some((choices, assigned)), _) if !insists => Ok(self.fitted(choices, &assigned)),
            (found, Some(at)) => Err(Misfit::File {
                upload: self.session.form.files[at].upload,
                problem,
                other: found.map(|(choices, _)| Box::new(choices)),
            }),
            (_, None) => Err(Misfit::NothingOnSale),
        }
    }

    /// Which file goes where in this row, or the first that it doesn't take.
    #[allow(
        clippy::type_complexity,
        reason = "a row's answer has two sides and no name of its own"
    )]
    fn try_row(&self, model: &Model) -> Result<Vec<(Slot, usize)>, (Option<usize>, InputProblem)> {
        let files = &self.session.form.files;
        let are_videos: Vec<bool> = files.iter().map(|file| file.is_video).collect();
        let nowhere = InputProblem::WrongType { allowed: Vec::new() };
        let Some(assigned) = model.assign(&are_videos) else { return Err((None, nowhere)) };
        for (slot, at) in &assigned {
            let rules = model.input(*slot);
            if let (Some(rules), Some(measured)) = (rules, files[*at].measured.as_ref()) {
                rules.check(measured).map_err(|problem| (Some(*at), problem))?;
            }
        }
        Ok(assigned)
    }

    fn fitted(&self, choices: Choices, assigned: &[(Slot, usize)]) -> Fitted {
        let files = &self.session.form.files;
        let clips = assigned.iter().filter(|(slot, _)| slot.is_video()).count();
        let inputs = assigned
            .iter()
            .map(|(slot, at)| QuoteInput { slot: *slot, upload: files[*at].upload })
            .collect();
        let lengths = assigned.iter().filter_map(|(_, at)| files[*at].measured.as_ref());
        let length_ms = lengths.filter_map(clip_length).next();
        Fitted { choices, inputs, length_ms, used: (assigned.len() - clips, clips) }
    }

    /// How long the clip of the form is.
    pub(crate) fn form_length(&self) -> Option<u64> {
        let mut measured = self.session.form.files.iter().filter_map(|file| file.measured.as_ref());
        measured.find_map(clip_length)
    }
}

/// The kind whose remembered model counts for its relatives too.
pub(crate) const fn settings_kind(kind: Kind) -> Kind {
    if kind.is_video() { Kind::TextVideo } else { Kind::Image }
}

fn clip_length(measured: &Measured) -> Option<u64> {
    measured.length_ms
}

fn same_slots(one: &Model, other: &Model) -> bool {
    one.inputs.iter().map(|input| input.slot).eq(other.inputs.iter().map(|input| input.slot))
}
