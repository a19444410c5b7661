//! Offset receipts: which part of a prepayment an order used up, and how the receipt of that stands.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OffsetId, OrderId, PaymentId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;

use super::payment_of;
use crate::{BookError, Row, Tx, params, statements};

/// Payments that one order may use up.
const RESTS_MAX: i64 = 100;
/// More of these are not needed to see that something is wrong.
const OVER_MAX: i64 = 20;

/// A receipt that is owed from now on.
#[derive(Clone, Debug)]
pub struct NewOffset {
    /// Its id.
    pub id: OffsetId,
    /// The payment that brought the prepayment.
    pub payment: PaymentId,
    /// The order that used it up.
    pub order: OrderId,
    /// How much of it.
    pub amount: Kopecks,
    /// What the receipt says was handed over; names the order, so that the receipt is found again by it.
    pub item: String,
}

/// Where an offset receipt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetState {
    /// The payment system does not have it, as far as we know.
    Created,
    /// The payment system has it; its registration is on its way.
    Sent,
    /// Final: registered.
    Succeeded,
    /// Final: it will not be registered; a person was told.
    Failed,
}

impl OffsetState {
    const ALL: [Self; 4] = [Self::Created, Self::Sent, Self::Succeeded, Self::Failed];

    /// Its word in the book.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sent => "sent",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// An offset receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetRow {
    /// Its id.
    pub id: OffsetId,
    /// The payment that brought the prepayment.
    pub payment: PaymentId,
    /// The order that used it up.
    pub order: OrderId,
    /// How much of it.
    pub amount: Kopecks,
    /// What the receipt says was handed over.
    pub item: String,
    /// The key that its request carries.
    pub key: String,
    /// The bytes of its request; none before it is first sent, forgotten at the end.
    pub request: Option<Vec<u8>>,
    /// Where it stands.
    pub state: OffsetState,
    /// Why it waits for a person or failed.
    pub reason: Option<String>,
    /// The payment system's name for it.
    pub provider_id: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When its request was first sent.
    pub sent_at: Option<Timestamp>,
    /// Since when it stands so.
    pub state_at: Timestamp,
}

/// What is left of a prepayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The payment.
    pub payment: PaymentId,
    /// What neither went back, nor is on its way back, nor was used up.
    pub amount: Kopecks,
}

/// A payment of which more was used up than came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverOffset {
    /// The payment's number for people.
    pub number: i64,
    /// The way it came.
    pub rail: Rail,
    /// The payment system's name for the payment.
    pub payment: String,
    /// What came.
    pub paid: Kopecks,
    /// What was used up.
    pub offset: Kopecks,
}

/// What was read of such payments, each under its number.
pub(crate) type OverByNumber = Vec<(i64, Result<OverOffset, BookError>)>;

