//! The status message of an order, edited in place as the order moves.

use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::clock::Timestamp;
use rei_storage::orders::{OrderRow, TaskRow};
use rei_storage::outbox::OutboxClass;
use rei_storage::{BookError, Tx};
use rei_texts::{Lang, Text};

use super::estimate::usual;
use crate::House;
use crate::chats::{Buttons, Outgoing, Target, order_slot, put};
use crate::wallet::reader_of;

/// A customer who waits is told how long it has taken at these ages, in seconds: a dozen edits, and none after an hour.
const TOLD_AT_S: [u64; 11] = [30, 60, 120, 180, 300, 480, 720, 1_200, 1_800, 2_700, 3_600];

/// A worker began, or the provider took it.
pub(super) fn working(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    now: Timestamp,
) -> Result<(), BookError> {
    let lang = reader_of(tx, row.customer)?;
    let [from, to] = usual_s(tx, house, row)?;
    let text = if is_video(row) {
        let [from, to] = minutes([from, to]);
        Text::Filming { number: row.number, from, to }
    } else {
        Text::Working { number: row.number, from_seconds: from, to_seconds: to }
    };
    show(tx, row, text, lang, now)
}

/// The provider works on it; `true` when the customer was told so just now.
pub(super) fn in_progress(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    task: &TaskRow,
    now: Timestamp,
) -> Result<bool, BookError> {
    let told = now.since(task.since);
    let before = task.shown_at.since(task.since);
    let next = TOLD_AT_S.iter().rev().map(|at| Duration::from_secs(*at)).find(|at| told >= *at);
    let Some(next) = next.filter(|at| before < *at) else { return Ok(false) };
    let lang = reader_of(tx, row.customer)?;
    let text = if next >= house.policy.polling.shown_for {
        Text::FilmingLong { number: row.number }
    } else {
        let [from, to] = minutes(usual_s(tx, house, row)?);
        let passed = i64::try_from(told.as_secs().div_ceil(60)).unwrap_or(i64::MAX);
        Text::FilmingFor { number: row.number, minutes: passed, from, to }
    };
    show(tx, row, text, lang, now)?;
    Ok(true)
}

fn is_video(row: &OrderRow) -> bool {
    Kind::from_word(&row.kind).is_some_and(Kind::is_video)
}

fn usual_s(tx: &mut Tx<'_>, house: &House, row: &OrderRow) -> Result<[i64; 2], BookError> {
    let usual = usual(tx, house, &row.sku)?;
    Ok([usual.half_s, usual.most_s].map(i64::from))
}

/// Whole minutes, at least one.
fn minutes(seconds: [i64; 2]) -> [i64; 2] {
    seconds.map(|seconds| (seconds + 59) / 60).map(|minutes| minutes.max(1))
}

/// The provider asked to wait. What has begun to come can't be cancelled any more.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    can_cancel: bool,
    now: Timestamp,
) -> Result<(), BookError> {
    let lang = reader_of(tx, row.customer)?;
    let html = Text::WaitingAgain { number: row.number }.html(lang);
    let cancel = (Text::ButtonCancel {}.plain(lang), format!("v1:cancel:{}", row.id.to_short()));
    let buttons = if can_cancel { Buttons::Inline(vec![vec![cancel]]) } else { Buttons::None };
    let outgoing = Outgoing::Text { html, buttons, target: Target::Slot };
    put(tx, row.customer, OutboxClass::Notice, &outgoing, Some(order_slot(row.id)), None, now)
}

/// Nobody knows whether the provider began.
pub(super) fn checking(tx: &mut Tx<'_>, row: &OrderRow, now: Timestamp) -> Result<(), BookError> {
    let lang = reader_of(tx, row.customer)?;
    show(tx, row, Text::Checking { number: row.number }, lang, now)
}

/// The result follows below.
pub(super) fn done(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    lang: Lang,
    now: Timestamp,
) -> Result<(), BookError> {
    show(tx, row, Text::DoneStatus { number: row.number }, lang, now)
}

fn show(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    text: Text,
    lang: Lang,
    now: Timestamp,
) -> Result<(), BookError> {
    let outgoing =
        Outgoing::Text { html: text.html(lang), buttons: Buttons::None, target: Target::Slot };
    put(tx, row.customer, OutboxClass::Notice, &outgoing, Some(order_slot(row.id)), None, now)
}
