//! Tasks at providers that need minutes: taken, asked about in batches until they end, and then fetched.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, JobId, OrderId};
use rei_domain::order::OrderEvent;
use rei_providers::{AskError, NextStep, Rejection, TaskRef, TaskState};
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::jobs::Priority;
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, NewTask, OrderRow, TaskRow};
use rei_storage::{BookError, Tx, jobs};

use super::queues::place_is_free;
use super::{FETCH_JOB, PROVIDER_QUEUE, conclude, status};
use crate::{CrashPoint, House};

/// Tasks asked about in one call.
const BATCH_MAX: usize = 20;
/// Tasks looked at in one run; the rest is due still and comes with the next.
const DUE_MAX: i64 = 400;
/// A task is asked about so often after the order's money went back: its result would be a present.
const LATE_PAUSE: Duration = Duration::from_secs(30 * 60);
/// After this long nobody asks any more.
pub(super) const FOLLOWED_MAX: Duration = Duration::from_secs(72 * 3600);

/// A task that a provider took.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// The attempt that it came of.
    pub(super) attempt: AttemptId,
    /// The provider's name for it.
    pub(super) task: TaskRef,
}

/// Notes that the provider works on an order, and ends the job that handed it over.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the attempt then counts as lost and is looked for by its key.
pub(super) async fn taken(
    house: &House,
    claim: &Claim,
    order: &OrderRow,
    taken: Taken,
) -> Result<Verdict, LedgerError> {
    let now = house.now();
    let (rules, claim, order) = (house.clone(), claim.clone(), order.id);
    house
        .book
        .write(move |tx| {
            // Whoever took the job over will find the task by its key.
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            let Some(row) = orders::find(tx, order)? else { return Ok(()) };
            orders::attempt_taken(tx, taken.attempt, &taken.task.0)?;
            let new = NewTask {
                attempt: taken.attempt,
                order: row.id,
                provider: row.provider.clone(),
                queue: row.queue.clone(),
                task: taken.task.0.clone(),
                due_at: now.plus(rules.policy.polling.first),
            };
            orders::start_task(tx, &new, now)?;
            if let Ok(next) = row.state.next(OrderEvent::Accepted) {
                orders::move_state(tx, row.id, row.state, next, None, now)?;
                status::working(tx, &rules, &row, now)?;
            }
            jobs::done(tx, &claim, now)?;
            Ok::<_, LedgerError>(())
        })
        .await?;
    CrashPoint::TaskStored.reached();
    Ok(Verdict::Finished)
}

/// Asks about every task that is due; returns how many have ended.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; what was not recorded is asked about again.
pub async fn poll_due(house: &House) -> Result<usize, LedgerError> {
    let now = house.now();
    let due = house.book.read(move |tx| orders::due_tasks(tx, now, DUE_MAX)).await?;
    let mut by_provider: BTreeMap<String, Vec<TaskRow>> = BTreeMap::new();
    for task in due {
        by_provider.entry(task.provider.clone()).or_default().push(task);
    }
    let mut ended = 0;
    for (provider, tasks) in by_provider {
        for batch in tasks.chunks(BATCH_MAX) {
            ended += poll_batch(house, &provider, batch).await?;
        }
    }
    Ok(ended)
}

async fn poll_batch(
    house: &House,
    provider: &str,
    batch: &[TaskRow],
) -> Result<usize, LedgerError> {
    let Some(client) = house.provider(provider) else {
        tracing::error!(
            provider,
            tasks = batch.len(),
            "tasks wait for a provider that is not set up"
        );
        return put_off(house, batch, LATE_PAUSE).await.map(|()| 0);
    };
    let refs: Vec<TaskRef> = batch.iter().map(|task| TaskRef(task.task.clone())).collect();
    let states = match client.poll(&refs).await {
        Ok(states) => states,
        Err(error) => {
            let asked = match &error {
                AskError::Rejected(rejection) => rejection.retry_after.unwrap_or_default(),
                AskError::NotSupported => LATE_PAUSE,
            };
            tracing::warn!(provider, %error, "tasks could not be asked about");
            metrics::counter!("task_polls_failed_total", "provider" => provider.to_owned())
                .increment(1);
            let pause = asked.max(house.policy.polling.first);
            return put_off(house, batch, pause).await.map(|()| 0);
        }
    };
    // Each in a transaction of its own, so that one that fails holds up no other; all of them at once, so that they
    // reach the disk together.
    let records = batch.iter().map(|task| {
        let state = states.get(&TaskRef(task.task.clone())).cloned();
        record(house, task.clone(), state)
    });
    let mut ended = 0;
    for recorded in join_all(records).await {
        ended += usize::from(recorded?);
    }
    Ok(ended)
}

