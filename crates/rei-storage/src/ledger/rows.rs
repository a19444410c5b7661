//! Rows of the ledger's tables, read into values and written from them.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{OrderId, TransferId};
use rei_domain::ledger::{
    Account, Actor, Currency, HoldId, Money, Phase, RequestHash, SealHash, SealRow, Transfer,
    TransferKind,
};

use crate::{BookError, Row, Tx, params};

use super::sql;

/// Writes a transfer; `false` when its key is taken.
pub(super) fn insert(tx: &mut Tx<'_>, row: &Transfer) -> Result<bool, BookError> {
    let written = tx.query_opt(
        &sql::INSERT_TRANSFER,
        &params! {
            ":id" => row.id,
            ":phase" => row.phase.as_str(),
            ":kind" => row.kind.as_str(),
            ":debit" => row.debit.to_string(),
            ":credit" => row.credit.to_string(),
            ":amount" => row.amount.minor(),
            ":currency" => row.amount.currency().as_str(),
            ":total" => row.total,
            ":key" => row.key.as_str(),
            ":request_hash" => &row.request_hash.0[..],
            ":hold_id" => row.hold,
            ":linked" => row.linked.map(|hold| hold.0),
            ":order_id" => row.order,
            ":payment_id" => row.payment.as_deref(),
            ":actor" => row.actor.to_string(),
            ":memo" => row.memo.as_deref(),
            ":prev" => row.prev,
            ":at" => row.at,
        },
    )?;
    Ok(written.is_some())
}

pub(super) fn read_transfer(row: &Row) -> Result<Transfer, BookError> {
    let currency = word(row, "currency", Currency::from_word)?;
    Ok(Transfer {
        seq: row.int("seq")?,
        id: id(row, "id")?,
        phase: word(row, "phase", Phase::from_word)?,
        kind: word(row, "kind", TransferKind::from_word)?,
        debit: word(row, "debit", Account::parse)?,
        credit: word(row, "credit", Account::parse)?,
        amount: Money::of(currency, row.int("amount")?),
        total: row.int("total")?,
        key: row.text("key")?,
        request_hash: RequestHash(hash(row, "request_hash")?),
        hold: opt_id(row, "hold_id")?,
        linked: opt_id(row, "linked")?.map(HoldId),
        order: opt_order(row, "order_id")?,
        payment: row.opt_text("payment_id")?,
        actor: word(row, "actor", Actor::parse)?,
        memo: row.opt_text("memo")?,
        prev: opt_id(row, "prev")?,
        at: Timestamp(row.int("at")?),
    })
}

pub(super) fn read_seal(row: &Row) -> Result<SealRow, BookError> {
    Ok(SealRow {
        number: row.int("number")?,
        from_seq: row.int("from_seq")?,
        upto_seq: row.int("upto_seq")?,
        transfers: row.int("transfers")?,
        prev_hash: SealHash(hash(row, "prev_hash")?),
        hash: SealHash(hash(row, "hash")?),
        sealed_at: Timestamp(row.int("sealed_at")?),
    })
}

pub(super) fn word<T>(
    row: &Row,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, BookError> {
    parse(&row.text(column)?).ok_or_else(|| BookError::unreadable(column))
}

pub(super) fn id(row: &Row, column: &'static str) -> Result<TransferId, BookError> {
    TransferId::from_slice(&row.blob(column)?).ok_or_else(|| BookError::unreadable(column))
}

pub(super) fn opt_id(row: &Row, column: &'static str) -> Result<Option<TransferId>, BookError> {
    let read = |bytes: Vec<u8>| {
        TransferId::from_slice(&bytes).ok_or_else(|| BookError::unreadable(column))
    };
    row.opt_blob(column)?.map(read).transpose()
}

pub(super) fn opt_order(row: &Row, column: &'static str) -> Result<Option<OrderId>, BookError> {
    let read =
        |bytes: Vec<u8>| OrderId::from_slice(&bytes).ok_or_else(|| BookError::unreadable(column));
    row.opt_blob(column)?.map(read).transpose()
}

fn hash(row: &Row, column: &'static str) -> Result<[u8; 32], BookError> {
    row.blob(column)?.try_into().map_err(|_| BookError::unreadable(column))
}
