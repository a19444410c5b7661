//! Payments by what they have in common.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;

use super::{PaymentRow, read};
use crate::{BookError, Tx, params, statements};

statements! {
    pub FIND_NUMBER = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where number = :number";

    pub OF_CUSTOMER = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where customer = :customer
 order by number desc
 limit :limit";

    pub OPEN_OF_CUSTOMER = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where customer = :customer and state in ('preparing', 'waiting') and created_at > :after
 order by number desc
 limit :limit";

    pub SAME_OPEN = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where customer = :customer and rail = :rail and amount = :amount and state in ('preparing', 'waiting') and created_at > :after
 order by number desc
 limit 1";

    pub CREATED_SINCE = "
select count(*) as created, min(created_at) as first_at
  from payment
 where customer = :customer and created_at > :after";

    pub RECENT = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 order by number desc
 limit :limit";

    pub REVIEW = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where state = 'review'
   and not exists (
       select 1 from suspense_item s
        where s.rail = payment.rail and s.provider_id = payment.provider_id and s.state <> 'open')
 order by created_at
 limit :limit";

    pub UNFINISHED = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where state in ('preparing', 'waiting') and created_at < :before
 order by created_at
 limit :limit";

    pub RECEIPTS_PENDING = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where receipt = 'pending' and paid_at < :before
 order by paid_at
 limit :limit";

    // Two questions, so that each has an index of its own.
    pub WAS_USED = "
select 1 as used where exists (select 1 from payment where rail = :rail and provider_id is not null)
                    or exists (select 1 from payment where rail = :rail and state in ('preparing', 'waiting'))";

    pub TOTALS = "
select (select cast(coalesce(sum(amount), 0) as bigint) from payment where rail = :rail and paid_at >= :from_at and paid_at < :upto_at)
           as paid,
       (select cast(coalesce(sum(r.amount), 0) as bigint) from refund r join payment p on p.id = r.payment_id
         where p.rail = :rail and r.state = 'succeeded' and r.state_at >= :from_at and r.state_at < :upto_at) as refunded";
}

/// How many, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: i64,
    /// When the first was.
    pub first_at: Option<Timestamp>,
}

/// The payment with this number.
///
/// # Errors
/// [`BookError`] when the book can't be read; so do all of this file.
pub fn find_number(tx: &mut Tx<'_>, number: i64) -> Result<Option<PaymentRow>, BookError> {
    tx.query_opt(&FIND_NUMBER, &params! { ":number" => number })?.as_ref().map(read).transpose()
}

/// A customer's payments, newest first.
///
/// # Errors
/// As [`find_number`].
pub fn of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    limit: i64,
) -> Result<Vec<PaymentRow>, BookError> {
    let params = params! { ":customer" => customer, ":limit" => limit };
    tx.query(&OF_CUSTOMER, &params)?.iter().map(read).collect()
}

/// A customer's payments that may still be paid and were stored after `after`, newest first.
///
/// # Errors
/// As [`find_number`].
pub fn open_of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentRow>, BookError> {
    let params = params! { ":customer" => customer, ":after" => after, ":limit" => limit };
    tx.query(&OPEN_OF_CUSTOMER, &params)?.iter().map(read).collect()
}

/// The customer's payment of this sum that may still be paid.
///
/// # Errors
/// As [`find_number`].
pub fn same_open(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    rail: Rail,
    amount: Kopecks,
    after: Timestamp,
) -> Result<Option<PaymentRow>, BookError> {
    let params = params! { ":customer" => customer, ":rail" => rail.as_str(), ":amount" => amount, ":after" => after };
    tx.query_opt(&SAME_OPEN, &params)?.as_ref().map(read).transpose()
}

/// How many payments a customer has started after `after`.
///
/// # Errors
/// As [`find_number`].
pub fn created_since(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    after: Timestamp,
) -> Result<Counted, BookError> {
    let params = params! { ":customer" => customer, ":after" => after };
    let row = tx.query_one(&CREATED_SINCE, &params)?;
    Ok(Counted { count: row.int("created")?, first_at: row.opt_int("first_at")?.map(Timestamp) })
}

/// Payments of everybody, newest first.
///
/// # Errors
/// As [`find_number`].
pub fn recent(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PaymentRow>, BookError> {
    tx.query(&RECENT, &params! { ":limit" => limit })?.iter().map(read).collect()
}

/// Payments that wait for a person, oldest first: not those whose money a person has decided about.
///
/// # Errors
/// As [`find_number`].
pub fn review(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PaymentRow>, BookError> {
    tx.query(&REVIEW, &params! { ":limit" => limit })?.iter().map(read).collect()
}

/// Payments stored before `before` whose end is not known, oldest first.
///
/// # Errors
/// As [`find_number`].
pub fn unfinished(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentRow>, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    tx.query(&UNFINISHED, &params)?.iter().map(read).collect()
}

/// Paid payments whose receipt was still on its way at `before`.
///
/// # Errors
/// As [`find_number`].
pub fn receipts_pending(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentRow>, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    tx.query(&RECEIPTS_PENDING, &params)?.iter().map(read).collect()
}

/// Whether a payment was made over a rail, or is still open there.
///
/// # Errors
/// As [`find_number`].
pub fn was_used(tx: &mut Tx<'_>, rail: Rail) -> Result<bool, BookError> {
    Ok(tx.query_opt(&WAS_USED, &params! { ":rail" => rail.as_str() })?.is_some())
}

/// What came and went over a rail in a time: (paid, refunded).
///
/// # Errors
/// As [`find_number`].
pub fn totals(
    tx: &mut Tx<'_>,
    rail: Rail,
    from: Timestamp,
    upto: Timestamp,
) -> Result<(Kopecks, Kopecks), BookError> {
    let params = params! { ":rail" => rail.as_str(), ":from_at" => from, ":upto_at" => upto };
    let row = tx.query_one(&TOTALS, &params)?;
    Ok((Kopecks::new(row.int("paid")?), Kopecks::new(row.int("refunded")?)))
}
