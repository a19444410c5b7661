//! Pre-signed links: which requests come by one, and until when it is good.

/// The longest life of a link: seven days.
const LIFE_MAX_S: i64 = 604_800;

/// Whether a request came by a link.
pub(super) fn is_link(query: &str) -> bool {
    value(query, "X-Amz-Signature").is_some()
}

/// When a link ends, in milliseconds since 1970; none: it does not say so properly.
pub(super) fn ends_ms(query: &str) -> Option<i64> {
    let life_s: i64 = value(query, "X-Amz-Expires")?.parse().ok()?;
    let begins_s = seconds(value(query, "X-Amz-Date")?)?;
    (1..=LIFE_MAX_S).contains(&life_s).then_some((begins_s + life_s) * 1_000)
}

fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// `20261125T210305Z` as seconds since 1970.
fn seconds(text: &str) -> Option<i64> {
    let is_whole = text.len() == 16 && text.is_ascii() && &text[8..9] == "T" && text.ends_with('Z');
    if !is_whole {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(4, 6)?, number(6, 8)?);
    Some(days * 86_400 + number(9, 11)? * 3_600 + number(11, 13)? * 60 + number(13, 15)?)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, whose year begins here with March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_after_its_life() {
        for (date, life, ends) in [
            ("19700101T000000Z", "1", Some(1_000)),
            ("20260921T135320Z", "86400", Some(1_790_085_200_000)),
            ("20240229T235959Z", "1", Some(1_709_251_200_000)),
            ("20260921T135320Z", "604801", None),
            ("20260921T135320Z", "0", None),
            ("2026-09-21T13:53", "60", None),
        ] {
            let query = format!("X-Amz-Date={date}&X-Amz-Expires={life}&X-Amz-Signature=a");
            assert_eq!(ends_ms(&query), ends, "{query}");
            assert!(is_link(&query));
        }
        assert!(!is_link("list-type=2"));
        assert_eq!(ends_ms("X-Amz-Signature=a"), None);
    }
}
