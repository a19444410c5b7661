//! Workers take jobs and keep them: turn by turn, fair between customers, each claim with a lease and a fence.
//!
//! A claim looks at a window of jobs in turn order and prefers those whose customers have the fewest jobs
//! running, so nobody holds two workers while another waits. Its cost depends on the window, not on the backlog.

use rei_domain::clock::Timestamp;

use super::rows::{Claim, LeaseLost};
use crate::{Bell, BookError, Tx, params, statements};

/// Jobs in turn order that a claim looks at beyond those that it takes.
const WINDOW: i64 = 64;
/// Scheduled and abandoned jobs that one claim makes ready.
const PROMOTED_MAX: i64 = 256;

statements! {
    pub PROMOTE = {
        sqlite: "
update job
   set state = 'ready'
 where state = 'scheduled'
   and id in (
       select id from job
        where state = 'scheduled' and due_at <= :now
        order by due_at
        limit :limit)",
        postgres: "
with due as materialized (
       select id from job
        where state = 'scheduled' and due_at <= :now
        order by due_at
        limit :limit
          for update skip locked)
update job
   set state = 'ready'
  from due
 where job.id = due.id",
    };

    // A worker that died: its lease ran out. Whoever has the row locked is alive.
    pub ABANDONED = {
        sqlite: "
update job
   set state = 'ready', due_at = :now, last_error = 'the worker stopped in the middle'
 where state = 'running'
   and id in (
       select id from job
        where state = 'running' and lease_until < :now
        order by lease_until
        limit :limit)",
        postgres: "
with lost as materialized (
       select id from job
        where state = 'running' and lease_until < :now
        order by lease_until
        limit :limit
          for update skip locked)
update job
   set state = 'ready', due_at = :now, last_error = 'the worker stopped in the middle'
  from lost
 where job.id = lost.id",
    };

    pub ANYTHING_DUE = "
select 1 as due
 where not exists (select 1 from queue_state where queue = :queue and paused = 1)
   and (exists (select 1 from job where state = 'ready' and queue = :queue)
     or exists (select 1 from job where state = 'scheduled' and due_at <= :now)
     or exists (select 1 from job where state = 'running' and lease_until < :now))";

    pub OPEN_QUEUE = "
insert into queue_state (queue)
values (:queue)
on conflict do nothing";

    // On PostgreSQL the claims of one queue take turns here: each must see whom the others serve.
    pub ENTER_QUEUE = {
        sqlite: "select turn, paused from queue_state where queue = :queue",
        postgres: "select turn, paused from queue_state where queue = :queue for update",
    };

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
                 case when w.fair_key = 0 then 0
                      else row_number() over (partition by w.fair_key order by w.priority, w.turn, w.id) - 1
                         + (select count(*) from job r
                             where r.state = 'running' and r.queue = :queue and r.fair_key = w.fair_key)
                 end,
                 w.turn, w.id
        limit :limit)
returning id, queue, kind, subject, fence, attempts_made, attempts_max, created_at, due_at, turn, priority",
        // The rows are locked one by one in their order before any is changed: claims cannot deadlock.
        postgres: "
with candidate as materialized (
       select id, fair_key, priority, turn
         from job
        where state = 'ready' and queue = :queue
        order by priority, turn, id
        limit :window),
     ranked as materialized (
       select w.id, w.priority, w.turn,
              case when w.fair_key = 0 then 0
                   else row_number() over (partition by w.fair_key order by w.priority, w.turn, w.id) - 1
                      + (select count(*) from job r
                          where r.state = 'running' and r.queue = :queue and r.fair_key = w.fair_key)
              end as held
         from candidate w),
     chosen as materialized (
       select j.id
         from ranked
         join job j on j.id = ranked.id
        where j.state = 'ready'
        order by ranked.priority, ranked.held, ranked.turn, ranked.id
        limit :limit
          for update of j skip locked)
update job
   set state = 'running', worker = :worker, lease_until = :lease_until, fence = fence + 1,
       attempts_made = attempts_made + 1
  from chosen
 where job.id = chosen.id
