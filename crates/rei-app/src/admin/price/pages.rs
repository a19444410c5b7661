//! Prices on screens: models, the rows of one, and the versions of a row with the way back to each.

use rei_domain::catalog::Model;
use rei_storage::admins;
use rei_texts::{AdminText, Lang};

use super::named::{choice_of, model_named, row_named};
use super::shown::shown_price;
use super::{Line, SetPrices};
use crate::admin::change::Change;
use crate::admin::role::Permission;
use crate::admin::talk::{Button, Reply, Stop, Talk, joined};
use crate::admin::words::moment;

/// Versions shown of one price.
const VERSIONS_SHOWN: i64 = 12;

/// The change behind a button of a list of versions: that price again, or (0) the catalogue's own.
pub(in crate::admin) fn back_to(
    talk: &mut Talk<'_, '_>,
    number: i64,
    row: Option<&str>,
) -> Result<Change, Stop> {
    let gone = || Stop::no(AdminText::UnknownButton {});
    let line = match row {
        Some(row) => {
            let (sku, choice) = row_named(talk, row).ok_or_else(gone)?;
            Line { sku, choice, price: None }
        }
        None => {
            let version = admins::price_version(talk.tx, number)?.ok_or_else(gone)?;
            Line { sku: version.sku, choice: version.choice, price: version.price }
        }
    };
    Ok(Change::Prices(SetPrices { lines: vec![line], from_at: None }))
}

/// The prices of one model; each row leads to its versions.
pub(in crate::admin) fn model_of_button(talk: &mut Talk<'_, '_>, sku: &str) -> Result<Reply, Stop> {
    let catalog = talk.house.catalog.current();
    model_page(talk, model_named(&catalog, sku)?)
}

/// The versions of one row: `<sku>.<number of the row>`.
pub(in crate::admin) fn versions_of_button(
    talk: &mut Talk<'_, '_>,
    row: &str,
) -> Result<Reply, Stop> {
    let found = row_named(talk, row);
    let (sku, choice) = found.ok_or(Stop::toast(AdminText::UnknownButton {}))?;
    versions(talk, &sku, &choice)
}

/// What can be priced.
pub(in crate::admin) fn models(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let catalog = talk.house.catalog.current();
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    for model in catalog.all() {
        let label = AdminText::ButtonModel { sku: model.sku.clone() };
        let button = talk.button(label, "model", 0, Some(&model.sku));
        match buttons.last_mut() {
            Some(row) if row.len() < 2 => row.push(button),
            _ => buttons.push(vec![button]),
        }
    }
    Ok(Reply::new(talk.html(AdminText::PriceModels {})).with(buttons))
}

pub(super) fn model_page(talk: &Talk<'_, '_>, model: &Model) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let catalog = talk.house.catalog.with_prices(&[]);
    let mut lines = vec![talk.html(AdminText::PriceModel {
        sku: model.sku.clone(),
        title: model.title(talk.caller.lang == Lang::Ru).to_owned(),
    })];
    let mut buttons = Vec::new();
    for (index, row) in model.prices.iter().enumerate() {
        let choice = choice_of(&row.size, &row.sound);
        let line = Line { sku: model.sku.clone(), choice: choice.clone(), price: None };
        let Some(price) = shown_price(&catalog, &line) else { continue };
        lines.push(talk.html(AdminText::PriceRow {
            choice: choice.clone(),
            unit: price.unit.clone(),
            price: price.sale,
            cost: price.cost,
            margin: price.margin_percent(),
        }));
        let arg = format!("{}.{index}", model.sku);
        buttons.push(vec![talk.button(
            AdminText::ButtonVersions { choice },
            "versions",
            0,
            Some(&arg),
        )]);
    }
    Ok(Reply::new(joined(&lines)).with(buttons))
}

pub(super) fn versions(talk: &mut Talk<'_, '_>, sku: &str, choice: &str) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let rows = admins::prices_of(talk.tx, sku, choice, VERSIONS_SHOWN)?;
    let (sku, choice) = (sku.to_owned(), choice.to_owned());
    let mut lines =
        vec![talk.html(AdminText::VersionsHead { sku: sku.clone(), choice: choice.clone() })];
    if rows.is_empty() {
        lines.push(talk.html(AdminText::VersionsNone {}));
        return Ok(Reply::new(joined(&lines)));
    }
    let may = talk.caller.role.may(Permission::SetPrices);
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    for row in rows {
        lines.push(talk.html(AdminText::VersionLine {
            number: row.number,
            price: row.price.map_or_else(|| "—".to_owned(), |price| price.to_string()),
            moment: moment(row.from_at),
            by: row.set_by.0,
            state: if row.withdrawn { "withdrawn" } else { "kept" }.to_owned(),
        }));
        if may && row.price.is_some() {
            let label = AdminText::ButtonBackTo { number: row.number };
            buttons.push(vec![talk.button(label, "back", row.number, None)]);
        }
    }
    let index = talk.house.catalog.file().model(&sku).and_then(|model| {
        model.prices.iter().position(|row| choice_of(&row.size, &row.sound) == choice)
    });
    if let Some(index) = index.filter(|_| may) {
        let arg = format!("{sku}.{index}");
        buttons.push(vec![talk.button(AdminText::ButtonBackToFile {}, "back", 0, Some(&arg))]);
    }
    Ok(Reply::new(joined(&lines)).with(buttons))
}
