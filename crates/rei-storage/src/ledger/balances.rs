//! What stands on the accounts: a customer's from its row, all others from the checkpoint and the
//! transfers after it.

use rei_domain::ledger::{Account, Currency, Money, Side, TrialBalance, TrialLine};
use rei_domain::money::Kopecks;

use crate::{BookError, Tx, params};

use super::checkpoint::{CHECKPOINT_MARK, read_mark};
use super::rows::word;
use super::{sql, wallet};

/// What stands on an account, positive on the side on which it grows.
pub fn account_balance(tx: &mut Tx<'_>, account: &Account) -> Result<Money, BookError> {
    if let (Some(customer), Some(pocket)) = (account.customer(), account.pocket()) {
        let balance = wallet::balances(tx, customer)?.pocket(pocket);
        let total: Kopecks = [balance.free, balance.held].into_iter().sum();
        return Ok(total.into());
    }
    let after = read_mark(tx, CHECKPOINT_MARK)?;
    let params = params! { ":account" => account.to_string(), ":after" => after };
    let row = tx.query_one(&sql::ACCOUNT_SUMS, &params)?;
    let (debits, credits) = (row.int("debits")?, row.int("credits")?);
    Ok(Money::of(
        account.currency(),
        match account.side() {
            Side::Debit => debits - credits,
            Side::Credit => credits - debits,
        },
    ))
}

/// What stands on every account; customers' accounts are added up by pocket.
pub fn trial_balance(tx: &mut Tx<'_>) -> Result<TrialBalance, BookError> {
    let after = read_mark(tx, CHECKPOINT_MARK)?;
    let mut lines = Vec::new();
    for row in tx.query(&sql::SYSTEM_SUMS, &params! { ":after" => after })? {
        let account = word(&row, "account", Account::parse)?;
        lines.push(TrialLine {
            account: account.to_string(),
            currency: account.currency(),
            balance: row.int("debits")? - row.int("credits")?,
        });
    }
    for row in tx.query(&sql::POCKET_SUMS, &params! {})? {
        lines.push(TrialLine {
            account: format!("customer:*:{}", row.text("class")?),
            currency: Currency::Rub,
            balance: -row.int("total")?,
        });
    }
    lines.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(TrialBalance { lines })
}
