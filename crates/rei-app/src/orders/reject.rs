//! The provider did not deliver: try again, wait, or give the money back. The provider layer says which.

use rei_domain::clock::Timestamp;
use rei_domain::ids::AttemptId;
use rei_domain::order::OrderEvent;
use rei_providers::{Class, NextStep, Rejection, next_step};
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, OrderRow};
use rei_storage::{Tx, admin, jobs};

use super::give_back::{GiveBack, Why, give_back};
use super::status;
use crate::House;
use crate::admin::alert;

/// Settles an attempt that brought no result.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the job is then tried again.
pub(super) async fn reject(
    house: &House,
    claim: &Claim,
    order: &OrderRow,
    attempt: AttemptId,
    rejection: Rejection,
) -> Result<Verdict, LedgerError> {
    let now = house.now();
    let (rules, claim, order) = (house.clone(), claim.clone(), order.clone());
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order.id)? else { return Ok(Verdict::Finished) };
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(Verdict::Finished);
            }
            let outcome =
                if matches!(rejection.class, Class::Unknown) { "unknown" } else { "rejected" };
            orders::end_attempt(tx, attempt, outcome, Some(&rejection.code), now)?;
            if !row.state.holds_money() {
                jobs::done(tx, &claim, now)?;
                return Ok(Verdict::Finished);
            }
            let attempts = orders::attempts_of(tx, row.id)?;
            let same = attempts
                .iter()
                .filter(|a| a.code.as_deref() == Some(rejection.code.as_str()))
                .count();
            let step = next_step(
                &rejection,
                same,
                attempts.len(),
                &rules.policy.retry,
                rules.chance.as_ref(),
            );
            take_step(tx, &rules, &claim, &row, &rejection, step, now)
        })
        .await
}

fn take_step(
    tx: &mut Tx<'_>,
    house: &House,
    claim: &Claim,
    row: &OrderRow,
    rejection: &Rejection,
    step: NextStep,
    now: Timestamp,
) -> Result<Verdict, LedgerError> {
    match step {
        NextStep::Again { after, unknown } => {
            let event = if unknown { OrderEvent::Unanswered } else { OrderEvent::PutBack };
            if let Ok(next) = row.state.next(event) {
                orders::move_state(tx, row.id, row.state, next, Some(&rejection.code), now)?;
            }
            if unknown {
                status::checking(tx, row, now)?
            } else {
                status::waiting(tx, row, now)?
            }
            jobs::snooze(tx, claim, now.plus(after))?;
        }
        NextStep::GiveBack { event_is_refusal, owner, model_gone } => {
            let event = if event_is_refusal { OrderEvent::Refused } else { OrderEvent::Failed };
            let why = match (event_is_refusal, owner) {
                (true, _) => Why::Provider(rejection.reason),
                (false, true) => Why::OurFault,
                (false, false) => Why::Provider(rejection.reason),
            };
            give_back(tx, house, row, &GiveBack { event, why }, &rejection.code, now)?;
            if owner && !model_gone {
                alert::provider(tx, house, row, &rejection.code, now)?;
            }
            if model_gone {
                let name = format!("model:{}", row.sku);
                admin::set_switch(tx, &name, "off", &rejection.code, now)?;
                alert::model_gone(tx, house, row, &rejection.code, now)?;
                house.catalog.refresh(tx)?;
            }
            jobs::done(tx, claim, now)?;
        }
    }
    Ok(Verdict::Finished)
}
