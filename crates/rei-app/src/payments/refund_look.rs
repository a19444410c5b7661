//! A refund of ours is asked for and watched until the payment system has decided; whoever learns of the decision ends
//! it in [`end_refund`], once.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::RefundId;
use rei_domain::ledger::{Actor, HoldId, IdempotencyKey, Resolution};
use rei_domain::payment::RefundState;
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::{self, LedgerError};
use rei_storage::payments::{self, PaymentRow, RefundRow};
use rei_storage::{BookError, Tx, jobs};

use super::CLOSED_HERE;
use super::alerts;
use super::look::schedule;
use super::open::KEY_WORKS;
use super::rail::{RailError, RefundLooked};
use super::refund::note_refunded;
use super::settle::tell;
use crate::House;
use crate::happenings::Happening;
use crate::presents::take_back_first_topup_bonus;

/// After the last request that may have been carried out, the payment system's lists are believed from then on.
pub(super) const LISTS_LAG: Duration = Duration::from_secs(3600);
/// The word for what never came to be at the payment system.
pub(super) const UNAVAILABLE: &str = "unavailable";

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundEnded {
    /// The money left now.
    Sent,
    /// The money is back in the wallet now.
    Failed,
    /// It was decided before; nothing happened.
    Before,
    /// The payment system has still to decide.
    Waits,
}

/// Books what was learned about a refund of ours.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn end_refund(
    tx: &mut Tx<'_>,
    house: &House,
    id: RefundId,
    looked: &RefundLooked,
    now: Timestamp,
) -> Result<RefundEnded, LedgerError> {
    let Some((payment, row)) = lock(tx, id)? else {
        return Err(LedgerError::Broken("a refund that is ended is not there"));
    };
    if row.state != RefundState::Asked {
        return Ok(RefundEnded::Before);
    }
    match looked {
        RefundLooked::Pending { provider_id } => {
            payments::refund_sent(tx, id, Some(provider_id), now)?;
            Ok(RefundEnded::Waits)
        }
        RefundLooked::Missing => Ok(RefundEnded::Waits),
        RefundLooked::Succeeded { provider_id } => {
            succeed(tx, house, &payment, &row, provider_id, now)
        }
        RefundLooked::Cancelled { provider_id, reason } => {
            fail(tx, house, &payment, &row, provider_id.as_deref(), reason, now)
        }
    }
}

/// The payment first, then its refund: everybody locks in this order.
fn lock(tx: &mut Tx<'_>, id: RefundId) -> Result<Option<(PaymentRow, RefundRow)>, BookError> {
    let Some(row) = payments::find_refund(tx, id)? else { return Ok(None) };
    let payment = payments::lock(tx, row.payment)?;
    let row = payments::lock_refund(tx, id)?;
    Ok(payment.zip(row))
}

fn succeed(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &RefundRow,
    provider_id: &str,
    now: Timestamp,
) -> Result<RefundEnded, LedgerError> {
    ledger::capture(tx, &resolution(payment, row, "capture", now)?, row.amount)?;
    payments::end_refund(tx, row.id, RefundState::Succeeded, Some(provider_id), None, now)?;
    note_refunded(tx, payment.id, row.amount)?;
    let customer = payment.customer;
    take_back_first_topup_bonus(tx, customer, &payment.id.to_string(), now)?;
    let happening =
        Happening::Refunded { sum: row.amount, rail: payment.rail, foreign: false, debt: None };
    tell(tx, house, customer, &happening, now)?;
    metrics::counter!("refunds_sent_total", "rail" => payment.rail.as_str()).increment(1);
    Ok(RefundEnded::Sent)
}

fn fail(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &RefundRow,
    provider_id: Option<&str>,
    reason: &str,
    now: Timestamp,
) -> Result<RefundEnded, LedgerError> {
    ledger::void(tx, &resolution(payment, row, "void", now)?)?;
    payments::end_refund(tx, row.id, RefundState::Cancelled, provider_id, Some(reason), now)?;
    tell(tx, house, payment.customer, &Happening::RefundFailed { sum: row.amount }, now)?;
    alerts::refund_failed(tx, house, payment.number, row.amount, reason, now)?;
    metrics::counter!("refunds_failed_total", "rail" => payment.rail.as_str()).increment(1);
    Ok(RefundEnded::Failed)
}

fn resolution(
    payment: &PaymentRow,
    row: &RefundRow,
    step: &str,
    now: Timestamp,
) -> Result<Resolution, LedgerError> {
    let hold = row.hold.ok_or(LedgerError::Broken("a refund of ours has no hold"))?;
    Ok(Resolution {
        hold: HoldId(hold),
        key: IdempotencyKey::new(format!("{}:{step}", row.id))?,
        actor: Actor::System,
        memo: Some(format!("refund {} of payment {}", row.number, payment.number)),
        at: now,
    })
}

