//! Rubles in whole kopecks and provider cost in whole micro-dollars. No floating point anywhere.

use std::fmt;
use std::iter::Sum;

use serde::{Deserialize, Serialize};

/// A sum in kopecks (100 = 1 ₽). Negative only for balances that a foreign refund overdrew.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Kopecks(i64);

/// A sum in millionths of a US dollar: what a provider charges the owner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl Kopecks {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most that one operation may move: 10 000 000 ₽. Larger sums are typing errors.
    pub const OPERATION_MAX: Self = Self(1_000_000_000);

    /// A sum from kopecks.
    pub const fn new(kopecks: i64) -> Self {
        Self(kopecks)
    }

    /// A sum from whole rubles, for constants and tests.
    ///
    /// # Panics
    /// When the sum does not fit, which a constant shows at compile time.
    pub const fn from_rubles(rubles: i64) -> Self {
        match rubles.checked_mul(100) {
            Some(kopecks) => Self(kopecks),
            None => panic!("a sum in rubles must fit 64 bits of kopecks"),
        }
    }

    /// The number of kopecks.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether anything can be moved by this sum: transfers are strictly positive.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum of both; `None` when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum `count` times; `None` when it does not fit.
    pub fn checked_mul(self, count: i64) -> Option<Self> {
        self.0.checked_mul(count).map(Self)
    }

    /// The smaller of both.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Ord::min(self, other)
    }

    /// What is missing to `price`; zero when this sum suffices.
    #[must_use]
    pub fn missing_to(self, price: Self) -> Self {
        Self(price.0.saturating_sub(self.0).max(0))
    }

    /// Reads a positive sum in rubles as people write it: `100`, `10,50`, `10.5`.
    ///
    /// # Errors
    /// [`ParseSumError`] says what is wrong; signs, exponents, spaces inside, other alphabets' digits,
    /// more than two decimals, zero and anything over [`Self::OPERATION_MAX`] are refused.
    pub fn parse_rubles(text: &str) -> Result<Self, ParseSumError> {
        let text = text.trim();
        let (whole, fraction) = match text.split_once([',', '.']) {
            Some((_, "")) => return Err(ParseSumError::NotANumber),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(ParseSumError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(ParseSumError::TooManyDecimals);
        }
        if whole.trim_start_matches('0').len() > 8 {
            return Err(ParseSumError::TooLarge);
        }
        let whole: i64 = whole.parse().map_err(|_| ParseSumError::TooLarge)?;
        let fraction: i64 =
            format!("{fraction:0<2}").parse().map_err(|_| ParseSumError::NotANumber)?;
        let sum = Self(whole * 100 + fraction);
        match sum {
            Self::ZERO => Err(ParseSumError::Zero),
            sum if sum > Self::OPERATION_MAX => Err(ParseSumError::TooLarge),
            sum => Ok(sum),
        }
    }
}

impl Sum for Kopecks {
    /// Adds up, panicking on overflow: the book cannot hold that much money.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, sum| {
            total.checked_add(sum).expect("all money of the book fits 64 bits of kopecks")
        })
    }
}

impl fmt::Display for Kopecks {
    /// `50 ₽`, `10,50 ₽`, `−3 ₽`, `12 345 ₽`: a decimal comma, thin no-break spaces, no needless zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const THIN_SPACE: char = '\u{202f}';
        if self.0 < 0 {
            f.write_str("−")?;
        }
        let rubles = (self.0.unsigned_abs() / 100).to_string();
        for (index, digit) in rubles.chars().enumerate() {
            if index > 0 && (rubles.len() - index).is_multiple_of(3) && rubles.len() > 4 {
                write!(f, "{THIN_SPACE}")?;
            }
            write!(f, "{digit}")?;
        }
        match self.0.unsigned_abs() % 100 {
            0 => {}
            kopecks => write!(f, ",{kopecks:02}")?,
        }
        write!(f, "{THIN_SPACE}₽")
    }
}

/// Why a sum that somebody typed was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSumError {
    /// Not plain digits with at most one comma or dot.
    #[error("the sum is not a number")]
    NotANumber,
    /// More than two digits after the comma.
    #[error("the sum has more than two decimals")]
    TooManyDecimals,
    /// Zero moves nothing.
    #[error("the sum is zero")]
    Zero,
    /// Above [`Kopecks::OPERATION_MAX`].
    #[error("the sum is too large")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m10_sums_are_read_as_people_write_them_and_junk_is_refused() {
        let read = Kopecks::parse_rubles;
        assert_eq!(read("100"), Ok(Kopecks(10_000)));
        assert_eq!(read(" 10,50 "), Ok(Kopecks(1_050)));
        assert_eq!(read("10.5"), Ok(Kopecks(1_050)));
        assert_eq!(read("0,01"), Ok(Kopecks(1)));
        assert_eq!(read("10000000"), Ok(Kopecks::OPERATION_MAX));
        for junk in
            ["", "-1", "+1", "1e9", "1 000", "١٢٣", "10,", ",5", "1.2.3", "0x10", "NaN", "₽5"]
        {
            assert_eq!(read(junk), Err(ParseSumError::NotANumber), "{junk:?}");
        }
        assert_eq!(read("0"), Err(ParseSumError::Zero));
        assert_eq!(read("0,00"), Err(ParseSumError::Zero));
        assert_eq!(read("1,001"), Err(ParseSumError::TooManyDecimals));
        assert_eq!(read("9223372036854775807"), Err(ParseSumError::TooLarge));
        assert_eq!(read("10000000,01"), Err(ParseSumError::TooLarge));
    }

    #[test]
    fn sums_are_shown_with_thin_spaces() {
        let shown = |kopecks| Kopecks(kopecks).to_string();
        assert_eq!(shown(5_000), "50\u{202f}₽");
        assert_eq!(shown(1_050), "10,50\u{202f}₽");
        assert_eq!(shown(-300), "−3\u{202f}₽");
        assert_eq!(shown(123_400), "1234\u{202f}₽");
        assert_eq!(shown(1_234_500), "12\u{202f}345\u{202f}₽");
    }
}
