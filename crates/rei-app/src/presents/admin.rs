//! `/promo_new`, `/promo_off`, `/promos`: codes made, ended and listed, in the words of whoever asked.
//!
//! Who may ask is checked before, and the audit row is written with the change by whoever calls.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_storage::presents::{self, NewPromo, PromoRow};
use rei_storage::{BookError, Tx};
use rei_texts::{Lang, ReportText};

use super::PromoSpec;
use super::spec::read_code;
use crate::statement::day_name;
use crate::wallet::reader_of;

/// Codes on one screen.
const LISTED_MAX: i64 = 20;

/// What the code will be, for the screen that asks whether that is meant.
pub fn promo_preview(spec: &PromoSpec, lang: Lang, now: Timestamp) -> String {
    line(&fresh(&spec.0, now), lang, now)
}

/// A code that is at work, as lists show it; `None` when there is none of this name, or it is over.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn promo_shown(
    tx: &mut Tx<'_>,
    code: &str,
    lang: Lang,
    now: Timestamp,
) -> Result<Option<String>, BookError> {
    let row = presents::find(tx, code)?.filter(|row| row.is_on);
    Ok(row.map(|row| line(&row, lang, now)))
}

/// Whether a code of this name was ever made.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn promo_exists(tx: &mut Tx<'_>, code: &str) -> Result<bool, BookError> {
    Ok(presents::find(tx, code)?.is_some())
}

/// Makes a code; `false` when there is one of this name, which then stays as it is.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn promo_new(
    tx: &mut Tx<'_>,
    actor: CustomerId,
    spec: &PromoSpec,
    now: Timestamp,
) -> Result<bool, BookError> {
    presents::create(tx, &spec.0, actor, now)
}

/// Ends a code: nobody gets it any more. `false` when there is none, or it was ended before.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn promo_off(tx: &mut Tx<'_>, code: &str) -> Result<bool, BookError> {
    presents::switch_off(tx, code)
}

/// A code as it was typed, in capitals; `None` for what can't be one.
pub fn promo_code(typed: &str) -> Option<String> {
    read_code(typed)
}

/// The latest codes, newest first.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn promos(tx: &mut Tx<'_>, actor: CustomerId, now: Timestamp) -> Result<String, BookError> {
    let lang = reader_of(tx, actor)?;
    let rows = presents::newest(tx, LISTED_MAX)?;
    if rows.is_empty() {
        return Ok(ReportText::PromosNone {}.html(lang));
    }
    let mut lines = vec![ReportText::PromosHead {}.html(lang)];
    lines.extend(rows.iter().map(|row| line(row, lang, now)));
    Ok(lines.join("\n"))
}

fn fresh(promo: &NewPromo, now: Timestamp) -> PromoRow {
    PromoRow { promo: promo.clone(), used: 0, is_on: true, created_at: now }
}

fn line(row: &PromoRow, lang: Lang, now: Timestamp) -> String {
    let promo = &row.promo;
    let state = match promo {
        _ if !row.is_on => "off",
        promo if promo.valid_until.is_some_and(|until| until <= now) => "over",
        promo if promo.uses_max.is_some_and(|most| row.used >= most) => "used",
        _ => "on",
    };
    // The moment that ends a code begins the day after its last.
    let last_day = promo.valid_until.map(|until| day_name(Timestamp(until.millis() - 1)));
    ReportText::PromoLine {
        code: promo.code.clone(),
        sum: promo.amount,
        used: row.used,
        limit: promo.uses_max.unwrap_or(0),
        each: promo.uses_each,
        until: last_day.unwrap_or_else(|| "none".to_owned()),
        only: if promo.new_only { "new" } else { "all" }.to_owned(),
        state: state.to_owned(),
    }
    .html(lang)
}
