//! The one place where a payment is credited, closed or set aside, whoever learned of it: notification, watch, button,
//! admin or reconciliation.
//!
//! What a rail says has been read from the payment system and checked there against the payment's own row; what only the
//! book can tell is checked here, with the row locked.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, PaymentId};
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Money, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentEvent, PaymentState};
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::payments::{self, PaidWith, PaymentRow};
use rei_storage::{BookError, Tx};

use super::alerts;
use super::rail::{Looked, Paid};
use crate::House;
use crate::happenings::{self, Happening};
use crate::presents::first_topup_bonus;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The customer was credited now.
    Credited,
    /// It was credited before; nothing happened.
    CreditedBefore,
    /// It is closed unpaid.
    Closed,
    /// A person has to decide; nobody was credited.
    Review,
    /// The customer has still to pay.
    Waits,
}

/// Books what was learned about a payment.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn settle(
    tx: &mut Tx<'_>,
    house: &House,
    id: PaymentId,
    looked: &Looked,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    let Some(row) = payments::lock(tx, id)? else {
        return Err(LedgerError::Broken("a payment that is settled is not there"));
    };
    match looked {
        Looked::Waiting { provider_id, link } => {
            waiting(tx, house, &row, provider_id.as_deref(), link.as_deref(), now)
        }
        Looked::Paid(paid) => credit(tx, house, &row, paid, now),
        Looked::Closed { reason, .. } => close(tx, house, &row, reason, now),
        Looked::Differs { provider_id, amount, why } => {
            if row.state == PaymentState::Paid {
                return Ok(Settled::CreditedBefore);
            }
            payments::name(tx, row.id, provider_id)?;
            set_aside(tx, house, &row, provider_id, *amount, why, now)
        }
        Looked::Missing if row.state == PaymentState::Paid => Ok(Settled::CreditedBefore),
        Looked::Missing => {
            let name = row.provider_id.clone().unwrap_or_default();
            set_aside(tx, house, &row, &name, None, "not_found", now)
        }
    }
}

fn waiting(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    provider_id: Option<&str>,
    link: Option<&str>,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    if row.state.next(PaymentEvent::Opened).is_some() {
        payments::opened(tx, row.id, provider_id, link, now)?;
        if link.is_some() {
            tell(tx, house, row.customer, &Happening::PaymentReady { payment: row.id }, now)?;
        }
    } else if let (true, None, Some(link)) = (row.state.is_open(), &row.link, link) {
        payments::set_link(tx, row.id, link)?;
    }
    Ok(match row.state {
        PaymentState::Paid => Settled::CreditedBefore,
        PaymentState::Review => Settled::Review,
        PaymentState::Cancelled => Settled::Closed,
        PaymentState::Preparing | PaymentState::Waiting => Settled::Waits,
    })
}

