//! Attempts: a row with its key is stored before each call to a provider, and closed after it.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};

use crate::{BookError, Tx, params, statements};

/// One try at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// Its id.
    pub id: AttemptId,
    /// Its place among the order's tries, from 1.
    pub no: i64,
    /// Whether its end is known.
    pub ended: bool,
    /// How it ended: `done`, `rejected`, `unknown`, `abandoned`.
    pub outcome: Option<String>,
    /// The provider's word for it.
    pub code: Option<String>,
}

statements! {
    pub START = "
insert into attempt (id, order_id, no, key, started_at)
values (:id, :order_id, :no, :key, :now)";

    pub END = "
update attempt
   set ended_at = :now, outcome = :outcome, code = :code
 where id = :id and ended_at is null";

    pub OF_ORDER = "
select id, no, ended_at, outcome, code
  from attempt
 where order_id = :order_id
 order by no";
}

/// Stores an attempt with the key that its call will carry.
pub fn start_attempt(
    tx: &mut Tx<'_>,
    id: AttemptId,
    order: OrderId,
    no: i64,
    key: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &START,
        &params! { ":id" => id, ":order_id" => order, ":no" => no, ":key" => key, ":now" => now },
    )?;
    Ok(())
}

/// Closes an attempt; `false` when it was closed before.
pub fn end_attempt(
    tx: &mut Tx<'_>,
    id: AttemptId,
    outcome: &str,
    code: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let ended = tx.execute(
        &END,
        &params! { ":id" => id, ":outcome" => outcome, ":code" => code, ":now" => now },
    )?;
    Ok(ended > 0)
}

/// The order's attempts, oldest first.
pub fn attempts_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<AttemptRow>, BookError> {
    let rows = tx.query(&OF_ORDER, &params! { ":order_id" => order })?;
    rows.iter()
        .map(|row| {
            Ok(AttemptRow {
                id: AttemptId::from_slice(&row.blob("id")?)
                    .ok_or_else(|| BookError::unreadable("id"))?,
                no: row.int("no")?,
                ended: row.opt_int("ended_at")?.is_some(),
                outcome: row.opt_text("outcome")?,
                code: row.opt_text("code")?,
            })
        })
        .collect()
}
