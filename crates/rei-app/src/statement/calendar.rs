//! Days and times as people and files write them, in UTC.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rei_domain::clock::Timestamp;
use rei_texts::{Lang, ReportText};

/// A moment on the calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Civil(DateTime);

impl Civil {
    pub(crate) fn of(at: Timestamp) -> Self {
        let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        Self(TimeZone::UTC.to_datetime(moment))
    }

    pub(crate) fn date(&self) -> Date {
        self.0.date()
    }

    /// `14:05`.
    pub(crate) fn time(&self) -> String {
        self.0.strftime("%H:%M").to_string()
    }

    /// `5 July 2026` in bold.
    pub(crate) fn day(&self, lang: Lang) -> String {
        let (day, month, year) = self.numbers();
        ReportText::LedgerDay { day, month, year }.html(lang)
    }

    /// `5 July 2026, 14:05 UTC`.
    pub(crate) fn moment(&self, lang: Lang) -> String {
        let (day, month, year) = self.numbers();
        ReportText::Moment { day, month, year, time: self.time() }.plain(lang)
    }

    fn numbers(&self) -> (i64, i64, i64) {
        (i64::from(self.0.day()), i64::from(self.0.month()), i64::from(self.0.year()))
    }
}

/// `2026-07-05T14:05:09Z`.
pub(crate) fn iso(at: Timestamp) -> String {
    Civil::of(at).0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-07-05`.
pub(crate) fn day_name(at: Timestamp) -> String {
    Civil::of(at).0.strftime("%Y-%m-%d").to_string()
}

/// The first moment of a day written `2026-07-05`; `None` for anything else.
pub(crate) fn day_start(text: &str) -> Option<Timestamp> {
    let is_plain = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Date = text.parse().ok().filter(|_| is_plain)?;
    let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp(midnight.as_millisecond())).filter(|at| at.millis() >= 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_read_only_as_they_are_written() {
        assert_eq!(day_start("1970-01-02"), Some(Timestamp(86_400_000)));
        for junk in
            ["", "2026-7-05", "20260705", "2026-02-30", "2026-13-01", "1969-12-31", "٢٠٢٦-٠٧-٠٥"]
        {
            assert_eq!(day_start(junk), None, "{junk}");
        }
    }

    #[test]
    fn moments_are_told_in_both_languages() {
        let at = Civil::of(Timestamp(1_783_260_309_000));
        assert_eq!(iso(Timestamp(1_783_260_309_000)), "2026-07-05T14:05:09Z");
        assert_eq!(at.moment(Lang::Ru), "5 июля 2026, 14:05 UTC");
        assert_eq!(at.moment(Lang::En), "5 July 2026, 14:05 UTC");
    }

    proptest! {
        #[test]
        fn a_day_comes_back_from_its_name(day in 0_i64..40_000) {
            let start = Timestamp(day * 86_400_000);
            prop_assert_eq!(day_start(&day_name(start)), Some(start));
            prop_assert_eq!(day_name(Timestamp(start.millis() + 86_399_999)), day_name(start));
        }
    }
}
