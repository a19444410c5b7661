//! Customers: who they are, which language they read, where their conversation stands.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Row, Tx, params, statements};

/// A customer as the book knows him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The chosen language, `ru` or `en`; none when never chosen.
    pub lang: Option<String>,
    /// Telegram's language code when last seen.
    pub telegram_lang: Option<String>,
    /// Whether the customer has blocked the bot.
    pub blocked: bool,
    /// The conversation's JSON, empty at first.
    pub session: String,
}

statements! {
    pub SEEN = "
insert into customer (id, name, telegram_lang, created_at, seen_at)
values (:id, :name, :telegram_lang, :now, :now)
on conflict (id) do update
   set name = excluded.name,
       telegram_lang = coalesce(excluded.telegram_lang, customer.telegram_lang),
       seen_at = excluded.seen_at
returning id, lang, telegram_lang, blocked, session, created_at";

    pub FIND = "
select id, lang, telegram_lang, blocked, session, created_at
  from customer
 where id = :id";

    pub SAVE_SESSION = "update customer set session = :session where id = :id";

    pub SET_LANG = "update customer set lang = :lang where id = :id";

    pub SET_BLOCKED = "update customer set blocked = :blocked where id = :id and blocked <> :blocked";
}

/// Notes that a customer was seen and returns the row; `true` when this was the first time.
pub fn seen(
    tx: &mut Tx<'_>,
    id: CustomerId,
    name: &str,
    telegram_lang: Option<&str>,
    now: Timestamp,
) -> Result<(CustomerRow, bool), BookError> {
    let row = tx.query_one(
        &SEEN,
        &params! { ":id" => id, ":name" => name, ":telegram_lang" => telegram_lang, ":now" => now },
    )?;
    let first_time = row.int("created_at")? == now.millis();
    Ok((read(&row)?, first_time))
}

/// The customer with this number.
pub fn find(tx: &mut Tx<'_>, id: CustomerId) -> Result<Option<CustomerRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// Stores where the conversation stands.
pub fn save_session(tx: &mut Tx<'_>, id: CustomerId, session: &str) -> Result<(), BookError> {
    tx.execute(&SAVE_SESSION, &params! { ":id" => id, ":session" => session })?;
    Ok(())
}

/// Stores the chosen language, `ru` or `en`.
pub fn set_lang(tx: &mut Tx<'_>, id: CustomerId, lang: &str) -> Result<(), BookError> {
    tx.execute(&SET_LANG, &params! { ":id" => id, ":lang" => lang })?;
    Ok(())
}

/// Notes that the customer blocked the bot or let it back in; `true` when that is news.
pub fn set_blocked(tx: &mut Tx<'_>, id: CustomerId, blocked: bool) -> Result<bool, BookError> {
    Ok(tx.execute(&SET_BLOCKED, &params! { ":id" => id, ":blocked" => blocked })? > 0)
}

fn read(row: &Row) -> Result<CustomerRow, BookError> {
    Ok(CustomerRow {
        id: CustomerId(row.int("id")?),
        lang: row.opt_text("lang")?,
        telegram_lang: row.opt_text("telegram_lang")?,
        blocked: row.int("blocked")? != 0,
        session: row.text("session")?,
    })
}
