//! The first step of an order's job: what is still to be made gets an attempt with its key, in one transaction
//! before any call. What a worker that died left open becomes unknown.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};
use rei_domain::order::{OrderEvent, OrderState};
use rei_providers::Reason;
use rei_queue::Claim;
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, AttemptRow, InputRow, ItemRow, ItemState, NewAttempt, OrderRow};
use rei_storage::{Tx, jobs};

use super::give_back::{GiveBack, Why};
use super::{conclude, queues, status, tasks};
use crate::House;

/// Unknown outcomes of one thing before it is given up, where the provider can't be asked: one repeat, at the
/// owner's cost.
const UNKNOWN_MAX: usize = 2;

/// What to do after the first transaction.
pub(super) enum Begun {
    /// The order is over or somebody else's: nothing is left to do.
    Nothing,
    /// Call the provider.
    Call(Box<Work>),
    /// Ask the provider what became of a call whose answer was lost.
    LookUp(Box<OrderRow>, AttemptRow),
}

/// The calls of one run of the job.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) order: OrderRow,
    pub(super) inputs: Vec<InputRow>,
    pub(super) calls: Vec<Call>,
}

/// One call: an attempt at one of the things that the order makes.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) attempt: AttemptId,
    pub(super) item: i64,
    pub(super) key: String,
    /// The last answer was in words: insist on a picture.
    pub(super) image_only: bool,
    /// The last answer missed a signature: send the picture as if it were any other.
    pub(super) without_turn: bool,
}

/// Stores the attempts with their keys, or finds that there is nothing to call for.
pub(super) async fn begin(
    house: &House,
    claim: &Claim,
    order: OrderId,
) -> Result<Begun, LedgerError> {
    let now = house.now();
    let (rules, claim) = (house.clone(), claim.clone());
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(Begun::Nothing);
            }
            match orders::find(tx, order)? {
                Some(row) if row.state.holds_money() => begin_order(tx, &rules, &claim, row, now),
                Some(row) => after_the_end(tx, &rules, &claim, row, now),
                None => {
                    jobs::done(tx, &claim, now)?;
                    Ok(Begun::Nothing)
                }
            }
        })
        .await
}

fn begin_order(
    tx: &mut Tx<'_>,
    house: &House,
    claim: &Claim,
    mut row: OrderRow,
    now: Timestamp,
) -> Result<Begun, LedgerError> {
    let attempts = close_lost_attempts(tx, &mut row, now)?;
    if now >= row.deadline_at {
        let late = GiveBack { event: OrderEvent::DeadlinePassed, why: Why::Late };
        conclude::end_order(tx, house, &row, &late, "deadline", now)?;
        let ended = orders::find(tx, row.id)?.unwrap_or(row);
        return after_the_end(tx, house, claim, ended, now);
    }
    let can_be_asked = house.provider(&row.provider).is_some_and(|it| it.has_tasks());
    for item in orders::items_of(tx, row.id)?.iter().filter(|item| item.state == ItemState::Open) {
        let mut unknown = unknown_of(&attempts, item.no);
        if can_be_asked && let Some(last) = unknown.next_back() {
            return Ok(Begun::LookUp(Box::new(row), last.clone()));
        }
        if !can_be_asked && unknown.count() >= UNKNOWN_MAX {
            orders::fail_item(tx, row.id, item.no, "no answer")?;
        }
    }
    let items = orders::items_of(tx, row.id)?;
    let open: Vec<&ItemRow> = items.iter().filter(|item| item.state == ItemState::Open).collect();
    if open.is_empty() {
        let silent = GiveBack { event: OrderEvent::Failed, why: Why::Overloaded };
        conclude::end_order(tx, house, &row, &silent, "no answer", now)?;
        jobs::done(tx, claim, now)?;
        return Ok(Begun::Nothing);
    }
    let started = row.state.next(OrderEvent::Started).ok();
    let moved = match started {
        Some(next) => orders::move_state(tx, row.id, row.state, next, None, now)?,
        None => false,
    };
    if !moved {
        // It is past that already, or the customer cancelled in this very moment.
        jobs::done(tx, claim, now)?;
        return Ok(Begun::Nothing);
    }
    row.state = OrderState::Submitting;
    queues::has_begun(tx, claim, &row)?;
    if attempts.is_empty() {
        status::working(tx, house, &row, now)?;
    }
    let calls = start_attempts(tx, house, &row, &open, &attempts, now)?;
    let inputs = orders::inputs_of(tx, row.id)?;
    Ok(Begun::Call(Box::new(Work { order: row, inputs, calls })))
}

