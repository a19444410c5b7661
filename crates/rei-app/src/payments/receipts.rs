//! The tax receipts of payments: asked about until they are registered, and the owners hear of those that are not.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_storage::ledger::LedgerError;
use rei_storage::payments::{self, PaymentRow};

use super::alerts;
use super::rail::{Looked, PaymentRail};
use crate::House;

/// A receipt is registered within minutes.
const USUAL: Duration = Duration::from_secs(10 * 60);
/// One that takes longer than this needs a person.
const OVERDUE: Duration = Duration::from_secs(3 * 24 * 3600);
/// Receipts asked about in one sweep.
const ASKED_MAX: i64 = 50;

/// Asks about receipts that are still on their way; each is told about once.
///
/// # Errors
/// [`LedgerError`] when the book can't be used.
pub(super) async fn check(house: &House, rail: &dyn PaymentRail) -> Result<(), LedgerError> {
    let (now, kind) = (house.now(), rail.rules().rail);
    let usual = now.minus(USUAL);
    let pending =
        house.book.read(move |tx| payments::receipts_pending(tx, usual, ASKED_MAX)).await?;
    for row in pending.into_iter().filter(|row| row.rail == kind) {
        let state = match rail.look(&row, None).await {
            Ok(Looked::Paid(paid)) => paid.receipt,
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(payment = %row.id, %error, "a receipt could not be asked about");
                return Ok(());
            }
        };
        if let Some(end) = end(&row, state.as_deref(), now) {
            note(house, &row, end, now).await?;
        }
    }
    Ok(())
}

/// How a receipt ended; `None` while there is hope.
fn end(row: &PaymentRow, state: Option<&str>, now: Timestamp) -> Option<&'static str> {
    match state {
        Some("succeeded") => Some("succeeded"),
        Some("canceled") => Some("canceled"),
        _ => row.paid_at.filter(|paid| now.since(*paid) > OVERDUE).map(|_| "overdue"),
    }
}

async fn note(
    house: &House,
    row: &PaymentRow,
    end: &'static str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let (rules, id, number) = (house.clone(), row.id, row.number);
    house
        .book
        .write(move |tx| {
            if payments::receipt_ended(tx, id, end)? && end != "succeeded" {
                alerts::receipt(tx, &rules, number, now)?;
            }
            Ok(())
        })
        .await
}
