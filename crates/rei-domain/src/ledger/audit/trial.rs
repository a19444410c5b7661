//! The trial balance: what stands on each account, and whether both sides agree.

use std::fmt;

use crate::ledger::{Currency, Money};

use super::{Finding, Findings};

/// What was debited and credited, in the currency's smallest units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Debited.
    pub debits: i64,
    /// Credited.
    pub credits: i64,
}

/// One account, or all customers' accounts of one pocket together (`customer:*:cash`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialLine {
    /// The account's name.
    pub account: String,
    /// Its currency.
    pub currency: Currency,
    /// Debits less credits: positive stands on the debit side.
    pub balance: i64,
}

/// Every account that was ever used.
///
/// Customers' accounts come from their rows, the others from transfers: a sum of zero is a finding of
/// its own, not a tautology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialBalance {
    /// The accounts by name.
    pub lines: Vec<TrialLine>,
}

impl TrialBalance {
    /// Debits less credits of one currency: zero in a sound book.
    pub fn difference(&self, currency: Currency) -> i64 {
        self.lines.iter().filter(|line| line.currency == currency).map(|line| line.balance).sum()
    }

    /// Whether every currency's sides agree.
    pub fn is_zero(&self) -> bool {
        [Currency::Rub, Currency::Usd].into_iter().all(|currency| self.difference(currency) == 0)
    }

    /// Adds a finding for each currency whose sides differ.
    pub fn report(&self, findings: &mut Findings) {
        for currency in [Currency::Rub, Currency::Usd] {
            let difference = self.difference(currency);
            if difference != 0 {
                findings.add(Finding::OutOfBalance { currency: currency.as_str(), difference });
            }
        }
    }
}

impl fmt::Display for TrialBalance {
    /// A table of accounts with their debit and credit balances and the totals of each currency.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>22} {:>22}", "account", "debit", "credit")?;
        for currency in [Currency::Rub, Currency::Usd] {
            let mut total = Sums::default();
            for line in self.lines.iter().filter(|line| line.currency == currency) {
                let sums = Sums {
                    debits: line.balance.max(0),
                    credits: line.balance.saturating_neg().max(0),
                };
                total.debits += sums.debits;
                total.credits += sums.credits;
                write_row(f, &line.account, currency, sums)?;
            }
            if total != Sums::default() {
                write_row(f, "total", currency, total)?;
            }
        }
        let word = if self.is_zero() { "zero" } else { "NOT ZERO" };
        write!(f, "trial balance: {word}")
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    currency: Currency,
    sums: Sums,
) -> fmt::Result {
    let shown = |minor: i64| match minor {
        0 => String::new(),
        minor => Money::of(currency, minor).to_string(),
    };
    let line = format!("{name:<32} {:>22} {:>22}", shown(sums.debits), shown(sums.credits));
    writeln!(f, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(account: &str, balance: i64) -> TrialLine {
        TrialLine { account: account.to_owned(), currency: Currency::Rub, balance }
    }

    #[test]
    fn both_sides_stand_in_a_table() {
        let mut trial = TrialBalance {
            lines: vec![
                line("clearing:yookassa", 30_000),
                line("customer:*:cash", -25_000),
                line("revenue:image", -5_000),
            ],
        };
        insta::assert_snapshot!(trial, @r"
        account                                           debit                 credit
        clearing:yookassa                            300.00 RUB
        customer:*:cash                                                     250.00 RUB
        revenue:image                                                        50.00 RUB
        total                                        300.00 RUB             300.00 RUB
        trial balance: zero
        ");
        trial.lines[2].balance += 1;
        let mut findings = Findings::default();
        trial.report(&mut findings);
        assert_eq!(findings.kept, [Finding::OutOfBalance { currency: "RUB", difference: 1 }]);
    }
}