statements! {
    pub SET_PREPAID = "update payment set prepaid = 1 where id = :id and sent_at is null";

    // Oldest first: what was paid first is used up first.
    pub RESTS = "
select x.id, x.rest
  from (select p.id, p.number, p.paid_at,
               cast(p.amount - p.refunded
                   - (select coalesce(sum(r.amount), 0) from refund r where r.payment_id = p.id and r.state = 'asked')
                   - (select coalesce(sum(o.amount), 0) from offset_receipt o where o.payment_id = p.id) as bigint) as rest
          from payment p
         where p.customer = :customer and p.prepaid = 1 and p.state = 'paid') x
 where x.rest > 0
 order by x.paid_at, x.number
 limit :limit";

    // The guard stands in the statement, too: no more can be used up than came.
    pub CREATE = "
insert into offset_receipt (id, payment_id, order_id, amount, item, key, created_at, state_at)
select :id, p.id, :order_id, :amount, :item, :key, :now, :now
  from payment p
 where p.id = :payment_id
   and p.amount - (select cast(coalesce(sum(o.amount), 0) as bigint) from offset_receipt o where o.payment_id = p.id) >= :amount
on conflict do nothing";

    pub FIND = "
select id, payment_id, order_id, amount, item, key, request, state, reason, provider_id, created_at, sent_at, state_at
  from offset_receipt
 where id = :id";

    pub OF_CUSTOMER = "
select o.id, o.payment_id, o.order_id, o.amount, o.item, o.key, o.request, o.state, o.reason, o.provider_id, o.created_at,
       o.sent_at, o.state_at
  from offset_receipt o
  join payment p on p.id = o.payment_id
 where p.customer = :customer
 order by o.created_at, p.number
 limit :limit";

    // Receipts of a customer whose e-mail is unknown wait until he gives one. The condition of the index stands in each
    // statement, so that both engines use it.
    pub UNSENT = "
select o.id, o.payment_id, o.order_id, o.amount, o.item, o.key, o.request, o.state, o.reason, o.provider_id, o.created_at,
       o.sent_at, o.state_at
  from offset_receipt o
  join payment p on p.id = o.payment_id
 where o.state in ('created', 'sent') and o.state = 'created' and o.created_at < :before
   and (o.request is not null or exists (select 1 from receipt_email e where e.customer = p.customer))
 order by o.created_at
 limit :limit";

    pub UNREGISTERED = "
select id, payment_id, order_id, amount, item, key, request, state, reason, provider_id, created_at, sent_at, state_at
  from offset_receipt
 where state in ('created', 'sent') and state = 'sent' and state_at < :before
 order by created_at
 limit :limit";

    pub OPEN = "select count(*) as open from offset_receipt where state in ('created', 'sent')";

    pub OVER = "
select p.number, p.rail, coalesce(p.provider_id, '') as name, p.amount, cast(sum(o.amount) as bigint) as used
  from offset_receipt o
  join payment p on p.id = o.payment_id
 group by p.number, p.rail, p.provider_id, p.amount
having sum(o.amount) > p.amount
 order by p.number
 limit :limit";

    pub SET_REQUEST = "
update offset_receipt
   set request = :request
 where id = :id and request is null and state = 'created'";

    pub SENDING = "
update offset_receipt
   set sent_at = coalesce(sent_at, :now)
 where id = :id and state = 'created'";

    pub UNSEND = "update offset_receipt set sent_at = null where id = :id and state = 'created'";

    pub TAKEN = "
update offset_receipt
   set state = 'sent', reason = null, provider_id = :provider_id, state_at = :now
 where id = :id and state = 'created'";

    pub END = "
update offset_receipt
   set state = :state, reason = :reason, provider_id = coalesce(provider_id, :provider_id), request = null, state_at = :now
 where id = :id and state in ('created', 'sent')";

    pub STUCK = "
update offset_receipt
   set reason = :reason
 where id = :id and state = 'created' and (reason is null or reason <> :reason)";

    pub STUCK_ALIKE = "
select count(*) as alike
  from offset_receipt o
  join payment p on p.id = o.payment_id
 where o.state in ('created', 'sent') and o.state = 'created' and o.reason = :reason and o.id <> :id
   and (p.customer = :customer or :customer = 0)";

    pub LOOKED = "
update offset_receipt
   set looks = looks + 1
 where id = :id
returning looks";
}

/// The receipt of this payment says that it is a prepayment; to be called in the transaction that stores the payment.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do all of this file.
pub fn set_prepaid(tx: &mut Tx<'_>, payment: PaymentId) -> Result<(), BookError> {
    tx.execute(&SET_PREPAID, &params! { ":id" => payment })?;
    Ok(())
}

/// What is left of a customer's prepayments, the oldest first.
///
/// # Errors
/// As [`set_prepaid`].
pub fn prepaid_rests(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Vec<Rest>, BookError> {
    let rows = tx.query(&RESTS, &params! { ":customer" => customer, ":limit" => RESTS_MAX })?;
    let rest = |row: &Row| {
        Ok(Rest { payment: payment_of(row, "id")?, amount: Kopecks::new(row.int("rest")?) })
    };
    rows.iter().map(rest).collect()
}

/// Stores a receipt that is owed; `false` when the order has one for this payment, or too little is left of it.
///
/// # Errors
/// As [`set_prepaid`].
pub fn create_offset(tx: &mut Tx<'_>, new: &NewOffset, now: Timestamp) -> Result<bool, BookError> {
    let params = params! {
        ":id" => new.id,
        ":payment_id" => new.payment,
        ":order_id" => new.order,
        ":amount" => new.amount,
        ":item" => new.item.as_str(),
        ":key" => new.id.to_string(),
        ":now" => now,
    };
    Ok(tx.execute(&CREATE, &params)? > 0)
}

/// The receipt with this id.
///
/// # Errors
/// As [`set_prepaid`].
pub fn find_offset(tx: &mut Tx<'_>, id: OffsetId) -> Result<Option<OffsetRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// A customer's offset receipts, oldest first.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offsets_of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    limit: i64,
) -> Result<Vec<OffsetRow>, BookError> {
    let params = params! { ":customer" => customer, ":limit" => limit };
    tx.query(&OF_CUSTOMER, &params)?.iter().map(read).collect()
}

/// Receipts stored before `before` that the payment system does not have and that could be sent, oldest first.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offsets_unsent(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<OffsetRow>, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    tx.query(&UNSENT, &params)?.iter().map(read).collect()
}

/// Receipts that the payment system took before `before` and that were not registered yet, oldest first.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offsets_unregistered(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<OffsetRow>, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    tx.query(&UNREGISTERED, &params)?.iter().map(read).collect()
}

/// How many receipts are owed and not registered.
///
/// # Errors
/// As [`set_prepaid`].
pub fn count_open_offsets(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&OPEN, &params! {})?.int("open")
}

