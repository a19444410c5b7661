//! Addresses under which a file may be fetched for a while.

use rei_domain::clock::Timestamp;

use crate::{BookError, Tx, params, statements};

statements! {
    pub PUT = "insert into file_link (token, blob, expires_at) values (:token, :blob, :expires_at)";

    pub FIND = "select blob from file_link where token = :token and expires_at > :now";

    pub CLEAN = "
delete from file_link
 where token in (select token from file_link where expires_at <= :now order by expires_at limit :limit)";
}

/// Makes an address for a file. `token`: the hash of what the address carries, so that the book betrays none.
pub fn put(
    tx: &mut Tx<'_>,
    token: &str,
    blob: &str,
    expires_at: Timestamp,
) -> Result<(), BookError> {
    tx.execute(&PUT, &params! { ":token" => token, ":blob" => blob, ":expires_at" => expires_at })?;
    Ok(())
}

/// The file of an address that has not run out.
pub fn find(tx: &mut Tx<'_>, token: &str, now: Timestamp) -> Result<Option<String>, BookError> {
    let row = tx.query_opt(&FIND, &params! { ":token" => token, ":now" => now })?;
    row.map(|row| row.text("blob")).transpose()
}

/// Forgets addresses that have run out, at most `limit`; returns how many.
pub fn clean(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&CLEAN, &params! { ":now" => now, ":limit" => limit })
}
