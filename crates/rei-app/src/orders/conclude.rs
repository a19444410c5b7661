//! What came of the calls for an order: try again, wait, give up a thing, or end the order with what there is.
//! The provider layer says which.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};
use rei_domain::order::OrderEvent;
use rei_providers::{Class, NextStep, Rejection, next_step};
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, AttemptRow, ItemRow, ItemState, OrderRow};
use rei_storage::{Tx, admin, jobs};

use super::begin::Call;
use super::give_back::{GiveBack, Why, give_back};
use super::{queues, settle, status};
use crate::admin::alert;
use crate::{CrashPoint, House};

/// A call whose answer was lost is looked for after this long: it may still be on its way.
const LOOK_UP_AFTER: Duration = Duration::from_secs(2);

/// How one attempt ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) attempt: AttemptId,
    pub(super) item: i64,
    pub(super) outcome: Outcome,
}

/// What an attempt brought.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// A result, verified and stored; one that came when the order was over was given at once.
    Stored,
    /// Nothing.
    Refused(Rejection),
}

impl Ended {
    pub(super) fn refused(call: &Call, rejection: Rejection) -> Self {
        Self { attempt: call.attempt, item: call.item, outcome: Outcome::Refused(rejection) }
    }
}

/// Settles the attempts of one run of the job.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the job is then tried again.
pub(super) async fn conclude(
    house: &House,
    claim: &Claim,
    order: OrderId,
    ended: Vec<Ended>,
) -> Result<Verdict, LedgerError> {
    let now = house.now();
    let (rules, claim) = (house.clone(), claim.clone());
    let settled = house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order)? else { return Ok(false) };
            let mine = jobs::guard(tx, &claim)?.is_ok();
            if !row.state.holds_money() {
                if mine {
                    close(tx, &ended, now)?;
                    jobs::done(tx, &claim, now)?;
                }
                return Ok(false);
            }
            // A worker that lost its lease must not conclude: the one that took over will.
            if !mine {
                return Ok(false);
            }
            weigh(tx, &rules, &claim, &row, &ended, now)
        })
        .await?;
    if settled {
        CrashPoint::PriceCaptured.reached();
    }
    Ok(Verdict::Finished)
}

/// Ends the order with what there is: what is stored is charged, else the money goes back.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub(super) fn end_order(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    give: &GiveBack,
    reason: &str,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let items = orders::items_of(tx, row.id)?;
    for open in items.iter().filter(|item| item.state == ItemState::Open) {
        orders::fail_item(tx, row.id, open.no, reason)?;
    }
    let stored: Vec<ItemRow> =
        items.into_iter().filter(|item| item.state == ItemState::Stored).collect();
    if stored.is_empty() {
        give_back(tx, house, row, give, reason, now)
    } else {
        settle::capture(tx, house, row, &stored, now)
    }
}

/// Closes the attempts that brought nothing; the others were closed when their results were stored.
fn close(tx: &mut Tx<'_>, ended: &[Ended], now: Timestamp) -> Result<(), LedgerError> {
    for one in ended {
        if let Outcome::Refused(rejection) = &one.outcome {
            let unknown = matches!(rejection.class, Class::Unknown);
            let outcome = if unknown { "unknown" } else { "rejected" };
            orders::end_attempt(tx, one.attempt, outcome, Some(&rejection.code), now)?;
        }
    }
    Ok(())
}

/// Decides for each thing, then for the order; `true` when the price was captured.
fn weigh(
    tx: &mut Tx<'_>,
    house: &House,
    claim: &Claim,
    row: &OrderRow,
    ended: &[Ended],
    now: Timestamp,
) -> Result<bool, LedgerError> {
    close(tx, ended, now)?;
    let attempts = orders::attempts_of(tx, row.id)?;
    let mut waits: Option<Wait> = None;
    let mut last: Option<(GiveBack, String)> = None;
    for one in ended {
        let Outcome::Refused(rejection) = &one.outcome else { continue };
        match step(house, row, &attempts, one.item, rejection) {
            NextStep::Again { after, unknown } => {
                waits = Some(Wait::joined(waits, after, unknown, &rejection.code));
            }
            given_up => {
                orders::fail_item(tx, row.id, one.item, &rejection.code)?;
                let give = refused(tx, house, row, rejection, &given_up, now)?;
                last.get_or_insert((give, rejection.code.clone()));
            }
        }
    }
    if let Some(wait) = waits {
        put_off(tx, claim, row, &wait, now)?;
        return Ok(false);
    }
    let nothing = (GiveBack { event: OrderEvent::Failed, why: Why::Overloaded }, String::new());
    let (give, reason) = last.unwrap_or(nothing);
    let captured = end_order(tx, house, row, &give, &reason, now)?;
    jobs::done(tx, claim, now)?;
    Ok(captured)
}

