//! What admins do about payments by hand: money that is nobody's is given or returned, a payment is asked about at once,
//! and lists are shown.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RefundState};
use rei_queue::NewJob;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::outbox::OutboxClass;
use rei_storage::payments::{self, PaymentRow, SuspenseRow};
use rei_storage::{BookError, Tx, customers, jobs};
use rei_texts::{AdminText, Lang, MoneyText};

use super::look;
use super::refund::left_of;
use super::seen::Out;
use super::{PAYMENTS_QUEUE, REFUND_JOB, job_id};
use crate::House;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::{reader_of, wallet_of};

/// Lines of one list.
const LINES_MAX: i64 = 20;

/// What came of a decision about money that was nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is done.
    Done {
        /// How much it was.
        sum: Kopecks,
    },
    /// Somebody decided before.
    Before {
        /// `assigned` or `returned`.
        state: String,
    },
    /// There is no such money.
    NoSuchMoney,
    /// Nobody with this number has written to the bot.
    NoSuchCustomer,
}

/// Gives money that was nobody's to a customer, who is told; once.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn assign_suspense(
    tx: &mut Tx<'_>,
    provider_id: &str,
    customer: CustomerId,
    actor: CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<Decided, LedgerError> {
    if customers::find(tx, customer)?.is_none() {
        return Ok(Decided::NoSuchCustomer);
    }
    let money = match decide(tx, provider_id, "assigned", Some(customer), now)? {
        Ok(money) => money,
        Err(refusal) => return Ok(refusal),
    };
    ledger::open_customer(tx, customer)?;
    // The key under which every payment is credited: this one can't be credited a second time.
    let key = format!("{}:{provider_id}:topup", money.rail.as_str());
    ledger::post(
        tx,
        &NewTransfer {
            kind: TransferKind::Topup,
            debit: Account::Suspense,
            credit: Account::cash(customer),
            amount: Money::Rub(money.amount),
            key: IdempotencyKey::new(key)?,
            order: None,
            payment: None,
            actor: Actor::Admin(actor),
            memo: Some(reason.to_owned()),
            at: now,
        },
    )?;
    let (sum, balance) = (money.amount, wallet_of(tx, customer)?.free());
    let html = MoneyText::PayCredited { sum, balance }.html(reader_of(tx, customer)?);
    let outgoing = Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
    put(tx, customer, OutboxClass::Result, &outgoing, None, None, now)?;
    Ok(Decided::Done { sum })
}

/// Notes that an admin sent money back by hand that was nobody's; once.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn return_suspense(
    tx: &mut Tx<'_>,
    provider_id: &str,
    actor: CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<Decided, LedgerError> {
    let money = match decide(tx, provider_id, "returned", None, now)? {
        Ok(money) => money,
        Err(refusal) => return Ok(refusal),
    };
    let key = format!("{}:{provider_id}:returned", money.rail.as_str());
    let (actor, memo) = (Actor::Admin(actor), Some(reason.to_owned()));
    let out = Out { kind: TransferKind::Refund, actor, memo, now };
    out.post(tx, money.rail, Account::Suspense, money.amount, key, None)?;
    Ok(Decided::Done { sum: money.amount })
}

/// Takes money out of the open ones, or says why not.
fn decide(
    tx: &mut Tx<'_>,
    provider_id: &str,
    state: &str,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> Result<Result<SuspenseRow, Decided>, BookError> {
    let Some(money) = payments::suspense_named(tx, provider_id)? else {
        return Ok(Err(Decided::NoSuchMoney));
    };
    if payments::resolve_suspense(tx, money.rail, provider_id, state, customer, now)? {
        // Read again: a part of it may have gone back a moment ago.
        let money = payments::suspense_named(tx, provider_id)?.unwrap_or(money);
        return Ok(Ok(money));
    }
    let state = payments::suspense_named(tx, provider_id)?.map_or(money.state, |it| it.state);
    Ok(Err(Decided::Before { state }))
}

/// Has a payment and its refunds on the way asked about at once; `None` when there is no such payment.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn recheck(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    now: Timestamp,
) -> Result<Option<PaymentRow>, BookError> {
    let Some(row) = payments::find_number(tx, number)? else { return Ok(None) };
    if row.state != PaymentState::Paid {
        look::hint(tx, house, &row, None, 0, now)?;
    }
    for refund in payments::refunds_of(tx, row.id)? {
        if refund.state != RefundState::Asked {
            continue;
        }
        let subject = format!("{}:once", refund.id.to_short());
        let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, REFUND_JOB, subject)
            .fair_to(row.customer)
            .unique(format!("refund-once:{}", refund.id));
        jobs::enqueue(tx, &job, now)?;
    }
    Ok(Some(row))
}

