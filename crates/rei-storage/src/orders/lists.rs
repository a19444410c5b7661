//! Lists of orders: a customer's own, and those whose time is up.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};

use super::{OrderRow, read, read_id};
use crate::{BookError, Tx, params, statements};

statements! {
    pub ACTIVE = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
  from orders
 where customer = :customer and state in ('queued', 'submitting', 'unknown', 'running', 'fetching')
 order by number
 limit :limit";

    pub HISTORY = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
  from orders
 where customer = :customer
   and (:filter = 'all'
        or (:filter = 'favourites' and favourite = 1)
        or (:filter = 'images' and kind in ('image', 'edit'))
        or (:filter = 'videos' and kind not in ('image', 'edit')))
 order by number desc
 limit :limit offset :skip";

    pub FAVOURITE = "update orders set favourite = :favourite where id = :id and customer = :customer";

    pub OVERDUE = "
select id
  from orders
 where state in ('queued', 'submitting', 'unknown', 'running', 'fetching') and deadline_at <= :now
 order by deadline_at
 limit :limit";

    pub RECENT = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
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

/// Which of a customer's orders a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistoryFilter {
    /// Every order.
    #[default]
    All,
    /// Pictures and edits.
    Images,
    /// Videos of every kind.
    Videos,
    /// Those that the customer marked.
    Favourites,
}

impl HistoryFilter {
    const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Images => "images",
            Self::Videos => "videos",
            Self::Favourites => "favourites",
        }
    }
}

/// Marks a customer's own order, or takes the mark away; `false` when it is not the customer's.
pub fn set_favourite(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    id: OrderId,
    on: bool,
) -> Result<bool, BookError> {
    let params = params! { ":id" => id, ":customer" => customer, ":favourite" => i64::from(on) };
    Ok(tx.execute(&FAVOURITE, &params)? > 0)
}

/// The customer's orders of any state, newest first.
pub fn history(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    filter: HistoryFilter,
    skip: i64,
    limit: i64,
) -> Result<Vec<OrderRow>, BookError> {
    let rows = tx.query(
        &HISTORY,
        &params! {
            ":customer" => customer, ":filter" => filter.as_str(), ":skip" => skip, ":limit" => limit
        },
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
