//! A call whose answer was lost: the provider is asked by our key whether it took the work. Only its word, given twice
//! some seconds apart, that it has never heard of the key leads to the same call once more; and a call that never
//! arrives however often it is made ends the order.

use std::time::Duration;

use rei_domain::order::OrderEvent;
use rei_providers::{AskError, Availability, Found};
use rei_queue::{Claim, Verdict};
use rei_storage::jobs;
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, AttemptRow, OrderRow};

use super::begin::{Begun, begin_again};
use super::give_back::{GiveBack, Why};
use super::{conclude, submit, tasks};
use crate::House;

/// How often the provider must say that it has never heard of a key.
const ABSENT_PROVES: i64 = 2;
/// The time between two questions: an answer may be older than the call.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(4);
/// The longest time between two questions to a provider that doesn't answer them.
const SILENT_PAUSE_MAX: Duration = Duration::from_secs(60);

/// Asks what became of an attempt.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub(super) async fn look_up(
    house: &House,
    claim: &Claim,
    order: &OrderRow,
    attempt: AttemptRow,
) -> Result<Verdict, LedgerError> {
    let Some(provider) = house.provider(&order.provider) else {
        return Ok(Verdict::retry("the provider of an order is not set up"));
    };
    match provider.lookup(&order.model, &attempt.key).await {
        Ok(Found::Task(task, _)) => {
            tracing::info!(order.id = %order.id, "a task was found by its key");
            let id = attempt.id;
            house.book.write(move |tx| orders::reopen_attempt(tx, id)).await?;
            let taken = tasks::Taken { attempt: attempt.id, task };
            tasks::taken(house, claim, order, taken).await
        }
        Ok(Found::Nothing) if !order.state.holds_money() => {
            // Nothing is being made, and the money is back: the end.
            let (claim, now) = (claim.clone(), house.now());
            house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
            Ok(Verdict::Finished)
        }
        Ok(Found::Nothing) => match provider.availability() {
            Availability::Up => absent(house, claim, order, attempt).await,
            // The call could not be made anyway, and must not be taken for another one that was refused.
            Availability::Down { retry_after } => {
                snooze(house, claim, retry_after.max(ASK_AGAIN_AFTER)).await
            }
        },
        Err(AskError::NotSupported) => Ok(Verdict::retry("the provider can't be asked")),
        Err(AskError::Rejected(rejection)) => {
            tracing::warn!(order.id = %order.id, code = rejection.code, "a lost task could not be looked for");
            let waited = house.now().since(order.state_at);
            let pause = (waited / 4).clamp(ASK_AGAIN_AFTER, SILENT_PAUSE_MAX);
            snooze(house, claim, rejection.retry_after.unwrap_or_default().max(pause)).await
        }
    }
}

async fn absent(
    house: &House,
    claim: &Claim,
    order: &OrderRow,
    attempt: AttemptRow,
) -> Result<Verdict, LedgerError> {
    let id = attempt.id;
    let times = house.book.write(move |tx| orders::attempt_absent(tx, id)).await?;
    if times % ABSENT_PROVES != 0 {
        return snooze(house, claim, ASK_AGAIN_AFTER).await;
    }
    if times / ABSENT_PROVES >= i64::from(house.policy.retry.attempts) {
        return give_up(house, claim, order).await;
    }
    tracing::info!(order.id = %order.id, "a lost call never arrived and is made once more");
    match begin_again(house, claim, order.id, attempt).await? {
        Begun::Call(work) => Box::pin(submit::call_for(house, claim, &work)).await,
        Begun::Nothing | Begun::LookUp(..) => Ok(Verdict::Finished),
    }
}

/// Each of the calls that the owner allows was made and is proven lost: nothing is being made, the money goes back.
async fn give_up(house: &House, claim: &Claim, order: &OrderRow) -> Result<Verdict, LedgerError> {
    let now = house.now();
    let (rules, claim, order) = (house.clone(), claim.clone(), order.id);
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            if let Some(row) = orders::find(tx, order)? {
                let lost = GiveBack { event: OrderEvent::Failed, why: Why::Overloaded };
                conclude::end_order(tx, &rules, &row, &lost, "no answer", now)?;
            }
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await?;
    Ok(Verdict::Finished)
}

async fn snooze(house: &House, claim: &Claim, after: Duration) -> Result<Verdict, LedgerError> {
    let due_at = house.now().plus(after);
    let claim = claim.clone();
    house.book.write(move |tx| jobs::snooze(tx, &claim, due_at)).await?;
    Ok(Verdict::Finished)
}
