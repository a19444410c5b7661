//! How a payment stands is asked until it is final: by a watch with growing pauses, and at once when something hints
//! at news. Both end in [`settle`].

use rei_domain::clock::Timestamp;
use rei_domain::ids::PaymentId;
use rei_domain::payment::PaymentState;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{BookError, Tx, jobs};

use super::rail::{Looked, RailError};
use super::settle::{Settled, settle, tell};
use super::{CLOSED_HERE, LOOK_JOB, PAYMENTS_QUEUE, job_id};
use crate::happenings::Happening;
use crate::{CrashPoint, House};

/// The pauses between questions.
pub(super) mod schedule {
    use std::time::Duration;

    const MINUTE: u64 = 60;
    /// Between two questions about a payment that waits, from the first on.
    const WATCH: [u64; 9] =
        [15, 30, MINUTE, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE, 8 * MINUTE, 13 * MINUTE, 21 * MINUTE];
    /// After those, until the payment is final.
    const WATCH_ON: u64 = 10 * MINUTE;
    /// Between two sendings of one request whose outcome is unknown.
    const REPEAT: [u64; 8] = [1, 2, 3, 5, 8, 13, 21, 34];
    const REPEAT_ON: u64 = MINUTE;

    /// The pause before the next question after `looks` of them.
    pub fn watch(looks: i64) -> Duration {
        at(&WATCH, WATCH_ON, looks)
    }

    /// The pause before the next sending after `sendings` of them.
    pub fn repeat(sendings: i64) -> Duration {
        at(&REPEAT, REPEAT_ON, sendings - 1)
    }

    fn at(pauses: &[u64], then: u64, index: i64) -> Duration {
        let index = usize::try_from(index.max(0)).unwrap_or(usize::MAX);
        Duration::from_secs(pauses.get(index).copied().unwrap_or(then))
    }
}

/// Has a payment watched until it is final.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn watch(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    now: Timestamp,
) -> Result<(), BookError> {
    let still_open = payments::find(tx, row.id)?.is_some_and(|row| row.state.is_open());
    if !still_open {
        return Ok(());
    }
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, LOOK_JOB, row.id.to_short())
        .fair_to(row.customer)
        .due_at(now.plus(schedule::watch(0)))
        .unique(format!("watch:{}", row.id));
    jobs::enqueue(tx, &job, now)?;
    Ok(())
}

/// Has a payment looked at now because its report came. `candidate` is the name that the report gives it.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn hint(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    candidate: Option<&str>,
    deliveries: i64,
    now: Timestamp,
) -> Result<(), BookError> {
    let subject = format!("{}:hint:{}", row.id.to_short(), candidate.unwrap_or("-"));
    // A look that is under way may have read before the news; only the same delivery is looked at once.
    let key = format!("hint:{}:{deliveries}", row.id);
    put(tx, house, row, subject, key, now)
}

/// Has a payment looked at now because the customer asks; the conversation hears of it either way.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    now: Timestamp,
) -> Result<(), BookError> {
    let subject = format!("{}:ask:-", row.id.to_short());
    put(tx, house, row, subject, format!("ask:{}", row.id), now)
}

fn put(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    subject: String,
    key: String,
    now: Timestamp,
) -> Result<(), BookError> {
    // Before the watch.
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, LOOK_JOB, subject)
        .fair_to(row.customer)
        .going(jobs::Priority::Begun)
        .unique(key);
    jobs::enqueue(tx, &job, now)?;
    Ok(())
}

/// Why a payment is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause<'a> {
    Watch,
    Hint(Option<&'a str>),
    Asked,
}

