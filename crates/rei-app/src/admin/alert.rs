//! News for the owners: what needs a person.

use rei_domain::clock::Timestamp;
use rei_storage::orders::OrderRow;
use rei_storage::outbox::OutboxClass;
use rei_storage::{BookError, Tx};
use rei_texts::{Message, Text};

use super::role::{Role, everybody};
use crate::House;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::reader_of;

/// The provider declines our requests, and only the owner can mend it.
pub fn provider(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    code: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let text = Text::AlertProvider {
        provider: row.provider.clone(),
        code: code.to_owned(),
        number: row.number,
    };
    send(tx, house, &text, now)
}

/// The provider does not know the model any more; it was taken off sale.
pub fn model_gone(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    code: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &Text::AlertModel { sku: row.sku.clone(), code: code.to_owned() }, now)
}

/// The provider's account is empty; sales through it are stopped until a person resumes them.
pub fn no_funds(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    code: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let text = Text::AlertNoFunds { provider: row.provider.clone(), code: code.to_owned() };
    send(tx, house, &text, now)
}

/// A result came that can't be sold.
pub fn result(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    code: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &Text::AlertResult { number: row.number, reason: code.to_owned() }, now)
}

/// A job failed until its attempts ran out.
pub fn poison(
    tx: &mut Tx<'_>,
    house: &House,
    kind: &str,
    attempts: i64,
    number: i64,
    error: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let text = Text::AlertPoison {
        kind: kind.to_owned(),
        attempts,
        number,
        error: error.chars().take(200).collect(),
    };
    send(tx, house, &text, now)
}

/// An update could not be handled and is set aside.
pub fn parked(
    tx: &mut Tx<'_>,
    house: &House,
    update: i64,
    error: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &Text::AlertParked { update, error: error.chars().take(200).collect() }, now)
}

/// The audit found differences.
pub fn audit(
    tx: &mut Tx<'_>,
    house: &House,
    findings: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &Text::AlertAudit { findings: findings.chars().take(1000).collect() }, now)
}

/// Tells every owner what needs a person.
pub(crate) fn send(
    tx: &mut Tx<'_>,
    house: &House,
    text: &impl Message,
    now: Timestamp,
) -> Result<(), BookError> {
    tracing::error!("alert: {}", text.plain(rei_texts::Lang::En));
    metrics::counter!("alerts_total").increment(1);
    report(tx, house, text, now)
}

/// Tells every owner how things stand.
pub(crate) fn report(
    tx: &mut Tx<'_>,
    house: &House,
    text: &impl Message,
    now: Timestamp,
) -> Result<(), BookError> {
    for admin in everybody(tx, house, |role| role == Role::Owner)? {
        let html = text.html(reader_of(tx, admin)?);
        let outgoing = Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
        put(tx, admin, OutboxClass::Notice, &outgoing, None, None, now)?;
    }
    Ok(())
}