/// A call of an order that ran out of time is still looked for when its answer was lost: what comes of it would be a
/// present. Otherwise nothing is left to do.
fn after_the_end(
    tx: &mut Tx<'_>,
    house: &House,
    claim: &Claim,
    row: OrderRow,
    now: Timestamp,
) -> Result<Begun, LedgerError> {
    let can_be_asked = house.provider(&row.provider).is_some_and(|it| it.has_tasks());
    let worth_it = row.state == OrderState::Expired
        && can_be_asked
        && now.since(row.deadline_at) < tasks::FOLLOWED_MAX;
    if worth_it {
        let attempts = orders::attempts_of(tx, row.id)?;
        let lost = attempts.into_iter().rev().find(|attempt| {
            attempt.task.is_none() && attempt.outcome.as_deref() == Some("unknown")
        });
        if let Some(lost) = lost {
            return Ok(Begun::LookUp(Box::new(row), lost));
        }
    }
    jobs::done(tx, claim, now)?;
    Ok(Begun::Nothing)
}

/// Attempts at one thing whose outcome nobody knows and whose task nobody has found.
fn unknown_of(attempts: &[AttemptRow], item: i64) -> impl DoubleEndedIterator<Item = &AttemptRow> {
    attempts.iter().filter(move |attempt| {
        attempt.item == item
            && attempt.task.is_none()
            && attempt.outcome.as_deref() == Some("unknown")
    })
}

fn start_attempts(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    open: &[&ItemRow],
    before: &[AttemptRow],
    now: Timestamp,
) -> Result<Vec<Call>, LedgerError> {
    let first = i64::try_from(before.len()).unwrap_or(i64::MAX) + 1;
    let mut calls = Vec::with_capacity(open.len());
    for (item, no) in open.iter().zip(first..) {
        let new = NewAttempt {
            id: AttemptId::new(now, house.chance.as_ref()),
            order: row.id,
            no,
            item: item.no,
            key: format!("{}-{no}", row.id.to_short()),
        };
        orders::start_attempt(tx, &new, now)?;
        calls.push(call(new.id, item.no, new.key, before));
    }
    Ok(calls)
}

/// The call of an attempt; what went wrong before changes how it is asked for.
fn call(attempt: AttemptId, item: i64, key: String, before: &[AttemptRow]) -> Call {
    let failed_with =
        |code: &str| before.iter().any(|one| one.item == item && one.code.as_deref() == Some(code));
    Call {
        attempt,
        item,
        key,
        image_only: failed_with(Reason::NO_IMAGE_CODE),
        without_turn: failed_with(Reason::NO_SIGNATURE_CODE),
    }
}

/// An attempt that is still open belongs to a worker that died in the middle of its call: what came of it is
/// unknown. The order becomes `Unknown`, from where it may be started once more.
fn close_lost_attempts(
    tx: &mut Tx<'_>,
    row: &mut OrderRow,
    now: Timestamp,
) -> Result<Vec<AttemptRow>, LedgerError> {
    let mut attempts = orders::attempts_of(tx, row.id)?;
    for attempt in attempts.iter_mut().filter(|attempt| !attempt.ended && attempt.task.is_none()) {
        orders::end_attempt(tx, attempt.id, "unknown", Some("worker-lost"), now)?;
        attempt.outcome = Some("unknown".to_owned());
        attempt.ended = true;
    }
    if row.state == OrderState::Submitting {
        let next = row.state.next(OrderEvent::Unanswered).unwrap_or(row.state);
        orders::move_state(tx, row.id, row.state, next, None, now)?;
        row.state = next;
    }
    Ok(attempts)
}

/// The call of an attempt that is proven never to have arrived: the same key, the same bytes.
pub(super) async fn begin_again(
    house: &House,
    claim: &Claim,
    order: OrderId,
    attempt: AttemptRow,
) -> Result<Begun, LedgerError> {
    let now = house.now();
    let claim = claim.clone();
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(Begun::Nothing);
            }
            let Some(mut row) = orders::find(tx, order)? else { return Ok(Begun::Nothing) };
            let started = row.state.next(OrderEvent::Started);
            let Ok(next) = started else { return Ok(Begun::Nothing) };
            if !orders::reopen_attempt(tx, attempt.id)?
                || !orders::move_state(tx, row.id, row.state, next, None, now)?
            {
                return Ok(Begun::Nothing);
            }
            row.state = next;
            let inputs = orders::inputs_of(tx, row.id)?;
            let calls = vec![call(attempt.id, attempt.item, attempt.key.clone(), &[])];
            Ok(Begun::Call(Box::new(Work { order: row, inputs, calls })))
        })
        .await
}
