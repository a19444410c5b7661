//! Customers as admins see them: lists, and everything about one on a card.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// A customer in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The name as Telegram shows it.
    pub name: String,
    /// What stands after the @, in lower case.
    pub username: Option<String>,
    /// Whether the customer has blocked the bot.
    pub blocked: bool,
    /// When the customer was last seen.
    pub seen_at: Timestamp,
    /// What can be spent, cash and bonus together.
    pub free: Kopecks,
}

/// What the book knows about one customer besides the wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The name as Telegram shows it.
    pub name: String,
    /// What stands after the @, in lower case.
    pub username: Option<String>,
    /// The chosen language, else Telegram's.
    pub lang: Option<String>,
    /// Whether the customer has blocked the bot.
    pub blocked: bool,
    /// When the customer first wrote.
    pub created_at: Timestamp,
    /// When the customer was last seen.
    pub seen_at: Timestamp,
    /// Orders of any state.
    pub orders: i64,
    /// Orders that were paid.
    pub delivered: i64,
    /// Orders that hold money.
    pub active: i64,
    /// What orders have cost, refunds not counted.
    pub spent: Kopecks,
    /// Payments that came in.
    pub payments: i64,
    /// What they brought, less what went back.
    pub paid: Kopecks,
}

/// Terms that a customer accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What was accepted.
    pub subject: String,
    /// Which version of it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
}

statements! {
    pub PEOPLE = "
select c.id, c.name, c.username, c.blocked, c.seen_at,
       cast(coalesce((select sum(a.free) from account a
                       where a.name in ('customer:' || c.id || ':bonus', 'customer:' || c.id || ':cash')), 0)
            as bigint) as free
  from customer c
 where :filter = 'all'
    or (:filter = 'new' and c.created_at >= :day_ago)
    or (:filter = 'active' and c.seen_at >= :day_ago)
    or (:filter = 'blocked' and c.blocked = 1)
    or (:filter = 'banned' and exists (
        select 1 from ban b where b.customer = c.id and (b.until is null or b.until > :now)))
    or (:filter = 'paying' and exists (
        select 1 from payment p where p.customer = c.id and p.paid_at is not null))
    or (:filter = 'frozen' and exists (
        select 1 from account a
         where a.name in ('customer:' || c.id || ':bonus', 'customer:' || c.id || ':cash') and a.frozen = 1))
 order by c.seen_at desc, c.id
 limit :limit offset :skip";

    pub NAMED = "
select c.id, c.name, c.username, c.blocked, c.seen_at,
       cast(coalesce((select sum(a.free) from account a
                       where a.name in ('customer:' || c.id || ':bonus', 'customer:' || c.id || ':cash')), 0)
            as bigint) as free
  from customer c
 where lower(c.name) like :pattern escape '!' or c.name like :as_typed escape '!'
    or c.username like :pattern escape '!'
 order by c.seen_at desc, c.id
 limit :limit offset :skip";

    pub FIND_USERNAME = "
select id
  from customer
 where username = :username
 order by seen_at desc
 limit 1";

    pub NOTE_USERNAME = "
update customer
   set username = :username
 where id = :id and username is distinct from :username";

    pub CARD = "
select c.id, c.name, c.username, coalesce(c.lang, c.telegram_lang) as lang, c.blocked, c.created_at, c.seen_at,
       (select count(*) from orders o where o.customer = c.id) as orders,
       (select count(*) from orders o
         where o.customer = c.id and o.state in ('ready', 'delivering', 'delivered')) as delivered,
       (select count(*) from orders o
         where o.customer = c.id and o.state in ('queued', 'submitting', 'unknown', 'running', 'fetching')) as active,
       (select cast(coalesce(sum(coalesce(o.charged, o.price)), 0) as bigint) from orders o
         where o.customer = c.id and o.state in ('ready', 'delivering', 'delivered')) as spent,
       (select count(*) from payment p where p.customer = c.id and p.paid_at is not null) as payments,
       (select cast(coalesce(sum(p.amount - p.refunded), 0) as bigint) from payment p
         where p.customer = c.id and p.paid_at is not null) as paid
  from customer c
 where c.id = :id";

    pub CONSENTS = "
select subject, max(version) as version, max(at) as at
  from consent
 where customer = :customer
 group by subject
 order by subject";
}

