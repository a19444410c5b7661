//! Money that moves at once: top-ups, grants, corrections, refunds, costs.

use rei_domain::ids::{CustomerId, TransferId};
use rei_domain::ledger::{Account, NewTransfer, NotEnough, Pocket, RequestHash};
use rei_domain::money::Kopecks;

use crate::{Tx, params};

use super::rows::{insert, read_transfer};
use super::wallet::{self, LockedWallet};
use super::{LedgerError, sql};

/// What a posting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The transfer.
    pub id: TransferId,
    /// Whether the same request had been carried out before; nothing moved this time.
    pub replayed: bool,
}

/// Moves money between two accounts.
///
/// # Errors
/// [`LedgerError::NotEnough`] when a customer's account would fall below zero (foreign refunds and
/// chargebacks are booked all the same and freeze the wallet), [`LedgerError::KeyConflict`],
/// [`LedgerError::UnknownCustomer`], [`LedgerError::Rule`].
pub fn post(tx: &mut Tx<'_>, new: &NewTransfer) -> Result<Posted, LedgerError> {
    new.check()?;
    let debit = customers_side(&new.debit);
    let credit = customers_side(&new.credit);
    let Some((customer, pocket)) = debit.or(credit) else { return post_row(tx, new, None) };
    let locked = wallet::lock(tx, customer)?;
    if debit.is_some()
        && let Err(short) = can_pay(new, &locked, pocket)
    {
        return replayed(tx, new)?.ok_or(short.into());
    }
    let posted = post_row(tx, new, locked.tip(pocket))?;
    if !posted.replayed {
        move_balance(tx, new, posted.id, debit.is_some())?;
        if debit.is_some() && overdraws(new, &locked, pocket) {
            wallet::set_frozen(tx, customer, true)?;
        } else if credit.is_some() && locked.wallet.frozen {
            wallet::unfreeze_if_paid(tx, customer)?;
        }
    }
    Ok(posted)
}

/// The hash and the id that the request's key stands for already.
pub(super) fn known_request(
    tx: &mut Tx<'_>,
    stored_key: &str,
) -> Result<Option<(RequestHash, TransferId)>, LedgerError> {
    let params = params! { ":first" => stored_key, ":second" => stored_key };
    let Some(row) = tx.query_opt(&sql::TRANSFERS_OF_KEY, &params)? else { return Ok(None) };
    let row = read_transfer(&row)?;
    Ok(Some((row.request_hash, row.id)))
}

fn customers_side(account: &Account) -> Option<(CustomerId, Pocket)> {
    account.customer().zip(account.pocket())
}

fn can_pay(new: &NewTransfer, locked: &LockedWallet, pocket: Pocket) -> Result<(), NotEnough> {
    let free = locked.wallet.pocket(pocket).free;
    let amount = Kopecks::new(new.amount.minor());
    if free >= amount || new.kind.may_overdraw() {
        return Ok(());
    }
    let free = free.max(Kopecks::ZERO);
    Err(NotEnough { free, missing: free.missing_to(amount) })
}

fn overdraws(new: &NewTransfer, locked: &LockedWallet, pocket: Pocket) -> bool {
    locked.wallet.pocket(pocket).free.get() < new.amount.minor()
}

fn post_row(
    tx: &mut Tx<'_>,
    new: &NewTransfer,
    prev: Option<TransferId>,
) -> Result<Posted, LedgerError> {
    let row = new.row(prev);
    if insert(tx, &row)? {
        return Ok(Posted { id: row.id, replayed: false });
    }
    replayed(tx, new)?.ok_or(LedgerError::Broken("a taken key has no transfer"))
}

fn replayed(tx: &mut Tx<'_>, new: &NewTransfer) -> Result<Option<Posted>, LedgerError> {
    let row = new.row(None);
    match known_request(tx, &row.key)? {
        None => Ok(None),
        Some((hash, id)) if hash == row.request_hash => Ok(Some(Posted { id, replayed: true })),
        Some(_) => Err(LedgerError::KeyConflict { key: new.key.as_str().to_owned() }),
    }
}

fn move_balance(
    tx: &mut Tx<'_>,
    new: &NewTransfer,
    id: TransferId,
    debits: bool,
) -> Result<(), LedgerError> {
    let (statement, account) = match debits {
        true if new.kind.may_overdraw() => (&sql::OVERDRAW, &new.debit),
        true => (&sql::DEBIT, &new.debit),
        false => (&sql::CREDIT, &new.credit),
    };
    let params = params! {
        ":name" => account.to_string(),
        ":amount" => new.amount.minor(),
        ":tip" => id,
    };
    match tx.execute(statement, &params)? {
        1 => Ok(()),
        _ => Err(LedgerError::Broken("a locked account did not take a posting")),
    }
}