/// Payments of which more was used up than came; none in a sound book.
///
/// # Errors
/// As [`set_prepaid`].
pub fn over_offset(tx: &mut Tx<'_>) -> Result<Vec<OverOffset>, BookError> {
    over_offset_by_number(tx)?.into_iter().map(|(_, over)| over).collect()
}

/// The same by the payments' numbers; one that does not read is among them with the reason.
///
/// # Errors
/// As [`set_prepaid`].
pub(crate) fn over_offset_by_number(tx: &mut Tx<'_>) -> Result<OverByNumber, BookError> {
    let over = |row: &Row| {
        let (paid, offset) = (Kopecks::new(row.int("amount")?), Kopecks::new(row.int("used")?));
        let rail = Rail::from_word(&row.text("rail")?);
        let rail = rail.ok_or_else(|| BookError::unreadable("rail"))?;
        Ok(OverOffset {
            number: row.int("number")?,
            rail,
            payment: row.text("name")?,
            paid,
            offset,
        })
    };
    let rows = tx.query(&OVER, &params! { ":limit" => OVER_MAX })?;
    rows.iter().map(|row| Ok((row.int("number")?, over(row)))).collect()
}

/// Stores the bytes of a receipt's request, once and for all.
///
/// # Errors
/// As [`set_prepaid`].
pub fn set_offset_request(tx: &mut Tx<'_>, id: OffsetId, request: &[u8]) -> Result<(), BookError> {
    tx.execute(&SET_REQUEST, &params! { ":id" => id, ":request" => request })?;
    Ok(())
}

/// Notes that the request goes out now; the first time counts.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offset_sending(tx: &mut Tx<'_>, id: OffsetId, now: Timestamp) -> Result<(), BookError> {
    tx.execute(&SENDING, &params! { ":id" => id, ":now" => now })?;
    Ok(())
}

/// Notes that the only request so far was certainly not carried out.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offset_unsent(tx: &mut Tx<'_>, id: OffsetId) -> Result<(), BookError> {
    tx.execute(&UNSEND, &params! { ":id" => id })?;
    Ok(())
}

/// The payment system has the receipt; `false` when that was known.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offset_taken(
    tx: &mut Tx<'_>,
    id: OffsetId,
    provider_id: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! { ":id" => id, ":provider_id" => provider_id, ":now" => now };
    Ok(tx.execute(&TAKEN, &params)? > 0)
}

/// The receipt is over, and its request forgotten; `false` when it was before.
///
/// # Errors
/// As [`set_prepaid`].
pub fn end_offset(
    tx: &mut Tx<'_>,
    id: OffsetId,
    state: OffsetState,
    provider_id: Option<&str>,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! {
        ":id" => id,
        ":state" => state.as_str(),
        ":provider_id" => provider_id,
        ":reason" => reason,
        ":now" => now,
    };
    Ok(tx.execute(&END, &params)? > 0)
}

/// Notes why a receipt can't go out for now; `false` when that was known.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offset_stuck(tx: &mut Tx<'_>, id: OffsetId, reason: &str) -> Result<bool, BookError> {
    Ok(tx.execute(&STUCK, &params! { ":id" => id, ":reason" => reason })? > 0)
}

/// How many other receipts can't go out for the same reason, of this customer or of all.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offsets_stuck_alike(
    tx: &mut Tx<'_>,
    id: OffsetId,
    reason: &str,
    customer: Option<CustomerId>,
) -> Result<i64, BookError> {
    let customer = customer.map_or(0, |customer| customer.0);
    let params = params! { ":id" => id, ":reason" => reason, ":customer" => customer };
    tx.query_one(&STUCK_ALIKE, &params)?.int("alike")
}

/// Notes that a receipt was asked for in vain; returns how often.
///
/// # Errors
/// As [`set_prepaid`].
pub fn offset_looked(tx: &mut Tx<'_>, id: OffsetId) -> Result<i64, BookError> {
    tx.query_one(&LOOKED, &params! { ":id" => id })?.int("looks")
}

fn read(row: &Row) -> Result<OffsetRow, BookError> {
    let word = |column: &str| BookError::unreadable(column);
    Ok(OffsetRow {
        id: OffsetId::from_slice(&row.blob("id")?).ok_or_else(|| word("id"))?,
        payment: payment_of(row, "payment_id")?,
        order: OrderId::from_slice(&row.blob("order_id")?).ok_or_else(|| word("order_id"))?,
        amount: Kopecks::new(row.int("amount")?),
        item: row.text("item")?,
        key: row.text("key")?,
        request: row.opt_blob("request")?,
        state: OffsetState::from_word(&row.text("state")?).ok_or_else(|| word("state"))?,
        reason: row.opt_text("reason")?,
        provider_id: row.opt_text("provider_id")?,
        created_at: Timestamp(row.int("created_at")?),
        sent_at: row.opt_int("sent_at")?.map(Timestamp),
        state_at: Timestamp(row.int("state_at")?),
    })
}
