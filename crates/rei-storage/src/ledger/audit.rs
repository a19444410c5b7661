//! `rei audit`: feeds the book's rows to the auditor, who finds and never repairs.
//!
//! Run it in one `read`, so that all rows are of one moment.

use rei_domain::ids::TransferId;
use rei_domain::ledger::{
    Account, AccountRow, Auditor, CheckpointRow, Finding, Findings, HoldId, OpenHoldRow, Sums,
    Transfer, TrialBalance,
};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Sql, Tx, Value, params};

use super::balances::trial_balance;
use super::checkpoint::{CHECKPOINT_MARK, read_mark};
use super::rows::{id, opt_id, opt_order, read_seal, read_transfer, word};
use super::sql;

/// How many transfers are in memory at a time.
const PAGE: i64 = 5_000;

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// How many transfers were read.
    pub transfers: u64,
    /// How many seals were checked.
    pub seals: u64,
    /// What is wrong; empty in a sound book.
    pub findings: Findings,
    /// What stands on every account.
    pub trial: TrialBalance,
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub const fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Re-adds the whole book and checks every invariant and every seal.
pub fn audit(tx: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    let checkpoint = read_mark(tx, CHECKPOINT_MARK)?;
    let seals = read_seals(tx, 0)?;
    let sealed = count(seals.len());
    let mut auditor = Auditor::whole(checkpoint, seals);
    walk(tx, 0, |row| take(&mut auditor, row))?;
    let mut unnamed = Vec::new();
    let mut accounts = Vec::new();
    for row in tx.query(&sql::ALL_ACCOUNTS, &params! {})? {
        match read_account(&row) {
            Ok(account) => accounts.push(account),
            Err(_) => unnamed.push(row.text("name")?),
        }
    }
    let open = read_holds(tx, &sql::ALL_OPEN_HOLDS, &[])?;
    let checkpoints = tx.query(&sql::ALL_CHECKPOINTS, &params! {})?;
    let checkpoints = checkpoints.iter().map(read_checkpoint).collect::<Result<Vec<_>, _>>()?;
    let (transfers, mut findings) = auditor.finish(&accounts, &open, &checkpoints);
    for account in unnamed {
        findings.add(Finding::BadAccountName { account });
    }
    report(tx, transfers, sealed, findings)
}

/// The same for the transfers after the checkpoint and the accounts that they touch; the checkpoint
/// is believed. Takes as long as the tail is, not as the book is.
pub fn audit_tail(tx: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    let after = read_mark(tx, CHECKPOINT_MARK)?;
    let seals = read_seals(tx, after)?;
    let sealed = count(seals.len());
    let mut open = read_holds(tx, &sql::HOLDS_ENDED_AFTER, &params! { ":after" => after })?;
    open.extend(read_holds(tx, &sql::HOLDS_OPEN_SINCE, &params! { ":after" => after })?);
    let (base, accounts) = touched_accounts(tx, after, &open)?;
    let mut auditor = Auditor::tail(base, open, seals);
    walk(tx, after, |row| take(&mut auditor, row))?;
    let still_open = read_holds(tx, &sql::ALL_OPEN_HOLDS, &[])?;
    let (transfers, findings) = auditor.finish(&accounts, &still_open, &[]);
    report(tx, transfers, sealed, findings)
}

fn report(
    tx: &mut Tx<'_>,
    transfers: u64,
    seals: u64,
    mut findings: Findings,
) -> Result<AuditReport, BookError> {
    let trial = trial_balance(tx)?;
    trial.report(&mut findings);
    Ok(AuditReport { transfers, seals, findings, trial })
}

/// Hands on every transfer after `after`; one that does not read comes as its number and the reason.
fn walk(
    tx: &mut Tx<'_>,
    mut after: i64,
    mut each: impl FnMut(Result<Transfer, (i64, String)>),
) -> Result<(), BookError> {
    loop {
        let params = params! { ":after" => after, ":upto" => i64::MAX, ":limit" => PAGE };
        let rows = tx.query(&sql::TRANSFERS_AFTER, &params)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.int("seq")?;
        for row in &rows {
            let seq = row.int("seq")?;
            each(read_transfer(row).map_err(|error| (seq, error.to_string())));
        }
    }
}

fn take(auditor: &mut Auditor, row: Result<Transfer, (i64, String)>) {
    match row {
        Ok(row) => auditor.take(&row),
        Err((seq, why)) => auditor.unreadable(seq, why),
    }
}

/// The accounts of customers that the tail or a hold names: their sums at the checkpoint and their rows.
fn touched_accounts(
    tx: &mut Tx<'_>,
    after: i64,
    open: &[OpenHoldRow],
) -> Result<(Vec<CheckpointRow>, Vec<AccountRow>), BookError> {
    let mut names: std::collections::BTreeSet<Account> =
        open.iter().map(|leg| leg.debit.clone()).collect();
    walk(tx, after, |row| names.extend(row.ok().and_then(|row| row.tracked().cloned())))?;
    let mut base = Vec::with_capacity(names.len());
    let mut rows = Vec::with_capacity(names.len());
    for account in names {
        let name = account.to_string();
        let params = params! { ":account" => name.as_str() };
        base.push(match tx.query_opt(&sql::ONE_CHECKPOINT, &params)? {
            Some(row) => read_checkpoint(&row)?,
            None => CheckpointRow { account, sums: Sums::default() },
        });
        if let Some(row) = tx.query_opt(&sql::ONE_ACCOUNT, &params! { ":name" => name })? {
            rows.push(read_account(&row)?);
        }
    }
    Ok((base, rows))
}

fn read_seals(tx: &mut Tx<'_>, after: i64) -> Result<Vec<rei_domain::ledger::SealRow>, BookError> {
    let rows = tx.query(&sql::SEALS_FROM, &params! { ":after" => after })?;
    rows.iter().map(read_seal).collect()
}

fn read_account(row: &Row) -> Result<AccountRow, BookError> {
    Ok(AccountRow {
        account: word(row, "name", Account::parse)?,
        free: Kopecks::new(row.int("free")?),
        held: Kopecks::new(row.int("held")?),
        frozen: row.int("frozen")? != 0,
        tip: opt_id(row, "tip")?,
    })
}

fn read_checkpoint(row: &Row) -> Result<CheckpointRow, BookError> {
    Ok(CheckpointRow {
        account: word(row, "account", Account::parse)?,
        sums: Sums { debits: row.int("debits")?, credits: row.int("credits")? },
    })
}

fn read_holds(
    tx: &mut Tx<'_>,
    statement: &'static Sql,
    params: &[(&'static str, Value)],
) -> Result<Vec<OpenHoldRow>, BookError> {
    let read = |row: &Row| {
        let leg: TransferId = id(row, "leg")?;
        Ok(OpenHoldRow {
            leg,
            hold: HoldId(id(row, "hold")?),
            debit: word(row, "account", Account::parse)?,
            credit: word(row, "credit", Account::parse)?,
            amount: Kopecks::new(row.int("amount")?),
            order: opt_order(row, "order_id")?,
        })
    };
    tx.query(statement, params)?.iter().map(read).collect()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
