//! What admins type: people, sums, terms, dates, reasons.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_storage::{Tx, admins, customers};
use rei_texts::AdminText;

use super::talk::Stop;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// The longest ban with a term: ten years. Longer ones have no term.
const TERM_DAYS_MAX: i64 = 3_650;
/// Reasons are kept up to this length.
const REASON_CHARS_MAX: usize = 500;

/// The words of a command, taken one by one.
pub(super) struct Words<'w> {
    rest: &'w str,
    usage: &'static str,
}

impl<'w> Words<'w> {
    /// The words after a command; `usage` names the command in the texts.
    pub(super) fn of(args: &'w str, usage: &'static str) -> Self {
        Self { rest: args.trim(), usage }
    }

    /// How the command is written.
    pub(super) fn usage(&self) -> Stop {
        Stop::no(AdminText::Usage { command: self.usage.to_owned() })
    }

    /// The next word, left where it is.
    pub(super) fn peek(&self) -> Option<&'w str> {
        self.rest.split_whitespace().next()
    }

    /// Takes the next word.
    pub(super) fn next(&mut self) -> Option<&'w str> {
        let word = self.peek()?;
        self.rest = self.rest[word.len()..].trim_start();
        Some(word)
    }

    /// Takes the next word, which must be there.
    pub(super) fn needed(&mut self) -> Result<&'w str, Stop> {
        self.next().ok_or_else(|| self.usage())
    }

    /// Everything that is left, as a reason; empty when there is none.
    pub(super) fn reason(&self) -> String {
        self.rest.chars().take(REASON_CHARS_MAX).collect()
    }

    /// Everything that is left, which must be there.
    pub(super) fn needed_reason(&self) -> Result<String, Stop> {
        let reason = self.reason();
        if reason.is_empty() {
            let command = self.usage.to_owned();
            return Err(Stop::no(AdminText::NoReason { command }));
        }
        Ok(reason)
    }

    /// Takes the next word as somebody who has written to the bot: a number or an @name.
    pub(super) fn person(&mut self, tx: &mut Tx<'_>) -> Result<CustomerId, Stop> {
        let word = self.needed()?;
        let unknown = || Stop::no(AdminText::UnknownCustomer { id: word.to_owned() });
        let id = match word.strip_prefix('@') {
            Some(name) => admins::find_username(tx, name)?.ok_or_else(unknown)?,
            None => number(word).map(CustomerId).ok_or_else(|| self.usage())?,
        };
        customers::find(tx, id)?.ok_or_else(unknown)?;
        Ok(id)
    }

    /// Takes the next word as a sum in rubles above zero.
    pub(super) fn sum(&mut self) -> Result<Kopecks, Stop> {
        let word = self.needed()?;
        sum(word)
    }
}

/// A sum in rubles above zero.
pub(super) fn sum(word: &str) -> Result<Kopecks, Stop> {
    let bad = |_| Stop::no(AdminText::BadSum { sum: word.chars().take(40).collect() });
    Kopecks::parse_rubles(word).map_err(bad)
}

/// Whether somebody meant a sum: it begins like a number, of whatever alphabet.
pub(super) fn looks_like_sum(word: &str) -> bool {
    let mut letters = word.chars();
    match letters.next() {
        Some('+' | '-' | '\u{2212}') => letters.next().is_some_and(char::is_numeric),
        first => first.is_some_and(char::is_numeric),
    }
}

/// A plain whole number above zero.
pub(super) fn number(word: &str) -> Option<i64> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|number| digits && *number > 0)
}

/// A term such as `30m`, `12h`, `7d`, `2w`, in milliseconds; `None` for a word that is none.
pub(super) fn term_ms(word: &str) -> Option<i64> {
    let unit = word.chars().last()?;
    let unit_ms = match unit {
        'm' => 60 * 1000,
        'h' => 3600 * 1000,
        'd' => DAY_MS,
        'w' => 7 * DAY_MS,
        _ => return None,
    };
    let term = number(&word[..word.len() - 1])?.checked_mul(unit_ms)?;
    (term <= TERM_DAYS_MAX * DAY_MS).then_some(term)
}

/// The beginning of a day in UTC, written `2026-12-31` or `31.12.2026`; `None` for a word that is none.
pub(super) fn day(word: &str) -> Option<Timestamp> {
    let parts = |separator| -> Option<[i64; 3]> {
        let parts: Vec<i64> = word.split(separator).map(number).collect::<Option<Vec<_>>>()?;
        parts.try_into().ok()
    };
    let [year, month, day] = parts('-').or_else(|| parts('.').map(|[d, m, y]| [y, m, d]))?;
    let plausible = (2020..=2100).contains(&year) && (1..=12).contains(&month);
    let at = Timestamp(days_since_1970(year, month, day).checked_mul(DAY_MS)?);
    // A day that the month lacks comes out as another one.
    let same = at.date_utc() == format!("{day:02}.{month:02}.{year}");
    (plausible && same).then_some(at)
}

/// A moment as `31.12.2026 23:59`, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    let minute = at.millis().rem_euclid(DAY_MS) / 60_000;
    format!("{} {:02}:{:02}", at.date_utc(), minute / 60, minute % 60)
}

/// Days of the Gregorian calendar, counted by eras of 400 years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m10_sums_of_admins_are_read_as_people_write_them() {
        assert_eq!(sum("10,50").ok(), Some(Kopecks::new(1_050)));
        assert_eq!(sum("10.50").ok(), Some(Kopecks::new(1_050)));
        for junk in ["1e9", "10,5,5", "\u{663}", "-1", "0", "9223372036854775807", "+5", "10,555"] {
            let Err(Stop::No(why)) = sum(junk) else { panic!("{junk} was taken") };
            assert_eq!(*why, AdminText::BadSum { sum: junk.to_owned() });
        }
    }

    #[test]
    fn what_was_meant_as_a_sum_is_not_taken_for_a_reason() {
        for word in ["10", "-1", "1e9", "\u{663}", "\u{2212}5", "+5"] {
            assert!(looks_like_sum(word), "{word}");
        }
        for word in ["gift", "-", "x2", ""] {
            assert!(!looks_like_sum(word), "{word}");
        }
    }

    #[test]
    fn terms_have_a_unit_and_a_bound() {
        assert_eq!(term_ms("7d"), Some(7 * DAY_MS));
        assert_eq!(term_ms("30m"), Some(1_800_000));
        for word in ["7", "d", "0d", "-7d", "7x", "999999w", "\u{663}d"] {
            assert_eq!(term_ms(word), None, "{word}");
        }
    }

    #[test]
    fn days_are_read_in_both_spellings() {
        assert_eq!(day("2026-11-24"), Some(Timestamp(1_795_478_400_000)));
        assert_eq!(day("24.11.2026"), Some(Timestamp(1_795_478_400_000)));
        assert_eq!(day("29.02.2028").map(Timestamp::date_utc).as_deref(), Some("29.02.2028"));
        for word in ["2026-13-01", "31.02.2026", "2026-11", "tomorrow", "1.1.1"] {
            assert_eq!(day(word), None, "{word}");
        }
        assert_eq!(moment(Timestamp(1_795_478_400_000 + 3_660_000)), "24.11.2026 01:01");
    }
}
