//! Customers of a span of time.

use super::{Span, floor_id};
use crate::{BookError, Tx, params, statements};

/// How many customers did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleFigures {
    /// Wrote for the first time.
    pub came: i64,
    /// Of these, those who have paid in by now.
    pub came_and_paid: i64,
    /// Ordered something.
    pub active: i64,
    /// Paid in.
    pub paying: i64,
}

statements! {
    pub PEOPLE = "
select (select count(*)
          from customer
         where created_at >= :from and created_at < :upto) as came,
       (select count(*)
          from customer c
         where c.created_at >= :from and c.created_at < :upto
           and exists (select 1 from payment p where p.customer = c.id and p.paid_at is not null)) as came_and_paid,
       (select count(distinct customer)
          from orders
         where id >= :from_id and id < :upto_id) as active,
       (select count(distinct customer)
          from payment
         where paid_at is not null and paid_at >= :from and paid_at < :upto) as paying";
}

/// How many customers did what in a span of time.
pub fn people(tx: &mut Tx<'_>, span: Span) -> Result<PeopleFigures, BookError> {
    let row = tx.query_one(
        &PEOPLE,
        &params! {
            ":from" => span.from,
            ":upto" => span.upto,
            ":from_id" => floor_id(span.from),
            ":upto_id" => floor_id(span.upto),
        },
    )?;
    Ok(PeopleFigures {
        came: row.int("came")?,
        came_and_paid: row.int("came_and_paid")?,
        active: row.int("active")?,
        paying: row.int("paying")?,
    })
}
