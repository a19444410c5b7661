//! What providers work on: when each task is to be asked about next, and when it was last spoken of to the customer.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};

use super::read_id;
use crate::{BookError, Row, Tx, params, statements};

/// A task that a provider took.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// The attempt that it came of.
    pub attempt: AttemptId,
    /// Whose it is.
    pub order: OrderId,
    /// The provider's name.
    pub provider: String,
    /// The queue whose place it takes.
    pub queue: String,
    /// The provider's name for the task.
    pub task: String,
    /// When to ask first.
    pub due_at: Timestamp,
}

/// A task that is to be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// The attempt that it came of.
    pub attempt: AttemptId,
    /// Whose it is.
    pub order: OrderId,
    /// The provider's name.
    pub provider: String,
    /// The provider's name for the task.
    pub task: String,
    /// How often it was asked about.
    pub polls: i64,
    /// When the customer was last told of it.
    pub shown_at: Timestamp,
    /// Since when the provider has it.
    pub since: Timestamp,
}

statements! {
    pub START = "
insert into provider_task (attempt_id, order_id, provider, queue, task, due_at, shown_at, since)
values (:attempt_id, :order_id, :provider, :queue, :task, :due_at, :now, :now)
on conflict (attempt_id) do nothing";

    pub DUE = "
select attempt_id, order_id, provider, task, polls, shown_at, since
  from provider_task
 where due_at <= :now
 order by due_at
 limit :limit";

    pub LATER = "
update provider_task
   set polls = polls + 1, due_at = :due_at
 where attempt_id = :attempt_id";

    pub SHOWN = "update provider_task set shown_at = :now where attempt_id = :attempt_id";

    pub FOLLOWED = "
select 1 as followed
  from provider_task
 where task = :task or attempt_id = (select id from attempt where key = :key)
 limit 1";

    pub HURRY = "update provider_task set due_at = :now where task = :task and due_at > :now";

    pub HURRY_BY_KEY = "
update provider_task
   set due_at = :now
 where due_at > :now and attempt_id = (select id from attempt where key = :key)";

    pub FINISH = "delete from provider_task where attempt_id = :attempt_id";
}

/// Begins to follow a task.
pub fn start_task(tx: &mut Tx<'_>, new: &NewTask, now: Timestamp) -> Result<(), BookError> {
    tx.execute(
        &START,
        &params! {
            ":attempt_id" => new.attempt,
            ":order_id" => new.order,
            ":provider" => new.provider.as_str(),
            ":queue" => new.queue.as_str(),
            ":task" => new.task.as_str(),
            ":due_at" => new.due_at,
            ":now" => now,
        },
    )?;
    Ok(())
}

/// Tasks that are to be asked about by now, those that wait longest first.
pub fn due_tasks(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<Vec<TaskRow>, BookError> {
    let rows = tx.query(&DUE, &params! { ":now" => now, ":limit" => limit })?;
    rows.iter().map(read).collect()
}

/// Notes that a task was asked about, and when it will be next.
pub fn poll_later(tx: &mut Tx<'_>, attempt: AttemptId, due_at: Timestamp) -> Result<(), BookError> {
    tx.execute(&LATER, &params! { ":attempt_id" => attempt, ":due_at" => due_at })?;
    Ok(())
}

/// Notes that the customer was told how the task stands.
pub fn task_was_shown(
    tx: &mut Tx<'_>,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(&SHOWN, &params! { ":attempt_id" => attempt, ":now" => now })?;
    Ok(())
}

/// Whether such a task is followed: by the provider's name for it, or by our key.
pub fn follows_task(
    tx: &mut Tx<'_>,
    task: Option<&str>,
    key: Option<&str>,
) -> Result<bool, BookError> {
    let params = params! { ":task" => task.unwrap_or_default(), ":key" => key.unwrap_or_default() };
    Ok(tx.query_opt(&FOLLOWED, &params)?.is_some())
}

/// Somebody says that the task has moved: it is asked about at once. By the provider's name for it, or by our key.
pub fn hurry_task(
    tx: &mut Tx<'_>,
    task: Option<&str>,
    key: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let mut hurried = 0;
    if let Some(task) = task {
        hurried += tx.execute(&HURRY, &params! { ":task" => task, ":now" => now })?;
    }
    if let Some(key) = key {
        hurried += tx.execute(&HURRY_BY_KEY, &params! { ":key" => key, ":now" => now })?;
    }
    Ok(hurried > 0)
}

/// Stops following a task; `false` when nobody followed it.
pub fn end_task(tx: &mut Tx<'_>, attempt: AttemptId) -> Result<bool, BookError> {
    Ok(tx.execute(&FINISH, &params! { ":attempt_id" => attempt })? > 0)
}

fn read(row: &Row) -> Result<TaskRow, BookError> {
    Ok(TaskRow {
        attempt: AttemptId::from_slice(&row.blob("attempt_id")?)
            .ok_or_else(|| BookError::unreadable("attempt_id"))?,
        order: read_id(row, "order_id")?,
        provider: row.text("provider")?,
        task: row.text("task")?,
        polls: row.int("polls")?,
        shown_at: Timestamp(row.int("shown_at")?),
        since: Timestamp(row.int("since")?),
    })
}
