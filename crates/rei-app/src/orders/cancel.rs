//! Stopping an order that has not started. Between a customer and a worker the database decides.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::Actor;
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderEvent, OrderState};
use rei_storage::ledger::{self, LedgerError};
use rei_storage::{Tx, jobs, orders};

/// How an attempt to stop an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It is stopped, its price is back.
    Cancelled {
        /// Its number for people.
        number: i64,
        /// What went back.
        price: Kopecks,
    },
    /// A worker was faster.
    TooLate,
    /// It was over before.
    Finished,
    /// There is no such order of this customer.
    NotYours,
}

/// Stops the customer's order if no worker has begun it.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn cancel(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    order: OrderId,
    now: Timestamp,
) -> Result<CancelOutcome, LedgerError> {
    let Some(row) = orders::find(tx, order)?.filter(|row| row.customer == customer) else {
        return Ok(CancelOutcome::NotYours);
    };
    if row.state.is_final() || !row.state.holds_money() {
        return Ok(CancelOutcome::Finished);
    }
    if row.state.next(OrderEvent::Cancel).is_err()
        || !orders::move_state(tx, order, row.state, OrderState::Cancelled, Some("customer"), now)?
    {
        return Ok(CancelOutcome::TooLate);
    }
    // A worker that claimed the job in this very moment finds the order cancelled and lets go.
    jobs::cancel_ready(tx, row.job, now)?;
    ledger::void_order(tx, order, Actor::Customer, now)?;
    Ok(CancelOutcome::Cancelled { number: row.number, price: row.price })
}
