//! Refunds that the payment system names: ours end as if their own job had asked, those made past us are taken from the
//! wallet even when it can't pay, and money that was nobody's leaves suspense.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, RefundId};
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Money, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RefundState};
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::payments::{self, NewRefund, PaymentRow, SuspenseRow};
use rei_storage::{BookError, Tx, jobs};

use super::alerts;
use super::orphans::{Orphan, note_orphan};
use super::rail::{Looked, Movement, MovementKind, RailError, RefundLooked};
use super::refund::{lock_number, note_refunded};
use super::refund_look::{RefundEnded, end_refund};
use super::settle::{settle, tell};
use super::{CLOSED_HERE, PAYMENTS_QUEUE, REFUND_SEEN_JOB, job_id};
use crate::House;
use crate::happenings::Happening;
use crate::presents::take_back_first_topup_bonus;

/// The pause when something has to be known first, or the payment system did not answer.
const PAUSE: Duration = Duration::from_secs(60);
/// For so long a payment that nobody knows may still turn out to be one of ours.
const UNKNOWN_FOR: Duration = Duration::from_secs(30 * 60);

/// A refund as the payment system has it.
#[derive(Clone, Debug)]
struct Seen {
    rail: Rail,
    refund: String,
    payment: String,
    ours: Option<RefundId>,
    amount: Option<Kopecks>,
}

/// What came of a refund that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// It is in the book.
    Booked,
    /// Something else has to be known first.
    Waits,
    /// Nobody knows the payment.
    Orphan,
}

/// Has a refund looked into that a list of the payment system's names.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn look_into(
    tx: &mut Tx<'_>,
    house: &House,
    rail: Rail,
    refund: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let subject = format!("{}:{refund}", rail.as_str());
    let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, REFUND_SEEN_JOB, subject)
        .unique(format!("refund-seen:{refund}:0"));
    jobs::enqueue(tx, &job, now)
}

/// Looks into a refund that was reported or found: the job of reports and of the sweep. Whatever named it, the payment
/// system itself is asked.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn refund_seen(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let (kind, name) = read(&claim.subject);
    let Some(rail) = house.payments.rail(kind) else {
        return Ok(Verdict::retry(CLOSED_HERE));
    };
    let movement = match rail.find_refund(name).await {
        Ok(Some(movement)) => movement,
        Ok(None) => return Ok(Verdict::discard("the payment system knows no such refund")),
        Err(error) => return Ok(later(name, &error)),
    };
    let Some(seen) = done(kind, movement) else {
        // One that is still on its way moves nothing; when it is done it will be named again.
        return Ok(Verdict::discard("no money has gone back"));
    };
    let (wanted, name) = (seen.payment.clone(), seen.refund.clone());
    let payment = house.book.read(move |tx| payments::find_by_provider(tx, kind, &wanted)).await?;
    let unpaid = payment.filter(|row| row.state != PaymentState::Paid);
    let looked = match &unpaid {
        // What goes back must have come: its report was lost.
        Some(row) => match rail.look(row, None).await {
            Ok(looked) => Some((row.id, looked)),
            Err(error) => return Ok(later(&name, &error)),
        },
        None => None,
    };
    let (now, rules) = (house.now(), house.clone());
    let waited = now.since(claim.created_at);
    let taken = house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            if let Some((id, looked @ (Looked::Paid(_) | Looked::Differs { .. }))) = &looked {
                let settled = settle(tx, &rules, *id, looked, now)?;
                tracing::warn!(payment = %id, ?settled, "a payment was found by its refund");
                metrics::counter!("payments_found_total").increment(1);
            }
            let taken = take(tx, &rules, &seen, now)?;
            match taken {
                Taken::Booked => {}
                Taken::Orphan if waited >= UNKNOWN_FOR => {
                    let orphan = Orphan::Refund { id: &seen.refund, payment: &seen.payment };
                    note_orphan(tx, &rules, seen.rail, orphan, now)?;
                }
                Taken::Orphan | Taken::Waits => return Ok(taken),
            }
            jobs::done(tx, &claim, now)?;
            Ok::<_, LedgerError>(Taken::Booked)
        })
        .await?;
    Ok(match taken {
        Taken::Booked => Verdict::Finished,
        Taken::Waits | Taken::Orphan => Verdict::Snooze(PAUSE),
    })
}