/// Asks how a payment stands: the job of the watch, of hints and of the customer's button.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn look(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let subject = claim.subject.clone();
    let (id, cause) = read(&subject);
    let Some(id) = id else { return Ok(Verdict::discard("the job names no payment")) };
    let Some(row) = house.book.read(move |tx| payments::find(tx, id)).await? else {
        return Ok(Verdict::discard("there is no such payment"));
    };
    let Some(rail) = house.payments.rail(row.rail) else {
        return Ok(Verdict::retry(CLOSED_HERE));
    };
    let is_over = match cause {
        Cause::Watch => !row.state.is_open(),
        Cause::Hint(_) | Cause::Asked => row.state == PaymentState::Paid,
    };
    if is_over {
        return end(house, claim).await;
    }
    // A payment that was never asked for has nothing to be read: its own job is about to.
    let candidate = match cause {
        Cause::Hint(candidate) => candidate,
        Cause::Watch | Cause::Asked => None,
    };
    let looked = match rail.look(&row, candidate).await {
        Ok(looked) => looked,
        Err(error) => return later(house, row, cause, &error).await,
    };
    CrashPoint::PaymentRead.reached();
    conclude(house, claim, row, cause == Cause::Watch, cause == Cause::Asked, looked).await
}

async fn conclude(
    house: &House,
    claim: Claim,
    row: PaymentRow,
    is_watch: bool,
    is_asked: bool,
    looked: Looked,
) -> Result<Verdict, LedgerError> {
    let now = house.now();
    let rules = house.clone();
    // A payment that has no name yet may be on its way to the payment system this very moment.
    let too_early = matches!(looked, Looked::Missing) && row.provider_id.is_none();
    let goes_on = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            let settled = match too_early {
                true => Settled::Waits,
                false => settle(tx, &rules, row.id, &looked, now)?,
            };
            let waits = settled == Settled::Waits;
            let was_closed = row.state == PaymentState::Cancelled && settled == Settled::Closed;
            if is_asked && (waits || was_closed) {
                let happening = match waits {
                    true => Happening::PaymentPending { payment: row.id },
                    false => Happening::PaymentFailed { payment: row.id, will_retry: false },
                };
                tell(tx, &rules, row.customer, &happening, now)?;
            }
            if is_watch && waits {
                return Ok(Some(payments::looked(tx, row.id)?));
            }
            jobs::done(tx, &claim, now)?;
            Ok::<_, LedgerError>(None)
        })
        .await?;
    CrashPoint::PaymentSettled.reached();
    Ok(match goes_on {
        Some(looks) => Verdict::Snooze(schedule::watch(looks)),
        None => Verdict::Finished,
    })
}

/// The payment system did not say.
async fn later(
    house: &House,
    row: PaymentRow,
    cause: Cause<'_>,
    error: &RailError,
) -> Result<Verdict, LedgerError> {
    tracing::warn!(payment = %row.id, %error, "a payment could not be read");
    metrics::counter!("payment_reads_failed_total", "rail" => row.rail.as_str()).increment(1);
    if cause == Cause::Asked {
        let (rules, now) = (house.clone(), house.now());
        let (id, customer) = (row.id, row.customer);
        house
            .book
            .write(move |tx| {
                tell(tx, &rules, customer, &Happening::PaymentPending { payment: id }, now)
            })
            .await?;
        return Ok(Verdict::discard("the customer was told to wait"));
    }
    let looks = house.book.write(move |tx| payments::looked(tx, row.id)).await?;
    let after = match error {
        RailError::Again { after, .. } => after.unwrap_or_default(),
        RailError::Refused { .. } => schedule::watch(looks),
    };
    Ok(Verdict::Snooze(after.max(schedule::repeat(looks.min(8)))))
}

async fn end(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let now = house.now();
    house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
    Ok(Verdict::Finished)
}

fn read(subject: &str) -> (Option<PaymentId>, Cause<'_>) {
    let mut parts = subject.splitn(3, ':');
    let id = parts.next().and_then(PaymentId::from_short);
    let cause = match (parts.next(), parts.next()) {
        (Some("hint"), candidate) => Cause::Hint(candidate.filter(|name| *name != "-")),
        (Some(_), _) => Cause::Asked,
        (None, _) => Cause::Watch,
    };
    (id, cause)
}
