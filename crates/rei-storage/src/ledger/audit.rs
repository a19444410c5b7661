//! `rei audit`: feeds the book's rows to the auditor, who finds and never repairs.
//!
//! Run it in one `read`, so that all rows are of one moment.

use rei_domain::ids::TransferId;
use rei_domain::ledger::{
    Account, AccountRow, Auditor, CheckpointRow, Finding, Findings, HoldId, OpenHoldRow, SealRow,
    Sums, Transfer, TrialBalance,
};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Sql, Tx, Value, params};

use super::balances::trial_balance;
use super::checkpoint::{CHECKPOINT_MARK, SETTLED_MARK};
use super::papers;
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

/// Re-adds the whole book, checks every invariant and every seal, and compares orders, payments, refunds and presents
/// with what the ledger says about them.
pub fn audit(tx: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    let mut report = audit_ledger(tx)?;
    papers::check(tx, &mut report.findings)?;
    Ok(report)
}

/// The ledger alone, whatever its money was for.
pub fn audit_ledger(tx: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    // What is named here comes first: of what one row brings into disorder there may be more than is kept.
    let mut beside = Findings::default();
    let checkpoint = mark(tx, CHECKPOINT_MARK, &mut beside)?;
    let seals = read_seals(tx, i64::MIN, &mut beside)?;
    check_marks(tx, checkpoint, &seals, &mut beside)?;
    let sealed = count(seals.len());
    let mut auditor = Auditor::whole(checkpoint, seals);
    walk(tx, i64::MIN, |row| take(&mut auditor, row))?;
    let accounts = read_accounts(tx, &mut beside)?;
    let open = read_holds(tx, &sql::ALL_OPEN_HOLDS, &[], &mut beside)?;
    let mut checkpoints = Vec::new();
    for row in tx.query(&sql::ALL_CHECKPOINTS, &params! {})? {
        let account = row.text("account")?;
        match read_checkpoint(&row) {
            Ok(sums) if is_tracked(&sums.account) == (row.int("tracked")? == 1) => {
                checkpoints.push(sums);
            }
            Ok(_) => beside.add(Finding::CheckpointDiffers { account }),
            Err(_) => beside.add(Finding::BadAccountName { account }),
        }
    }
    let (transfers, found) = auditor.finish(&accounts, &open, &checkpoints);
    beside.append(found);
    report(tx, transfers, sealed, beside)
}

/// The same for the transfers after the checkpoint and the accounts that they touch; the checkpoint
/// is believed. Takes as long as the tail is, not as the book is.
pub fn audit_tail(tx: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    let mut beside = Findings::default();
    let after = mark(tx, CHECKPOINT_MARK, &mut beside)?;
    let seals = read_seals(tx, after, &mut beside)?;
    let sealed = count(seals.len());
    let params = params! { ":after" => after };
    let mut open = read_holds(tx, &sql::HOLDS_ENDED_AFTER, &params, &mut beside)?;
    open.extend(read_holds(tx, &sql::HOLDS_OPEN_SINCE, &params, &mut beside)?);
    let (base, accounts) = touched_accounts(tx, after, &open)?;
    let mut auditor = Auditor::tail(base, open, seals);
    walk(tx, after, |row| take(&mut auditor, row))?;
    let still_open = read_holds(tx, &sql::ALL_OPEN_HOLDS, &[], &mut beside)?;
    let (transfers, found) = auditor.finish(&accounts, &still_open, &[]);
    beside.append(found);
    report(tx, transfers, sealed, beside)
}

