//! What the money was for, compared with the ledger: orders, payments, refunds, unknown money and presents, in both
//! directions. A row that does not read is a finding as well.

mod offsets;
mod orders;
mod payments;
mod presents;

use std::fmt;

use rei_domain::ledger::{Account, Finding, Findings, PaperLeg, Phase, TransferKind};

use crate::{BookError, Row, Sql, Tx, params};

use super::rows::{opt_order, word};

/// How many rows are in memory at a time.
const PAGE: i64 = 2_000;
/// More rows of one kind of difference are not needed to see it.
const STRAYS_MAX: i64 = 200;

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [orders::ALL, payments::ALL, presents::ALL].into_iter().flatten().copied()
}

/// Compares everything.
pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    orders::check(tx, findings)?;
    payments::check(tx, findings)?;
    offsets::check(tx, findings)?;
    presents::check(tx, findings)
}

/// Hands on every row of a statement that takes `:after` and `:limit` and is sorted by `number`.
fn walk(
    tx: &mut Tx<'_>,
    statement: &'static Sql,
    mut each: impl FnMut(i64, &[Row]),
) -> Result<(), BookError> {
    let mut after = i64::MIN;
    loop {
        let rows = tx.query(statement, &params! { ":after" => after, ":limit" => PAGE })?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.int("number")?;
        let mut start = 0;
        while start < rows.len() {
            let number = rows[start].int("number")?;
            let mut end = start + 1;
            while end < rows.len() && rows[end].int("number")? == number {
                end += 1;
            }
            each(number, &rows[start..end]);
            start = end;
        }
    }
}

/// Transfers that nothing stands behind.
fn strays(
    tx: &mut Tx<'_>,
    statement: &'static Sql,
    what: &'static str,
    findings: &mut Findings,
) -> Result<(), BookError> {
    for row in tx.query(statement, &params! { ":limit" => STRAYS_MAX })? {
        findings.add(Finding::WithoutPaper { seq: row.int("seq")?, what });
    }
    Ok(())
}

/// A leg of a hold with its end; none when the row has none.
fn leg(row: &Row) -> Result<Option<PaperLeg>, BookError> {
    let Some(amount) = row.opt_int("leg_amount")? else { return Ok(None) };
    let end = match row.opt_int("end_amount")? {
        Some(moved) => Some((word(row, "end_phase", Phase::from_word)?, moved)),
        None => None,
    };
    Ok(Some(PaperLeg {
        debit: word(row, "leg_debit", Account::parse)?,
        kind: word(row, "leg_kind", TransferKind::from_word)?,
        order: opt_order(row, "leg_order")?,
        payment: row.opt_text("leg_payment")?,
        amount,
        total: row.int("leg_total")?,
        end,
    }))
}

/// The first of the rows that belong together.
fn first(rows: &[Row]) -> Result<&Row, BookError> {
    rows.first().ok_or_else(|| BookError::unreadable("number"))
}

/// Notes what does not fit in a row, or that it does not read.
fn note(
    findings: &mut Findings,
    table: &'static str,
    row: impl fmt::Display,
    problem: Result<Option<String>, BookError>,
    differs: impl FnOnce(String) -> Finding,
) {
    match problem {
        Ok(None) => {}
        Ok(Some(why)) => findings.add(differs(why)),
        Err(error) => {
            let (row, why) = (row.to_string(), error.to_string());
            findings.add(Finding::UnreadableRow { table, row, why });
        }
    }
}
