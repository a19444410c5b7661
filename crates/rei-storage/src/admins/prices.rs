//! Prices that admins set, as versions: nothing is overwritten, so every price of the past can be shown and taken back.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// A price that is to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPrice {
    /// The catalogue's key.
    pub sku: String,
    /// The row of the model's price table: a size, or `size/sound`.
    pub choice: String,
    /// The price of one unit; none: the catalogue's own counts again.
    pub price: Option<Kopecks>,
    /// From when on.
    pub from_at: Timestamp,
    /// Who set it.
    pub set_by: CustomerId,
}

/// A price that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceVersion {
    /// Its number; later ones are higher.
    pub number: i64,
    /// The catalogue's key.
    pub sku: String,
    /// The row of the model's price table.
    pub choice: String,
    /// The price of one unit; none: the catalogue's own.
    pub price: Option<Kopecks>,
    /// From when on.
    pub from_at: Timestamp,
    /// Who set it.
    pub set_by: CustomerId,
    /// When it was set.
    pub at: Timestamp,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

statements! {
    pub ADD = "
insert into price_version (sku, choice, price, from_at, set_by, at)
values (:sku, :choice, :price, :from_at, :set_by, :now)
returning number";

    pub WITHDRAW = "
update price_version
   set withdrawn_at = :now
 where number = :number and withdrawn_at is null";

    pub FIND = "
select number, sku, choice, price, from_at, set_by, at, withdrawn_at
  from price_version
 where number = :number";

    pub OF_CHOICE = "
select number, sku, choice, price, from_at, set_by, at, withdrawn_at
  from price_version
 where sku = :sku and choice = :choice
 order by number desc
 limit :limit";

    // The earlier ones first: who applies them in this order ends with those that count.
    pub IN_USE = "
select number, sku, choice, price, from_at, set_by, at, withdrawn_at
  from price_version
 where withdrawn_at is null and from_at <= :now
   and not exists (
       select 1 from price_version later
        where later.sku = price_version.sku and later.choice = price_version.choice
          and later.withdrawn_at is null and later.from_at <= :now
          and (later.from_at, later.number) > (price_version.from_at, price_version.number))
 order by number";

    pub LATEST_AT = "select max(at) as at from price_version";
}

/// Stores a price; returns its number.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn add_price(tx: &mut Tx<'_>, new: &NewPrice, now: Timestamp) -> Result<i64, BookError> {
    tx.query_one(
        &ADD,
        &params! {
            ":sku" => new.sku.as_str(),
            ":choice" => new.choice.as_str(),
            ":price" => new.price,
            ":from_at" => new.from_at,
            ":set_by" => new.set_by,
            ":now" => now,
        },
    )?
    .int("number")
}

/// Takes a price back; `false` when it was taken back before.
///
/// # Errors
/// As [`add_price`].
pub fn withdraw_price(tx: &mut Tx<'_>, number: i64, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.execute(&WITHDRAW, &params! { ":number" => number, ":now" => now })? > 0)
}

/// One version.
///
/// # Errors
/// As [`add_price`].
pub fn price_version(tx: &mut Tx<'_>, number: i64) -> Result<Option<PriceVersion>, BookError> {
    tx.query_opt(&FIND, &params! { ":number" => number })?.as_ref().map(read).transpose()
}

/// The versions of one row of a price table, newest first.
///
/// # Errors
/// As [`add_price`].
pub fn prices_of(
    tx: &mut Tx<'_>,
    sku: &str,
    choice: &str,
    limit: i64,
) -> Result<Vec<PriceVersion>, BookError> {
    let params = params! { ":sku" => sku, ":choice" => choice, ":limit" => limit };
    tx.query(&OF_CHOICE, &params)?.iter().map(read).collect()
}

/// The versions that count at a moment, one for each row of a price table. Somebody who has not been told the time
/// passes none: then it is the moment at which the latest version was set.
///
/// # Errors
/// As [`add_price`].
pub fn prices_in_use(
    tx: &mut Tx<'_>,
    now: Option<Timestamp>,
) -> Result<Vec<PriceVersion>, BookError> {
    let latest = tx.query_one(&LATEST_AT, &params! {})?.opt_int("at")?.map(Timestamp);
    let Some(latest) = latest else { return Ok(Vec::new()) };
    let at = now.map_or(latest, |now| now.max(latest));
    tx.query(&IN_USE, &params! { ":now" => at })?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<PriceVersion, BookError> {
    Ok(PriceVersion {
        number: row.int("number")?,
        sku: row.text("sku")?,
        choice: row.text("choice")?,
        price: row.opt_int("price")?.map(Kopecks::new),
        from_at: Timestamp(row.int("from_at")?),
        set_by: CustomerId(row.int("set_by")?),
        at: Timestamp(row.int("at")?),
        withdrawn: row.opt_int("withdrawn_at")?.is_some(),
    })
}
