//! Customers' accounts: opened once, read by anybody, locked by whoever is about to move money.

use rei_domain::ids::{CustomerId, TransferId};
use rei_domain::ledger::{Account, Balance, Pocket, Wallet};
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Sql, Tx, params};

use super::rows::opt_id;
use super::{LedgerError, sql};

/// A wallet whose rows belong to this transaction, with the newest transfer of each pocket.
pub(super) struct LockedWallet {
    pub(super) wallet: Wallet,
    cash_tip: Option<TransferId>,
    bonus_tip: Option<TransferId>,
}

impl LockedWallet {
    pub(super) const fn tip(&self, pocket: Pocket) -> Option<TransferId> {
        match pocket {
            Pocket::Cash => self.cash_tip,
            Pocket::Bonus => self.bonus_tip,
        }
    }
}

/// Opens a customer's two accounts; nothing happens when they are open.
pub fn open_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<(), BookError> {
    for pocket in [Pocket::Bonus, Pocket::Cash] {
        tx.execute(
            &sql::OPEN_ACCOUNT,
            &params! {
                ":name" => Account::Customer(customer, pocket).to_string(),
                ":customer" => customer,
                ":class" => pocket.as_str(),
            },
        )?;
    }
    Ok(())
}

/// What a customer has; nothing for one without accounts.
pub fn balances(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Wallet, BookError> {
    let locked = read(tx, &sql::READ_WALLET, customer)?;
    Ok(locked.map(|locked| locked.wallet).unwrap_or_default())
}

/// The newest transfers of both pockets, cash first.
pub(super) fn tips(
    tx: &mut Tx<'_>,
    customer: CustomerId,
) -> Result<(Option<TransferId>, Option<TransferId>), BookError> {
    let locked = read(tx, &sql::READ_WALLET, customer)?;
    Ok(locked.map_or((None, None), |locked| (locked.cash_tip, locked.bonus_tip)))
}

/// Both pockets, which nobody else may move until this transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>, customer: CustomerId) -> Result<LockedWallet, LedgerError> {
    read(tx, &sql::LOCK_WALLET, customer)?.ok_or(LedgerError::UnknownCustomer)
}

/// Lets nobody else move the customer's money until this transaction ends: what is read from here on is what
/// the customer's next transaction will find, too.
pub fn lock_wallet(tx: &mut Tx<'_>, customer: CustomerId) -> Result<(), LedgerError> {
    lock(tx, customer).map(|_| ())
}

/// Closes the wallet for new holds, or opens it again.
pub(super) fn set_frozen(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    frozen: bool,
) -> Result<(), BookError> {
    tx.execute(
        &sql::SET_FROZEN,
        &params! {
            ":bonus" => Account::bonus(customer).to_string(),
            ":cash" => Account::cash(customer).to_string(),
            ":frozen" => frozen,
        },
    )?;
    Ok(())
}

/// Opens a frozen wallet again when no pocket is in debt any more.
pub(super) fn unfreeze_if_paid(tx: &mut Tx<'_>, customer: CustomerId) -> Result<(), BookError> {
    let wallet = balances(tx, customer)?;
    let in_debt = wallet.cash.free < Kopecks::ZERO || wallet.bonus.free < Kopecks::ZERO;
    if wallet.frozen && !in_debt { set_frozen(tx, customer, false) } else { Ok(()) }
}

fn read(
    tx: &mut Tx<'_>,
    statement: &'static Sql,
    customer: CustomerId,
) -> Result<Option<LockedWallet>, BookError> {
    let rows = tx.query(
        statement,
        &params! {
            ":bonus" => Account::bonus(customer).to_string(),
            ":cash" => Account::cash(customer).to_string(),
        },
    )?;
    // `bonus` sorts before `cash`.
    let [bonus, cash] = rows.as_slice() else { return Ok(None) };
    Ok(Some(LockedWallet {
        wallet: Wallet {
            cash: read_balance(cash)?,
            bonus: read_balance(bonus)?,
            frozen: cash.int("frozen")? != 0 || bonus.int("frozen")? != 0,
        },
        cash_tip: opt_id(cash, "tip")?,
        bonus_tip: opt_id(bonus, "tip")?,
    }))
}

fn read_balance(row: &Row) -> Result<Balance, BookError> {
    Ok(Balance { free: Kopecks::new(row.int("free")?), held: Kopecks::new(row.int("held")?) })
}
