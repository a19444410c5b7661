//! The limits of the Bot API by name, and measuring text by them.

/// Characters of a message, counted after markup is read, in UTF-16 units.
pub const TEXT_MAX: usize = 4096;
/// Characters of a caption, in UTF-16 units.
pub const CAPTION_MAX: usize = 1024;
/// Characters of the words that answer a press.
pub const CALLBACK_ANSWER_MAX: usize = 200;
/// Bytes of a button's data.
pub const CALLBACK_DATA_MAX_BYTES: usize = 64;
/// Characters of a text that a button copies.
pub const COPY_TEXT_MAX: usize = 256;
/// Bytes that a bot may download.
pub const DOWNLOAD_MAX_BYTES: u64 = 20 * 1024 * 1024;
/// Bytes of a picture sent as a photo.
pub const PHOTO_MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Width plus height of a photo, in pixels.
pub const PHOTO_SIDES_MAX: u32 = 10_000;
/// The longer side of a photo over its shorter one.
pub const PHOTO_RATIO_MAX: u32 = 20;
/// Bytes of a video or a document that a bot may upload.
pub const UPLOAD_MAX_BYTES: u64 = 50 * 1024 * 1024;
/// Parts of an album.
pub const ALBUM_MAX: usize = 10;
/// The longest wait Telegram has been seen to ask for, in seconds.
pub const RETRY_AFTER_MAX_S: u64 = 86_400;
/// The wait when Telegram says "too many" without saying how long, in seconds.
pub const RETRY_AFTER_UNSAID_S: u64 = 5;
/// Bytes of an answer; `getUpdates` is cut at about 4 MB by the server.
pub const REPLY_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Updates in one answer to `getUpdates`.
pub const UPDATES_MAX: u8 = 100;
/// Transactions in one answer to `getStarTransactions`.
pub const TRANSACTIONS_MAX: u8 = 100;
/// Seconds that `getUpdates` may be held open.
pub const POLL_MAX_S: u8 = 50;

/// The length of a text in UTF-16 units: never below what the server counts.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text, cut to `units_max` UTF-16 units with an ellipsis when it is longer. For toasts.
pub fn clip(text: &str, units_max: usize) -> String {
    if utf16_len(text) <= units_max {
        return text.to_owned();
    }
    let mut clipped = String::new();
    let mut left = units_max.saturating_sub(1);
    for character in text.chars() {
        let Some(rest) = left.checked_sub(character.len_utf16()) else { break };
        left = rest;
        clipped.push(character);
    }
    clipped.truncate(clipped.trim_end().len());
    if units_max > 0 {
        clipped.push('…');
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_utf16_units() {
        assert_eq!(utf16_len("😀я"), 3);
        assert_eq!(utf16_len(""), 0);
    }

    #[test]
    fn a_clipped_text_keeps_whole_characters_within_the_limit() {
        assert_eq!(clip("кот", 3), "кот");
        assert_eq!(clip("коты", 3), "ко…");
        assert_eq!(clip("😀😀", 3), "😀…");
        assert_eq!(clip("кот и пёс", 5), "кот…");
        assert_eq!(clip("кот", 0), "");
    }
}
