//! Roles that one process has at a time, and when periodic tasks are due.

use std::time::Duration;

use rei_domain::clock::Timestamp;

use crate::{BookError, Tx, params, statements};

/// Who has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nobody: it may be taken.
    Free,
    /// This process, until then.
    Mine(Timestamp),
    /// Another process, until then.
    Others(Timestamp),
}

statements! {
    pub ROLE = "select holder, until from lease where name = :name";

    pub TAKE = "
insert into lease (name, holder, until, fence)
values (:name, :holder, :until, 1)
on conflict (name) do update
   set holder = excluded.holder,
       until = excluded.until,
       fence = case when lease.holder = excluded.holder then lease.fence else lease.fence + 1 end
 where lease.holder = excluded.holder or lease.until < :now
returning fence";

    pub RELEASE = "
update lease
   set until = 0
 where name = :name and holder = :holder";

    pub DUE = "select name, due_at from periodic";

    pub SET_DUE = "
insert into periodic (name, due_at)
values (:name, :due_at)
on conflict (name) do update set due_at = excluded.due_at";
}

/// Who has a role now. Costs no write.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn role(tx: &mut Tx<'_>, name: &str, holder: &str, now: Timestamp) -> Result<Role, BookError> {
    let Some(row) = tx.query_opt(&ROLE, &params! { ":name" => name })? else {
        return Ok(Role::Free);
    };
    let until = Timestamp(row.int("until")?);
    Ok(match row.text("holder")? {
        _ if until < now => Role::Free,
        found if found == holder => Role::Mine(until),
        _ => Role::Others(until),
    })
}

/// Takes or keeps a role for `length` and tells its fence, which grows with each new holder; none while another
/// process has it.
///
/// # Errors
/// As [`role`].
pub fn take_lease(
    tx: &mut Tx<'_>,
    name: &str,
    holder: &str,
    length: Duration,
    now: Timestamp,
) -> Result<Option<i64>, BookError> {
    let params = params! { ":name" => name, ":holder" => holder, ":until" => now.plus(length), ":now" => now };
    tx.query_opt(&TAKE, &params)?.map(|row| row.int("fence")).transpose()
}

/// Gives a role up, so that another process need not wait for the lease's end.
///
/// # Errors
/// As [`role`].
pub fn release_lease(tx: &mut Tx<'_>, name: &str, holder: &str) -> Result<(), BookError> {
    tx.execute(&RELEASE, &params! { ":name" => name, ":holder" => holder })?;
    Ok(())
}

/// Which of these tasks are due, the longest due first; a task that the book doesn't know yet is due at once.
/// Costs no write.
///
/// # Errors
/// As [`role`].
pub fn due_tasks(
    tx: &mut Tx<'_>,
    names: &[&'static str],
    now: Timestamp,
) -> Result<Vec<&'static str>, BookError> {
    let rows = tx.query(&DUE, &params! {})?;
    let mut due = Vec::new();
    for name in names {
        let row = rows.iter().find(|row| row.text("name").is_ok_and(|known| known == *name));
        let due_at = row.map_or(Ok(0), |row| row.int("due_at"))?;
        if due_at <= now.millis() {
            due.push((due_at, *name));
        }
    }
    due.sort_by_key(|(due_at, _)| *due_at);
    Ok(due.into_iter().map(|(_, name)| name).collect())
}

/// Says when a task is due next.
///
/// # Errors
/// As [`role`].
pub fn set_due(tx: &mut Tx<'_>, name: &str, due_at: Timestamp) -> Result<(), BookError> {
    tx.execute(&SET_DUE, &params! { ":name" => name, ":due_at" => due_at })?;
    Ok(())
}
