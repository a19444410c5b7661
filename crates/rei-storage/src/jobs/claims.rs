//! Claiming jobs and ending claims. Every write of a claim carries its fence; a stale one changes nothing.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;

use crate::{Bell, BookError, Row, Tx, params, statements};

/// How many jobs in turn order a claim looks at before it prefers customers who have nothing running.
const WINDOW: i64 = 64;
/// Scheduled and abandoned jobs that one claim makes ready.
const PROMOTED_MAX: i64 = 256;

/// A job in the hands of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// The queue it was in.
    pub queue: String,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// This claim's number; a later claim has a higher one.
    pub fence: i64,
    /// Tries so far, this one included.
    pub attempts_made: i64,
    /// Tries allowed.
    pub attempts_max: i64,
    /// When the job was enqueued.
    pub created_at: Timestamp,
}

impl Claim {
    /// Whether earlier tries have used up what is allowed: the job must not run again.
    pub const fn exhausted(&self) -> bool {
        self.attempts_made > self.attempts_max
    }
}

/// The claim is not valid any more: its lease ended and somebody else took over. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the job was taken over by another worker")]
pub struct LeaseLost;

/// What a failure made of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poisoned {
    /// It is dead: the caller gives back and alerts, in this transaction.
    Yes,
    /// It will be tried again.
    No,
}

statements! {
    pub PROMOTE = "
update job
   set state = 'ready'
 where id in (
       select id from job
        where state = 'scheduled' and due_at <= :now
        order by due_at
        limit :limit)
   and state = 'scheduled'";

    // A worker that died: its lease ran out.
    pub ABANDONED = "
update job
   set state = 'ready', last_error = 'the worker stopped in the middle'
 where id in (
       select id from job
        where state = 'running' and lease_until < :now
        order by lease_until
        limit :limit)
   and state = 'running'";

    pub ANYTHING_DUE = "
select 1 as due
 where exists (select 1 from job where state = 'ready' and queue = :queue)
    or exists (select 1 from job where state = 'scheduled' and due_at <= :now)
    or exists (select 1 from job where state = 'running' and lease_until < :now)";

    pub CLAIM = {
        sqlite: "
update job
   set state = 'running', worker = :worker, lease_until = :lease_until, fence = fence + 1,
       attempts_made = attempts_made + 1
 where id in (
       select w.id
         from (select id, fair_key, priority, turn
                 from job
                where state = 'ready' and queue = :queue
                order by priority, turn, id
                limit :window) w
        order by w.priority,
                 w.fair_key <> 0 and exists (
                   select 1 from job r where r.state = 'running' and r.fair_key = w.fair_key),
                 w.turn, w.id
        limit :limit)
returning id, queue, kind, subject, fence, attempts_made, attempts_max, created_at, turn, priority",
        postgres: "
with chosen as (
       select w.id
         from (select id, fair_key, priority, turn
                 from job
                where state = 'ready' and queue = :queue
                order by priority, turn, id
                limit :window
                  for update skip locked) w
        order by w.priority,
                 w.fair_key <> 0 and exists (
                   select 1 from job r where r.state = 'running' and r.fair_key = w.fair_key),
                 w.turn, w.id
        limit :limit)
update job
   set state = 'running', worker = :worker, lease_until = :lease_until, fence = fence + 1,
       attempts_made = attempts_made + 1
  from chosen
 where job.id = chosen.id
returning job.id, queue, kind, subject, fence, attempts_made, attempts_max, created_at, turn, priority",
    };

    pub MOVE_TURN = "
insert into queue_state (queue, turn)
values (:queue, :turn)
on conflict (queue) do update
   set turn = excluded.turn
 where queue_state.turn < excluded.turn";

    pub PAUSED = "select paused from queue_state where queue = :queue and paused = 1";

    pub EXTEND = "
update job
   set lease_until = :lease_until
 where id = :id and fence = :fence and state = 'running'";

    // Touches the row, so that two transactions that both guard it meet here.
    pub GUARD = "
update job
   set fence = fence
 where id = :id and fence = :fence and state = 'running'";

    pub DONE = "
update job
   set state = 'done', finished_at = :now, last_error = null
 where id = :id and fence = :fence and state = 'running'";

    pub SNOOZE = "
update job
   set state = 'scheduled', due_at = :due_at, attempts_made = attempts_made - 1
 where id = :id and fence = :fence and state = 'running'";

    pub FAIL = "
update job
   set state = case when attempts_made >= attempts_max then 'dead' else 'scheduled' end,
       due_at = :due_at,
       last_error = :error,
       finished_at = case when attempts_made >= attempts_max then cast(:now as bigint) else null end
 where id = :id and fence = :fence and state = 'running'
returning state";

    pub POISON = "
update job
   set state = 'dead', last_error = :error, finished_at = :now
 where id = :id and fence = :fence and state = 'running'";

    pub HAND_BACK = "
update job
   set state = 'ready', attempts_made = attempts_made - 1
 where id = :id and fence = :fence and state = 'running'";

    pub CANCEL_READY = "
update job
   set state = 'done', finished_at = :now, last_error = 'cancelled'
 where id = :id and state in ('ready', 'scheduled')";
}

