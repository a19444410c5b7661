//! Money on its way back to where it was paid from.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{PaymentId, RefundId, TransferId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::RefundState;

use super::payment_of;
use crate::{BookError, Row, Tx, params, statements};

/// A refund that is about to be asked for, or that happened without us.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Its id.
    pub id: RefundId,
    /// The payment whose money goes back.
    pub payment: PaymentId,
    /// How much.
    pub amount: Kopecks,
    /// Where it stands.
    pub state: RefundState,
    /// `ours`, `foreign` or `chargeback`.
    pub origin: &'static str,
    /// Why, for people.
    pub memo: Option<String>,
    /// The key that its request carries.
    pub key: String,
    /// The bytes of its request.
    pub request: Option<Vec<u8>>,
    /// The payment system's name for it.
    pub provider_id: Option<String>,
    /// The hold on its sum; every refund of ours has one.
    pub hold: Option<TransferId>,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// Its id.
    pub id: RefundId,
    /// Its number for people.
    pub number: i64,
    /// The payment whose money goes back.
    pub payment: PaymentId,
    /// How much.
    pub amount: Kopecks,
    /// Where it stands.
    pub state: RefundState,
    /// `ours`, `foreign` or `chargeback`.
    pub origin: String,
    /// Why the payment system refused.
    pub reason: Option<String>,
    /// Why, for people.
    pub memo: Option<String>,
    /// The key that its request carries.
    pub key: String,
    /// The bytes of its request; forgotten when it is over.
    pub request: Option<Vec<u8>>,
    /// The payment system's name for it.
    pub provider_id: Option<String>,
    /// The hold on its sum.
    pub hold: Option<TransferId>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When its request was first sent.
    pub sent_at: Option<Timestamp>,
}

statements! {
    pub CREATE = "
insert into refund (id, payment_id, amount, state, origin, memo, key, request, provider_id, hold_id, created_at, state_at)
values (:id, :payment_id, :amount, :state, :origin, :memo, :key, :request, :provider_id, :hold_id, :now, :now)
returning number";

    pub FIND = "
select id, number, payment_id, amount, state, origin, reason, memo, key, request, provider_id, hold_id, created_at, sent_at
  from refund
 where id = :id";

    pub LOCK = {
        sqlite: "
select id, number, payment_id, amount, state, origin, reason, memo, key, request, provider_id, hold_id, created_at, sent_at
  from refund
 where id = :id",
        postgres: "
select id, number, payment_id, amount, state, origin, reason, memo, key, request, provider_id, hold_id, created_at, sent_at
  from refund
 where id = :id
   for update",
    };

    pub FIND_BY_PROVIDER = "
select r.id, r.number, r.payment_id, r.amount, r.state, r.origin, r.reason, r.memo, r.key, r.request, r.provider_id, r.hold_id,
       r.created_at, r.sent_at
  from refund r
  join payment p on p.id = r.payment_id
 where p.rail = :rail and r.provider_id = :provider_id";

    pub OF_PAYMENT = "
select id, number, payment_id, amount, state, origin, reason, memo, key, request, provider_id, hold_id, created_at, sent_at
  from refund
 where payment_id = :payment_id
 order by number";

    pub ON_THE_WAY = "
select cast(coalesce(sum(amount), 0) as bigint) as amount
  from refund
 where payment_id = :payment_id and state = 'asked'";

    pub ASKED = "
select id, number, payment_id, amount, state, origin, reason, memo, key, request, provider_id, hold_id, created_at, sent_at
  from refund
 where state = 'asked' and created_at < :before
 order by created_at
 limit :limit";

    pub SENT = "
update refund
   set sent_at = coalesce(sent_at, :now), provider_id = coalesce(provider_id, :provider_id)
 where id = :id";

    pub LOOKED = "
update refund
   set looks = looks + 1
 where id = :id
returning looks";

    pub END = "
update refund
   set state = :state, reason = :reason, provider_id = coalesce(provider_id, :provider_id), request = null, state_at = :now
 where id = :id and state = 'asked'";
}

