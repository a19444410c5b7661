//! What an admin types to make a promo code: `CODE SUM [x100] [each 1] [until 2026-12-31] [new]`.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_storage::presents::NewPromo;
use rei_texts::ReportText;

use crate::statement::day_start;

const CODE_CHARS: std::ops::RangeInclusive<usize> = 3..=32;
const COUNT_MAX: i64 = 1_000_000;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A promo code as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoSpec(pub(crate) NewPromo);

/// What is wrong with the words, each as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromoSpecError {
    /// There is no code, or no sum.
    Usage,
    /// Not 3 to 32 Latin letters, digits, `-` and `_`.
    BadCode(String),
    /// Not a sum.
    BadSum(String),
    /// Not a whole number from 1 to a million.
    BadCount(String),
    /// Not a day.
    BadDate(String),
    /// A day that is over.
    PastDate(String),
    /// Nobody knows what this means, or it was said before.
    BadWord(String),
}

impl PromoSpec {
    /// Reads what follows `/promo_new`.
    ///
    /// # Errors
    /// [`PromoSpecError`] names the first word that is wrong.
    pub fn parse(args: &str, now: Timestamp) -> Result<Self, PromoSpecError> {
        use PromoSpecError as E;
        let mut words = args.split_whitespace();
        let (Some(code), Some(sum)) = (words.next(), words.next()) else { return Err(E::Usage) };
        let code = read_code(code).ok_or_else(|| E::BadCode(code.to_owned()))?;
        let amount = Kopecks::parse_rubles(sum).map_err(|_| E::BadSum(sum.to_owned()))?;
        let (mut uses_max, mut uses_each, mut valid_until, mut new_only) = (None, None, None, None);
        while let Some(word) = words.next() {
            let lower = word.to_lowercase();
            let is_first = match lower.as_str() {
                "each" => {
                    let count = words.next().unwrap_or(word);
                    uses_each.replace(read_count(count, count)?).is_none()
                }
                "until" => {
                    let day = words.next().unwrap_or(word);
                    valid_until.replace(read_until(day, now)?).is_none()
                }
                "new" => new_only.replace(true).is_none(),
                // The letter that is typed for `x` on a Russian keyboard means the same.
                _ => match lower.strip_prefix(['x', '\u{445}']) {
                    Some(count) => uses_max.replace(read_count(count, word)?).is_none(),
                    None => false,
                },
            };
            if !is_first {
                return Err(E::BadWord(word.to_owned()));
            }
        }
        Ok(Self(NewPromo {
            code,
            amount,
            uses_max,
            uses_each: uses_each.unwrap_or(1),
            new_only: new_only.unwrap_or(false),
            valid_until,
        }))
    }

    /// The code in capitals.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What one use gives.
    pub fn amount(&self) -> Kopecks {
        self.0.amount
    }
}

impl PromoSpecError {
    /// What the admin is told.
    pub fn text(&self) -> ReportText {
        let word = |word: &String| word.clone();
        match self {
            Self::Usage => ReportText::PromoUsage {},
            Self::BadCode(code) => ReportText::PromoBadCode { code: word(code) },
            Self::BadSum(sum) => ReportText::PromoBadSum { sum: word(sum) },
            Self::BadCount(count) => ReportText::PromoBadCount { word: word(count) },
            Self::BadDate(date) => ReportText::PromoBadDate { word: word(date) },
            Self::PastDate(date) => ReportText::PromoPastDate { word: word(date) },
            Self::BadWord(strange) => ReportText::PromoBadWord { word: word(strange) },
        }
    }
}

/// A code in capitals, as the book keeps it; `None` for what can't be one.
pub(super) fn read_code(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let text = text.trim();
    let is_code = CODE_CHARS.contains(&text.len()) && text.bytes().all(fits);
    is_code.then(|| text.to_ascii_uppercase())
}

fn read_count(count: &str, word: &str) -> Result<i64, PromoSpecError> {
    let digits = count.bytes().all(|byte| byte.is_ascii_digit());
    let read = count.parse().ok().filter(|read| digits && (1..=COUNT_MAX).contains(read));
    read.ok_or_else(|| PromoSpecError::BadCount(word.to_owned()))
}

/// The day itself still counts.
fn read_until(day: &str, now: Timestamp) -> Result<Timestamp, PromoSpecError> {
    let start = day_start(day).ok_or_else(|| PromoSpecError::BadDate(day.to_owned()))?;
    let end = start.plus(DAY);
    if end <= now { Err(PromoSpecError::PastDate(day.to_owned())) } else { Ok(end) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-07-05.
    const NOW: Timestamp = Timestamp(1_783_260_309_000);

    fn read(args: &str) -> Result<NewPromo, PromoSpecError> {
        PromoSpec::parse(args, NOW).map(|spec| spec.0)
    }

    #[test]
    fn a_code_is_made_of_a_sum_and_limits_in_any_order() {
        let plain = read(" summer-1  10,50 ").expect("it is right");
        assert_eq!((plain.code.as_str(), plain.amount), ("SUMMER-1", Kopecks::new(1_050)));
        assert_eq!((plain.uses_max, plain.uses_each, plain.new_only), (None, 1, false));
        assert_eq!(plain.valid_until, None);
        let full = read("GO_2 50 new until 2026-07-05 EACH 2 X100").expect("it is right");
        assert_eq!((full.uses_max, full.uses_each, full.new_only), (Some(100), 2, true));
        let end = day_start("2026-07-06");
        assert_eq!(full.valid_until, end, "today still counts");
        assert_eq!(read("GO_2 50 х7").map(|promo| promo.uses_max), Ok(Some(7)));
    }

    #[test]
    fn m10_every_wrong_word_is_named() {
        use PromoSpecError as E;
        let check = |args: &str, error: E| assert_eq!(read(args), Err(error), "{args}");
        check("", E::Usage);
        check("CODE", E::Usage);
        check("AB 50", E::BadCode("AB".to_owned()));
        check("ЛЕТО 50", E::BadCode("ЛЕТО".to_owned()));
        check("CODE -5", E::BadSum("-5".to_owned()));
        check("CODE 1e9", E::BadSum("1e9".to_owned()));
        check("CODE 50 x0", E::BadCount("x0".to_owned()));
        check("CODE 50 x-1", E::BadCount("x-1".to_owned()));
        check("CODE 50 x+1", E::BadCount("x+1".to_owned()));
        check("CODE 50 each", E::BadCount("each".to_owned()));
        check("CODE 50 each 1000001", E::BadCount("1000001".to_owned()));
        check("CODE 50 until", E::BadDate("until".to_owned()));
        check("CODE 50 until 2026-02-30", E::BadDate("2026-02-30".to_owned()));
        check("CODE 50 until 2026-07-04", E::PastDate("2026-07-04".to_owned()));
        check("CODE 50 x1 x2", E::BadWord("x2".to_owned()));
        check("CODE 50 new new", E::BadWord("new".to_owned()));
        check("CODE 50 forever", E::BadWord("forever".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_kept(args in "\\PC{0,60}|[A-Za-z]{1,5} [0-9]{1,4}( x[0-9]{1,8}| each [0-9]{1,3}| new){0,3}") {
            if let Ok(promo) = read(&args) {
                prop_assert!(promo.amount.is_positive());
                prop_assert!((1..=COUNT_MAX).contains(&promo.uses_each));
                prop_assert!(promo.uses_max.is_none_or(|most| (1..=COUNT_MAX).contains(&most)));
                prop_assert_eq!(read_code(&promo.code), Some(promo.code.clone()));
            }
        }
    }
}
