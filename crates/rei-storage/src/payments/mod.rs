//! Payments: stored with key and request before the payment system hears of them, credited once.
//!
//! Whoever decides about a payment locks its row first, so of several who learn of the same money one acts.

mod contacts;
mod lists;
mod notices;
mod offsets;
mod reconciliations;
mod refunds;
mod suspense;

pub use contacts::{accept_terms, email_of, save_email, terms_accepted};
pub use lists::{
    Counted, created_since, find_number, of_customer, open_of_customer, receipts_pending, recent,
    review, same_open, totals, unfinished, was_used,
};
pub use notices::{NewNotice, Noticed, clean_notices, note_notice};
pub(crate) use offsets::over_offset_by_number;
pub use offsets::{
    NewOffset, OffsetRow, OffsetState, OverOffset, Rest, count_open_offsets, create_offset,
    end_offset, find_offset, offset_looked, offset_sending, offset_stuck, offset_taken,
    offset_unsent, offsets_of_customer, offsets_stuck_alike, offsets_unregistered, offsets_unsent,
    over_offset, prepaid_rests, set_offset_request, set_prepaid,
};
pub use reconciliations::{
    ClearingRow, ReconciliationRow, clearing_movements, latest_reconciliation, save_reconciliation,
};
pub use refunds::{
    NewRefund, RefundRow, asked_refunds, create_refund, end_refund, find_refund,
    find_refund_by_provider, lock_refund, refund_looked, refund_sent, refunds_of,
    refunds_on_the_way,
};
pub use suspense::{
    SuspenseRow, find_suspense, lessen_suspense, open_suspense, resolve_suspense, suspend,
    suspense_named,
};

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId, QuoteId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;

use crate::{BookError, Row, Sql, Tx, params, statements};

/// A payment that is about to be asked for.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its id.
    pub id: PaymentId,
    /// Whose wallet it fills.
    pub customer: CustomerId,
    /// The way it comes.
    pub rail: Rail,
    /// What is credited.
    pub amount: Kopecks,
    /// What is paid in the rail's own units; none for rubles.
    pub units: Option<i64>,
    /// The kept order from which it was started.
    pub quote: Option<QuoteId>,
    /// The key that its request carries.
    pub key: String,
    /// Whether it is play money.
    pub is_test: bool,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub id: PaymentId,
    /// Its number for people.
    pub number: i64,
    /// Whose wallet it fills.
    pub customer: CustomerId,
    /// The way it comes.
    pub rail: Rail,
    /// What is credited.
    pub amount: Kopecks,
    /// What is paid in the rail's own units; none for rubles.
    pub units: Option<i64>,
    /// Where it stands.
    pub state: PaymentState,
    /// Why it was closed or waits for a person.
    pub reason: Option<String>,
    /// The kept order from which it was started.
    pub quote: Option<QuoteId>,
    /// The key that its request carries.
    pub key: String,
    /// The bytes of its request; forgotten when the payment is over.
    pub request: Option<Vec<u8>>,
    /// The payment system's name for it.
    pub provider_id: Option<String>,
    /// Where the customer pays.
    pub link: Option<String>,
    /// Whether it is play money.
    pub is_test: bool,
    /// What went back, in all.
    pub refunded: Kopecks,
    /// How often it was asked about.
    pub looks: i64,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When its request was first sent.
    pub sent_at: Option<Timestamp>,
    /// When it was credited.
    pub paid_at: Option<Timestamp>,
}

