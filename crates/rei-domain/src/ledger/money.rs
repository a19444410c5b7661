//! A sum that knows its currency.

use std::fmt;

use crate::money::{Kopecks, MicroUsd};

use super::Currency;

/// A sum in the currency of its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    /// Kopecks.
    Rub(Kopecks),
    /// Millionths of a dollar.
    Usd(MicroUsd),
}

impl Money {
    /// The most that one transfer may move, in dollars: 10 000 $.
    const USD_MAX: i64 = 10_000_000_000;

    /// A sum in the smallest units of a currency.
    pub const fn of(currency: Currency, minor: i64) -> Self {
        match currency {
            Currency::Rub => Self::Rub(Kopecks::new(minor)),
            Currency::Usd => Self::Usd(MicroUsd(minor)),
        }
    }

    /// The number of kopecks or micro-dollars.
    pub const fn minor(self) -> i64 {
        match self {
            Self::Rub(sum) => sum.get(),
            Self::Usd(sum) => sum.0,
        }
    }

    /// Its currency.
    pub const fn currency(self) -> Currency {
        match self {
            Self::Rub(_) => Currency::Rub,
            Self::Usd(_) => Currency::Usd,
        }
    }

    /// Whether it is more than any real operation moves.
    pub const fn is_too_large(self) -> bool {
        match self {
            Self::Rub(sum) => sum.get() > Kopecks::OPERATION_MAX.get(),
            Self::Usd(sum) => sum.0 > Self::USD_MAX,
        }
    }
}

impl From<Kopecks> for Money {
    fn from(sum: Kopecks) -> Self {
        Self::Rub(sum)
    }
}

impl From<MicroUsd> for Money {
    fn from(sum: MicroUsd) -> Self {
        Self::Usd(sum)
    }
}

impl fmt::Display for Money {
    /// `1234.50 RUB`, `-0.134000 USD`: for operators and scripts, the same in every language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, decimals) = match self {
            Self::Rub(_) => (100, 2),
            Self::Usd(_) => (1_000_000, 6),
        };
        let sign = if self.minor() < 0 { "-" } else { "" };
        let minor = self.minor().unsigned_abs();
        let (whole, rest) = (minor / unit, minor % unit);
        let text = format!("{sign}{whole}.{rest:0decimals$} {}", self.currency().as_str());
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_shown_with_all_their_decimals() {
        let shown = |currency, minor| Money::of(currency, minor).to_string();
        assert_eq!(shown(Currency::Rub, 123_450), "1234.50 RUB");
        assert_eq!(shown(Currency::Rub, -5), "-0.05 RUB");
        assert_eq!(shown(Currency::Usd, 134_000), "0.134000 USD");
    }
}
