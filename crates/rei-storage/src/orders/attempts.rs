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
    /// The thing that it is to make.
    pub item: i64,
    /// The key that its call carries.
    pub key: String,
    /// The provider's name for the work, once it took it.
    pub task: Option<String>,
    /// How often the provider said that it has never heard of the key.
    pub absent: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether its end is known.
    pub ended: bool,
    /// How it ended: `done`, `rejected`, `unknown`, `abandoned`.
    pub outcome: Option<String>,
    /// The provider's word for it.
    pub code: Option<String>,
}

statements! {
    pub START = "
insert into attempt (id, order_id, no, item, key, started_at)
values (:id, :order_id, :no, :item, :key, :now)";

    pub TAKEN = "update attempt set task = :task where id = :id and task is null";

    pub ABSENT = "
update attempt set absent = absent + 1 where id = :id
returning absent";

    // The provider has never seen the key, so the same call may be made once more; how often it said so is kept,
    // because that bounds the repeats.
    pub REOPEN = "
update attempt
   set ended_at = null, outcome = null, code = null
 where id = :id and outcome = 'unknown' and task is null";

    pub END = "
update attempt
   set ended_at = :now, outcome = :outcome, code = :code
 where id = :id and ended_at is null";

    pub OF_ORDER = "
select id, no, item, key, task, absent, started_at, ended_at, outcome, code
  from attempt
 where order_id = :order_id
 order by no";
}

/// A try that is about to be made.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    /// Its id.
    pub id: AttemptId,
    /// Whose try it is.
    pub order: OrderId,
    /// Its place among the order's tries, from 1.
    pub no: i64,
    /// The thing that it is to make.
    pub item: i64,
    /// The key that its call will carry.
    pub key: String,
}

/// Stores an attempt with the key that its call will carry.
pub fn start_attempt(tx: &mut Tx<'_>, new: &NewAttempt, now: Timestamp) -> Result<(), BookError> {
    tx.execute(
        &START,
        &params! {
            ":id" => new.id,
            ":order_id" => new.order,
            ":no" => new.no,
            ":item" => new.item,
            ":key" => new.key.as_str(),
            ":now" => now,
        },
    )?;
    Ok(())
}

/// Notes the provider's name for the work of an attempt.
pub fn attempt_taken(tx: &mut Tx<'_>, id: AttemptId, task: &str) -> Result<(), BookError> {
    tx.execute(&TAKEN, &params! { ":id" => id, ":task" => task })?;
    Ok(())
}

/// Notes that the provider has never heard of the attempt's key; returns how often it has said so.
pub fn attempt_absent(tx: &mut Tx<'_>, id: AttemptId) -> Result<i64, BookError> {
    tx.query_one(&ABSENT, &params! { ":id" => id })?.int("absent")
}

/// Opens an attempt again that is proven never to have arrived; `false` when it is none of those.
pub fn reopen_attempt(tx: &mut Tx<'_>, id: AttemptId) -> Result<bool, BookError> {
    Ok(tx.execute(&REOPEN, &params! { ":id" => id })? > 0)
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
                item: row.int("item")?,
                key: row.text("key")?,
                task: row.opt_text("task")?,
                absent: row.int("absent")?,
                started_at: Timestamp(row.int("started_at")?),
                ended: row.opt_int("ended_at")?.is_some(),
                outcome: row.opt_text("outcome")?,
                code: row.opt_text("code")?,
            })
        })
        .collect()
}
