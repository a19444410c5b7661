//! Roles that one process has at a time, and when periodic tasks are due.

use std::time::Duration;

use rei_domain::clock::Timestamp;

use crate::{BookError, Tx, params, statements};

/// A role held by this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Grows with each new holder.
    pub fence: i64,
}

statements! {
    pub TAKE = "
insert into lease (name, holder, until, fence)
values (:name, :holder, :until, 1)
on conflict (name) do update
   set holder = excluded.holder,
       until = excluded.until,
       fence = case when lease.holder = excluded.holder then lease.fence else lease.fence + 1 end
 where lease.holder = excluded.holder or lease.until < :now
returning fence";

    pub FIRST_DUE = "
insert into periodic (name, due_at)
values (:name, :now)
on conflict (name) do nothing";

    pub DUE = "select name from periodic where due_at <= :now order by due_at";

    pub SET_DUE = "update periodic set due_at = :due_at where name = :name";
}

/// Takes or keeps a role for `length`; none while another process has it.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn take_lease(
    tx: &mut Tx<'_>,
    name: &str,
    holder: &str,
    length: Duration,
    now: Timestamp,
) -> Result<Option<Lease>, BookError> {
    let params = params! { ":name" => name, ":holder" => holder, ":until" => now.plus(length), ":now" => now };
    let row = tx.query_opt(&TAKE, &params)?;
    row.map(|row| Ok(Lease { fence: row.int("fence")? })).transpose()
}

/// Which of these tasks are due; a task that the book doesn't know yet is due at once.
///
/// # Errors
/// As [`take_lease`].
pub fn due_tasks(
    tx: &mut Tx<'_>,
    names: &[&'static str],
    now: Timestamp,
) -> Result<Vec<String>, BookError> {
    for name in names {
        tx.execute(&FIRST_DUE, &params! { ":name" => *name, ":now" => now })?;
    }
    let rows = tx.query(&DUE, &params! { ":now" => now })?;
    let due: Vec<String> = rows.iter().map(|row| row.text("name")).collect::<Result<_, _>>()?;
    Ok(due.into_iter().filter(|name| names.contains(&name.as_str())).collect())
}

/// Says when a task is due next.
///
/// # Errors
/// As [`take_lease`].
pub fn set_due(tx: &mut Tx<'_>, name: &str, due_at: Timestamp) -> Result<(), BookError> {
    tx.execute(&SET_DUE, &params! { ":name" => name, ":due_at" => due_at })?;
    Ok(())
}
