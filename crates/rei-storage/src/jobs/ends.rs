//! How claims end. Each end checks the fence in the same statement; a stale claim changes nothing and gives up
//! the transaction it is part of, so money never moves for a worker that was replaced.

use rei_domain::clock::Timestamp;

use super::rows::Claim;
use crate::{Bell, BookError, Tx, params, statements};

/// An error is kept for the operator up to this length.
const ERROR_MAX_CHARS: usize = 1_000;

/// What a failure made of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a dead job gives back what it held in the same transaction"]
pub enum Failed {
    /// It will be tried again.
    Again,
    /// Its tries are used up: the caller gives back and alerts, in this transaction.
    Dead,
}

statements! {
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
   set state = 'ready', due_at = :now, attempts_made = attempts_made - 1
 where id = :id and fence = :fence and state = 'running'";
}

/// The job is done.
///
/// # Errors
/// [`BookError::LeaseLost`] when the claim is not valid any more; so do the others.
pub fn done(tx: &mut Tx<'_>, claim: &Claim, now: Timestamp) -> Result<(), BookError> {
    let params = params! { ":id" => claim.job, ":fence" => claim.fence, ":now" => now };
    held(tx.execute(&DONE, &params)?)
}

/// The job waits until `due_at` and loses no try.
///
/// # Errors
/// As [`done`].
pub fn snooze(tx: &mut Tx<'_>, claim: &Claim, due_at: Timestamp) -> Result<(), BookError> {
    let params = params! { ":id" => claim.job, ":fence" => claim.fence, ":due_at" => due_at };
    held(tx.execute(&SNOOZE, &params)?)
}

/// The try failed: the job is tried again at `due_at`, or is dead when its tries are used up.
///
/// # Errors
/// As [`done`].
pub fn fail(
    tx: &mut Tx<'_>,
    claim: &Claim,
    error: &str,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<Failed, BookError> {
    let params = params! {
        ":id" => claim.job, ":fence" => claim.fence, ":error" => bounded(error), ":due_at" => due_at, ":now" => now
    };
    let row = tx.query_opt(&FAIL, &params)?.ok_or(BookError::LeaseLost)?;
    Ok(if row.text("state")? == "dead" { Failed::Dead } else { Failed::Again })
}

/// The job is dead at once; the caller gives back and alerts, in this transaction.
///
/// # Errors
/// As [`done`].
pub fn poison(
    tx: &mut Tx<'_>,
    claim: &Claim,
    error: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let params = params! { ":id" => claim.job, ":fence" => claim.fence, ":error" => bounded(error), ":now" => now };
    held(tx.execute(&POISON, &params)?)
}

/// The worker stops: the job is ready again and loses no try. `false` when the claim is not valid any more,
/// which is no reason to keep the worker's other jobs.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn hand_back(tx: &mut Tx<'_>, claim: &Claim, now: Timestamp) -> Result<bool, BookError> {
    let params = params! { ":id" => claim.job, ":fence" => claim.fence, ":now" => now };
    let handed = tx.execute(&HAND_BACK, &params)? > 0;
    if handed {
        tx.ring(Bell::jobs(&claim.queue));
    }
    Ok(handed)
}

fn held(changed: u64) -> Result<(), BookError> {
    if changed == 0 { Err(BookError::LeaseLost) } else { Ok(()) }
}

fn bounded(error: &str) -> String {
    error.chars().take(ERROR_MAX_CHARS).collect()
}