/// Stores a refund; returns its number.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do all of this file.
pub fn create_refund(tx: &mut Tx<'_>, new: &NewRefund, now: Timestamp) -> Result<i64, BookError> {
    let row = tx.query_one(
        &CREATE,
        &params! {
            ":id" => new.id,
            ":payment_id" => new.payment,
            ":amount" => new.amount,
            ":state" => new.state.as_str(),
            ":origin" => new.origin,
            ":memo" => new.memo.as_deref(),
            ":key" => new.key.as_str(),
            ":request" => new.request.as_deref(),
            ":provider_id" => new.provider_id.as_deref(),
            ":hold_id" => new.hold,
            ":now" => now,
        },
    )?;
    row.int("number")
}

/// The refund with this id.
///
/// # Errors
/// As [`create_refund`].
pub fn find_refund(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<RefundRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// The refund with this id, kept from everybody else until the transaction ends.
///
/// # Errors
/// As [`create_refund`].
pub fn lock_refund(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<RefundRow>, BookError> {
    tx.query_opt(&LOCK, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// The refund that the payment system calls so.
///
/// # Errors
/// As [`create_refund`].
pub fn find_refund_by_provider(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
) -> Result<Option<RefundRow>, BookError> {
    let params = params! { ":rail" => rail.as_str(), ":provider_id" => provider_id };
    tx.query_opt(&FIND_BY_PROVIDER, &params)?.as_ref().map(read).transpose()
}

/// A payment's refunds, oldest first.
///
/// # Errors
/// As [`create_refund`].
pub fn refunds_of(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Vec<RefundRow>, BookError> {
    tx.query(&OF_PAYMENT, &params! { ":payment_id" => payment })?.iter().map(read).collect()
}

/// The sum of a payment's refunds that are not decided yet.
///
/// # Errors
/// As [`create_refund`].
pub fn refunds_on_the_way(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Kopecks, BookError> {
    let row = tx.query_one(&ON_THE_WAY, &params! { ":payment_id" => payment })?;
    row.int("amount").map(Kopecks::new)
}

/// Refunds stored before `before` that are not decided yet, oldest first.
///
/// # Errors
/// As [`create_refund`].
pub fn asked_refunds(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<RefundRow>, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    tx.query(&ASKED, &params)?.iter().map(read).collect()
}

/// Notes that the request went out, and the payment system's name for the refund once it is known.
///
/// # Errors
/// As [`create_refund`].
pub fn refund_sent(
    tx: &mut Tx<'_>,
    id: RefundId,
    provider_id: Option<&str>,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(&SENT, &params! { ":id" => id, ":provider_id" => provider_id, ":now" => now })?;
    Ok(())
}

/// Notes that a refund was asked about, or asked for in vain; returns how often.
///
/// # Errors
/// As [`create_refund`].
pub fn refund_looked(tx: &mut Tx<'_>, id: RefundId) -> Result<i64, BookError> {
    tx.query_one(&LOOKED, &params! { ":id" => id })?.int("looks")
}

/// The payment system decided; `false` when that was known.
///
/// # Errors
/// As [`create_refund`].
pub fn end_refund(
    tx: &mut Tx<'_>,
    id: RefundId,
    state: RefundState,
    provider_id: Option<&str>,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! {
        ":id" => id, ":state" => state.as_str(), ":reason" => reason, ":provider_id" => provider_id, ":now" => now
    };
    Ok(tx.execute(&END, &params)? > 0)
}

fn read(row: &Row) -> Result<RefundRow, BookError> {
    let word = |column: &str| BookError::unreadable(column);
    Ok(RefundRow {
        id: RefundId::from_slice(&row.blob("id")?).ok_or_else(|| word("id"))?,
        number: row.int("number")?,
        payment: payment_of(row, "payment_id")?,
        amount: Kopecks::new(row.int("amount")?),
        state: RefundState::from_word(&row.text("state")?).ok_or_else(|| word("state"))?,
        origin: row.text("origin")?,
        reason: row.opt_text("reason")?,
        memo: row.opt_text("memo")?,
        key: row.text("key")?,
        request: row.opt_blob("request")?,
        provider_id: row.opt_text("provider_id")?,
        hold: row.opt_blob("hold_id")?.and_then(|bytes| TransferId::from_slice(&bytes)),
        created_at: Timestamp(row.int("created_at")?),
        sent_at: row.opt_int("sent_at")?.map(Timestamp),
    })
}
