//! What customers and operators do to jobs that nobody runs: cancel, revive, pause, clean up.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;

use crate::{Bell, BookError, Tx, params, statements};

statements! {
    pub CANCEL_READY = "
update job
   set state = 'done', finished_at = :now, last_error = 'cancelled'
 where id = :id and state in ('ready', 'scheduled')
returning queue, fair_key, turn";

    pub GIVE_TURN_BACK = "
update queue_turn
   set turn = turn - 1
 where queue = :queue and fair_key = :fair_key and turn = :turn";

    pub REVIVE = "
update job
   set state = 'ready', due_at = :now, attempts_made = 0, finished_at = null
 where id = :id and state = 'dead'
   and not exists (
       select 1 from job live
        where live.unique_key = job.unique_key
          and live.unique_key is not null and live.state in ('ready', 'scheduled', 'running'))
returning queue";

    pub PAUSE = "
insert into queue_state (queue, paused)
values (:queue, :paused)
on conflict (queue) do update set paused = excluded.paused";

    pub ALL_PAUSED = "select queue from queue_state where paused = 1 order by queue";

    pub CLEAN_DONE = "
delete from job
 where id in (
       select id from job
        where state = 'done' and finished_at < :before
        order by finished_at
        limit :limit)";

    pub CLEAN_DEAD = "
delete from job
 where id in (
       select id from job
        where state = 'dead' and finished_at < :before
        order by finished_at
        limit :limit)";

    // A turn that the queue has passed says no more than none.
    pub CLEAN_TURNS = "
delete from queue_turn
 where turn < (select s.turn from queue_state s where s.queue = queue_turn.queue)";
}

/// Takes a job out of the queue if nobody runs it; `false` when somebody was faster. The customer's turn is
/// given back, so ordering and cancelling costs no place.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn cancel_ready(tx: &mut Tx<'_>, job: JobId, now: Timestamp) -> Result<bool, BookError> {
    let Some(row) = tx.query_opt(&CANCEL_READY, &params! { ":id" => job, ":now" => now })? else {
        return Ok(false);
    };
    tx.execute(
        &GIVE_TURN_BACK,
        &params! {
            ":queue" => row.text("queue")?,
            ":fair_key" => row.int("fair_key")?,
            ":turn" => row.int("turn")?,
        },
    )?;
    Ok(true)
}

/// Puts a dead job back into its queue; `false` when it isn't dead or a live job has its unique key.
///
/// # Errors
/// As [`cancel_ready`].
pub fn revive(tx: &mut Tx<'_>, job: JobId, now: Timestamp) -> Result<bool, BookError> {
    let revived = tx.query_opt(&REVIVE, &params! { ":id" => job, ":now" => now })?;
    if let Some(row) = &revived {
        tx.ring(Bell::Jobs(row.text("queue")?));
    }
    Ok(revived.is_some())
}

/// Stops or resumes the claiming of a queue. Running jobs are left alone.
///
/// # Errors
/// As [`cancel_ready`].
pub fn pause(tx: &mut Tx<'_>, queue: &str, yes: bool) -> Result<(), BookError> {
    tx.execute(&PAUSE, &params! { ":queue" => queue, ":paused" => yes })?;
    tx.ring(Bell::jobs(queue));
    Ok(())
}

/// The queues that are paused.
///
/// # Errors
/// As [`cancel_ready`].
pub fn paused(tx: &mut Tx<'_>) -> Result<Vec<String>, BookError> {
    tx.query(&ALL_PAUSED, &params! {})?.iter().map(|row| row.text("queue")).collect()
}

/// Deletes jobs that ended before `before`, at most `limit` done and as many dead ones, and turns that mean
/// nothing any more; returns how many jobs.
///
/// # Errors
/// As [`cancel_ready`].
pub fn clean(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    let params = params! { ":before" => before, ":limit" => limit };
    let done = tx.execute(&CLEAN_DONE, &params)?;
    let dead = tx.execute(&CLEAN_DEAD, &params)?;
    tx.execute(&CLEAN_TURNS, &params! {})?;
    Ok(done + dead)
}
