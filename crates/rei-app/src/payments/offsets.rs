//! Offset receipts by 54-FZ: money that was receipted as a prepayment is handed over when an order is charged for, and a
//! second receipt has to say so.
//!
//! What is owed is stored with the charge; a job sends it with its own key. YooKassa's payments are used up in the order in
//! which they were made, whatever else is in the wallet; presents and Stars need no receipt.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OffsetId};
use rei_domain::ledger::Pocket;
use rei_domain::money::Kopecks;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::{LedgerError, Resolved};
use rei_storage::orders::OrderRow;
use rei_storage::payments::{self, NewOffset, OffsetRow, OffsetState, PaymentRow};
use rei_storage::{BookError, Tx, jobs, orders};
use rei_texts::MoneyText;

use super::look::schedule;
use super::open::KEY_WORKS;
use super::rail::{OffsetAsk, OffsetLooked, PaymentRail, RailError, Receipts};
use super::refund_look::{LISTS_LAG, UNAVAILABLE};
use super::{CLOSED_HERE, OFFSET_JOB, PAYMENTS_QUEUE, alerts, end_with, job_id};
use crate::wallet::reader_of;
use crate::{CrashPoint, House};

/// The word for a receipt whose customer gave no e-mail, or took it back.
const NO_EMAIL: &str = "no_email";
/// The word for a receipt that the register refused.
pub(super) const CANCELED: &str = "canceled";

/// Stores which receipts the charge for an order makes necessary, and has them sent.
///
/// `charged`: what became of the order's hold, in this very transaction; it keeps the wallet from everybody else.
///
/// # Errors
/// [`BookError`] when the book can't be used; the caller's transaction must then be given up.
pub(crate) fn owed(
    tx: &mut Tx<'_>,
    house: &House,
    order: &OrderRow,
    charged: &Resolved,
    now: Timestamp,
) -> Result<(), BookError> {
    let are_made = house.payments.known_rails().any(|rail| rail.receipts() != Receipts::None);
    if !are_made || charged.replayed {
        return Ok(());
    }
    let paid = charged.legs.iter().filter(|leg| leg.pocket == Pocket::Cash);
    let mut left: Kopecks = paid.map(|leg| leg.captured).sum();
    if !left.is_positive() {
        return Ok(());
    }
    let lang = reader_of(tx, order.customer)?;
    for rest in payments::prepaid_rests(tx, order.customer)? {
        let amount = left.min(rest.amount);
        let new = NewOffset {
            id: OffsetId::new(now, house.chance.as_ref()),
            payment: rest.payment,
            order: order.id,
            amount,
            item: MoneyText::OffsetDescription { number: order.number }.plain(lang),
        };
        if payments::create_offset(tx, &new, now)? {
            arm(tx, house, new.id, order.customer, now)?;
            metrics::counter!("offset_receipts_owed_total").increment(1);
        }
        left = amount.missing_to(left);
        if !left.is_positive() {
            break;
        }
    }
    Ok(())
}

/// Has a receipt sent, unless a job is about to.
pub(super) fn arm(
    tx: &mut Tx<'_>,
    house: &House,
    offset: OffsetId,
    customer: CustomerId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, OFFSET_JOB, offset.to_short())
        .fair_to(customer)
        .unique(format!("offset:{offset}"));
    jobs::enqueue(tx, &job, now)
}

/// Sends an offset receipt: the job of an order's charge.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn send_offset(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(id) = OffsetId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no receipt"));
    };
    let (now, guarded, rules) = (house.now(), claim.clone(), house.clone());
    let ready = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &guarded)?.map_err(|_| BookError::LeaseLost)?;
            let ready = prepare(tx, &rules, id, now)?;
            if ready.is_none() {
                jobs::done(tx, &guarded, now)?;
            }
            Ok::<_, LedgerError>(ready)
        })
        .await?;
    let Some((payment, row)) = ready else { return Ok(Verdict::Finished) };
    let Some(rail) = house.payments.rail(payment.rail).cloned() else {
        return Ok(Verdict::retry(CLOSED_HERE));
    };
    CrashPoint::OffsetStored.reached();
    let answer = ask(rail.as_ref(), &payment, &row, now).await;
    CrashPoint::OffsetSent.reached();
    match answer {
        Ok(looked) => conclude(house, claim, payment, row, looked).await,
        Err(RailError::Again { after, why }) => {
            tracing::warn!(offset = %id, why, "an offset receipt could not be sent or read yet");
            let look = move |tx: &mut Tx<'_>| {
                jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
                payments::offset_looked(tx, id)
            };
            let looks = house.book.write(look).await?;
            Ok(Verdict::Snooze(after.unwrap_or_default().max(schedule::repeat(looks))))
        }
        Err(RailError::Refused { why, .. }) => mend(house, claim, payment, row, why).await,
    }
}