/// Books a refund that the payment system says is done.
fn take(tx: &mut Tx<'_>, house: &House, seen: &Seen, now: Timestamp) -> Result<Taken, LedgerError> {
    let payment = match payments::find_by_provider(tx, seen.rail, &seen.payment)? {
        Some(row) => payments::lock(tx, row.id)?,
        None => None,
    };
    if let Some(payment) = &payment {
        if let Some(ours) = ours(tx, payment, seen)? {
            let looked = RefundLooked::Succeeded { provider_id: seen.refund.clone() };
            if end_refund(tx, house, ours, &looked, now)? != RefundEnded::Before {
                return Ok(Taken::Booked);
            }
            let known = payments::find_refund_by_provider(tx, seen.rail, &seen.refund)?;
            if known.is_some_and(|row| row.state == RefundState::Succeeded) {
                return Ok(Taken::Booked);
            }
            tracing::error!(refund = %ours, "a refund that was given up went out after all");
        }
        let Some(amount) = seen.amount else { return Ok(Taken::Orphan) };
        if payment.state == PaymentState::Paid {
            if awaits_a_name(tx, payment, amount)? {
                return Ok(Taken::Waits);
            }
            foreign_refund(tx, house, payment, &seen.refund, amount, now)?;
            return Ok(Taken::Booked);
        }
    }
    let unknown = payments::find_suspense(tx, seen.rail, &seen.payment)?;
    match (unknown, seen.amount) {
        (Some(unknown), Some(amount)) => {
            from_suspense(tx, house, &unknown, &seen.refund, amount, now)?;
            Ok(Taken::Booked)
        }
        _ => Ok(Taken::Orphan),
    }
}

/// The refund of ours that it is: by the payment system's name, or by ours when everything else fits.
fn ours(tx: &mut Tx<'_>, payment: &PaymentRow, seen: &Seen) -> Result<Option<RefundId>, BookError> {
    if let Some(row) = payments::find_refund_by_provider(tx, seen.rail, &seen.refund)? {
        return Ok(Some(row.id));
    }
    let Some(id) = seen.ours else { return Ok(None) };
    let row = payments::find_refund(tx, id)?;
    let fits = row.is_some_and(|row| {
        row.payment == payment.id && Some(row.amount) == seen.amount && row.provider_id.is_none()
    });
    Ok(fits.then_some(id))
}

/// Whether a refund of ours of this very sum is on its way without a name: it may be this one, and its own job is about
/// to learn so.
fn awaits_a_name(
    tx: &mut Tx<'_>,
    payment: &PaymentRow,
    amount: Kopecks,
) -> Result<bool, BookError> {
    let refunds = payments::refunds_of(tx, payment.id)?;
    Ok(refunds.iter().any(|row| {
        row.state == RefundState::Asked && row.amount == amount && row.provider_id.is_none()
    }))
}

/// Books money that went back past us, once; the payment's row is locked. The wallet pays even what it does not have and
/// is frozen then.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub(super) fn foreign_refund(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    refund: &str,
    amount: Kopecks,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let name = format!("{}:{refund}:foreign-refund", payment.rail.as_str());
    let out = Out { kind: TransferKind::ForeignRefund, actor: Actor::System, memo: None, now };
    let wallet = Account::cash(payment.customer);
    if !out.post(tx, payment.rail, wallet, amount, name, Some(payment))? {
        return Ok(false);
    }
    // A refund of ours that was given up may have taken the name.
    let known = payments::find_refund_by_provider(tx, payment.rail, refund)?;
    let row = NewRefund {
        id: RefundId::new(now, house.chance.as_ref()),
        payment: payment.id,
        amount,
        state: RefundState::Succeeded,
        origin: "foreign",
        memo: None,
        key: refund.to_owned(),
        request: None,
        provider_id: known.is_none().then(|| refund.to_owned()),
        hold: None,
    };
    payments::create_refund(tx, &row, now)?;
    let debt = went_back(tx, house, payment, amount, now)?;
    alerts::foreign_refund(tx, house, payment.number, amount, debt.unwrap_or_default(), now)?;
    metrics::counter!("refunds_foreign_total", "rail" => payment.rail.as_str()).increment(1);
    Ok(true)
}

/// Money that was nobody's went back: it leaves suspense, or the wallet of whom it was given to.
fn from_suspense(
    tx: &mut Tx<'_>,
    house: &House,
    unknown: &SuspenseRow,
    refund: &str,
    amount: Kopecks,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let (rail, payment) = (unknown.rail, &unknown.provider_id);
    // An admin has said so before; that this refund is it, the comparison checks by the sums.
    if unknown.state == "returned" {
        return Ok(());
    }
    let owner = unknown.customer.filter(|_| unknown.state == "assigned");
    let source = owner.map_or(Account::Suspense, Account::cash);
    let name = format!("{}:{refund}:foreign-refund", rail.as_str());
    let memo = Some(format!("payment {payment}"));
    let out = Out { kind: TransferKind::ForeignRefund, actor: Actor::System, memo, now };
    if !out.post(tx, rail, source, amount, name, None)? {
        return Ok(());
    }
    match owner {
        Some(customer) => {
            let debt = debt_of(tx, customer)?;
            let happening = Happening::Refunded { sum: amount, rail, foreign: true, debt };
            tell(tx, house, customer, &happening, now)?;
        }
        None if payments::lessen_suspense(tx, rail, payment, amount)? => {}
        None => {
            payments::resolve_suspense(tx, rail, payment, "returned", None, now)?;
        }
    }
    alerts::suspense_refund(tx, house, amount, payment, now)?;
    Ok(())
}

