//! Money goes back to where it was paid from, because an admin says so: the sum is put on hold, the refund is stored
//! with its key and its request, and a job asks the payment system.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId, RefundId};
use rei_domain::ledger::{
    Account, Actor, IdempotencyKey, NewHold, Pocket, PocketOrder, TransferKind,
};
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RefundState};
use rei_queue::NewJob;
use rei_storage::ledger::{self, HoldReceipt, LedgerError};
use rei_storage::payments::{self, NewRefund, PaymentRow};
use rei_storage::{BookError, Tx, jobs};
use rei_texts::AdminText;

use super::rail::{RefundAsk, RefundUnasked};
use super::{PAYMENTS_QUEUE, REFUND_JOB, job_id};
use crate::House;
use crate::wallet::reader_of;

/// Only the payment system's answer ends a refund's hold, however late it comes: banks may take months.
const HOLD_LASTS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// What came of the wish to send money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStarted {
    /// The sum is on hold and the payment system is asked.
    Asked {
        /// The refund's number for people.
        refund: i64,
        /// How much goes back.
        sum: Kopecks,
    },
    /// There is no payment with this number.
    NoSuchPayment,
    /// The payment was not credited, so nothing of it can go back.
    NotPaid,
    /// More than is left of the payment, with what went back and what is on its way.
    TooMuch {
        /// What may still go back.
        left: Kopecks,
    },
    /// The wallet has less cash than that: only what is unspent may go back.
    Unspent {
        /// What is unspent.
        free: Kopecks,
    },
    /// This way to pay is closed here.
    Closed,
    /// The payment system can't be asked for this.
    Unasked(RefundUnasked),
}

/// Begins to send a payment's money back; without a sum, all that is left of it.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn refund(
    tx: &mut Tx<'_>,
    house: &House,
    payment_number: i64,
    sum: Option<Kopecks>,
    actor: CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<RefundStarted, LedgerError> {
    let Some(payment) = lock_number(tx, payment_number)? else {
        return Ok(RefundStarted::NoSuchPayment);
    };
    if payment.state != PaymentState::Paid {
        return Ok(RefundStarted::NotPaid);
    }
    let left = left_of(tx, &payment)?;
    let sum = sum.unwrap_or(left);
    if !sum.is_positive() || sum > left {
        return Ok(RefundStarted::TooMuch { left });
    }
    let Some(rail) = house.payments.rail(payment.rail) else {
        return Ok(RefundStarted::Closed);
    };
    let id = RefundId::new(now, house.chance.as_ref());
    let lang = reader_of(tx, payment.customer)?;
    let email = payments::email_of(tx, payment.customer)?;
    let ask = RefundAsk {
        id,
        payment: &payment,
        amount: sum,
        description: &AdminText::RefundDescription { number: payment.number }.plain(lang),
        email: email.as_deref(),
    };
    let request = match rail.refund_request(&ask) {
        Ok(request) => request,
        Err(why) => {
            tracing::warn!(payment = %payment.id, %why, "a refund can't be asked for");
            return Ok(RefundStarted::Unasked(why));
        }
    };
    let hold = match hold(tx, &payment, id, sum, actor, now)? {
        Ok(hold) => hold,
        Err(free) => return Ok(RefundStarted::Unspent { free }),
    };
    let new = NewRefund {
        id,
        payment: payment.id,
        amount: sum,
        state: RefundState::Asked,
        origin: "ours",
        memo: Some(reason.to_owned()),
        key: id.to_string(),
        request: Some(request),
        provider_id: None,
        hold: Some(hold.id().0),
    };
    let number = payments::create_refund(tx, &new, now)?;
    arm(tx, house, id, payment.customer, now)?;
    metrics::counter!("refunds_started_total", "rail" => payment.rail.as_str()).increment(1);
    Ok(RefundStarted::Asked { refund: number, sum })
}

/// Has the payment system asked, unless a job is about to.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn arm(
    tx: &mut Tx<'_>,
    house: &House,
    refund: RefundId,
    customer: CustomerId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, REFUND_JOB, refund.to_short())
        .fair_to(customer)
        .unique(format!("refund:{refund}"));
    jobs::enqueue(tx, &job, now)
}

/// The payment with this number, kept from everybody else until the transaction ends.
pub(super) fn lock_number(tx: &mut Tx<'_>, number: i64) -> Result<Option<PaymentRow>, BookError> {
    match payments::find_number(tx, number)? {
        Some(row) => payments::lock(tx, row.id),
        None => Ok(None),
    }
}

/// What of a payment has neither gone back nor is on its way.
pub(super) fn left_of(tx: &mut Tx<'_>, payment: &PaymentRow) -> Result<Kopecks, BookError> {
    let gone = [payment.refunded, payments::refunds_on_the_way(tx, payment.id)?];
    Ok(gone.into_iter().sum::<Kopecks>().missing_to(payment.amount))
}

/// Puts the sum on hold in the customer's cash; what is unspent when that is not enough.
fn hold(
    tx: &mut Tx<'_>,
    payment: &PaymentRow,
    refund: RefundId,
    sum: Kopecks,
    actor: CustomerId,
    now: Timestamp,
) -> Result<Result<HoldReceipt, Kopecks>, LedgerError> {
    let held = ledger::hold(
        tx,
        &NewHold {
            kind: TransferKind::Refund,
            customer: payment.customer,
            first: PocketOrder::Only(Pocket::Cash),
            amount: sum,
            credit: Account::Clearing(payment.rail),
            key: IdempotencyKey::new(format!("{refund}:hold"))?,
            order: None,
            payment: Some(payment.id.to_string()),
            actor: Actor::Admin(actor),
            expires_at: now.plus(HOLD_LASTS),
            at: now,
        },
    );
    match held {
        Ok(receipt) => Ok(Ok(receipt)),
        Err(LedgerError::NotEnough { free, .. }) => Ok(Err(free)),
        Err(LedgerError::Frozen) => Ok(Err(Kopecks::ZERO)),
        Err(error) => Err(error),
    }
}

/// Notes on the payment that money went back. The payment system has the last word, also when its refunds are more than
/// we know of the payment.
pub(super) fn note_refunded(
    tx: &mut Tx<'_>,
    payment: PaymentId,
    sum: Kopecks,
) -> Result<(), LedgerError> {
    if payments::add_refunded(tx, payment, sum)? {
        return Ok(());
    }
    let row = payments::find(tx, payment)?
        .ok_or(LedgerError::Broken("a payment that is refunded is not there"))?;
    tracing::error!(payment = %payment, "more went back than was paid");
    let rest = row.refunded.missing_to(row.amount);
    if rest.is_positive() {
        payments::add_refunded(tx, payment, rest)?;
    }
    Ok(())
}
