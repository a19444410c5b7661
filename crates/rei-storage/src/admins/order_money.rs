//! Everything the ledger says about one order: by the keys that follow from the order's id, and its refunds.

use rei_domain::clock::Timestamp;
use rei_domain::ids::OrderId;
use rei_domain::ledger::{Account, IdempotencyKey, Phase};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// One transfer of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegRow {
    /// What it did.
    pub phase: Phase,
    /// The account that was debited.
    pub debit: Account,
    /// The account that was credited.
    pub credit: Account,
    /// How much.
    pub amount: Kopecks,
    /// When.
    pub at: Timestamp,
}

statements! {
    pub LEGS = "
select seq, phase, debit, credit, amount, at
  from transfer
 where key in (:hold_0, :hold_1, :capture_0, :capture_1, :void_0, :void_1, :expire_0, :expire_1)
union all
select seq, phase, debit, credit, amount, at
  from transfer
 where kind = 'refund' and order_id = :order_id
 order by seq";
}

/// The order's holds, what became of them, and what went back later; the oldest first.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn legs_of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<LegRow>, BookError> {
    let key = |step: &str, leg: usize| IdempotencyKey::of(order, step).of_leg(leg);
    let rows = tx.query(
        &LEGS,
        &params! {
            ":hold_0" => key("hold", 0),
            ":hold_1" => key("hold", 1),
            ":capture_0" => key("capture", 0),
            ":capture_1" => key("capture", 1),
            ":void_0" => key("void", 0),
            ":void_1" => key("void", 1),
            ":expire_0" => key("expire", 0),
            ":expire_1" => key("expire", 1),
            ":order_id" => order,
        },
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<LegRow, BookError> {
    let account = |column: &'static str| {
        Account::parse(&row.text(column)?).ok_or_else(|| BookError::unreadable(column))
    };
    Ok(LegRow {
        phase: Phase::from_word(&row.text("phase")?)
            .ok_or_else(|| BookError::unreadable("phase"))?,
        debit: account("debit")?,
        credit: account("credit")?,
        amount: Kopecks::new(row.int("amount")?),
        at: Timestamp(row.int("at")?),
    })
}
