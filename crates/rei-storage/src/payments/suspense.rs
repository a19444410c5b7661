//! Money that came and fits no payment of ours.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// Money that nobody could be credited for yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspenseRow {
    /// The way it came.
    pub rail: Rail,
    /// The payment system's name for the payment.
    pub provider_id: String,
    /// How much.
    pub amount: Kopecks,
    /// Why nobody was credited.
    pub note: String,
    /// `open`, `assigned` or `returned`.
    pub state: String,
    /// Whom it was assigned to.
    pub customer: Option<CustomerId>,
    /// When it was found.
    pub seen_at: Timestamp,
}

statements! {
    pub SUSPEND = "
insert into suspense_item (rail, provider_id, amount, note, seen_at)
values (:rail, :provider_id, :amount, :note, :now)
on conflict (rail, provider_id) do nothing";

    pub FIND = "
select rail, provider_id, amount, note, state, customer, seen_at
  from suspense_item
 where rail = :rail and provider_id = :provider_id";

    pub NAMED = "
select rail, provider_id, amount, note, state, customer, seen_at
  from suspense_item
 where provider_id = :provider_id
 order by seen_at
 limit 1";

    pub OPEN = "
select rail, provider_id, amount, note, state, customer, seen_at
  from suspense_item
 where state = 'open'
 order by seen_at
 limit :limit";

    // Something is left of it: all of it would be a resolution.
    pub LESSEN = "
update suspense_item
   set amount = amount - :amount
 where rail = :rail and provider_id = :provider_id and state = 'open' and amount > :amount";

    pub RESOLVE = "
update suspense_item
   set state = :state, customer = :customer, resolved_at = :now
 where rail = :rail and provider_id = :provider_id and state = 'open'";
}

/// Notes unknown money; `false` when it is known.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do all of this file.
pub fn suspend(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
    amount: Kopecks,
    note: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! {
        ":rail" => rail.as_str(), ":provider_id" => provider_id, ":amount" => amount, ":note" => note, ":now" => now
    };
    Ok(tx.execute(&SUSPEND, &params)? > 0)
}

/// Unknown money by the payment system's name for it.
///
/// # Errors
/// As [`suspend`].
pub fn find_suspense(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
) -> Result<Option<SuspenseRow>, BookError> {
    let params = params! { ":rail" => rail.as_str(), ":provider_id" => provider_id };
    tx.query_opt(&FIND, &params)?.as_ref().map(read).transpose()
}

/// Unknown money by the payment system's name for it, whichever way it came.
///
/// # Errors
/// As [`suspend`].
pub fn suspense_named(
    tx: &mut Tx<'_>,
    provider_id: &str,
) -> Result<Option<SuspenseRow>, BookError> {
    let params = params! { ":provider_id" => provider_id };
    tx.query_opt(&NAMED, &params)?.as_ref().map(read).transpose()
}

/// A part of it went back; `false` when that would be all of it, or somebody has decided.
///
/// # Errors
/// As [`suspend`].
pub fn lessen_suspense(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
    amount: Kopecks,
) -> Result<bool, BookError> {
    let params =
        params! { ":rail" => rail.as_str(), ":provider_id" => provider_id, ":amount" => amount };
    Ok(tx.execute(&LESSEN, &params)? > 0)
}

/// Unknown money that nobody has decided about, oldest first.
///
/// # Errors
/// As [`suspend`].
pub fn open_suspense(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<SuspenseRow>, BookError> {
    tx.query(&OPEN, &params! { ":limit" => limit })?.iter().map(read).collect()
}

/// A person has decided; `false` when somebody did before.
///
/// # Errors
/// As [`suspend`].
pub fn resolve_suspense(
    tx: &mut Tx<'_>,
    rail: Rail,
    provider_id: &str,
    state: &str,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! {
        ":rail" => rail.as_str(), ":provider_id" => provider_id, ":state" => state, ":customer" => customer, ":now" => now
    };
    Ok(tx.execute(&RESOLVE, &params)? > 0)
}

fn read(row: &Row) -> Result<SuspenseRow, BookError> {
    Ok(SuspenseRow {
        rail: Rail::from_word(&row.text("rail")?).ok_or_else(|| BookError::unreadable("rail"))?,
        provider_id: row.text("provider_id")?,
        amount: Kopecks::new(row.int("amount")?),
        note: row.text("note")?,
        state: row.text("state")?,
        customer: row.opt_int("customer")?.map(CustomerId),
        seen_at: Timestamp(row.int("seen_at")?),
    })
}
