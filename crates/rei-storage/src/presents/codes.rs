//! Promo codes: what they give, to whom and how often, and who used or guessed at them.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// A code to be given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPromo {
    /// The code in capitals.
    pub code: String,
    /// What one use gives.
    pub amount: Kopecks,
    /// Uses by everybody together; none: no limit.
    pub uses_max: Option<i64>,
    /// Uses by one customer.
    pub uses_each: i64,
    /// Whether only those who have not bought anything yet may use it.
    pub new_only: bool,
    /// From this moment on it is worthless; none: never.
    pub valid_until: Option<Timestamp>,
}

/// A code as the book knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoRow {
    /// What was asked for.
    pub promo: NewPromo,
    /// Uses so far.
    pub used: i64,
    /// Whether it may be used at all.
    pub is_on: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

statements! {
    // No row changed: the code exists, perhaps with other terms.
    pub CREATE = "
insert into promo_code (code, amount, uses_max, uses_each, new_only, valid_from, valid_until, created_by, created_at)
values (:code, :amount, :uses_max, :uses_each, :new_only, :now, :valid_until, :created_by, :now)
on conflict (code) do nothing";

    pub FIND = "
select code, amount, uses_max, uses_each, used, new_only, valid_until, is_on, created_at
  from promo_code
 where code = :code";

    pub NEWEST = "
select code, amount, uses_max, uses_each, used, new_only, valid_until, is_on, created_at
  from promo_code
 order by created_at desc, code
 limit :limit";

    pub SWITCH_OFF = "update promo_code set is_on = 0 where code = :code and is_on = 1";

    // One use of those that everybody shares. No row changed: used up, over, or switched off.
    pub TAKE = "
update promo_code
   set used = used + 1
 where code = :code and is_on = 1
   and (valid_until is null or valid_until > :now)
   and (uses_max is null or used < uses_max)";

    // One use of the customer's own. No row changed: the customer has had all of them.
    pub USE_ONCE = "
insert into promo_use (code, customer, no, at)
select p.code, :customer, :no, :now
  from promo_code p
 where p.code = :code and :no <= p.uses_each
on conflict (code, customer, no) do nothing";

    pub FORGET_USE = "delete from promo_use where code = :code and customer = :customer and no = :no";

    pub USES_OF = "select count(*) as uses from promo_use where code = :code and customer = :customer";

    pub GUESS = "insert into promo_guess (customer, at) values (:customer, :now)";

    pub GUESSES_SINCE = "select count(*) as guesses from promo_guess where customer = :customer and at > :since";

    pub FORGET_GUESSES = "delete from promo_guess where customer = :customer and at <= :before";

    pub HAS_BOUGHT = "
select case when exists (select 1 from payment where customer = :customer and paid_at is not null)
              or exists (select 1 from orders where customer = :customer and charged is not null)
            then 1 else 0 end as bought";
}

/// Makes a code; `false` when there is one of this name.
pub fn create(
    tx: &mut Tx<'_>,
    new: &NewPromo,
    created_by: CustomerId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let created = tx.execute(
        &CREATE,
        &params! {
            ":code" => new.code.as_str(),
            ":amount" => new.amount,
            ":uses_max" => new.uses_max,
            ":uses_each" => new.uses_each,
            ":new_only" => new.new_only,
            ":valid_until" => new.valid_until,
            ":created_by" => created_by,
            ":now" => now,
        },
    )?;
    Ok(created > 0)
}

/// The code of this name.
pub fn find(tx: &mut Tx<'_>, code: &str) -> Result<Option<PromoRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":code" => code })?.as_ref().map(read).transpose()
}

/// The latest codes, newest first.
pub fn newest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PromoRow>, BookError> {
    tx.query(&NEWEST, &params! { ":limit" => limit })?.iter().map(read).collect()
}

/// Ends a code; `false` when it was over or never was.
pub fn switch_off(tx: &mut Tx<'_>, code: &str) -> Result<bool, BookError> {
    Ok(tx.execute(&SWITCH_OFF, &params! { ":code" => code })? > 0)
}

/// Takes one of the uses that everybody shares; `false` when none is left or the code is over.
pub fn take(tx: &mut Tx<'_>, code: &str, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.execute(&TAKE, &params! { ":code" => code, ":now" => now })? > 0)
}

/// Takes the customer's use number `no`, from 1; `false` when it was taken or is more than the code allows.
pub fn use_once(
    tx: &mut Tx<'_>,
    code: &str,
    customer: CustomerId,
    no: i64,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! { ":code" => code, ":customer" => customer, ":no" => no, ":now" => now };
    Ok(tx.execute(&USE_ONCE, &params)? > 0)
}

/// Gives the customer's use back, in the transaction that took it: nothing came of it.
pub fn forget_use(
    tx: &mut Tx<'_>,
    code: &str,
    customer: CustomerId,
    no: i64,
) -> Result<(), BookError> {
    let params = params! { ":code" => code, ":customer" => customer, ":no" => no };
    tx.execute(&FORGET_USE, &params)?;
    Ok(())
}

/// How often the customer has used the code.
pub fn uses_of(tx: &mut Tx<'_>, code: &str, customer: CustomerId) -> Result<i64, BookError> {
    tx.query_one(&USES_OF, &params! { ":code" => code, ":customer" => customer })?.int("uses")
}

/// Notes that the customer typed a code that does not exist.
pub fn guess(tx: &mut Tx<'_>, customer: CustomerId, now: Timestamp) -> Result<(), BookError> {
    tx.execute(&GUESS, &params! { ":customer" => customer, ":now" => now })?;
    Ok(())
}

/// How many codes that do not exist the customer typed after `since`.
pub fn guesses_since(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    since: Timestamp,
) -> Result<i64, BookError> {
    let params = params! { ":customer" => customer, ":since" => since };
    tx.query_one(&GUESSES_SINCE, &params)?.int("guesses")
}

/// Forgets what the customer typed until `before`.
pub fn forget_guesses(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    before: Timestamp,
) -> Result<(), BookError> {
    tx.execute(&FORGET_GUESSES, &params! { ":customer" => customer, ":before" => before })?;
    Ok(())
}

/// Whether the customer ever paid in or was charged for an order.
pub fn has_bought(tx: &mut Tx<'_>, customer: CustomerId) -> Result<bool, BookError> {
    Ok(tx.query_one(&HAS_BOUGHT, &params! { ":customer" => customer })?.int("bought")? != 0)
}

fn read(row: &Row) -> Result<PromoRow, BookError> {
    Ok(PromoRow {
        promo: NewPromo {
            code: row.text("code")?,
            amount: Kopecks::new(row.int("amount")?),
            uses_max: row.opt_int("uses_max")?,
            uses_each: row.int("uses_each")?,
            new_only: row.int("new_only")? != 0,
            valid_until: row.opt_int("valid_until")?.map(Timestamp),
        },
        used: row.int("used")?,
        is_on: row.int("is_on")? != 0,
        created_at: Timestamp(row.int("created_at")?),
    })
}
