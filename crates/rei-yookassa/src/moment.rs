//! Moments as the API writes them: ISO 8601, milliseconds, `Z`; receipts may carry an offset.

use rei_domain::clock::Timestamp;
use serde::{Deserialize, Deserializer, de};

/// Reads a moment with `Z` or an offset.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

/// Writes a moment such as `2026-01-01T00:00:00.000Z`; none when it lies outside of the calendar.
pub(crate) fn print(moment: Timestamp) -> Option<String> {
    let moment = jiff::Timestamp::from_millisecond(moment.millis()).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

/// For `#[serde(deserialize_with)]`.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("not a moment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written_to_the_millisecond() {
        let moment = Timestamp(1_767_225_600_139);
        assert_eq!(print(moment).as_deref(), Some("2026-01-01T00:00:00.139Z"));
        assert_eq!(parse("2026-01-01T00:00:00.139Z"), Some(moment));
        assert_eq!(parse("2026-01-01T03:00:00.139+03:00"), Some(moment));
        assert_eq!(
            print(Timestamp(1_767_225_600_000)).as_deref(),
            Some("2026-01-01T00:00:00.000Z")
        );
        for wrong in ["", "2026-01-01", "2026-01-01T00:00:00", "1767225600", "yesterday"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(print(Timestamp(i64::MAX)), None);
    }
}
