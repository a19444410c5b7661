//! The time that figures and exports are about, as an owner types it.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_storage::figures::Span;

use crate::statement::day_start;

const DAY: Duration = Duration::from_secs(24 * 3_600);
const DAYS_MAX: i64 = 366;
/// A chart of fewer days than this says nothing.
const DAYS_CHARTED: u32 = 14;

/// From one day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment, and the first one after it.
    pub span: Span,
}

/// Neither a word for a period nor two days in their order, a year apart at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no period")]
pub struct PeriodError;

impl Period {
    /// Reads `day`, `week`, `month` (up to now), or two days; nothing means a day.
    ///
    /// # Errors
    /// [`PeriodError`] for anything else.
    pub fn parse(args: &str, now: Timestamp) -> Result<Self, PeriodError> {
        let days = match args.trim().to_lowercase().as_str() {
            "" | "day" => 1,
            "week" => 7,
            "month" => 30,
            _ => return Self::of_days(args),
        };
        Ok(Self { span: Span { from: now.minus(DAY * days), upto: now } })
    }

    /// Reads two days, both of which belong to it.
    ///
    /// # Errors
    /// [`PeriodError`] for anything else.
    pub fn of_days(args: &str) -> Result<Self, PeriodError> {
        let mut words = args.split_whitespace();
        let mut day = || words.next().and_then(day_start).ok_or(PeriodError);
        let (from, last) = (day()?, day()?);
        let span = Span { from, upto: last.plus(DAY) };
        let day_ms = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
        let fits = words.next().is_none() && (1..=DAYS_MAX).contains(&(span.millis() / day_ms));
        if fits { Ok(Self { span }) } else { Err(PeriodError) }
    }

    /// What the chart shows: whole days up to the end, and enough of them.
    #[must_use]
    pub fn charted(&self) -> Span {
        let upto = self.span.upto;
        let day_ms = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
        let last_day = Timestamp((upto.millis() - 1).div_euclid(day_ms) * day_ms);
        let least = last_day.minus(DAY * (DAYS_CHARTED - 1));
        let first_day = Timestamp(self.span.from.millis().div_euclid(day_ms) * day_ms);
        Span { from: first_day.min(least), upto }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-05 14:05:09.
    const NOW: Timestamp = Timestamp(1_783_260_309_000);

    fn days(args: &str) -> Option<i64> {
        Period::parse(args, NOW).ok().map(|period| period.span.millis() / 86_400_000)
    }

    #[test]
    fn words_and_days_name_a_period() {
        assert_eq!(days(""), Some(1));
        assert_eq!(days(" Week "), Some(7));
        assert_eq!(days("month"), Some(30));
        assert_eq!(days("2026-07-05 2026-07-05"), Some(1), "both days belong to it");
        assert_eq!(days("2026-01-01 2026-12-31"), Some(365));
        for junk in [
            "year",
            "2026-07-05",
            "2026-07-06 2026-07-05",
            "2026-01-01 2027-01-02",
            "2026-07-05 2026-07-06 2026-07-07",
            "1 2",
        ] {
            assert_eq!(days(junk), None, "{junk}");
        }
    }

    #[test]
    fn a_chart_has_whole_days_and_two_weeks_at_least() {
        let charted = Period::parse("day", NOW).expect("a period").charted();
        assert_eq!(charted.from, day_start("2026-06-22").expect("a day"));
        assert_eq!(charted.upto, NOW);
        let charted = Period::parse("2026-05-01 2026-05-31", NOW).expect("a period").charted();
        assert_eq!(charted.from, day_start("2026-05-01").expect("a day"));
    }
}