fn step(
    house: &House,
    row: &OrderRow,
    attempts: &[AttemptRow],
    item: i64,
    rejection: &Rejection,
) -> NextStep {
    let can_be_asked = house.provider(&row.provider).is_some_and(|it| it.has_tasks());
    if matches!(rejection.class, Class::Unknown) && can_be_asked {
        // However often it happens: the provider is asked first, and nothing is sent again without its word.
        return NextStep::Again { after: LOOK_UP_AFTER, unknown: true };
    }
    let of_item = || attempts.iter().filter(move |attempt| attempt.item == item);
    let same = of_item().filter(|it| it.code.as_deref() == Some(rejection.code.as_str())).count();
    next_step(rejection, same, of_item().count(), &house.policy.retry, house.chance.as_ref())
}

/// How long the job waits, and why.
struct Wait {
    after: Duration,
    unknown: bool,
    code: String,
}

impl Wait {
    /// Things that are tried again go together, when the first of them may.
    fn joined(before: Option<Self>, after: Duration, unknown: bool, code: &str) -> Self {
        match before {
            None => Self { after, unknown, code: code.to_owned() },
            Some(before) => Self {
                after: before.after.min(after),
                unknown: before.unknown || unknown,
                code: before.code,
            },
        }
    }
}

fn put_off(
    tx: &mut Tx<'_>,
    claim: &Claim,
    row: &OrderRow,
    wait: &Wait,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let some_stored =
        orders::items_of(tx, row.id)?.iter().any(|item| item.state == ItemState::Stored);
    let event = if wait.unknown { OrderEvent::Unanswered } else { OrderEvent::PutBack };
    // An order that has something already can't be cancelled any more, so it doesn't go back into the queue.
    let goes_back = !some_stored || wait.unknown;
    if goes_back && let Ok(next) = row.state.next(event) {
        orders::move_state(tx, row.id, row.state, next, Some(&wait.code), now)?;
        if !wait.unknown {
            queues::gives_way(tx, claim, row)?;
        }
    }
    if wait.unknown {
        status::checking(tx, row, now)?;
    } else {
        status::waiting(tx, row, !some_stored, now)?;
    }
    Ok(jobs::snooze(tx, claim, now.plus(wait.after))?)
}

/// What a refusal that is final means for the customer and for the owner.
pub(super) fn refused(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    rejection: &Rejection,
    step: &NextStep,
    now: Timestamp,
) -> Result<GiveBack, LedgerError> {
    let NextStep::GiveBack { event_is_refusal, owner, model_gone, sales_paused } = *step else {
        return Ok(GiveBack { event: OrderEvent::Failed, why: Why::Overloaded });
    };
    if sales_paused {
        let name = format!("provider:{}", row.provider);
        admin::set_switch(tx, &name, "off", &rejection.code, now)?;
        alert::no_funds(tx, house, row, &rejection.code, now)?;
        house.catalog.refresh(tx)?;
    } else if model_gone {
        let name = format!("model:{}", row.sku);
        admin::set_switch(tx, &name, "off", &rejection.code, now)?;
        alert::model_gone(tx, house, row, &rejection.code, now)?;
        house.catalog.refresh(tx)?;
    } else if owner {
        alert::provider(tx, house, row, &rejection.code, now)?;
    }
    let event = if event_is_refusal { OrderEvent::Refused } else { OrderEvent::Failed };
    let ours = owner && !event_is_refusal;
    let why = if ours { Why::OurFault } else { Why::Provider(rejection.reason) };
    // A picture is refused while it is asked for; a video may be refused while it is fetched, and then only fails.
    let event = if row.state.next(event).is_err() { OrderEvent::Failed } else { event };
    Ok(GiveBack { event, why })
}
