//! Switches with the words that belong to them.

use rei_domain::clock::Timestamp;

use crate::{BookError, Row, Tx, params, statements};

/// A switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchRow {
    /// `model:<sku>`, `provider:<name>`, `images`, `videos`, `maintenance`.
    pub name: String,
    /// `on` or `off`.
    pub value: String,
    /// Why, or what customers are told.
    pub reason: String,
}

statements! {
    pub PUT = "
insert into switch (name, value, reason, at)
values (:name, :value, :reason, :now)
on conflict (name) do update
   set value = excluded.value, reason = excluded.reason, at = excluded.at";

    pub FIND = "select name, value, reason from switch where name = :name";

    pub LIST = "select name, value, reason from switch order by name";
}

/// Turns a switch and writes its words anew, even if it stood so before.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn put_switch(
    tx: &mut Tx<'_>,
    name: &str,
    value: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &PUT,
        &params! { ":name" => name, ":value" => value, ":reason" => reason, ":now" => now },
    )?;
    Ok(())
}

/// The switch of this name; `None` while nobody has turned it.
///
/// # Errors
/// As [`put_switch`].
pub fn find_switch(tx: &mut Tx<'_>, name: &str) -> Result<Option<SwitchRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":name" => name })?.as_ref().map(read).transpose()
}

/// Every switch that was ever turned.
///
/// # Errors
/// As [`put_switch`].
pub fn switches(tx: &mut Tx<'_>) -> Result<Vec<SwitchRow>, BookError> {
    tx.query(&LIST, &params! {})?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<SwitchRow, BookError> {
    Ok(SwitchRow {
        name: row.text("name")?,
        value: row.text("value")?,
        reason: row.text("reason")?,
    })
}
