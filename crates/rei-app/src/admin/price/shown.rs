//! What customers would pay for one row of a price table, and how rows move in proportion.

use rei_domain::catalog::{Catalog, Choices, Model, PriceRow};
use rei_domain::money::Kopecks;

use super::Line;
use super::named::choice_of;
use crate::catalog_in_use::size_and_sound;

/// The length for which prices of videos are shown.
const SHOWN_SECONDS: u32 = 5;

/// What customers would see of one row: the price of a picture, or of five seconds of video.
pub(super) struct Shown {
    pub(super) sale: Kopecks,
    pub(super) cost: Kopecks,
    pub(super) unit: String,
}

impl Shown {
    /// What is left of the price, in percent of it.
    pub(super) fn margin_percent(&self) -> i64 {
        let left = self.sale.get() - self.cost.get();
        (left * 100).checked_div(self.sale.get()).unwrap_or(0)
    }
}

pub(super) fn shown_price(catalog: &Catalog, line: &Line) -> Option<Shown> {
    let model = catalog.model(&line.sku)?;
    let (size, sound) = size_and_sound(&line.choice);
    let (choices, seconds) = choices_of(model, size, sound);
    let length_ms = model.length_follows_input().then_some(u64::from(seconds) * 1000);
    let priced = catalog.price(model, &choices, length_ms)?;
    let unit = if model.kind.is_video() { format!("{seconds} s") } else { "1".to_owned() };
    Some(Shown { sale: priced.sale, cost: catalog.in_kopecks(priced.cost), unit })
}

/// The choices by which a row is shown, and the seconds of it.
fn choices_of(model: &Model, size: &str, sound: &str) -> (Choices, u32) {
    let seconds = match model.seconds.contains(&SHOWN_SECONDS) || model.length_follows_input() {
        true => SHOWN_SECONDS,
        false => model.default_seconds.max(1),
    };
    let mut choices = model.default_choices();
    size.clone_into(&mut choices.size);
    sound.clone_into(&mut choices.sound);
    if !model.seconds.is_empty() {
        choices.seconds = seconds;
    }
    (choices, seconds)
}

pub(super) fn default_price(catalog: &Catalog, model: &Model) -> Option<Kopecks> {
    let line = Line {
        sku: model.sku.clone(),
        choice: choice_of(&model.default_size, &model.default_sound),
        price: None,
    };
    shown_price(catalog, &line).map(|it| it.sale)
}

/// All rows of a model in the proportion in which one price moves; none for less than a kopeck.
pub(super) fn moved(catalog: &Catalog, model: &Model, price: Kopecks, base: Kopecks) -> Vec<Line> {
    let moved = |row: &PriceRow| {
        let choice = choice_of(&row.size, &row.sound);
        let line = Line { sku: model.sku.clone(), choice, price: None };
        let now = shown_price(catalog, &line)?;
        let (_, seconds) = choices_of(model, &row.size, &row.sound);
        let (exact, units) = (
            i128::from(now.sale.get()) * i128::from(price.get()),
            if model.kind.is_video() { i128::from(seconds) } else { 1 },
        );
        let unit = ceil_div(exact, i128::from(base.get().max(1)) * units);
        let unit = Kopecks::new(i64::try_from(unit).ok()?.max(1));
        (unit <= Kopecks::OPERATION_MAX).then_some(Line { price: Some(unit), ..line })
    };
    model.prices.iter().filter_map(moved).collect()
}

fn ceil_div(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}
