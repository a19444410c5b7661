//! What waits, runs and lies dead, for customers' places in the queue and for the operator.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;

use crate::{Bell, BookError, Row, Tx, params, statements};

/// A job in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    /// The job.
    pub id: JobId,
    /// Its queue.
    pub queue: String,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// `ready`, `scheduled`, `running`, `done` or `dead`.
    pub state: String,
    /// Tries so far.
    pub attempts_made: i64,
    /// Tries allowed.
    pub attempts_max: i64,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// Who runs it.
    pub worker: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// How many jobs of a queue are in a state, and how old the oldest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// The state.
    pub state: String,
    /// How many.
    pub jobs: i64,
    /// When the oldest of them was due.
    pub oldest_due_at: Timestamp,
}

statements! {
    pub AHEAD = "
select count(*) as ahead
  from (select 1 as one
          from job j
          join job mine on mine.id = :id
         where j.state = 'ready' and j.queue = mine.queue
           and (j.priority, j.turn, j.id) < (mine.priority, mine.turn, mine.id)
         limit :limit) counted";

    pub COUNT_LIVE = "select count(*) as live from job where state in ('ready', 'scheduled', 'running')";

    pub DEPTHS = "
select queue, state, count(*) as jobs, min(due_at) as oldest_due_at
  from job
 where state in ('ready', 'scheduled', 'running')
 group by queue, state
 order by queue, state";

    pub LIST = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = :state
 order by due_at
 limit :limit";

    pub SHOW = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where id = :id";

    pub REVIVE = "
update job
   set state = 'ready', due_at = :now, attempts_made = 0, finished_at = null
 where id = :id and state = 'dead'";

    pub PAUSE = "
insert into queue_state (queue, paused)
values (:queue, :paused)
on conflict (queue) do update set paused = excluded.paused";

    pub ALL_PAUSED = "select queue from queue_state where paused = 1 order by queue";

    pub NEXT_DUE = "
select min(due_at) as due_at
  from (select min(due_at) as due_at from job where state = 'scheduled'
        union all
        select min(lease_until) as due_at from job where state = 'running') waiting";

    pub CLEAN = "
delete from job
 where id in (
       select id from job
        where state in ('done', 'dead') and finished_at < :before
        order by finished_at
        limit :limit)";
}

/// How many jobs stand before this one, counted up to `limit`.
///
/// # Errors
/// [`BookError`] when the book can't be read; so do the others.
pub fn place_in_queue(tx: &mut Tx<'_>, job: JobId, limit: i64) -> Result<i64, BookError> {
    tx.query_one(&AHEAD, &params! { ":id" => job, ":limit" => limit })?.int("ahead")
}

/// How many jobs wait or run.
///
/// # Errors
/// As [`place_in_queue`].
pub fn count_live(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&COUNT_LIVE, &params! {})?.int("live")
}

/// How full each queue is.
///
/// # Errors
/// As [`place_in_queue`].
pub fn depths(tx: &mut Tx<'_>) -> Result<Vec<QueueDepth>, BookError> {
    let read = |row: &Row| {
        Ok(QueueDepth {
            queue: row.text("queue")?,
            state: row.text("state")?,
            jobs: row.int("jobs")?,
            oldest_due_at: Timestamp(row.int("oldest_due_at")?),
        })
    };
    tx.query(&DEPTHS, &params! {})?.iter().map(read).collect()
}

/// Jobs in a state, the longest due first.
///
/// # Errors
/// As [`place_in_queue`].
pub fn list(tx: &mut Tx<'_>, state: &str, limit: i64) -> Result<Vec<JobLine>, BookError> {
    tx.query(&LIST, &params! { ":state" => state, ":limit" => limit })?.iter().map(read).collect()
}

/// One job.
///
/// # Errors
/// As [`place_in_queue`].
pub fn show(tx: &mut Tx<'_>, job: JobId) -> Result<Option<JobLine>, BookError> {
    tx.query_opt(&SHOW, &params! { ":id" => job })?.as_ref().map(read).transpose()
}

/// Puts a dead job back into its queue; `false` when it isn't dead.
///
/// # Errors
/// As [`place_in_queue`].
pub fn revive(tx: &mut Tx<'_>, job: JobId, now: Timestamp) -> Result<bool, BookError> {
    let revived = tx.execute(&REVIVE, &params! { ":id" => job, ":now" => now })?;
    tx.ring(Bell::Jobs);
    Ok(revived > 0)
}

/// Stops or resumes the claiming of a queue.
///
/// # Errors
/// As [`place_in_queue`].
pub fn pause(tx: &mut Tx<'_>, queue: &str, yes: bool) -> Result<(), BookError> {
    tx.execute(&PAUSE, &params! { ":queue" => queue, ":paused" => yes })?;
    tx.ring(Bell::Jobs);
    Ok(())
}

/// The queues that are paused.
///
/// # Errors
/// As [`place_in_queue`].
pub fn paused(tx: &mut Tx<'_>) -> Result<Vec<String>, BookError> {
    tx.query(&ALL_PAUSED, &params! {})?.iter().map(|row| row.text("queue")).collect()
}

/// When the next scheduled job is due or the next lease ends.
///
/// # Errors
/// As [`place_in_queue`].
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, BookError> {
    Ok(tx.query_one(&NEXT_DUE, &params! {})?.opt_int("due_at")?.map(Timestamp))
}

/// Deletes jobs that ended before `before`, at most `limit`; returns how many.
///
/// # Errors
/// As [`place_in_queue`].
pub fn clean(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&CLEAN, &params! { ":before" => before, ":limit" => limit })
}

fn read(row: &Row) -> Result<JobLine, BookError> {
    Ok(JobLine {
        id: JobId::from_slice(&row.blob("id")?).ok_or_else(|| BookError::unreadable("id"))?,
        queue: row.text("queue")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        state: row.text("state")?,
        attempts_made: row.int("attempts_made")?,
        attempts_max: row.int("attempts_max")?,
        due_at: Timestamp(row.int("due_at")?),
        worker: row.opt_text("worker")?,
        last_error: row.opt_text("last_error")?,
    })
}