async fn put_off(house: &House, batch: &[TaskRow], pause: Duration) -> Result<(), LedgerError> {
    let due_at = house.now().plus(pause);
    let attempts: Vec<AttemptId> = batch.iter().map(|task| task.attempt).collect();
    house
        .book
        .write(move |tx| {
            for attempt in &attempts {
                orders::poll_later(tx, *attempt, due_at)?;
            }
            Ok::<_, BookError>(())
        })
        .await?;
    Ok(())
}

/// Records how a task stands; `true` when it has ended. A task that the provider doesn't name may be named next time.
async fn record(
    house: &House,
    task: TaskRow,
    state: Option<TaskState>,
) -> Result<bool, LedgerError> {
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, task.order)? else {
                return Ok(orders::end_task(tx, task.attempt)?);
            };
            match &state {
                Some(TaskState::Succeeded(_)) => succeeded(tx, &rules, &task, &row, now),
                Some(TaskState::Failed(rejection)) => {
                    failed(tx, &rules, &task, &row, rejection, now)
                }
                Some(TaskState::Running) | None => {
                    running(tx, &rules, &task, &row, now).map(|()| false)
                }
            }
        })
        .await
}

fn running(
    tx: &mut Tx<'_>,
    house: &House,
    task: &TaskRow,
    row: &OrderRow,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let age = now.since(task.since);
    if age > FOLLOWED_MAX {
        orders::end_task(tx, task.attempt)?;
        place_is_free(tx, row);
        return Ok(());
    }
    let polling = &house.policy.polling;
    let pause = if row.state.holds_money() { polling.pause(age) } else { LATE_PAUSE };
    orders::poll_later(tx, task.attempt, now.plus(pause))?;
    if row.state.holds_money() && status::in_progress(tx, house, row, task, now)? {
        orders::task_was_shown(tx, task.attempt, now)?;
    }
    Ok(())
}

/// The result waits at the provider: a job of its own fetches it.
fn succeeded(
    tx: &mut Tx<'_>,
    house: &House,
    task: &TaskRow,
    row: &OrderRow,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    if let Ok(next) = row.state.next(OrderEvent::Finished) {
        orders::move_state(tx, row.id, row.state, next, None, now)?;
    }
    let id = JobId::new(now, house.chance.as_ref());
    let job = NewJob::new(id, PROVIDER_QUEUE, FETCH_JOB, row.id.to_short())
        .fair_to(row.customer)
        .going(Priority::Finished)
        .unique(format!("fetch:{}", row.id.to_short()));
    jobs::enqueue(tx, &job, now)?;
    place_is_free(tx, row);
    Ok(orders::end_task(tx, task.attempt)?)
}

fn failed(
    tx: &mut Tx<'_>,
    house: &House,
    task: &TaskRow,
    row: &OrderRow,
    rejection: &Rejection,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    orders::end_attempt(tx, task.attempt, "rejected", Some(&rejection.code), now)?;
    orders::end_task(tx, task.attempt)?;
    place_is_free(tx, row);
    if row.state.holds_money() {
        give_up(tx, house, row, rejection, now)?;
    }
    Ok(true)
}

/// A task that failed is not begun anew: the provider has said why, and the customer may change it.
pub(super) fn give_up(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    rejection: &Rejection,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let step = NextStep::give_back(rejection);
    let give = conclude::refused(tx, house, row, rejection, &step, now)?;
    conclude::end_order(tx, house, row, &give, &rejection.code, now)?;
    Ok(())
}

/// Somebody says that a task has moved; it is asked about at once, and nothing else follows. `false` when nobody
/// follows such a task.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn hurry(
    house: &House,
    task: Option<String>,
    key: Option<String>,
) -> Result<bool, BookError> {
    let (asked, by) = (task.clone(), key.clone());
    let follows = move |tx: &mut Tx<'_>| orders::follows_task(tx, asked.as_deref(), by.as_deref());
    // Looking is cheaper than writing: whoever sends made-up reports must not disturb the writer.
    if !house.book.read(follows).await? {
        return Ok(false);
    }
    let now = house.now();
    house.book.write(move |tx| orders::hurry_task(tx, task.as_deref(), key.as_deref(), now)).await
}

/// Whose task this is, for those who wait for its end.
pub(super) async fn task_of(
    house: &House,
    order: OrderId,
) -> Result<Option<(AttemptId, TaskRef)>, BookError> {
    let attempts = house.book.read(move |tx| orders::attempts_of(tx, order)).await?;
    let open = attempts.into_iter().rev().find(|attempt| !attempt.ended && attempt.task.is_some());
    Ok(open.and_then(|attempt| Some((attempt.id, TaskRef(attempt.task?)))))
}
