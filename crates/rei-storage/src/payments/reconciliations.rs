//! Comparisons of the book with payment systems.

use rei_domain::clock::Timestamp;
use rei_domain::ids::ReconciliationId;
use rei_domain::ledger::{Account, Rail};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationRow {
    /// With which payment system.
    pub rail: Rail,
    /// From when.
    pub from: Timestamp,
    /// Up to when.
    pub upto: Timestamp,
    /// What the payment system has more than the book.
    pub difference: Kopecks,
    /// What differs, as JSON.
    pub findings: String,
    /// When it was made.
    pub at: Timestamp,
}

/// A transfer that says what a payment system should say, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearingRow {
    /// The transfer's key, which names the payment or the refund at the payment system.
    pub key: String,
    /// For a hold that became a refund: the payment system's name for the refund.
    pub refund: Option<String>,
    /// How much.
    pub amount: Kopecks,
    /// When.
    pub at: Timestamp,
}

statements! {
    // By the time within the ids: the book has no index over times. Fees and chargebacks are in no list of a payment
    // system's.
    pub CLEARING = "
select t.key, t.amount, t.at, r.provider_id
  from transfer t
  left join refund r on r.hold_id = t.hold_id
 where t.id >= :from_id and t.id < :upto_id
   and t.phase in ('post', 'capture')
   and t.kind not in ('fee', 'chargeback')
   and (t.debit = :account or t.credit = :account)
 order by t.seq";

    pub SAVE = "
insert into reconciliation (id, rail, from_at, upto_at, difference, findings, at)
values (:id, :rail, :from_at, :upto_at, :difference, :findings, :at)";

    pub LATEST = "
select rail, from_at, upto_at, difference, findings, at
  from reconciliation
 where rail = :rail
 order by at desc
 limit 1";
}

/// Stores a comparison.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn save_reconciliation(
    tx: &mut Tx<'_>,
    id: ReconciliationId,
    row: &ReconciliationRow,
) -> Result<(), BookError> {
    tx.execute(
        &SAVE,
        &params! {
            ":id" => id,
            ":rail" => row.rail.as_str(),
            ":from_at" => row.from,
            ":upto_at" => row.upto,
            ":difference" => row.difference,
            ":findings" => row.findings.as_str(),
            ":at" => row.at,
        },
    )?;
    Ok(())
}

/// The latest comparison with a payment system.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn latest_reconciliation(
    tx: &mut Tx<'_>,
    rail: Rail,
) -> Result<Option<ReconciliationRow>, BookError> {
    let row = tx.query_opt(&LATEST, &params! { ":rail" => rail.as_str() })?;
    row.map(|row| {
        Ok(ReconciliationRow {
            rail,
            from: Timestamp(row.int("from_at")?),
            upto: Timestamp(row.int("upto_at")?),
            difference: Kopecks::new(row.int("difference")?),
            findings: row.text("findings")?,
            at: Timestamp(row.int("at")?),
        })
    })
    .transpose()
}

/// What moved on a payment system's clearing account in a time, oldest first, without fees and chargebacks.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn clearing_movements(
    tx: &mut Tx<'_>,
    rail: Rail,
    from: Timestamp,
    upto: Timestamp,
) -> Result<Vec<ClearingRow>, BookError> {
    let params = params! {
        ":account" => Account::Clearing(rail).to_string(),
        ":from_id" => first_id(from),
        ":upto_id" => first_id(upto),
    };
    tx.query(&CLEARING, &params)?.iter().map(read_clearing).collect()
}

/// The least id that a transfer of this moment can have: ids begin with their time.
fn first_id(at: Timestamp) -> Vec<u8> {
    let millis = u64::try_from(at.millis()).unwrap_or(0).to_be_bytes();
    let mut id = vec![0; 16];
    id[..6].copy_from_slice(&millis[2..]);
    id
}

fn read_clearing(row: &Row) -> Result<ClearingRow, BookError> {
    Ok(ClearingRow {
        key: row.text("key")?,
        refund: row.opt_text("provider_id")?,
        amount: Kopecks::new(row.int("amount")?),
        at: Timestamp(row.int("at")?),
    })
}
