//! Models and rows of their price tables by the names that admins type and buttons carry.

use rei_domain::catalog::{Catalog, Model};
use rei_texts::AdminText;

use crate::admin::talk::{Stop, Talk};

pub(super) fn model_named<'c>(catalog: &'c Catalog, sku: &str) -> Result<&'c Model, Stop> {
    let wanted = sku.to_lowercase();
    let model = catalog.model(&wanted);
    model.ok_or_else(|| Stop::no(AdminText::NoSuchModel { sku: sku.chars().take(40).collect() }))
}

/// The row of the price table that a key means: a size, or `size/sound`, in any letter case.
pub(super) fn choice_named(model: &Model, key: &str) -> Result<String, Stop> {
    let known: Vec<String> =
        model.prices.iter().map(|row| choice_of(&row.size, &row.sound)).collect();
    let found = known.iter().find(|choice| choice.eq_ignore_ascii_case(key)).cloned();
    found.ok_or_else(|| {
        Stop::no(AdminText::NoSuchChoice { sku: model.sku.clone(), known: known.join(", ") })
    })
}

/// Reads `<sku>.<number of the row>`.
pub(super) fn row_named(talk: &Talk<'_, '_>, row: &str) -> Option<(String, String)> {
    let (sku, index) = row.rsplit_once('.')?;
    let model = talk.house.catalog.file().model(sku)?;
    let row = model.prices.get(index.parse::<usize>().ok()?)?;
    Some((sku.to_owned(), choice_of(&row.size, &row.sound)))
}

pub(super) fn choice_of(size: &str, sound: &str) -> String {
    if sound.is_empty() { size.to_owned() } else { format!("{size}/{sound}") }
}
