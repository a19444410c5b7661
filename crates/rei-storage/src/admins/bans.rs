//! Who may not buy, why and until when.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Row, Tx, params, statements};

/// A ban. One whose time is over stays as a row until it is lifted, and bars nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanRow {
    /// Who is banned.
    pub customer: CustomerId,
    /// Why, in words that the customer reads.
    pub reason: String,
    /// Until when; none: until it is lifted.
    pub until: Option<Timestamp>,
    /// Who banned.
    pub banned_by: CustomerId,
    /// When.
    pub at: Timestamp,
}

statements! {
    pub BAN = "
insert into ban (customer, reason, until, banned_by, at)
values (:customer, :reason, :until, :banned_by, :at)
on conflict (customer) do update
   set reason = excluded.reason, until = excluded.until, banned_by = excluded.banned_by, at = excluded.at";

    pub UNBAN = "delete from ban where customer = :customer";

    pub BAN_OF = "
select customer, reason, until, banned_by, at
  from ban
 where customer = :customer and (until is null or until > :now)";

    pub BANS = "
select customer, reason, until, banned_by, at
  from ban
 where until is null or until > :now
 order by at desc, customer
 limit :limit offset :skip";
}

/// Bans, in place of the ban before.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn ban(tx: &mut Tx<'_>, new: &BanRow) -> Result<(), BookError> {
    tx.execute(
        &BAN,
        &params! {
            ":customer" => new.customer,
            ":reason" => new.reason.as_str(),
            ":until" => new.until,
            ":banned_by" => new.banned_by,
            ":at" => new.at,
        },
    )?;
    Ok(())
}

/// Lifts a ban; `false` when there was none.
///
/// # Errors
/// As [`ban`].
pub fn unban(tx: &mut Tx<'_>, customer: CustomerId) -> Result<bool, BookError> {
    Ok(tx.execute(&UNBAN, &params! { ":customer" => customer })? > 0)
}

/// The ban that holds for the customer now.
///
/// # Errors
/// As [`ban`].
pub fn ban_of(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> Result<Option<BanRow>, BookError> {
    let params = params! { ":customer" => customer, ":now" => now };
    tx.query_opt(&BAN_OF, &params)?.as_ref().map(read).transpose()
}

/// The bans that hold now, newest first.
///
/// # Errors
/// As [`ban`].
pub fn bans(
    tx: &mut Tx<'_>,
    skip: i64,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<BanRow>, BookError> {
    let params = params! { ":skip" => skip, ":limit" => limit, ":now" => now };
    tx.query(&BANS, &params)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<BanRow, BookError> {
    Ok(BanRow {
        customer: CustomerId(row.int("customer")?),
        reason: row.text("reason")?,
        until: row.opt_int("until")?.map(Timestamp),
        banned_by: CustomerId(row.int("banned_by")?),
        at: Timestamp(row.int("at")?),
    })
}
