//! Jobs come in. Each takes a turn, so that nobody's crowd of jobs stands before another's first.
//!
//! Start-time fair queueing: a job's turn is the queue's present turn or the one after its customer's last,
//! whichever is later. A newcomer is level with those who are served now, however much waits.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId};

use super::Priority;
use crate::{Bell, BookError, Tx, params, statements};

/// Tries of a job before it is dead. Waits that the world asked for (a snooze) cost none.
const ATTEMPTS_MAX: i64 = 5;

/// A job to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// The queue it waits in.
    pub queue: String,
    /// What kind of work it is; workers choose their handler by it.
    pub kind: String,
    /// What it is about, for its handler.
    pub subject: String,
    /// Whose turn it takes; 0 for nobody's.
    pub fair_key: i64,
    /// What it goes before within its queue.
    pub priority: Priority,
    /// Not before this moment; none: at once.
    pub due_at: Option<Timestamp>,
    /// Tries before it is dead.
    pub attempts_max: i64,
    /// While a live job has this key, another with it is not enqueued.
    pub unique_key: Option<String>,
}

impl NewJob {
    /// A job of ordinary priority, due at once.
    pub fn new(id: JobId, queue: &str, kind: &str, subject: String) -> Self {
        Self {
            id,
            queue: queue.to_owned(),
            kind: kind.to_owned(),
            subject,
            fair_key: 0,
            priority: Priority::Ordinary,
            due_at: None,
            attempts_max: ATTEMPTS_MAX,
            unique_key: None,
        }
    }

    /// The job takes this customer's turn.
    #[must_use]
    pub fn fair_to(mut self, customer: CustomerId) -> Self {
        self.fair_key = customer.0;
        self
    }

    /// The job goes before others of its queue, or after them.
    #[must_use]
    pub fn going(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The job waits until this moment.
    #[must_use]
    pub fn due_at(mut self, at: Timestamp) -> Self {
        self.due_at = Some(at);
        self
    }

    /// The job is enqueued only while no live one has the same key.
    #[must_use]
    pub fn unique(mut self, key: String) -> Self {
        self.unique_key = Some(key);
        self
    }
}

statements! {
    // The later of the queue's present turn and the customer's last turn plus one.
    pub TAKE_TURN = "
insert into queue_turn (queue, fair_key, turn)
values (:queue, :fair_key, coalesce((select turn from queue_state where queue = :queue), 0))
on conflict (queue, fair_key) do update
   set turn = case
           when queue_turn.turn + 1 > coalesce((select turn from queue_state where queue = excluded.queue), 0)
           then queue_turn.turn + 1
           else coalesce((select turn from queue_state where queue = excluded.queue), 0)
       end
returning turn";

    pub QUEUE_TURN = "select turn from queue_state where queue = :queue";

    pub ENQUEUE = "
insert into job (id, queue, kind, subject, fair_key, priority, turn, state, due_at, attempts_max, unique_key, created_at)
values (:id, :queue, :kind, :subject, :fair_key, :priority, :turn, :state, :due_at, :attempts_max, :unique_key, :now)
on conflict do nothing";
}

/// Enqueues a job; `false` when a live one has its unique key. Rings the jobs' bell when it is due.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn enqueue(tx: &mut Tx<'_>, new: &NewJob, now: Timestamp) -> Result<bool, BookError> {
    let turn = turn(tx, new)?;
    let due_at = new.due_at.unwrap_or(now);
    let due = due_at <= now;
    let added = tx.execute(
        &ENQUEUE,
        &params! {
            ":id" => new.id,
            ":queue" => new.queue.as_str(),
            ":kind" => new.kind.as_str(),
            ":subject" => new.subject.as_str(),
            ":fair_key" => new.fair_key,
            ":priority" => new.priority.rank(),
            ":turn" => turn,
            ":state" => if due { "ready" } else { "scheduled" },
            ":due_at" => due_at,
            ":attempts_max" => new.attempts_max,
            ":unique_key" => new.unique_key.as_deref(),
            ":now" => now,
        },
    )?;
    if due && added > 0 {
        tx.ring(Bell::jobs(&new.queue));
    }
    Ok(added > 0)
}

fn turn(tx: &mut Tx<'_>, new: &NewJob) -> Result<i64, BookError> {
    let queue = new.queue.as_str();
    if new.fair_key == 0 {
        let row = tx.query_opt(&QUEUE_TURN, &params! { ":queue" => queue })?;
        return row.map_or(Ok(0), |row| row.int("turn"));
    }
    tx.query_one(&TAKE_TURN, &params! { ":queue" => queue, ":fair_key" => new.fair_key })?
        .int("turn")
}
