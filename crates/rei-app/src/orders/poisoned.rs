//! A job that failed until its tries ran out: the money goes back and the owners are told.

use rei_domain::ids::OrderId;
use rei_domain::order::OrderEvent;
use rei_storage::ledger::LedgerError;
use rei_storage::{BookError, Tx, orders};

use super::conclude::end_order;
use super::give_back::{GiveBack, Why};
use crate::House;
use crate::admin::alert;

/// Gives back the order of a dead job, in the transaction that ends the job.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn poisoned(
    tx: &mut Tx<'_>,
    house: &House,
    subject: &str,
    kind: &str,
    attempts: i64,
    error: &str,
) -> Result<(), BookError> {
    let now = house.now();
    let row = match OrderId::from_short(subject) {
        Some(order) => orders::find(tx, order)?,
        None => None,
    };
    let number = row.as_ref().map_or(0, |row| row.number);
    if let Some(row) = row {
        let give = GiveBack { event: OrderEvent::Failed, why: Why::OurFault };
        end_order(tx, house, &row, &give, "poison", now).map_err(|error| match error {
            LedgerError::Book(error) => error,
            // The ledger refuses to give back what it holds: a bug that a person must look at.
            other => BookError::Unfit(format!(
                "the hold of order {} can't be released: {other}",
                row.number
            )),
        })?;
    }
    alert::poison(tx, house, kind, attempts, number, error, now)
}