/// The money is there: the wallet gets all of it, the fee is the owner's expense.
fn credit(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    paid: &Paid,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    let other_name = row.provider_id.as_deref().is_some_and(|name| name != paid.provider_id);
    if other_name {
        // Paid twice for one payment of ours: the second sum is real money and nobody's yet.
        let name = &paid.provider_id;
        unknown_money(tx, house, row.rail, name, paid.amount, "second_payment", now)?;
        return Ok(if row.state == PaymentState::Paid {
            Settled::CreditedBefore
        } else {
            Settled::Review
        });
    }
    if row.state.next(PaymentEvent::Succeeded).is_none() {
        return Ok(Settled::CreditedBefore);
    }
    if paid.amount != row.amount {
        payments::name(tx, row.id, &paid.provider_id)?;
        let name = &paid.provider_id;
        return set_aside(tx, house, row, name, Some(paid.amount), "amount", now);
    }
    if row.provider_id.is_none() && !payments::name(tx, row.id, &paid.provider_id)? {
        // The payment system's name belongs to another payment of ours.
        return set_aside(tx, house, row, &paid.provider_id, None, "name_taken", now);
    }
    let transfer = |kind, debit, credit, amount, step: &str| -> Result<_, LedgerError> {
        Ok(NewTransfer {
            kind,
            debit,
            credit,
            amount: Money::Rub(amount),
            key: IdempotencyKey::new(format!("{}:{}:{step}", row.rail.as_str(), paid.provider_id))?,
            order: None,
            payment: Some(row.id.to_string()),
            actor: Actor::System,
            memo: Some(format!("payment {}", row.number)),
            at: now,
        })
    };
    let clearing = Account::Clearing(row.rail);
    let source = match payments::find_suspense(tx, row.rail, &paid.provider_id)? {
        None => clearing.clone(),
        Some(known) if known.state == "open" => {
            let customer = Some(row.customer);
            payments::resolve_suspense(
                tx,
                row.rail,
                &known.provider_id,
                "assigned",
                customer,
                now,
            )?;
            Account::Suspense
        }
        // A person has decided about this very money.
        Some(_) => return Ok(Settled::Review),
    };
    let wallet = Account::cash(row.customer);
    let topup = transfer(TransferKind::Topup, source, wallet, row.amount, "topup")?;
    ledger::open_customer(tx, row.customer)?;
    ledger::post(tx, &topup)?;
    if let Some(fee) = paid.fee.filter(|fee| fee.is_positive()) {
        let expense = Account::Expense(Expense::Fees);
        ledger::post(tx, &transfer(TransferKind::Fee, expense, clearing, fee, "fee")?)?;
    }
    let with = PaidWith {
        provider_id: paid.provider_id.clone(),
        fee: paid.fee,
        receipt: paid.receipt.clone(),
    };
    payments::paid(tx, row.id, &with, now)?;
    let bonus = first_topup_bonus(tx, house, row.customer, &row.id.to_string(), row.amount, now)?;
    if paid.receipt.as_deref() == Some("canceled") {
        alerts::receipt(tx, house, row.number, now)?;
    }
    let happening = Happening::Paid { payment: row.id, bonus, held: row.quote };
    tell(tx, house, row.customer, &happening, now)?;
    let rail = row.rail.as_str();
    metrics::counter!("payments_credited_total", "rail" => rail).increment(1);
    metrics::histogram!("payment_credit_seconds", "rail" => rail).record(now.since(row.created_at));
    Ok(Settled::Credited)
}

fn close(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    reason: &str,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    if row.state.next(PaymentEvent::Closed).is_none() {
        return Ok(match row.state {
            PaymentState::Paid => Settled::CreditedBefore,
            PaymentState::Review => Settled::Review,
            _ => Settled::Closed,
        });
    }
    payments::close(tx, row.id, PaymentState::Cancelled, reason, now)?;
    let happening = Happening::PaymentFailed { payment: row.id, will_retry: false };
    tell(tx, house, row.customer, &happening, now)?;
    metrics::counter!("payments_closed_total", "rail" => row.rail.as_str()).increment(1);
    Ok(Settled::Closed)
}

/// A payment that does not fit: nobody is credited, money that came is booked as unknown, and the owners hear of it.
fn set_aside(
    tx: &mut Tx<'_>,
    house: &House,
    row: &PaymentRow,
    provider_id: &str,
    amount: Option<Kopecks>,
    why: &str,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    if payments::close(tx, row.id, PaymentState::Review, why, now)? {
        tracing::error!(payment = %row.id, why, "a payment does not fit and waits for a person");
        metrics::counter!("payments_review_total", "rail" => row.rail.as_str()).increment(1);
        alerts::review(tx, house, row.number, row.amount, why, now)?;
    }
    if let Some(amount) = amount {
        unknown_money(tx, house, row.rail, provider_id, amount, why, now)?;
    }
    Ok(Settled::Review)
}

/// Money that came and fits nothing: it stands in suspense until a person says whose it is; `false` when it is known.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn unknown_money(
    tx: &mut Tx<'_>,
    house: &House,
    rail: Rail,
    provider_id: &str,
    amount: Kopecks,
    why: &str,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    if !payments::suspend(tx, rail, provider_id, amount, why, now)? {
        return Ok(false);
    }
    ledger::post(
        tx,
        &NewTransfer {
            kind: TransferKind::Unknown,
            debit: Account::Clearing(rail),
            credit: Account::Suspense,
            amount: Money::Rub(amount),
            key: IdempotencyKey::new(format!("{}:{provider_id}:unknown", rail.as_str()))?,
            order: None,
            payment: None,
            actor: Actor::System,
            memo: Some(why.to_owned()),
            at: now,
        },
    )?;
    alerts::unknown_money(tx, house, provider_id, amount, why, now)?;
    Ok(true)
}

/// The conversation hears of it, in the transaction in which it happened.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    happening: &Happening,
    now: Timestamp,
) -> Result<(), BookError> {
    happenings::put(tx, house, customer, happening, now)
}
