//! A customer wants to pay: the payment is stored with its key and its request, and a job asks the payment system.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId, QuoteId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::{self, LedgerError};
use rei_storage::payments::{self, NewPayment, PaymentRow};
use rei_storage::{BookError, Tx, jobs};
use rei_texts::MoneyText;

use super::alerts;
use super::look::{self, schedule};
use super::rail::{Ask, Looked, RailError, Receipts};
use super::settle::{settle, tell};
use super::{CLOSED_HERE, OPEN_JOB, PAYMENTS_QUEUE, end_with, job_id};
use crate::admin::ban_of;
use crate::happenings::Happening;
use crate::wallet::reader_of;
use crate::{CrashPoint, House};

/// A link works for an hour; one that is nearly over is not handed out again.
pub(super) const LINK_WORKS: Duration = Duration::from_secs(55 * 60);
/// The time in which new payments are counted.
const HOUR: Duration = Duration::from_secs(3600);
/// A payment system forgets a key after 24 hours: from then on a repeated request would be a second payment.
pub(super) const KEY_WORKS: Duration = Duration::from_secs(23 * 3600);

/// What came of the wish to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The payment is stored, or one of the same sum was open; its link follows when it has none yet.
    Stored(Box<PaymentRow>),
    /// Nothing was stored.
    Refused(Refusal),
}

/// Why nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too many were started.
    TooMany {
        /// When the next one may be, in minutes.
        retry_minutes: i64,
    },
    /// The customer may not buy.
    Banned {
        /// Why.
        reason: String,
    },
    /// This way to pay is closed.
    Off,
    /// The sum is outside the limits.
    BadSum {
        /// The least.
        min: Kopecks,
        /// The most.
        max: Kopecks,
    },
    /// A receipt must be sent, and nobody knows where.
    EmailNeeded,
}

/// What a customer wants to pay.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// How much.
    pub amount: Kopecks,
    /// Which way.
    pub rail: Rail,
    /// The kept order from which it starts.
    pub quote: Option<QuoteId>,
    /// Where the payer is sent afterwards when the settings don't say.
    pub return_url: &'a str,
}

/// Stores a payment and has it asked for; one of the same sum that is still open is used again.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn open_payment(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Opening, LedgerError> {
    let Some(rail) = house.payments.open_rail(wish.rail) else {
        return Ok(Opening::Refused(Refusal::Off));
    };
    let rules = rail.rules();
    if !rules.takes(wish.amount) {
        return Ok(Opening::Refused(Refusal::BadSum { min: rules.min, max: rules.max }));
    }
    if let Some(ban) = ban_of(tx, customer, now)? {
        return Ok(Opening::Refused(Refusal::Banned { reason: ban.reason }));
    }
    // Wishes of one customer take turns, in whatever processes they run.
    ledger::lock_wallet(tx, customer)?;
    let email = payments::email_of(tx, customer)?;
    if house.payments.wants_email && email.is_none() && wish.rail == Rail::YooKassa {
        return Ok(Opening::Refused(Refusal::EmailNeeded));
    }
    let open = payments::same_open(tx, customer, wish.rail, wish.amount, now.minus(LINK_WORKS))?;
    if let Some(mut open) = open {
        // What the customer wants it for now counts; another payment of the same sum would be one too many.
        if open.quote != wish.quote {
            payments::set_quote(tx, open.id, wish.quote)?;
            open.quote = wish.quote;
        }
        return Ok(Opening::Stored(Box::new(open)));
    }
    let started = payments::created_since(tx, customer, now.minus(HOUR))?;
    if started.count >= house.payments.new_per_hour {
        let first = started.first_at.unwrap_or(now);
        let wait = first.plus(HOUR).since(now).as_secs().div_ceil(60);
        let retry_minutes = i64::try_from(wait).unwrap_or(60).max(1);
        return Ok(Opening::Refused(Refusal::TooMany { retry_minutes }));
    }
    let id = PaymentId::new(now, house.chance.as_ref());
    let units = rules.units(wish.amount);
    let new = NewPayment {
        id,
        customer,
        rail: wish.rail,
        amount: wish.amount,
        units,
        quote: wish.quote,
        key: id.to_string(),
        is_test: rail.is_test(),
    };
    let number = payments::create(tx, &new, now)?;
    let lang = reader_of(tx, customer)?;
    let ask = Ask {
        id,
        customer,
        amount: wish.amount,
        units,
        description: &MoneyText::PayDescription { number }.plain(lang),
        return_url: wish.return_url,
        email: email.as_deref(),
    };
    let request = match rail.request(&ask) {
        Ok(request) => request,
        Err(why) => {
            tracing::error!(payment = %id, why, "a payment can't be asked for");
            payments::close(tx, id, PaymentState::Cancelled, "unavailable", now)?;
            alerts::refused(tx, house, number, &why, now)?;
            return Ok(Opening::Refused(Refusal::Off));
        }
    };
    payments::set_request(tx, id, &request)?;
    if rail.receipts() == Receipts::Prepayment {
        payments::set_prepaid(tx, id)?;
    }
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, OPEN_JOB, id.to_short());
    jobs::enqueue(tx, &job.fair_to(customer).unique(format!("open:{id}")), now)?;
    metrics::counter!("payments_started_total", "rail" => wish.rail.as_str()).increment(1);
    let row = payments::find(tx, id)?.ok_or(LedgerError::Broken("a new payment is not there"))?;
    Ok(Opening::Stored(Box::new(row)))
}