/// The latest payments, after those that wait for a person: Telegram HTML, and their numbers.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn payments_list(tx: &mut Tx<'_>, lang: Lang) -> Result<(String, Vec<i64>), BookError> {
    let mut lines = Vec::new();
    let review = payments::review(tx, LINES_MAX)?;
    if !review.is_empty() {
        lines.push(AdminText::PaymentsReviewHead {}.html(lang));
        lines.extend(review.iter().map(|row| line(row, lang)));
        lines.push(String::new());
    }
    let recent = payments::recent(tx, LINES_MAX)?;
    if recent.is_empty() {
        return Ok((AdminText::PaymentsNone {}.html(lang), Vec::new()));
    }
    lines.push(AdminText::PaymentsHead {}.html(lang));
    lines.extend(recent.iter().map(|row| line(row, lang)));
    let mut numbers: Vec<i64> = Vec::new();
    for row in review.iter().chain(&recent) {
        if !numbers.contains(&row.number) {
            numbers.push(row.number);
        }
    }
    Ok((lines.join("\n"), numbers))
}

fn line(row: &PaymentRow, lang: Lang) -> String {
    AdminText::PaymentLine {
        number: row.number,
        sum: row.amount,
        customer: row.customer.0,
        rail: row.rail.as_str().to_owned(),
        state: row.state.as_str().to_owned(),
        date: row.created_at.date_utc(),
    }
    .html(lang)
}

/// Everything about one payment: Telegram HTML; `None` when there is no such payment.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn payment_card(tx: &mut Tx<'_>, number: i64, lang: Lang) -> Result<Option<String>, BookError> {
    let Some(row) = payments::find_number(tx, number)? else { return Ok(None) };
    let name = row.provider_id.clone();
    let card = AdminText::PaymentCard {
        number: row.number,
        sum: row.amount,
        customer: row.customer.0,
        rail: row.rail.as_str().to_owned(),
        state: row.state.as_str().to_owned(),
        date: row.created_at.date_utc(),
        id: name.clone().unwrap_or_else(|| "none".to_owned()),
    };
    let mut lines = vec![card.html(lang)];
    if let Some(reason) = &row.reason {
        lines.push(AdminText::PaymentCardReason { reason: reason.clone() }.html(lang));
    }
    if row.state == PaymentState::Paid {
        let left = left_of(tx, &row)?;
        lines.push(AdminText::PaymentCardRefunded { sum: row.refunded, left }.html(lang));
    }
    for refund in payments::refunds_of(tx, row.id)? {
        let text = AdminText::PaymentRefundLine {
            number: refund.number,
            sum: refund.amount,
            state: refund.state.as_str().to_owned(),
            origin: refund.origin,
        };
        lines.push(text.html(lang));
    }
    if let Some(name) = name
        && let Some(money) = payments::find_suspense(tx, row.rail, &name)?
    {
        lines.push(AdminText::SuspenseHead {}.html(lang));
        lines.push(suspense_line(&money, lang));
    }
    Ok(Some(lines.join("\n")))
}

/// Money that is nobody's, oldest first: Telegram HTML.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn suspense_list(tx: &mut Tx<'_>, lang: Lang) -> Result<String, BookError> {
    let open = payments::open_suspense(tx, LINES_MAX)?;
    if open.is_empty() {
        return Ok(AdminText::SuspenseNone {}.html(lang));
    }
    let mut lines = vec![AdminText::SuspenseHead {}.html(lang)];
    lines.extend(open.iter().map(|money| suspense_line(money, lang)));
    Ok(lines.join("\n"))
}

fn suspense_line(money: &SuspenseRow, lang: Lang) -> String {
    AdminText::SuspenseLine {
        sum: money.amount,
        id: money.provider_id.clone(),
        rail: money.rail.as_str().to_owned(),
        reason: money.note.clone(),
        state: money.state.clone(),
        date: money.seen_at.date_utc(),
    }
    .html(lang)
}
