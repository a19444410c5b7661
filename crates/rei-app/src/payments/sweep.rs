//! Every quarter of an hour: what the payment system has and the book lacks is looked into, whatever report was lost, and
//! what nobody works on any more is taken up again.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ledger::Rail;
use rei_domain::payment::PaymentState;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{BookError, Tx, jobs};

use super::compare::BookSide;
use super::look;
use super::orphans::{Orphan, note_orphan};
use super::rail::{Movement, MovementKind, RailError};
use super::seen::look_into;
use super::settle::unknown_money;
use super::{OPEN_JOB, PAYMENTS_QUEUE, SWEEP_JOB, job_id, offsets, receipts, refund};
use crate::House;

/// So far back payments and refunds are looked at.
const SWEPT: Duration = Duration::from_secs(26 * 3600);
/// The clocks of two machines.
pub(super) const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);
/// Money this young may be on its way into the book this very moment.
const YOUNG: Duration = Duration::from_secs(2 * 60);
/// What is older than this and not over should have a job.
const STUCK_AFTER: Duration = Duration::from_secs(3600);
/// Rows taken up again at once; the others follow with the next sweep.
const TAKEN_UP_MAX: i64 = 500;

/// Has the payment systems' lists compared with the book soon. To be called every 15 minutes.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn enqueue_sweep(house: &House) -> Result<(), BookError> {
    let (rules, now) = (house.clone(), house.now());
    house
        .book
        .write(move |tx| {
            // Each by itself: one that is down delays no other.
            for rail in known(tx, &rules)? {
                let rail = rail.as_str();
                let id = job_id(&rules, now);
                let job = NewJob::new(id, PAYMENTS_QUEUE, SWEEP_JOB, rail.to_owned());
                jobs::enqueue(tx, &job.unique(format!("payments.sweep:{rail}")), now)?;
            }
            Ok(())
        })
        .await
}

/// Every payment system that may still move money of ours: those that are offered, and the others when a payment was
/// begun there.
pub(super) fn known(tx: &mut Tx<'_>, house: &House) -> Result<Vec<Rail>, BookError> {
    let mut known: Vec<Rail> = house.payments.rails.iter().map(|rail| rail.rules().rail).collect();
    for rail in house.payments.closed_rails.iter().map(|rail| rail.rules().rail) {
        if payments::was_used(tx, rail)? {
            known.push(rail);
        }
    }
    Ok(known)
}

/// Compares the last 26 hours: the job of [`enqueue_sweep`].
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn sweep(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let rail = Rail::from_word(&claim.subject).and_then(|rail| house.payments.rail(rail)).cloned();
    let Some(rail) = rail else { return Ok(Verdict::discard("this way to pay is closed")) };
    let (now, kind) = (house.now(), rail.rules().rail);
    take_up_again(house, kind, now).await?;
    let theirs = match rail.movements(now.minus(SWEPT), now.plus(CLOCKS_DIFFER)).await {
        Ok(theirs) => theirs,
        Err(error) => return unread(house, claim, kind, &error).await,
    };
    let found = find_lost(house, kind, &theirs, now).await?;
    if found > 0 {
        tracing::warn!(
            rail = kind.as_str(),
            found,
            "the payment system has money that the book lacks"
        );
    }
    receipts::check(house, rail.as_ref()).await?;
    receipts::check_offsets(house, rail.as_ref()).await?;
    house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
    Ok(Verdict::Finished)
}

/// The next sweep sees the same and more.
async fn unread(
    house: &House,
    claim: Claim,
    rail: Rail,
    error: &RailError,
) -> Result<Verdict, LedgerError> {
    tracing::error!(rail = rail.as_str(), %error, "the payment system's lists could not be read");
    metrics::counter!("payment_sweeps_failed_total", "rail" => rail.as_str()).increment(1);
    let now = house.now();
    house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
    Ok(Verdict::Finished)
}