/// The customer says that a payment of his was made: it is looked at, and the conversation hears of it either way.
/// `None` when it is not the customer's.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn check(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    payment: PaymentId,
    now: Timestamp,
) -> Result<Option<PaymentRow>, BookError> {
    let Some(row) = payments::find(tx, payment)?.filter(|row| row.customer == customer) else {
        return Ok(None);
    };
    if row.state != PaymentState::Paid {
        look::ask(tx, house, &row, now)?;
    }
    Ok(Some(row))
}

/// Asks the payment system to open a payment: the job of [`open_payment`].
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn open(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(id) = PaymentId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no payment"));
    };
    let now = house.now();
    let guarded = claim.clone();
    let row = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &guarded)?.map_err(|_| BookError::LeaseLost)?;
            let row = payments::find(tx, id)?;
            if row.as_ref().is_some_and(|row| row.state == PaymentState::Preparing) {
                payments::sent(tx, id, now)?;
            }
            Ok::<_, LedgerError>(row)
        })
        .await?;
    let Some(row) = row else { return Ok(Verdict::discard("there is no such payment")) };
    let Some(rail) = house.payments.rail(row.rail) else {
        return Ok(Verdict::retry(CLOSED_HERE));
    };
    if row.state != PaymentState::Preparing {
        return end(house, claim).await;
    }
    CrashPoint::PaymentStored.reached();
    let key_is_old = row.sent_at.is_some_and(|sent| now.since(sent) > KEY_WORKS);
    let answer = match key_is_old {
        // A second request would be a second payment.
        true => rail.look(&row, None).await,
        false => rail.open(&row).await,
    };
    CrashPoint::PaymentOpened.reached();
    match answer {
        Ok(Looked::Missing) if key_is_old => refused(house, claim, row, "unavailable", None).await,
        Ok(looked) => opened(house, claim, row, looked).await,
        Err(RailError::Again { after, why }) => again(house, claim, row, after, &why).await,
        Err(RailError::Refused { why, owner }) => {
            refused(house, claim, row, "unavailable", owner.then_some(why)).await
        }
    }
}

/// The payment system took the request: the customer gets the link, and the payment is watched from now on.
async fn opened(
    house: &House,
    claim: Claim,
    row: PaymentRow,
    looked: Looked,
) -> Result<Verdict, LedgerError> {
    let work = move |tx: &mut Tx<'_>, house: &House, now| {
        settle(tx, house, row.id, &looked, now)?;
        Ok(look::watch(tx, house, &row, now)?)
    };
    let verdict = end_with(house, claim, work).await?;
    CrashPoint::PaymentLinked.reached();
    Ok(verdict)
}

/// Nobody knows yet: the same bytes go out again with the same key, and the customer hears of it the first time.
async fn again(
    house: &House,
    claim: Claim,
    row: PaymentRow,
    after: Option<Duration>,
    why: &str,
) -> Result<Verdict, LedgerError> {
    tracing::warn!(payment = %row.id, why, "a payment could not be opened yet");
    let now = house.now();
    let rules = house.clone();
    let looks = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            let looks = payments::looked(tx, row.id)?;
            if looks == 1 {
                let happening = Happening::PaymentFailed { payment: row.id, will_retry: true };
                tell(tx, &rules, row.customer, &happening, now)?;
            }
            Ok::<_, LedgerError>(looks)
        })
        .await?;
    Ok(Verdict::Snooze(after.unwrap_or_default().max(schedule::repeat(looks))))
}

/// It will never be opened.
async fn refused(
    house: &House,
    claim: Claim,
    row: PaymentRow,
    reason: &'static str,
    owners: Option<String>,
) -> Result<Verdict, LedgerError> {
    let work = move |tx: &mut Tx<'_>, house: &House, now| {
        if payments::close(tx, row.id, PaymentState::Cancelled, reason, now)? {
            let happening = Happening::PaymentFailed { payment: row.id, will_retry: false };
            tell(tx, house, row.customer, &happening, now)?;
            if let Some(why) = &owners {
                alerts::refused(tx, house, row.number, why, now)?;
            }
        }
        Ok(())
    };
    end_with(house, claim, work).await
}

/// Nothing is left to do.
async fn end(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let now = house.now();
    house.book.write(move |tx| jobs::done(tx, &claim, now)).await?;
    Ok(Verdict::Finished)
}