fn report(
    tx: &mut Tx<'_>,
    transfers: u64,
    seals: u64,
    mut findings: Findings,
) -> Result<AuditReport, BookError> {
    let trial = match trial_balance(tx) {
        // The row that can't be read, or the mark that is gone, is a finding already.
        Err(BookError::Unreadable { .. }) if !findings.is_empty() => TrialBalance::default(),
        trial => trial?,
    };
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

/// Where a mark stands; one that is gone is a finding and counts as the beginning.
fn mark(tx: &mut Tx<'_>, name: &'static str, findings: &mut Findings) -> Result<i64, BookError> {
    match tx.query_opt(&sql::READ_MARK, &params! { ":name" => name })? {
        Some(row) => row.int("seq"),
        None => {
            findings.add(Finding::MarkMisplaced { name, seq: 0, why: "for it is gone" });
            Ok(0)
        }
    }
}

/// Nothing is settled that is not there, and nothing is sealed or added up that is not settled.
fn check_marks(
    tx: &mut Tx<'_>,
    checkpoint: i64,
    seals: &[SealRow],
    findings: &mut Findings,
) -> Result<(), BookError> {
    let settled = mark(tx, SETTLED_MARK, findings)?;
    let newest = tx.query_one(&sql::NEWEST, &params! {})?.int("seq")?;
    let sealed = seals.last().map_or(0, |seal| seal.upto_seq);
    let mut misplaced = |name, seq, why| findings.add(Finding::MarkMisplaced { name, seq, why });
    if settled > newest {
        misplaced(SETTLED_MARK, settled, "after the last transfer");
    }
    if settled < sealed {
        misplaced(SETTLED_MARK, settled, "before the last sealed transfer");
    }
    if checkpoint > settled || checkpoint < 0 {
        misplaced(CHECKPOINT_MARK, checkpoint, "outside of what is settled");
    }
    Ok(())
}

fn read_seals(
    tx: &mut Tx<'_>,
    after: i64,
    findings: &mut Findings,
) -> Result<Vec<SealRow>, BookError> {
    let mut seals = Vec::new();
    for row in tx.query(&sql::SEALS_FROM, &params! { ":after" => after })? {
        let number = row.int("number")?;
        match read_seal(&row) {
            Ok(seal) => seals.push(seal),
            Err(error) => findings.add(unreadable("ledger_seal", number.to_string(), &error)),
        }
    }
    Ok(seals)
}

fn read_accounts(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<Vec<AccountRow>, BookError> {
    let mut accounts = Vec::new();
    for row in tx.query(&sql::ALL_ACCOUNTS, &params! {})? {
        let Ok(account) = read_account(&row) else {
            findings.add(Finding::BadAccountName { account: row.text("name")? });
            continue;
        };
        let named = format!("customer:{}:{}", row.int("customer")?, row.text("class")?);
        if account.account.to_string() != named {
            findings.add(Finding::AccountMixedUp { account: account.account.to_string() });
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// Whether an account is a customer's, with a row of its own.
fn is_tracked(account: &Account) -> bool {
    account.customer().is_some()
}

fn unreadable(table: &'static str, row: String, error: &BookError) -> Finding {
    Finding::UnreadableRow { table, row, why: error.to_string() }
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
    findings: &mut Findings,
) -> Result<Vec<OpenHoldRow>, BookError> {
    let mut holds = Vec::new();
    for row in tx.query(statement, params)? {
        let leg: TransferId = id(&row, "leg")?;
        if row.opt_text("credit")?.is_none() {
            findings.add(Finding::OpenHoldWithoutTransfer { leg });
            continue;
        }
        match read_hold(&row, leg) {
            Ok(hold) => holds.push(hold),
            Err(error) => findings.add(unreadable("open_hold", leg.to_string(), &error)),
        }
    }
    Ok(holds)
}

fn read_hold(row: &Row, leg: TransferId) -> Result<OpenHoldRow, BookError> {
    Ok(OpenHoldRow {
        leg,
        hold: HoldId(id(row, "hold")?),
        debit: word(row, "account", Account::parse)?,
        credit: word(row, "credit", Account::parse)?,
        amount: Kopecks::new(row.int("amount")?),
        order: opt_order(row, "order_id")?,
    })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