/// Has everything looked into that the payment system has and the book lacks; returns how much that was.
///
/// # Errors
/// [`LedgerError`] when the book can't be used.
pub(super) async fn find_lost(
    house: &House,
    rail: Rail,
    theirs: &[Movement],
    now: Timestamp,
) -> Result<usize, LedgerError> {
    let done: Vec<&Movement> = theirs.iter().filter(|movement| movement.is_done).collect();
    let Some(first) = done.iter().map(|movement| movement.at).min() else { return Ok(0) };
    let (from, upto) = (first.minus(CLOCKS_DIFFER), house.now().plus(CLOCKS_DIFFER));
    let rows =
        house.book.read(move |tx| payments::clearing_movements(tx, rail, from, upto)).await?;
    let book = BookSide::new(rail, &rows);
    let mut lost: Vec<Movement> =
        done.into_iter().filter(|it| book.find(&it.kind).is_none()).cloned().collect();
    // A refund may belong to a payment that is lost, too.
    lost.sort_by_key(|movement| (movement.what(), movement.at));
    let mut found = 0;
    for movement in lost {
        let rules = house.clone();
        found += usize::from(
            house.book.write(move |tx| take_up(tx, &rules, rail, &movement, now)).await?,
        );
    }
    Ok(found)
}

/// Has one thing looked into that the book lacks; `false` when that is under way or too early.
fn take_up(
    tx: &mut Tx<'_>,
    house: &House,
    rail: Rail,
    movement: &Movement,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let (id, ours) = match &movement.kind {
        MovementKind::Refund { provider_id, .. } => {
            return Ok(look_into(tx, house, rail, provider_id, now)?);
        }
        MovementKind::Payment { provider_id, ours } => (provider_id, ours),
    };
    if let Some(row) = payments::find_by_provider(tx, rail, id)? {
        look::hint(tx, house, &row, Some(id), 0, now)?;
        return Ok(true);
    }
    let named = match ours {
        Some(ours) => payments::find(tx, *ours)?.filter(|row| row.rail == rail),
        None => None,
    };
    let why = match named {
        // Whether all of it fits, the look finds out.
        Some(row) if row.provider_id.is_none() => {
            look::hint(tx, house, &row, Some(id), 0, now)?;
            return Ok(true);
        }
        Some(_) => "second_payment",
        None => "unknown_payment",
    };
    if now.since(movement.at) < YOUNG {
        return Ok(false);
    }
    match movement.amount.filter(|amount| amount.is_positive()) {
        Some(amount) => unknown_money(tx, house, rail, id, amount, why, now),
        None => Ok(note_orphan(tx, house, rail, Orphan::Payment { id }, now)?),
    }
}

/// Gives jobs to what should have one: refunds that nobody asks about, receipts that nobody sends, payments that
/// nobody opens or watches.
async fn take_up_again(house: &House, rail: Rail, now: Timestamp) -> Result<(), LedgerError> {
    let rules = house.clone();
    let before = now.minus(STUCK_AFTER);
    let armed = house
        .book
        .write(move |tx| {
            let mut armed = 0;
            for row in payments::asked_refunds(tx, before, TAKEN_UP_MAX)? {
                let payment = payments::find(tx, row.payment)?;
                if let Some(payment) = payment.filter(|payment| payment.rail == rail) {
                    let added = refund::arm(tx, &rules, row.id, payment.customer, now)?;
                    armed += usize::from(added);
                }
            }
            for row in payments::offsets_unsent(tx, before, TAKEN_UP_MAX)? {
                let payment = payments::find(tx, row.payment)?;
                if let Some(payment) = payment.filter(|payment| payment.rail == rail) {
                    offsets::arm(tx, &rules, row.id, payment.customer, now)?;
                }
            }
            for row in payments::unfinished(tx, before, TAKEN_UP_MAX)? {
                if row.rail == rail {
                    rearm(tx, &rules, &row, now)?;
                }
            }
            Ok::<_, LedgerError>(armed)
        })
        .await?;
    if armed > 0 {
        tracing::warn!(armed, "refunds had lost their jobs");
    }
    Ok(())
}

fn rearm(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    now: Timestamp,
) -> Result<(), BookError> {
    if row.state != PaymentState::Preparing {
        return look::watch(tx, house, row, now);
    }
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, OPEN_JOB, row.id.to_short())
        .fair_to(row.customer)
        .unique(format!("open:{}", row.id));
    jobs::enqueue(tx, &job, now).map(|_| ())
}
