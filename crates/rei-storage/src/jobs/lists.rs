//! What waits, runs and lies dead, for customers' places in the queue and for the operator.
//!
//! Each statement names its state as text, so that it reads that state's small index and not the finished jobs.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;

use super::rows::job_id;
use crate::{BookError, Row, Sql, Tx, params, statements};

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
    /// Who runs it, or ran it last.
    pub worker: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// How many jobs of a queue are in a state, and how old the oldest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// `ready`, `scheduled`, `running` or `dead`.
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
          from job mine
          join job j on j.state = 'ready' and j.queue = mine.queue
           and (j.priority, j.turn, j.id) < (mine.priority, mine.turn, mine.id)
         where mine.id = :id
         limit :limit) counted";

    pub COUNT_RUNNING = "
select count(*) as running from job where state = 'running' and queue = :queue";

    pub COUNT_LIVE = "
select (select count(*) from job where state = 'ready')
     + (select count(*) from job where state = 'scheduled')
     + (select count(*) from job where state = 'running') as live";

    pub DEPTHS = "
select queue, 'ready' as state, count(*) as jobs, min(due_at) as oldest_due_at
  from job where state = 'ready' group by queue
union all
select queue, 'scheduled' as state, count(*) as jobs, min(due_at) as oldest_due_at
  from job where state = 'scheduled' group by queue
union all
select queue, 'running' as state, count(*) as jobs, min(due_at) as oldest_due_at
  from job where state = 'running' group by queue
union all
select queue, 'dead' as state, count(*) as jobs, min(due_at) as oldest_due_at
  from job where state = 'dead' group by queue
 order by queue, state";

    pub LIST_READY = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = 'ready'
 order by queue, priority, turn, id
 limit :limit";

    pub LIST_SCHEDULED = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = 'scheduled'
 order by due_at
 limit :limit";

    pub LIST_RUNNING = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = 'running'
 order by lease_until
 limit :limit";

    pub LIST_DONE = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = 'done'
 order by finished_at desc
 limit :limit";

    pub LIST_DEAD = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where state = 'dead'
 order by finished_at desc
 limit :limit";

    pub SHOW = "
select id, queue, kind, subject, state, attempts_made, attempts_max, due_at, worker, last_error
  from job
 where id = :id";

    pub NEXT_DUE = "
select min(due_at) as due_at
  from (select min(due_at) as due_at from job where state = 'scheduled'
        union all
        select min(lease_until) as due_at from job where state = 'running') waiting";
}

/// How many jobs stand before this one, counted up to `limit`.
///
/// # Errors
/// [`BookError`] when the book can't be read; so do the others.
pub fn place_in_queue(tx: &mut Tx<'_>, job: JobId, limit: i64) -> Result<i64, BookError> {
    tx.query_one(&AHEAD, &params! { ":id" => job, ":limit" => limit })?.int("ahead")
}

/// How many jobs of a queue run, in whatever processes: while others wait, these are all its places.
///
/// # Errors
/// As [`place_in_queue`].
pub fn count_running(tx: &mut Tx<'_>, queue: &str) -> Result<i64, BookError> {
    tx.query_one(&COUNT_RUNNING, &params! { ":queue" => queue })?.int("running")
}

/// How many jobs wait or run.
///
/// # Errors
/// As [`place_in_queue`].
pub fn count_live(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&COUNT_LIVE, &params! {})?.int("live")
}

/// How full each queue is: jobs that live and jobs that lie dead.
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

/// Jobs in a state, none for an unknown word: those that wait and run in the order in which their time comes, ended ones newest first.
///
/// # Errors
/// As [`place_in_queue`].
pub fn list(tx: &mut Tx<'_>, state: &str, limit: i64) -> Result<Vec<JobLine>, BookError> {
    let sql: &'static Sql = match state {
        "ready" => &LIST_READY,
        "scheduled" => &LIST_SCHEDULED,
        "running" => &LIST_RUNNING,
        "done" => &LIST_DONE,
        "dead" => &LIST_DEAD,
        _ => return Ok(Vec::new()),
    };
    tx.query(sql, &params! { ":limit" => limit })?.iter().map(read).collect()
}

/// One job.
///
/// # Errors
/// As [`place_in_queue`].
pub fn show(tx: &mut Tx<'_>, job: JobId) -> Result<Option<JobLine>, BookError> {
    tx.query_opt(&SHOW, &params! { ":id" => job })?.as_ref().map(read).transpose()
}

/// When the next scheduled job is due or the next lease ends.
///
/// # Errors
/// As [`place_in_queue`].
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, BookError> {
    Ok(tx.query_one(&NEXT_DUE, &params! {})?.opt_int("due_at")?.map(Timestamp))
}

fn read(row: &Row) -> Result<JobLine, BookError> {
    Ok(JobLine {
        id: job_id(row)?,
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