/// Customers of a filter (`all`, `new`, `active`, `blocked`, `banned`, `paying`, `frozen`), those seen last first.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn people(
    tx: &mut Tx<'_>,
    filter: &str,
    (skip, limit): (i64, i64),
    day_ago: Timestamp,
    now: Timestamp,
) -> Result<Vec<PersonRow>, BookError> {
    let rows = tx.query(
        &PEOPLE,
        &params! {
            ":filter" => filter, ":day_ago" => day_ago, ":now" => now, ":skip" => skip, ":limit" => limit
        },
    )?;
    rows.iter().map(read_person).collect()
}

/// Customers whose name or @name has these letters in it.
///
/// # Errors
/// As [`people`].
pub fn people_named(
    tx: &mut Tx<'_>,
    part: &str,
    (skip, limit): (i64, i64),
) -> Result<Vec<PersonRow>, BookError> {
    let pattern = |part: &str| {
        let plain = part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        format!("%{plain}%")
    };
    let rows = tx.query(
        &NAMED,
        &params! {
            ":pattern" => pattern(&part.to_lowercase()), ":as_typed" => pattern(part),
            ":skip" => skip, ":limit" => limit
        },
    )?;
    rows.iter().map(read_person).collect()
}

/// Who has this @name, given without the @.
///
/// # Errors
/// As [`people`].
pub fn find_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<CustomerId>, BookError> {
    let params = params! { ":username" => username.to_lowercase() };
    tx.query_opt(&FIND_USERNAME, &params)?.map(|row| row.int("id").map(CustomerId)).transpose()
}

/// Remembers a customer's @name, or that there is none.
///
/// # Errors
/// As [`people`].
pub fn note_username(
    tx: &mut Tx<'_>,
    id: CustomerId,
    username: Option<&str>,
) -> Result<(), BookError> {
    let username = username.map(str::to_lowercase);
    tx.execute(&NOTE_USERNAME, &params! { ":id" => id, ":username" => username })?;
    Ok(())
}

/// Everything about one customer.
///
/// # Errors
/// As [`people`].
pub fn card(tx: &mut Tx<'_>, id: CustomerId) -> Result<Option<Card>, BookError> {
    tx.query_opt(&CARD, &params! { ":id" => id })?.as_ref().map(read_card).transpose()
}

/// The newest version of everything that a customer accepted.
///
/// # Errors
/// As [`people`].
pub fn consents(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Vec<Consent>, BookError> {
    let read = |row: &Row| {
        Ok(Consent {
            subject: row.text("subject")?,
            version: row.int("version")?,
            at: Timestamp(row.int("at")?),
        })
    };
    tx.query(&CONSENTS, &params! { ":customer" => customer })?.iter().map(read).collect()
}

fn read_person(row: &Row) -> Result<PersonRow, BookError> {
    Ok(PersonRow {
        id: CustomerId(row.int("id")?),
        name: row.text("name")?,
        username: row.opt_text("username")?,
        blocked: row.int("blocked")? != 0,
        seen_at: Timestamp(row.int("seen_at")?),
        free: Kopecks::new(row.int("free")?),
    })
}

fn read_card(row: &Row) -> Result<Card, BookError> {
    Ok(Card {
        id: CustomerId(row.int("id")?),
        name: row.text("name")?,
        username: row.opt_text("username")?,
        lang: row.opt_text("lang")?,
        blocked: row.int("blocked")? != 0,
        created_at: Timestamp(row.int("created_at")?),
        seen_at: Timestamp(row.int("seen_at")?),
        orders: row.int("orders")?,
        delivered: row.int("delivered")?,
        active: row.int("active")?,
        spent: Kopecks::new(row.int("spent")?),
        payments: row.int("payments")?,
        paid: Kopecks::new(row.int("paid")?),
    })
}
