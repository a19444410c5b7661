//! `/promo CODE`: a customer takes what a code gives, as often as its limits allow and never once more.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::presents::{self, PromoRow};
use rei_storage::{BookError, Tx};

use super::spec::read_code;
use crate::House;
use crate::wallet::wallet_of;

/// Codes that do not exist, within [`GUESSES_WITHIN`]: then no code is looked at any more.
const GUESSES_MAX: i64 = 10;
const GUESSES_WITHIN: Duration = Duration::from_secs(3_600);

/// What became of a promo code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromoOutcome {
    /// Its bonus was credited.
    Given {
        /// The bonus.
        sum: Kopecks,
        /// What can be spent now.
        balance: Kopecks,
    },
    /// There is no such code, or the customer has typed so many of that kind that none is looked at for an hour.
    Unknown,
    /// Its time is over, or the owner switched it off.
    Expired,
    /// Everybody else was faster.
    UsedUp,
    /// This customer had it before, as often as it may be had.
    UsedByYou,
    /// It is meant for those who have not bought anything yet.
    NotForYou,
}

/// Takes what a code gives. The customer must have been met: a wallet without accounts takes nothing.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn use_promo(
    tx: &mut Tx<'_>,
    _house: &House,
    customer: CustomerId,
    code: &str,
    now: Timestamp,
) -> Result<PromoOutcome, LedgerError> {
    use_code(tx, customer, code, now)
}

/// A code's terms stand in the book: no rule of the house has a say.
pub(super) fn use_code(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    code: &str,
    now: Timestamp,
) -> Result<PromoOutcome, LedgerError> {
    // One customer's taps take turns, in whatever processes they arrive.
    ledger::lock_wallet(tx, customer)?;
    let since = now.minus(GUESSES_WITHIN);
    if presents::guesses_since(tx, customer, since)? >= GUESSES_MAX {
        // The same words as for a wrong code: who guesses does not learn when he has one.
        return Ok(PromoOutcome::Unknown);
    }
    let found = match read_code(code) {
        Some(code) => presents::find(tx, &code)?,
        None => None,
    };
    let Some(row) = found else {
        presents::forget_guesses(tx, customer, since)?;
        presents::guess(tx, customer, now)?;
        return Ok(PromoOutcome::Unknown);
    };
    if let Some(refusal) = refusal(tx, customer, &row, now)? {
        return Ok(refusal);
    }
    let code = row.promo.code.as_str();
    let no = presents::uses_of(tx, code, customer)? + 1;
    if !presents::use_once(tx, code, customer, no, now)? {
        return Ok(PromoOutcome::UsedByYou);
    }
    if !presents::take(tx, code, now)? {
        presents::forget_use(tx, code, customer, no)?;
        return Ok(PromoOutcome::UsedUp);
    }
    give(tx, customer, &row, no, now)?;
    let balance = wallet_of(tx, customer)?.free();
    Ok(PromoOutcome::Given { sum: row.promo.amount, balance })
}

/// What can be said without taking anything; the statements that take have the last word.
fn refusal(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    row: &PromoRow,
    now: Timestamp,
) -> Result<Option<PromoOutcome>, BookError> {
    let promo = &row.promo;
    if presents::uses_of(tx, &promo.code, customer)? >= promo.uses_each {
        return Ok(Some(PromoOutcome::UsedByYou));
    }
    if !row.is_on || promo.valid_until.is_some_and(|until| until <= now) {
        return Ok(Some(PromoOutcome::Expired));
    }
    if promo.new_only && presents::has_bought(tx, customer)? {
        return Ok(Some(PromoOutcome::NotForYou));
    }
    let is_used_up = promo.uses_max.is_some_and(|most| row.used >= most);
    Ok(is_used_up.then_some(PromoOutcome::UsedUp))
}

fn give(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    row: &PromoRow,
    no: i64,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let code = &row.promo.code;
    ledger::post(
        tx,
        &NewTransfer {
            kind: TransferKind::Promo,
            debit: Account::Expense(Expense::Promo),
            credit: Account::bonus(customer),
            amount: Money::Rub(row.promo.amount),
            key: IdempotencyKey::new(format!("promo:{code}:{customer}:{no}"))?,
            order: None,
            payment: None,
            actor: Actor::Customer,
            memo: Some(code.clone()),
            at: now,
        },
    )?;
    Ok(())
}
