//! How far the book is settled, and the sums up to there.
//!
//! On PostgreSQL a transfer with a lower number may become visible after one with a higher number.
//! Checkpoints and seals cover settled transfers only: those before which nothing can appear any more.

use crate::{BookError, Tx, params};

use super::sql;

/// The mark of the last transfer that the checkpoint covers.
pub(super) const CHECKPOINT_MARK: &str = "checkpoint";
/// The mark of the last transfer before which nothing can appear any more.
pub(super) const SETTLED_MARK: &str = "settled";
/// The most transfers that one call adds up or seals, so that no transaction grows long.
pub(super) const BATCH_MAX: i64 = 5_000;

/// Moves the settled mark to the newest transfer. Waits for the writers of this moment and keeps new
/// ones waiting meanwhile: it must be a transaction of its own, and it is a short one.
pub fn settle(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query(&sql::WAIT_FOR_WRITERS, &params! {})?;
    tx.query_one(&sql::SETTLE, &params! {})?.int("seq")
}

/// Adds the next settled transfers to the sums of their accounts; `true` when more are waiting.
pub fn checkpoint(tx: &mut Tx<'_>) -> Result<bool, BookError> {
    let after = read_mark(tx, CHECKPOINT_MARK)?;
    let settled = read_mark(tx, SETTLED_MARK)?;
    let upto = settled.min(after + BATCH_MAX);
    if upto <= after {
        return Ok(false);
    }
    // The guarded step comes first: of two that add up the same transfers one stops here.
    let batch = params! { ":after" => after, ":upto" => upto };
    if tx.execute(&sql::MOVE_CHECKPOINT, &batch)? == 0 {
        return Ok(false);
    }
    tx.execute(&sql::ADD_TO_CHECKPOINT, &batch)?;
    Ok(upto < settled)
}

pub(super) fn read_mark(tx: &mut Tx<'_>, name: &'static str) -> Result<i64, BookError> {
    let mark = tx.query_opt(&sql::READ_MARK, &params! { ":name" => name })?;
    mark.ok_or_else(|| BookError::unreadable("ledger_mark.seq"))?.int("seq")
}