/// Whether a claim could find anything.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn anything_due(tx: &mut Tx<'_>, queue: &str, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.query_opt(&ANYTHING_DUE, &params! { ":queue" => queue, ":now" => now })?.is_some())
}

/// Claims up to `limit` jobs of a queue for `worker`, in turn.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn claim(
    tx: &mut Tx<'_>,
    worker: &str,
    queue: &str,
    limit: i64,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Vec<Claim>, BookError> {
    tx.execute(&PROMOTE, &params! { ":now" => now, ":limit" => PROMOTED_MAX })?;
    tx.execute(&ABANDONED, &params! { ":now" => now, ":limit" => PROMOTED_MAX })?;
    if tx.query_opt(&PAUSED, &params! { ":queue" => queue })?.is_some() {
        return Ok(Vec::new());
    }
    let rows = tx.query(
        &CLAIM,
        &params! {
            ":worker" => worker,
            ":queue" => queue,
            ":lease_until" => lease_until,
            ":window" => WINDOW.max(limit),
            ":limit" => limit,
        },
    )?;
    let mut claims = Vec::with_capacity(rows.len());
    let mut latest_turn = None;
    for row in &rows {
        let order = (row.int("priority")?, row.int("turn")?);
        latest_turn = latest_turn.max(Some(order.1));
        claims.push((order, read(row)?));
    }
    if let Some(turn) = latest_turn {
        tx.execute(&MOVE_TURN, &params! { ":queue" => queue, ":turn" => turn })?;
    }
    claims.sort_by_key(|(order, claim)| (*order, claim.job));
    Ok(claims.into_iter().map(|(_, claim)| claim).collect())
}

/// Lengthens the lease; `false` when the claim is not valid any more.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn extend(tx: &mut Tx<'_>, claim: &Claim, lease_until: Timestamp) -> Result<bool, BookError> {
    let params =
        params! { ":id" => claim.job, ":fence" => claim.fence, ":lease_until" => lease_until };
    Ok(tx.execute(&EXTEND, &params)? > 0)
}

/// Whether the claim is still valid; from here to the end of the transaction nobody can take it over.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn guard(tx: &mut Tx<'_>, claim: &Claim) -> Result<Result<(), LeaseLost>, BookError> {
    let held = tx.execute(&GUARD, &params! { ":id" => claim.job, ":fence" => claim.fence })?;
    Ok(if held > 0 { Ok(()) } else { Err(LeaseLost) })
}

/// The job is done; `false` when the claim is not valid any more.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn done(tx: &mut Tx<'_>, claim: &Claim, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx
        .execute(&DONE, &params! { ":id" => claim.job, ":fence" => claim.fence, ":now" => now })?
        > 0)
}

/// The job waits until `due_at` and loses no try; `false` when the claim is not valid any more.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn snooze(tx: &mut Tx<'_>, claim: &Claim, due_at: Timestamp) -> Result<bool, BookError> {
    Ok(tx.execute(
        &SNOOZE,
        &params! { ":id" => claim.job, ":fence" => claim.fence, ":due_at" => due_at },
    )? > 0)
}

/// The try failed: the job is tried again at `due_at`, or is dead when its tries are used up.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn fail(
    tx: &mut Tx<'_>,
    claim: &Claim,
    error: &str,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<Result<Poisoned, LeaseLost>, BookError> {
    let params = params! {
        ":id" => claim.job, ":fence" => claim.fence, ":error" => error, ":due_at" => due_at, ":now" => now
    };
    let Some(row) = tx.query_opt(&FAIL, &params)? else { return Ok(Err(LeaseLost)) };
    Ok(Ok(if row.text("state")? == "dead" { Poisoned::Yes } else { Poisoned::No }))
}

/// The job is dead at once; `false` when the claim is not valid any more.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn poison(
    tx: &mut Tx<'_>,
    claim: &Claim,
    error: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params =
        params! { ":id" => claim.job, ":fence" => claim.fence, ":error" => error, ":now" => now };
    Ok(tx.execute(&POISON, &params)? > 0)
}

/// The worker stops before it began: the job is ready again and loses no try.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn hand_back(tx: &mut Tx<'_>, claim: &Claim) -> Result<bool, BookError> {
    let handed =
        tx.execute(&HAND_BACK, &params! { ":id" => claim.job, ":fence" => claim.fence })?;
    tx.ring(Bell::Jobs);
    Ok(handed > 0)
}

/// Takes a job out of the queue if nobody runs it; `false` when somebody was faster.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn cancel_ready(tx: &mut Tx<'_>, job: JobId, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.execute(&CANCEL_READY, &params! { ":id" => job, ":now" => now })? > 0)
}

fn read(row: &Row) -> Result<Claim, BookError> {
    Ok(Claim {
        job: JobId::from_slice(&row.blob("id")?).ok_or_else(|| BookError::unreadable("id"))?,
        queue: row.text("queue")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        fence: row.int("fence")?,
        attempts_made: row.int("attempts_made")?,
        attempts_max: row.int("attempts_max")?,
        created_at: Timestamp(row.int("created_at")?),
    })
}
