//! The bonus of a first top-up: given once for ever, and taken back as far as it is unspent when that top-up is
//! refunded.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::presents::{self, FirstTopup};
use rei_storage::{Book, Tx};

use super::{FIRST_TOPUP_MEMO, TAKEN_BACK_MEMO};
use crate::{FirstTopupBonus, House};

/// Customers looked at in one transaction.
const COLLECTED_AT_ONCE: i64 = 50;

/// Gives the bonus of a first top-up, in the transaction that credits it; returns what was given. To be called for
/// every top-up, also without a rule: which one was the first is remembered for ever.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn first_topup_bonus(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    payment: &str,
    sum: Kopecks,
    now: Timestamp,
) -> Result<Kopecks, LedgerError> {
    give(tx, house.policy.first_topup_bonus, customer, payment, sum, now)
}

pub(super) fn give(
    tx: &mut Tx<'_>,
    rule: Option<FirstTopupBonus>,
    customer: CustomerId,
    payment: &str,
    sum: Kopecks,
    now: Timestamp,
) -> Result<Kopecks, LedgerError> {
    let bonus = rule.map_or(Kopecks::ZERO, |rule| bonus_for(rule, sum));
    if !presents::is_first_topup(tx, customer, payment, bonus, now)? || !bonus.is_positive() {
        return Ok(Kopecks::ZERO);
    }
    ledger::post(
        tx,
        &NewTransfer {
            kind: TransferKind::Gift,
            debit: Account::Expense(Expense::Promo),
            credit: Account::bonus(customer),
            amount: Money::Rub(bonus),
            key: IdempotencyKey::new(format!("first-topup:{customer}"))?,
            order: None,
            payment: Some(payment.to_owned()),
            actor: Actor::System,
            memo: Some(FIRST_TOPUP_MEMO.to_owned()),
            at: now,
        },
    )?;
    Ok(bonus)
}

/// The payment was refunded: what is unspent of the bonus that it brought goes back, and what is on hold as soon as
/// the hold ends. Returns what went back now; nothing when the payment was not the first, or this was done before.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn take_back_first_topup_bonus(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    payment: &str,
    now: Timestamp,
) -> Result<Kopecks, LedgerError> {
    ledger::lock_wallet(tx, customer)?;
    let first = presents::first_topup_of(tx, customer)?;
    let Some(first) = first.filter(|first| first.payment == payment && !first.is_over) else {
        return Ok(Kopecks::ZERO);
    };
    let bonus = ledger::balances(tx, customer)?.bonus;
    let unspent: Kopecks = [bonus.free, bonus.held].into_iter().sum();
    let owed = first.bonus.min(unspent).max(Kopecks::ZERO);
    if !presents::owe(tx, customer, payment, owed)? {
        return Ok(Kopecks::ZERO);
    }
    collect(tx, &FirstTopup { owed, ..first }, now)
}

/// Takes back what was on hold when its top-up was refunded and is free by now; returns how many customers were
/// looked at. To be called from time to time.
///
/// # Errors
/// [`LedgerError`] when the book refuses.
pub async fn collect_owed_bonus(book: &Book, now: Timestamp) -> Result<u64, LedgerError> {
    let (mut after, mut looked_at) = (CustomerId(i64::MIN), 0);
    loop {
        let behind = after;
        let rows = book.read(move |tx| presents::owing(tx, behind, COLLECTED_AT_ONCE)).await?;
        let Some(last) = rows.last() else { return Ok(looked_at) };
        after = last.customer;
        for row in rows {
            looked_at += 1;
            book.write(move |tx| {
                ledger::lock_wallet(tx, row.customer)?;
                match presents::first_topup_of(tx, row.customer)? {
                    Some(seen) => collect(tx, &seen, now).map(|_| ()),
                    None => Ok(()),
                }
            })
            .await?;
        }
    }
}

/// The bonus for a top-up, rounded down to whole kopecks.
pub(super) fn bonus_for(rule: FirstTopupBonus, sum: Kopecks) -> Kopecks {
    let share = i128::from(sum.get().max(0)) * i128::from(rule.percent) / 100;
    let share = Kopecks::new(i64::try_from(share).unwrap_or(i64::MAX));
    share.min(rule.max.max(Kopecks::ZERO)).min(Kopecks::OPERATION_MAX)
}

/// Takes what is free; what is still on hold stays owed, and what was spent is forgotten.
fn collect(tx: &mut Tx<'_>, seen: &FirstTopup, now: Timestamp) -> Result<Kopecks, LedgerError> {
    let bonus = ledger::balances(tx, seen.customer)?.bonus;
    let taken = seen.owed.min(bonus.free).max(Kopecks::ZERO);
    let left = taken.missing_to(seen.owed).min(bonus.held);
    if taken == Kopecks::ZERO && left == seen.owed {
        return Ok(Kopecks::ZERO);
    }
    if !presents::take_back(tx, seen, taken, left)? {
        return Ok(Kopecks::ZERO);
    }
    if taken.is_positive() {
        let sofar = seen.taken_back.get();
        ledger::post(
            tx,
            &NewTransfer {
                kind: TransferKind::Adjust,
                debit: Account::bonus(seen.customer),
                credit: Account::Adjust,
                amount: Money::Rub(taken),
                key: IdempotencyKey::new(format!("first-topup-back:{}:{sofar}", seen.customer))?,
                order: None,
                payment: Some(seen.payment.clone()),
                actor: Actor::System,
                memo: Some(TAKEN_BACK_MEMO.to_owned()),
                at: now,
            },
        )?;
    }
    Ok(taken)
}
