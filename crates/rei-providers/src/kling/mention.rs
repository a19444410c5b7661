//! Files that the prompt speaks of: `@video_1`, `@image_2`, and `<<<video_1>>>` in the older generation.

use std::borrow::Cow;

/// The only clip of a request.
pub(super) const VIDEO: &str = "video_1";

/// The name of a picture, counted from one.
pub(super) fn picture(number: usize) -> String {
    format!("image_{number}")
}

/// The prompt with the clip in it: as the customer wrote it where it speaks of the clip, else with the clip named in
/// front, which reads the same in every language.
pub(super) fn with_video(prompt: &str) -> Cow<'_, str> {
    if names(prompt).any(|(_, name)| name == VIDEO) {
        return Cow::Borrowed(prompt);
    }
    match prompt.trim() {
        "" => Cow::Owned(format!("@{VIDEO}")),
        words => Cow::Owned(format!("@{VIDEO} {words}")),
    }
}

/// The prompt with its mentions in the older spelling. Signs before other words (mail addresses, nicknames) stay.
pub(super) fn in_brackets(prompt: &str) -> String {
    let mut text = String::with_capacity(prompt.len() + 16);
    let mut from = 0;
    for (at, name) in names(prompt) {
        text.push_str(&prompt[from..at]);
        text.push_str(&format!("<<<{name}>>>"));
        from = at + 1 + name.len();
    }
    text.push_str(&prompt[from..]);
    text
}

/// Every `@video_1` or `@image_2` with its place.
fn names(prompt: &str) -> impl Iterator<Item = (usize, &str)> {
    prompt.match_indices('@').filter_map(|(at, _)| {
        let word = &prompt[at + 1..];
        let in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let name = &word[..word.find(|letter| !in_name(letter)).unwrap_or(word.len())];
        let number = name.strip_prefix("video_").or_else(|| name.strip_prefix("image_"))?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some((at, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clip_is_named_unless_the_customer_did() {
        for (prompt, expected) in [
            ("make it night", "@video_1 make it night"),
            ("сделай ночь", "@video_1 сделай ночь"),
            ("make it night in @video_1", "make it night in @video_1"),
            ("в @video_1, но ночью", "в @video_1, но ночью"),
            ("like @video_10", "@video_1 like @video_10"),
            ("by @video_1x", "@video_1 by @video_1x"),
            ("mail me@video", "@video_1 mail me@video"),
            ("  ", "@video_1"),
        ] {
            assert_eq!(with_video(prompt), expected);
        }
    }

    #[test]
    fn the_older_spelling_has_brackets() {
        for (prompt, expected) in [
            ("@video_1 make it night", "<<<video_1>>> make it night"),
            ("put @image_1 and @image_12, please", "put <<<image_1>>> and <<<image_12>>>, please"),
            ("@я @image_ @ me@x.y", "@я @image_ @ me@x.y"),
            ("", ""),
        ] {
            assert_eq!(in_brackets(prompt), expected);
        }
    }
}
