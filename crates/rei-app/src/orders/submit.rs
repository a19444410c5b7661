//! The job that has an order made: attempts with their keys are stored, the provider is called for each thing, and
//! what came of it is concluded. Each step is a transaction of its own, and each can be taken up again after a crash.

use std::time::Duration;

use futures::future::join_all;
use rei_domain::ids::OrderId;
use rei_domain::order::OrderState;
use rei_providers::{Availability, Done, Provider, Rejection, Submission, SubmitRequest};
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::orders;
use rei_storage::{BookError, jobs};

use super::begin::{Begun, Call, Work, begin};
use super::conclude::{self, Ended, Outcome};
use super::{inputs, look_up, picture, settle, tasks};
use crate::{CrashPoint, House};

/// The kind of the job.
pub const SUBMIT_JOB: &str = "order.submit";

/// A provider that is down is not asked more often than this.
const PUT_OFF_MIN: Duration = Duration::from_secs(1);

/// Runs the job of an order to the end of one attempt at each thing.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn submit(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(order) = OrderId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no order"));
    };
    if let Some(Availability::Down { retry_after }) = availability(house, order).await? {
        return put_off(house, &claim, retry_after).await;
    }
    match begin(house, &claim, order).await? {
        Begun::Nothing => Ok(Verdict::Finished),
        Begun::Call(work) => call_for(house, &claim, &work).await,
        Begun::LookUp(row, attempt) => look_up::look_up(house, &claim, &row, attempt).await,
    }
}

/// How the order's provider is; none when there is no such order or provider.
async fn availability(house: &House, order: OrderId) -> Result<Option<Availability>, LedgerError> {
    let row = house.book.read(move |tx| orders::find(tx, order)).await?;
    let waits = row.filter(|row| row.state == OrderState::Queued && row.deadline_at > house.now());
    Ok(waits.and_then(|row| house.provider(&row.provider).map(|provider| provider.availability())))
}

/// The provider is known to refuse calls: the job waits without an attempt.
async fn put_off(house: &House, claim: &Claim, after: Duration) -> Result<Verdict, LedgerError> {
    let due_at = house.now().plus(after.max(PUT_OFF_MIN));
    let claim = claim.clone();
    house.book.write(move |tx| jobs::snooze(tx, &claim, due_at)).await?;
    Ok(Verdict::Finished)
}

/// Makes the calls side by side and concludes what came of them.
pub(super) async fn call_for(
    house: &House,
    claim: &Claim,
    work: &Work,
) -> Result<Verdict, LedgerError> {
    CrashPoint::AttemptStored.reached();
    let request = match inputs::request(house, &work.order, &work.inputs).await {
        Ok(request) => request,
        Err(rejection) => {
            let refuse = |call: &Call| Ended::refused(call, rejection.clone());
            let ended = work.calls.iter().map(refuse).collect();
            return conclude::conclude(house, claim, work.order.id, ended).await;
        }
    };
    let Some(provider) = house.provider(&work.order.provider) else {
        let missing = Rejection::owner_fault("no-such-provider");
        let ended = work.calls.iter().map(|call| Ended::refused(call, missing.clone())).collect();
        return conclude::conclude(house, claim, work.order.id, ended).await;
    };
    let provider = provider.as_ref();
    let calls =
        work.calls.iter().map(|call| one_call(house, claim, work, call, provider, &request));
    let mut ended = Vec::with_capacity(work.calls.len());
    for one in join_all(calls).await {
        match one? {
            Called::Ended(one) => ended.push(one),
            Called::Taken(taken) => {
                // Only orders of one thing go to providers that hand out tasks; the catalogue sees to it.
                return tasks::taken(house, claim, &work.order, taken).await;
            }
        }
    }
    conclude::conclude(house, claim, work.order.id, ended).await
}

/// What came of one call.
enum Called {
    Ended(Ended),
    Taken(tasks::Taken),
}

async fn one_call(
    house: &House,
    claim: &Claim,
    work: &Work,
    call: &Call,
    provider: &dyn Provider,
    request: &SubmitRequest,
) -> Result<Called, LedgerError> {
    let mut request = request.clone();
    request.key.clone_from(&call.key);
    request.image_only = call.image_only;
    if call.without_turn {
        request.inputs.iter_mut().for_each(|input| input.former_turn = None);
    }
    match provider.submit(&request).await {
        Submission::Done(done) => {
            CrashPoint::ProviderAnswered.reached();
            made(house, claim, work, call, done).await.map(Called::Ended)
        }
        Submission::Accepted { task } => {
            CrashPoint::TaskAccepted.reached();
            Ok(Called::Taken(tasks::Taken { attempt: call.attempt, task }))
        }
        Submission::Rejected(rejection) => {
            CrashPoint::RefusalReceived.reached();
            Ok(Called::Ended(Ended::refused(call, rejection)))
        }
    }
}

/// Verifies and stores a picture that came with the answer.
async fn made(
    house: &House,
    claim: &Claim,
    work: &Work,
    call: &Call,
    done: Done,
) -> Result<Ended, LedgerError> {
    let stored = match picture::keep(house, &work.order, done).await {
        Ok(stored) => stored,
        Err(rejection) => return Ok(Ended::refused(call, rejection)),
    };
    CrashPoint::ArtifactStored.reached();
    let (order, item, attempt, now) = (work.order.id, call.item, call.attempt, house.now());
    let (rules, claim) = (house.clone(), claim.clone());
    house
        .book
        .write(move |tx| {
            let is_first = orders::store_item(tx, order, item, &stored)?;
            orders::end_attempt(tx, attempt, "done", None, now)?;
            let Some(row) = orders::find(tx, order)? else { return Ok(()) };
            if row.state.holds_money() {
                // An order at work belongs to whoever has its job.
                return jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost.into());
            }
            // The deadline may have passed meanwhile: what is not charged is a present, whoever brings it, but for a
            // second one of a thing that is there. It is given at once: nobody would come back to it.
            if is_first {
                settle::give_late(tx, &rules, &row, &[item], now)?;
            }
            Ok::<_, LedgerError>(())
        })
        .await?;
    Ok(Ended { attempt, item, outcome: Outcome::Stored })
}
