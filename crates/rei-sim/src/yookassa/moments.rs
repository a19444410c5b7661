//! How the service writes moments and ids.

use std::fmt::Write;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// 2000-01-01 12:00 UTC, from which ids count their seconds.
const IDS_FROM_S: i64 = 946_728_000;

/// UTC with milliseconds and `Z`.
pub(super) fn write(at_ms: i64) -> String {
    let moment = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// ISO 8601 with `Z` or an offset, in milliseconds since 1970.
pub(super) fn read(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// An id of 36 characters whose first eight hexadecimal digits tell the second of creation.
pub(super) fn id(at_ms: i64, number: u64) -> String {
    let second = u32::try_from(at_ms / 1_000 - IDS_FROM_S).unwrap_or_default();
    let digest = Sha256::digest(format!("simulated id {number}"));
    let mut tail = String::new();
    for byte in digest.iter().take(6) {
        // Writing to a string cannot fail.
        let _written = write!(tail, "{byte:02x}");
    }
    format!("{second:08x}-000f-5000-{}000-{tail}", 8 + number % 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc_with_milliseconds_and_read_with_any_offset() {
        assert_eq!(write(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
        assert_eq!(read("2026-01-01T00:00:00.007Z"), Some(1_767_225_600_007));
        assert_eq!(read("2026-01-01T03:00:00+03:00"), Some(1_767_225_600_000));
        assert_eq!(read("2026-01-01"), None);
    }

    #[test]
    fn ids_have_36_characters_and_begin_with_the_second_of_creation() {
        let id = id((946_728_000 + 0x30b1_f0aa) * 1_000, 7);
        assert_eq!(id.len(), 36);
        assert!(id.starts_with("30b1f0aa-000f-5000-9000-"), "{id}");
        assert_ne!(id, super::id((946_728_000 + 0x30b1_f0aa) * 1_000, 8));
    }
}
