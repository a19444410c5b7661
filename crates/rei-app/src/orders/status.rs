//! The status message of an order, edited in place as the order moves.

use rei_domain::clock::Timestamp;
use rei_storage::orders::OrderRow;
use rei_storage::outbox::OutboxClass;
use rei_storage::{BookError, Tx};
use rei_texts::{Lang, Text};

use crate::House;
use crate::chats::{Buttons, Outgoing, Target, order_slot, put};
use crate::wallet::reader_of;

/// A worker began.
pub(super) fn working(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    now: Timestamp,
) -> Result<(), BookError> {
    let lang = reader_of(tx, row.customer)?;
    let catalog = house.catalog.current();
    let [from, to] = catalog.model(&row.sku).map_or([0, 0], |model| model.typical_s.map(i64::from));
    show(
        tx,
        row,
        Text::Working { number: row.number, from_seconds: from, to_seconds: to },
        lang,
        now,
    )
}

/// The provider asked to wait.
pub(super) fn waiting(tx: &mut Tx<'_>, row: &OrderRow, now: Timestamp) -> Result<(), BookError> {
    let lang = reader_of(tx, row.customer)?;
    let html = Text::WaitingAgain { number: row.number }.html(lang);
    let cancel = (Text::ButtonCancel {}.plain(lang), format!("v1:cancel:{}", row.id.to_short()));
    let buttons = Buttons::Inline(vec![vec![cancel]]);
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