/// Asks for a refund, then how it stands: the job of [`super::refund`].
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn send_refund(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let (id, is_once) = read(&claim.subject);
    let Some(id) = id else { return Ok(Verdict::discard("the job names no refund")) };
    let now = house.now();
    let guarded = claim.clone();
    // The row as it was before this sending: its time says whether an earlier one may have been carried out.
    let found = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &guarded)?.map_err(|_| BookError::LeaseLost)?;
            let Some(row) = payments::find_refund(tx, id)? else { return Ok(None) };
            let payment = payments::find(tx, row.payment)?;
            if row.state == RefundState::Asked {
                payments::refund_sent(tx, id, None, now)?;
            }
            Ok::<_, LedgerError>(payment.zip(Some(row)))
        })
        .await?;
    let Some((payment, row)) = found else {
        return Ok(Verdict::discard("there is no such refund"));
    };
    if row.state != RefundState::Asked {
        house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
        return Ok(Verdict::Finished);
    }
    let Some(rail) = house.payments.rail(payment.rail) else {
        return Ok(Verdict::retry(CLOSED_HERE));
    };
    let age = row.sent_at.map(|sent| now.since(sent)).unwrap_or_default();
    let is_named = row.provider_id.is_some();
    // A second request after the key has died would be a second refund.
    let is_asked_for = is_named || age > KEY_WORKS;
    let answer = match is_asked_for {
        true => rail.look_at_refund(&payment, &row).await,
        false => rail.refund(&payment, &row).await,
    };
    let answer = match answer {
        // An earlier request may have been carried out although this one was refused: only a search can tell.
        Err(RailError::Refused { why, .. }) if !is_asked_for && row.sent_at.is_some() => {
            match rail.look_at_refund(&payment, &row).await {
                Ok(RefundLooked::Missing) => Ok(given_up(why)),
                found => found,
            }
        }
        Err(RailError::Refused { why, .. }) if !is_asked_for => Ok(given_up(why)),
        Ok(RefundLooked::Missing) if !is_named && age > KEY_WORKS + LISTS_LAG => {
            Ok(given_up(UNAVAILABLE.to_owned()))
        }
        answer => answer,
    };
    match answer {
        Ok(looked) => conclude(house, claim, id, looked, is_once).await,
        Err(error) => again(house, claim, id, &error, is_once).await,
    }
}

fn given_up(reason: String) -> RefundLooked {
    RefundLooked::Cancelled { provider_id: None, reason }
}

async fn conclude(
    house: &House,
    claim: Claim,
    id: RefundId,
    looked: RefundLooked,
    is_once: bool,
) -> Result<Verdict, LedgerError> {
    if looked == RefundLooked::Missing {
        tracing::warn!(refund = %id, "the payment system does not know a refund that it may have been asked for");
    }
    let now = house.now();
    let rules = house.clone();
    let goes_on = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            let waits = end_refund(tx, &rules, id, &looked, now)? == RefundEnded::Waits;
            if waits && !is_once {
                return Ok(Some(payments::refund_looked(tx, id)?));
            }
            jobs::done(tx, &claim, now)?;
            Ok::<_, LedgerError>(None)
        })
        .await?;
    Ok(match goes_on {
        Some(looks) => Verdict::Snooze(schedule::watch(looks)),
        None => Verdict::Finished,
    })
}

/// Nobody knows yet: the same bytes go out again with the same key.
async fn again(
    house: &House,
    claim: Claim,
    id: RefundId,
    error: &RailError,
    is_once: bool,
) -> Result<Verdict, LedgerError> {
    tracing::warn!(refund = %id, %error, "a refund could not be asked for or read yet");
    let now = house.now();
    let looks = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            if is_once {
                jobs::done(tx, &claim, now)?;
                return Ok(None);
            }
            payments::refund_looked(tx, id).map(Some)
        })
        .await?;
    let Some(looks) = looks else { return Ok(Verdict::Finished) };
    let after = match error {
        RailError::Again { after, .. } => after.unwrap_or_default(),
        RailError::Refused { .. } => schedule::watch(looks),
    };
    Ok(Verdict::Snooze(after.max(schedule::repeat(looks))))
}

/// The refund that a job is about, and whether it asks once and leaves the watch to another job.
fn read(subject: &str) -> (Option<RefundId>, bool) {
    match subject.split_once(':') {
        Some((id, _)) => (RefundId::from_short(id), true),
        None => (RefundId::from_short(subject), false),
    }
}
