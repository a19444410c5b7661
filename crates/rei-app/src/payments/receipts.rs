//! The tax receipts of payments: asked about until they are registered, and the owners hear of those that are not.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_storage::ledger::LedgerError;
use rei_storage::payments::{self, OffsetRow, PaymentRow};

use super::rail::{Looked, OffsetLooked, PaymentRail, RailError};
use super::{alerts, offsets};
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
                if answers_nobody(&error) {
                    return Ok(());
                }
                continue;
            }
        };
        if let Some(end) = end(&row, state.as_deref(), now) {
            note(house, &row, end, now).await?;
        }
    }
    Ok(())
}

/// Asks about offset receipts that are still on their way.
///
/// # Errors
/// [`LedgerError`] when the book can't be used.
pub(super) async fn check_offsets(
    house: &House,
    rail: &dyn PaymentRail,
) -> Result<(), LedgerError> {
    let (now, kind) = (house.now(), rail.rules().rail);
    let usual = now.minus(USUAL);
    let pending = house
        .book
        .read(move |tx| {
            let mut pending = Vec::new();
            for row in payments::offsets_unregistered(tx, usual, ASKED_MAX)? {
                let payment = payments::find(tx, row.payment)?;
                pending.extend(payment.filter(|it| it.rail == kind).map(|payment| (payment, row)));
            }
            Ok::<_, LedgerError>(pending)
        })
        .await?;
    for (payment, row) in pending {
        let looked = match rail.look_at_offset(&payment, &row).await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::warn!(offset = %row.id, %error, "an offset receipt could not be asked about");
                if answers_nobody(&error) {
                    return Ok(());
                }
                continue;
            }
        };
        let looked = overdue(&row, now).filter(|_| !is_over(&looked)).unwrap_or(looked);
        if matches!(looked, OffsetLooked::Pending { .. } | OffsetLooked::Missing) {
            continue;
        }
        let rules = house.clone();
        house.book.write(move |tx| offsets::note(tx, &rules, &payment, &row, &looked, now)).await?;
    }
    Ok(())
}

/// Whether there is no sense in asking about the next one now. A receipt that is refused must not hide the others.
const fn answers_nobody(error: &RailError) -> bool {
    matches!(error, RailError::Again { .. })
}

const fn is_over(looked: &OffsetLooked) -> bool {
    matches!(looked, OffsetLooked::Registered { .. } | OffsetLooked::Cancelled { .. })
}

fn overdue(row: &OffsetRow, now: Timestamp) -> Option<OffsetLooked> {
    let is_overdue = now.since(row.state_at) > OVERDUE;
    is_overdue.then(|| OffsetLooked::Refused { why: "overdue".to_owned() })
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