returning job.id, queue, kind, subject, fence, attempts_made, attempts_max, created_at, due_at, turn, priority",
    };

    pub MORE_READY = "select 1 as more from job where state = 'ready' and queue = :queue limit 1";

    pub MOVE_TURN = "
update queue_state
   set turn = :turn
 where queue = :queue and turn < :turn";

    pub EXTEND = "
update job
   set lease_until = :lease_until
 where id = :id and fence = :fence and state = 'running'";

    // On PostgreSQL nobody can take the job over until the transaction ends; on SQLite nobody else writes.
    pub GUARD = {
        sqlite: "
select 1 as held
  from job
 where id = :id and fence = :fence and state = 'running'",
        postgres: "
select 1 as held
  from job
 where id = :id and fence = :fence and state = 'running'
   for update",
    };
}

/// Whether a claim could find anything. Costs no write.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn anything_due(tx: &mut Tx<'_>, queue: &str, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.query_opt(&ANYTHING_DUE, &params! { ":queue" => queue, ":now" => now })?.is_some())
}

/// Claims up to `limit` jobs of a queue for `worker`, in turn; none while the queue is paused. When that fills the
/// worker and more wait, the queue's bell is rung for the next one.
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
    claim_within(tx, worker, queue, limit, now, lease_until, |_| Ok(usize::MAX))
}

/// As [`claim`], but no more jobs than `places` says. It is asked while no other claim of this queue can come in
/// between, and after abandoned jobs were put back, so that all processes together keep to it.
///
/// # Errors
/// As [`claim`], and those of `places`.
pub fn claim_within(
    tx: &mut Tx<'_>,
    worker: &str,
    queue: &str,
    limit: i64,
    now: Timestamp,
    lease_until: Timestamp,
    places: impl FnOnce(&mut Tx<'_>) -> Result<usize, BookError>,
) -> Result<Vec<Claim>, BookError> {
    if is_paused(tx, queue)? {
        return Ok(Vec::new());
    }
    tx.execute(&PROMOTE, &params! { ":now" => now, ":limit" => PROMOTED_MAX })?;
    tx.execute(&ABANDONED, &params! { ":now" => now, ":limit" => PROMOTED_MAX })?;
    let places = i64::try_from(places(tx)?).unwrap_or(i64::MAX);
    let limit = limit.min(places);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let rows = tx.query(
        &CLAIM,
        &params! {
            ":worker" => worker,
            ":queue" => queue,
            ":lease_until" => lease_until,
            ":window" => WINDOW.saturating_add(limit),
            ":limit" => limit,
        },
    )?;
    let mut claims = Vec::with_capacity(rows.len());
    for row in &rows {
        claims.push((row.int("priority")?, row.int("turn")?, Claim::read(row)?));
    }
    if let Some(turn) = claims.iter().map(|(_, turn, _)| *turn).max() {
        tx.execute(&MOVE_TURN, &params! { ":queue" => queue, ":turn" => turn })?;
    }
    // Only whoever claims rings, so a ring that finds nothing to do ends there.
    let full = i64::try_from(claims.len()) == Ok(limit);
    if full
        && limit < places
        && tx.query_opt(&MORE_READY, &params! { ":queue" => queue })?.is_some()
    {
        tx.ring(Bell::jobs(queue));
    }
    claims.sort_by_key(|(priority, turn, claim)| (*priority, *turn, claim.job));
    Ok(claims.into_iter().map(|(_, _, claim)| claim).collect())
}

fn is_paused(tx: &mut Tx<'_>, queue: &str) -> Result<bool, BookError> {
    let enter = params! { ":queue" => queue };
    let row = match tx.query_opt(&ENTER_QUEUE, &enter)? {
        Some(row) => row,
        None => {
            tx.execute(&OPEN_QUEUE, &enter)?;
            tx.query_one(&ENTER_QUEUE, &enter)?
        }
    };
    Ok(row.int("paused")? != 0)
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
    let held = tx.query_opt(&GUARD, &params! { ":id" => claim.job, ":fence" => claim.fence })?;
    Ok(held.map(|_| ()).ok_or(LeaseLost))
}
