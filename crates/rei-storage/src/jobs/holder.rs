//! Whose a role is, for tests with several processes.

use rei_domain::clock::Timestamp;

use crate::{BookError, Tx, params, statements};

/// The process that has a role, or had it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its name.
    pub name: String,
    /// When its lease ends; zero when it gave the role up.
    pub until: Timestamp,
    /// Grows with each new holder.
    pub fence: i64,
}

statements! {
    pub HOLDER = "select holder, until, fence from lease where name = :name";
}

/// Whose a role is or was; none while nobody ever had it.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn holder(tx: &mut Tx<'_>, name: &str) -> Result<Option<Holder>, BookError> {
    let Some(row) = tx.query_opt(&HOLDER, &params! { ":name" => name })? else {
        return Ok(None);
    };
    let (until, fence) = (Timestamp(row.int("until")?), row.int("fence")?);
    Ok(Some(Holder { name: row.text("holder")?, until, fence }))
}
