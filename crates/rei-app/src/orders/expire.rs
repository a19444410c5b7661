//! Orders whose deadline passed: what came is charged, the rest of the money goes back, whatever the provider is doing.

use rei_domain::ids::OrderId;
use rei_domain::order::{OrderEvent, OrderState};
use rei_storage::ledger::LedgerError;
use rei_storage::{jobs, orders};

use super::conclude::end_order;
use super::give_back::{GiveBack, Why};
use crate::House;

/// Orders looked at in one sweep.
const SWEEP_MAX: i64 = 200;

/// Gives back the price of every overdue order; returns how many.
///
/// # Errors
/// [`LedgerError`] of the first order that could not be given back; earlier ones are done.
pub async fn expire_overdue(house: &House) -> Result<usize, LedgerError> {
    let now = house.now();
    let overdue = house.book.read(move |tx| orders::overdue(tx, now, SWEEP_MAX)).await?;
    let mut expired = 0;
    for order in overdue {
        expired += usize::from(expire(house, order).await?);
    }
    Ok(expired)
}

async fn expire(house: &House, order: OrderId) -> Result<bool, LedgerError> {
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order)? else { return Ok(false) };
            if row.deadline_at > now {
                return Ok(false);
            }
            // A call whose answer was lost is looked for all the same: what comes of it would be a present.
            let looked_for = row.state == OrderState::Unknown
                && rules.provider(&row.provider).is_some_and(|provider| provider.has_tasks());
            if !looked_for {
                jobs::cancel_ready(tx, row.job, now)?;
            }
            end_order(
                tx,
                &rules,
                &row,
                &GiveBack { event: OrderEvent::DeadlinePassed, why: Why::Late },
                "deadline",
                now,
            )
        })
        .await
}
