//! Lists of orders: a customer's own, and those whose time is up.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};

use super::{OrderRow, read, read_id};
use crate::{BookError, Tx, params, statements};

statements! {
    pub ACTIVE = "
select number, id, customer, quote_id, job_id, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview
  from orders
 where customer = :customer and state in ('queued', 'submitting', 'unknown', 'running', 'fetching')
 order by number
 limit :limit";

    pub HISTORY = "
select number, id, customer, quote_id, job_id, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview
  from orders
 where customer = :customer
 order by number desc
 limit :limit offset :skip";

    pub OVERDUE = "
select id
  from orders
 where state in ('queued', 'submitting', 'unknown', 'running', 'fetching') and deadline_at <= :now
 order by deadline_at
 limit :limit";

    pub RECENT = "
select number, id, customer, quote_id, job_id, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview
  from orders
 order by number desc
 limit :limit";
}

/// The customer's orders that hold money, oldest first.
pub fn active(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    limit: i64,
) -> Result<Vec<OrderRow>, BookError> {
    let rows = tx.query(&ACTIVE, &params! { ":customer" => customer, ":limit" => limit })?;
    rows.iter().map(read).collect()
}

/// The customer's orders of any state, newest first.
pub fn history(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    skip: i64,
    limit: i64,
) -> Result<Vec<OrderRow>, BookError> {
    let rows = tx.query(
        &HISTORY,
        &params! { ":customer" => customer, ":skip" => skip, ":limit" => limit },
    )?;
    rows.iter().map(read).collect()
}

/// Orders that hold money past their deadline.
pub fn overdue(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<Vec<OrderId>, BookError> {
    let rows = tx.query(&OVERDUE, &params! { ":now" => now, ":limit" => limit })?;
    rows.iter().map(|row| read_id(row, "id")).collect()
}

/// Everybody's latest orders, newest first, for the owner's eyes.
pub fn recent(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<OrderRow>, BookError> {
    let rows = tx.query(&RECENT, &params! { ":limit" => limit })?;
    rows.iter().map(read).collect()
}