statements! {
    pub CREATE = "
insert into payment (id, customer, rail, amount, units, quote_id, key, is_test, created_at, state_at)
values (:id, :customer, :rail, :amount, :units, :quote_id, :key, :is_test, :now, :now)
returning number";

    pub SET_REQUEST = "update payment set request = :request where id = :id and request is null and sent_at is null";

    pub SET_QUOTE = "
update payment set quote_id = :quote_id where id = :id and state in ('preparing', 'waiting')";

    pub FIND = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where id = :id";

    pub LOCK = {
        sqlite: "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where id = :id",
        postgres: "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where id = :id
   for update",
    };

    pub FIND_BY_PROVIDER = "
select id, number, customer, rail, amount, units, state, reason, quote_id, key, request, provider_id, link, is_test, refunded,
       looks, created_at, sent_at, paid_at
  from payment
 where rail = :rail and provider_id = :provider_id";

    pub SENT = "update payment set sent_at = coalesce(sent_at, :now) where id = :id";

    pub OPENED = "
update payment
   set state = 'waiting', provider_id = coalesce(provider_id, :provider_id), link = :link, state_at = :now
 where id = :id and state = 'preparing'";

    pub NAME = "
update payment
   set provider_id = :provider_id
 where id = :id and provider_id is null
   and not exists (select 1 from payment other where other.rail = payment.rail and other.provider_id = :provider_id)";

    pub LINK = "update payment set link = :link where id = :id and state = 'waiting'";

    pub PAID = "
update payment
   set state = 'paid', provider_id = :provider_id, fee = :fee, receipt = :receipt, reason = null, request = null, link = null,
       paid_at = :now, state_at = :now
 where id = :id and state <> 'paid'";

    pub CLOSE = "
update payment
   set state = :state, reason = :reason, request = null, link = null, state_at = :now
 where id = :id and state in ('preparing', 'waiting', 'cancelled') and state <> :state";

    pub LOOKED = "
update payment
   set looks = looks + 1
 where id = :id
returning looks";

    pub RECEIPT = "update payment set receipt = :receipt where id = :id and receipt = 'pending'";

    pub ADD_REFUNDED = "
update payment
   set refunded = refunded + :amount
 where id = :id and refunded + :amount <= amount";
}

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [
        ALL,
        contacts::ALL,
        lists::ALL,
        notices::ALL,
        offsets::ALL,
        reconciliations::ALL,
        refunds::ALL,
        suspense::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Stores a payment with its key; returns its number, which its request may name.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do all of this folder.
pub fn create(tx: &mut Tx<'_>, new: &NewPayment, now: Timestamp) -> Result<i64, BookError> {
    let row = tx.query_one(
        &CREATE,
        &params! {
            ":id" => new.id,
            ":customer" => new.customer,
            ":rail" => new.rail.as_str(),
            ":amount" => new.amount,
            ":units" => new.units,
            ":quote_id" => new.quote,
            ":key" => new.key.as_str(),
            ":is_test" => new.is_test,
            ":now" => now,
        },
    )?;
    row.int("number")
}

/// Stores the bytes of a payment's request, once and for all, in the transaction that stored the payment.
///
/// # Errors
/// As [`create`].
pub fn set_request(tx: &mut Tx<'_>, id: PaymentId, request: &[u8]) -> Result<(), BookError> {
    tx.execute(&SET_REQUEST, &params! { ":id" => id, ":request" => request })?;
    Ok(())
}

/// An open payment is from now on started from this kept order, or from none.
///
/// # Errors
/// As [`create`].
pub fn set_quote(tx: &mut Tx<'_>, id: PaymentId, quote: Option<QuoteId>) -> Result<(), BookError> {
    tx.execute(&SET_QUOTE, &params! { ":id" => id, ":quote_id" => quote })?;
    Ok(())
}

/// The payment with this id.
///
/// # Errors
/// As [`create`].
pub fn find(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<PaymentRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// The payment with this id, kept from everybody else until the transaction ends.
///
/// # Errors
/// As [`create`].
pub fn lock(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<PaymentRow>, BookError> {
    tx.query_opt(&LOCK, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// The payment that the payment system calls so.
///
/// # Errors
/// As [`create`].
pub fn find_by_provider(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
) -> Result<Option<PaymentRow>, BookError> {
    let params = params! { ":rail" => rail.as_str(), ":provider_id" => provider_id };
    tx.query_opt(&FIND_BY_PROVIDER, &params)?.as_ref().map(read).transpose()
}

/// Notes that the request goes out now; the first time counts.
///
/// # Errors
/// As [`create`].
pub fn sent(tx: &mut Tx<'_>, id: PaymentId, now: Timestamp) -> Result<(), BookError> {
    tx.execute(&SENT, &params! { ":id" => id, ":now" => now })?;
    Ok(())
}

/// The payment system took the request; `false` when that was known. Some have no name for a payment before it is paid.
///
/// # Errors
/// As [`create`].
pub fn opened(
    tx: &mut Tx<'_>,
    id: PaymentId,
    provider_id: Option<&str>,
    link: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params =
        params! { ":id" => id, ":provider_id" => provider_id, ":link" => link, ":now" => now };
    Ok(tx.execute(&OPENED, &params)? > 0)
}

/// Notes the payment system's name for a payment that has none yet; `false` when it has one or another has this one.
///
/// # Errors
/// As [`create`].
pub fn name(tx: &mut Tx<'_>, id: PaymentId, provider_id: &str) -> Result<bool, BookError> {
    Ok(tx.execute(&NAME, &params! { ":id" => id, ":provider_id" => provider_id })? > 0)
}

/// Notes where a waiting payment is paid.
///
/// # Errors
/// As [`create`].
pub fn set_link(tx: &mut Tx<'_>, id: PaymentId, link: &str) -> Result<(), BookError> {
    tx.execute(&LINK, &params! { ":id" => id, ":link" => link })?;
    Ok(())
}

/// What is known of a payment that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidWith {
    /// The payment system's name for it.
    pub provider_id: String,
    /// What the payment system kept, when it says so.
    pub fee: Option<Kopecks>,
    /// How its receipt stands: `pending`, `succeeded`, `canceled`.
    pub receipt: Option<String>,
}

/// The payment is credited; `false` when it was before.
///
/// # Errors
/// As [`create`].
pub fn paid(
    tx: &mut Tx<'_>,
    id: PaymentId,
    with: &PaidWith,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! {
        ":id" => id,
        ":provider_id" => with.provider_id.as_str(),
        ":fee" => with.fee,
        ":receipt" => with.receipt.as_deref(),
        ":now" => now,
    };
    Ok(tx.execute(&PAID, &params)? > 0)
}

/// The payment is closed, or waits for a person; `false` when it is paid or was so before.
///
/// # Errors
/// As [`create`].
pub fn close(
    tx: &mut Tx<'_>,
    id: PaymentId,
    state: PaymentState,
    reason: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params =
        params! { ":id" => id, ":state" => state.as_str(), ":reason" => reason, ":now" => now };
    Ok(tx.execute(&CLOSE, &params)? > 0)
}

/// Notes that a payment was asked about; returns how often.
///
/// # Errors
/// As [`create`].
pub fn looked(tx: &mut Tx<'_>, id: PaymentId) -> Result<i64, BookError> {
    tx.query_one(&LOOKED, &params! { ":id" => id })?.int("looks")
}

/// Notes how a receipt that was on its way ended.
///
/// # Errors
/// As [`create`].
pub fn receipt_ended(tx: &mut Tx<'_>, id: PaymentId, state: &str) -> Result<bool, BookError> {
    Ok(tx.execute(&RECEIPT, &params! { ":id" => id, ":receipt" => state })? > 0)
}

/// Notes that money went back; `false` when that would be more than came.
///
/// # Errors
/// As [`create`].
pub fn add_refunded(tx: &mut Tx<'_>, id: PaymentId, amount: Kopecks) -> Result<bool, BookError> {
    Ok(tx.execute(&ADD_REFUNDED, &params! { ":id" => id, ":amount" => amount })? > 0)
}

/// The payment that a column names.
pub(crate) fn payment_of(row: &Row, column: &'static str) -> Result<PaymentId, BookError> {
    PaymentId::from_slice(&row.blob(column)?).ok_or_else(|| BookError::unreadable(column))
}

pub(crate) fn read(row: &Row) -> Result<PaymentRow, BookError> {
    let word = |column: &str| BookError::unreadable(column);
    let at = |column: &str| -> Result<Option<Timestamp>, BookError> {
        Ok(row.opt_int(column)?.map(Timestamp))
    };
    Ok(PaymentRow {
        id: payment_of(row, "id")?,
        number: row.int("number")?,
        customer: CustomerId(row.int("customer")?),
        rail: Rail::from_word(&row.text("rail")?).ok_or_else(|| word("rail"))?,
        amount: Kopecks::new(row.int("amount")?),
        units: row.opt_int("units")?,
        state: PaymentState::from_word(&row.text("state")?).ok_or_else(|| word("state"))?,
        reason: row.opt_text("reason")?,
        quote: row.opt_blob("quote_id")?.and_then(|bytes| QuoteId::from_slice(&bytes)),
        key: row.text("key")?,
        request: row.opt_blob("request")?,
        provider_id: row.opt_text("provider_id")?,
        link: row.opt_text("link")?,
        is_test: row.int("is_test")? != 0,
        refunded: Kopecks::new(row.int("refunded")?),
        looks: row.int("looks")?,
        created_at: Timestamp(row.int("created_at")?),
        sent_at: at("sent_at")?,
        paid_at: at("paid_at")?,
    })
}

#[cfg(test)]
mod tests;
