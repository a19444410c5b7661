//! Orders and their work as admins see them: by number, by state, step by step, and what is stuck.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, OrderId};
use rei_domain::money::Kopecks;

use crate::orders::{OrderRow, read, read_id};
use crate::{Bell, BookError, Row, Tx, params, statements};

/// One try at a provider with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptTimes {
    /// Its place among the order's tries, from 1.
    pub no: i64,
    /// The thing that it is to make.
    pub item: i64,
    /// The key that its call carries.
    pub key: String,
    /// The provider's name for the work.
    pub task: Option<String>,
    /// When the call was made.
    pub started_at: Timestamp,
    /// When its end was known.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The provider's word for it.
    pub code: Option<String>,
}

/// A message that delivers a part of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The part.
    pub part: String,
    /// Where the message stands.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// An order that holds money and does not move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckOrder {
    /// The order.
    pub order: OrderId,
    /// Its number for people.
    pub number: i64,
    /// Whose it is.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: String,
    /// What it holds.
    pub price: Kopecks,
    /// When it last moved.
    pub state_at: Timestamp,
}

statements! {
    pub BY_NUMBER = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
  from orders
 where number = :number";

    pub IN_STATE = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
  from orders
 where (cast(:customer as bigint) = 0 or customer = :customer)
   and (:state = 'all' or state = :state
        or (:state = 'active' and state in ('queued', 'submitting', 'unknown', 'running', 'fetching')))
 order by number desc
 limit :limit offset :skip";

    pub ATTEMPTS = "
select no, item, key, task, started_at, ended_at, outcome, code
  from attempt
 where order_id = :order_id
 order by no";

    pub DELIVERIES = "
select part, state, attempts, error, created_at
  from outbox
 where chat = :chat and order_id = :order_id and part is not null
 order by ord
 limit :limit";

    pub STUCK = "
select id, number, customer, state, price, state_at
  from orders
 where state in ('queued', 'submitting', 'unknown', 'running', 'fetching')
   and (state_at <= :before or deadline_at <= :now)
 order by state_at
 limit :limit";

    pub HURRY_JOB = "
update job
   set due_at = :now
 where id = :id and state = 'scheduled' and due_at > :now
returning queue";
}

/// The order with this number.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn find_number(tx: &mut Tx<'_>, number: i64) -> Result<Option<OrderRow>, BookError> {
    tx.query_opt(&BY_NUMBER, &params! { ":number" => number })?.as_ref().map(read).transpose()
}

/// Orders of a state (or `active`, or `all`), of one customer or of everybody, newest first.
///
/// # Errors
/// As [`find_number`].
pub fn orders_in(
    tx: &mut Tx<'_>,
    state: &str,
    customer: Option<CustomerId>,
    (skip, limit): (i64, i64),
) -> Result<Vec<OrderRow>, BookError> {
    let rows = tx.query(
        &IN_STATE,
        &params! {
            ":state" => state, ":customer" => customer.unwrap_or(CustomerId(0)),
            ":skip" => skip, ":limit" => limit
        },
    )?;
    rows.iter().map(read).collect()
}

/// The order's tries at providers, the oldest first.
///
/// # Errors
/// As [`find_number`].
pub fn attempt_times(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<AttemptTimes>, BookError> {
    let read = |row: &Row| {
        Ok(AttemptTimes {
            no: row.int("no")?,
            item: row.int("item")?,
            key: row.text("key")?,
            task: row.opt_text("task")?,
            started_at: Timestamp(row.int("started_at")?),
            ended_at: row.opt_int("ended_at")?.map(Timestamp),
            outcome: row.opt_text("outcome")?,
            code: row.opt_text("code")?,
        })
    };
    tx.query(&ATTEMPTS, &params! { ":order_id" => order })?.iter().map(read).collect()
}

/// The messages that deliver an order to its customer, the oldest first.
///
/// # Errors
/// As [`find_number`].
pub fn deliveries(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    order: OrderId,
    limit: i64,
) -> Result<Vec<Delivery>, BookError> {
    let read = |row: &Row| {
        Ok(Delivery {
            part: row.text("part")?,
            state: row.text("state")?,
            attempts: row.int("attempts")?,
            error: row.opt_text("error")?,
            created_at: Timestamp(row.int("created_at")?),
        })
    };
    let params = params! { ":chat" => customer, ":order_id" => order, ":limit" => limit };
    tx.query(&DELIVERIES, &params)?.iter().map(read).collect()
}

/// Orders that hold money and have not moved since `before`, or are past their deadline; the oldest first.
///
/// # Errors
/// As [`find_number`].
pub fn stuck_orders(
    tx: &mut Tx<'_>,
    before: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StuckOrder>, BookError> {
    let read = |row: &Row| {
        Ok(StuckOrder {
            order: read_id(row, "id")?,
            number: row.int("number")?,
            customer: CustomerId(row.int("customer")?),
            state: row.text("state")?,
            price: Kopecks::new(row.int("price")?),
            state_at: Timestamp(row.int("state_at")?),
        })
    };
    let params = params! { ":before" => before, ":now" => now, ":limit" => limit };
    tx.query(&STUCK, &params)?.iter().map(read).collect()
}

/// Makes a job due that waits for a later moment; `false` when it doesn't wait.
///
/// # Errors
/// As [`find_number`].
pub fn hurry_job(tx: &mut Tx<'_>, job: JobId, now: Timestamp) -> Result<bool, BookError> {
    let hurried = tx.query_opt(&HURRY_JOB, &params! { ":id" => job, ":now" => now })?;
    if let Some(row) = &hurried {
        tx.ring(Bell::Jobs(row.text("queue")?));
    }
    Ok(hurried.is_some())
}