/// What came of a chargeback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargedBack {
    /// The wallet was charged.
    Done {
        /// How much.
        sum: Kopecks,
        /// What the customer owes now, when the wallet could not pay it.
        debt: Option<Kopecks>,
    },
    /// It was noted before.
    Before,
    /// There is no payment with this number.
    NoSuchPayment,
    /// The payment was not credited.
    NotPaid,
    /// All of the payment has gone back already.
    NothingLeft,
}

/// The bank took a payment back: everything that has not gone back yet is taken from the wallet, once. Payment systems
/// tell of it by letter, so an admin does.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn chargeback(
    tx: &mut Tx<'_>,
    house: &House,
    payment_number: i64,
    actor: CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<ChargedBack, LedgerError> {
    let Some(payment) = lock_number(tx, payment_number)? else {
        return Ok(ChargedBack::NoSuchPayment);
    };
    if payment.state != PaymentState::Paid {
        return Ok(ChargedBack::NotPaid);
    }
    let refunds = payments::refunds_of(tx, payment.id)?;
    if refunds.iter().any(|row| row.origin == "chargeback") {
        return Ok(ChargedBack::Before);
    }
    // A refund that is on its way counts as not made: a disputed payment is hardly refunded, too, and if it is, the
    // money left twice.
    let sum = payment.refunded.missing_to(payment.amount);
    if !sum.is_positive() {
        return Ok(ChargedBack::NothingLeft);
    }
    let (actor, memo) = (Actor::Admin(actor), Some(reason.to_owned()));
    let out = Out { kind: TransferKind::Chargeback, actor, memo: memo.clone(), now };
    let name = format!("{}:chargeback", payment.id);
    out.post(tx, payment.rail, Account::cash(payment.customer), sum, name.clone(), Some(&payment))?;
    let row = NewRefund {
        id: RefundId::new(now, house.chance.as_ref()),
        payment: payment.id,
        amount: sum,
        state: RefundState::Succeeded,
        origin: "chargeback",
        memo,
        key: name,
        request: None,
        provider_id: None,
        hold: None,
    };
    payments::create_refund(tx, &row, now)?;
    let debt = went_back(tx, house, &payment, sum, now)?;
    metrics::counter!("chargebacks_total", "rail" => payment.rail.as_str()).increment(1);
    Ok(ChargedBack::Done { sum, debt })
}

/// What follows when a payment's money went back past us; returns what the customer owes now.
fn went_back(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &PaymentRow,
    sum: Kopecks,
    now: Timestamp,
) -> Result<Option<Kopecks>, LedgerError> {
    note_refunded(tx, payment.id, sum)?;
    take_back_first_topup_bonus(tx, payment.customer, &payment.id.to_string(), now)?;
    let debt = debt_of(tx, payment.customer)?;
    let happening = Happening::Refunded { sum, rail: payment.rail, foreign: true, debt };
    tell(tx, house, payment.customer, &happening, now)?;
    Ok(debt)
}

fn debt_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<Kopecks>, BookError> {
    let free = ledger::balances(tx, customer)?.cash.free;
    let debt = free.missing_to(Kopecks::ZERO);
    Ok(debt.is_positive().then_some(debt))
}

/// Money on its way out of the book.
pub(super) struct Out {
    pub(super) kind: TransferKind,
    pub(super) actor: Actor,
    pub(super) memo: Option<String>,
    pub(super) now: Timestamp,
}

impl Out {
    /// Posts it; `false` when it was posted before.
    pub(super) fn post(
        &self,
        tx: &mut Tx<'_>,
        rail: Rail,
        source: Account,
        amount: Kopecks,
        key: String,
        payment: Option<&PaymentRow>,
    ) -> Result<bool, LedgerError> {
        let named = payment.map(|row| format!("payment {}", row.number));
        let transfer = NewTransfer {
            kind: self.kind,
            debit: source,
            credit: Account::Clearing(rail),
            amount: Money::Rub(amount),
            key: IdempotencyKey::new(key)?,
            order: None,
            payment: payment.map(|row| row.id.to_string()),
            actor: self.actor,
            memo: self.memo.clone().or(named),
            at: self.now,
        };
        Ok(!ledger::post(tx, &transfer)?.replayed)
    }
}

/// A refund that is done; none for anything else.
fn done(rail: Rail, movement: Movement) -> Option<Seen> {
    let Movement { kind, amount, is_done: true, .. } = movement else { return None };
    match kind {
        MovementKind::Refund { provider_id, payment, ours } => {
            Some(Seen { rail, refund: provider_id, payment, ours, amount })
        }
        MovementKind::Payment { .. } => None,
    }
}

fn later(name: &str, error: &RailError) -> Verdict {
    tracing::warn!(refund = name, %error, "a refund that was seen could not be read");
    match error {
        RailError::Again { after, .. } => Verdict::Snooze(after.unwrap_or_default().max(PAUSE)),
        RailError::Refused { why, .. } => Verdict::Retry(why.clone()),
    }
}

/// The rail and the refund's name there; a report's jobs name no rail.
fn read(subject: &str) -> (Rail, &str) {
    match subject.split_once(':').and_then(|(rail, name)| Rail::from_word(rail).zip(Some(name))) {
        Some(named) => named,
        None => (Rail::YooKassa, subject),
    }
}