/// The receipt with its bytes, as it was before this sending: its time says whether an earlier one may have been carried
/// out. `None` when there is nothing to send.
fn prepare(
    tx: &mut Tx<'_>,
    house: &House,
    id: OffsetId,
    now: Timestamp,
) -> Result<Option<(PaymentRow, OffsetRow)>, LedgerError> {
    let Some(mut row) = payments::find_offset(tx, id)? else { return Ok(None) };
    let Some(payment) = payments::find(tx, row.payment)? else { return Ok(None) };
    if row.state != OffsetState::Created {
        return Ok(None);
    }
    if row.request.is_none() {
        match request(tx, house, &payment, &row)? {
            Ok(request) => row.request = Some(request),
            Err(why) => {
                stuck(tx, house, &payment, &row, &why, now)?;
                return Ok(None);
            }
        }
    }
    payments::offset_sending(tx, id, now)?;
    Ok(Some((payment, row)))
}

/// Writes and stores the bytes of a receipt; why that can't be done now otherwise.
fn request(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &OffsetRow,
) -> Result<Result<Vec<u8>, String>, BookError> {
    let Some(rail) = house.payments.rail(payment.rail) else {
        return Ok(Err(CLOSED_HERE.to_owned()));
    };
    let Some(email) = payments::email_of(tx, payment.customer)? else {
        return Ok(Err(NO_EMAIL.to_owned()));
    };
    let ask = OffsetAsk { payment, amount: row.amount, item: &row.item, email: &email };
    let made = rail.offset_request(&ask);
    if let Ok(request) = &made {
        payments::set_offset_request(tx, row.id, request)?;
    }
    Ok(made)
}

/// The call, or the search in its place.
async fn ask(
    rail: &dyn PaymentRail,
    payment: &PaymentRow,
    row: &OffsetRow,
    now: Timestamp,
) -> Result<OffsetLooked, RailError> {
    let age = row.sent_at.map(|sent| now.since(sent)).unwrap_or_default();
    if age > KEY_WORKS {
        // A second request after the key has died would be a second receipt.
        return match rail.look_at_offset(payment, row).await? {
            OffsetLooked::Missing if age > KEY_WORKS + LISTS_LAG => {
                Ok(OffsetLooked::Refused { why: UNAVAILABLE.to_owned() })
            }
            OffsetLooked::Missing => Err(RailError::again("the receipt is not there yet")),
            found => Ok(found),
        };
    }
    match rail.offset(payment, row).await {
        // An earlier request may have been carried out although this one was refused: only a search can tell.
        Err(RailError::Refused { why, owner }) if row.sent_at.is_some() => {
            match rail.look_at_offset(payment, row).await? {
                OffsetLooked::Missing if owner => Err(RailError::Refused { why, owner }),
                OffsetLooked::Missing => Ok(OffsetLooked::Refused { why }),
                found => Ok(found),
            }
        }
        Err(RailError::Refused { why, owner: false }) => Ok(OffsetLooked::Refused { why }),
        answer => answer,
    }
}

async fn conclude(
    house: &House,
    claim: Claim,
    payment: PaymentRow,
    row: OffsetRow,
    looked: OffsetLooked,
) -> Result<Verdict, LedgerError> {
    let work = move |tx: &mut Tx<'_>, house: &House, now| {
        Ok(note(tx, house, &payment, &row, &looked, now)?)
    };
    end_with(house, claim, work).await
}

/// Books what was learned about a receipt.
pub(super) fn note(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &OffsetRow,
    looked: &OffsetLooked,
    now: Timestamp,
) -> Result<(), BookError> {
    let (name, why) = match looked {
        OffsetLooked::Pending { provider_id } => {
            payments::offset_taken(tx, row.id, provider_id, now)?;
            return Ok(());
        }
        OffsetLooked::Registered { provider_id } => {
            let (state, name) = (OffsetState::Succeeded, Some(provider_id.as_str()));
            payments::end_offset(tx, row.id, state, name, None, now)?;
            return Ok(());
        }
        OffsetLooked::Missing => return Ok(()),
        OffsetLooked::Cancelled { provider_id } => (Some(provider_id.as_str()), CANCELED),
        OffsetLooked::Refused { why } => (None, why.as_str()),
    };
    if payments::end_offset(tx, row.id, OffsetState::Failed, name, Some(why), now)? {
        metrics::counter!("offset_receipts_failed_total").increment(1);
        tell_owners(tx, house, payment, row, why, now)?;
    }
    Ok(())
}

/// Only the owner can mend it: he is told once, and the sweep sends the receipt again from time to time.
async fn mend(
    house: &House,
    claim: Claim,
    payment: PaymentRow,
    row: OffsetRow,
    why: String,
) -> Result<Verdict, LedgerError> {
    let work = move |tx: &mut Tx<'_>, house: &House, now| {
        if row.sent_at.is_none() {
            payments::offset_unsent(tx, row.id)?;
        }
        Ok(stuck(tx, house, &payment, &row, &why, now)?)
    };
    end_with(house, claim, work).await
}

fn stuck(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &OffsetRow,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    // One alert says it for all that wait for the same thing.
    let whose = (why == NO_EMAIL).then_some(payment.customer);
    if payments::offset_stuck(tx, row.id, why)?
        && payments::offsets_stuck_alike(tx, row.id, why, whose)? == 0
    {
        tell_owners(tx, house, payment, row, why, now)?;
    }
    Ok(())
}

fn tell_owners(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    row: &OffsetRow,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let order = orders::find(tx, row.order)?.map_or(0, |order| order.number);
    alerts::offset(tx, house, payment.number, order, row.amount, why, now)
}
