//! Long texts in several messages: cut at a paragraph, else at a line, else at a word, outside of
//! markup where it can be; never inside a tag, an entity or a character.

use crate::html::{Piece, pieces};

/// A piece with what is known at the place before it.
struct Place<'a> {
    piece: Piece<'a>,
    /// Visible units before it, from the beginning of the text.
    units: usize,
    /// Open tags before it.
    depth: usize,
    /// What a cut before it would separate.
    cut: Cut,
}

/// How well a text can be cut at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// Inside of what is seen as one character.
    Never,
    Word,
    Line,
    Paragraph,
    /// Between two letters.
    Letters,
}

/// A text in Telegram's HTML as parts of at most `units_max` visible UTF-16 units, each well-formed by
/// itself: tags open at a cut are closed and opened again. White space at the cuts is dropped, and so
/// are parts without anything to see.
pub fn split_html(html: &str, units_max: usize) -> Vec<String> {
    parts(places(pieces(html)), units_max)
}

/// The same for plain words.
pub fn split_text(text: &str, units_max: usize) -> Vec<String> {
    let letters = text.char_indices().map(|(at, character)| {
        let raw = &text[at..at + character.len_utf8()];
        Piece::Shown { raw, character }
    });
    parts(places(letters), units_max)
}

fn places<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    let (mut units, mut depth) = (0, 0_usize);
    let mut before = ['\0', '\0'];
    for piece in pieces {
        let cut = match piece {
            Piece::Shown { character, .. } => cut(before, character),
            Piece::Open { .. } | Piece::Close { .. } => cut(before, 'a'),
        };
        places.push(Place { piece, units, depth, cut });
        match piece {
            Piece::Open { .. } => depth += 1,
            Piece::Close { .. } => depth = depth.saturating_sub(1),
            Piece::Shown { character, .. } => {
                units += character.len_utf16();
                before = [before[1], character];
            }
        }
    }
    places
}

fn cut(before: [char; 2], after: char) -> Cut {
    if joins_the_one_before(after) || before[1] == '\u{200d}' {
        Cut::Never
    } else if before[1] == '\n' && before[0] == '\n' {
        Cut::Paragraph
    } else if before[1] == '\n' || after == '\n' {
        Cut::Line
    } else if before[1].is_whitespace() || after.is_whitespace() {
        Cut::Word
    } else {
        Cut::Letters
    }
}

/// Marks, joiners and colours that are drawn as one with the character before them.
fn joins_the_one_before(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

fn parts(places: Vec<Place<'_>>, units_max: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut open: Vec<Piece<'_>> = Vec::new();
    let mut start = 0;
    while start < places.len() {
        let end = cut_at(&places, start, units_max);
        if let Some(part) = part(&places[start..end], &mut open) {
            parts.push(part);
        }
        start = end;
        while places.get(start).is_some_and(|place| is_blank(place.piece)) {
            start += 1;
        }
    }
    parts
}

/// Where the part that begins at `start` ends: always after at least one piece.
fn cut_at(places: &[Place<'_>], start: usize, units_max: usize) -> usize {
    let from = places[start].units;
    let over = |place: &Place<'_>| units_after(place) - from > units_max;
    let Some(length) = places[start..].iter().position(over) else { return places.len() };
    // The place where the part would be too long if it held one piece more.
    let full = start + length;
    let candidates = || (start + 1..=full).rev();
    let late = |at: &usize| (places[*at].units - from) * 2 >= units_max;
    let outside = |at: &usize| places[*at].depth == 0;
    let is = |cut: Cut| move |at: &usize| places[*at].cut == cut;
    let seen = |at: &usize| places[*at].units > from;
    let fits = || places[full].depth > 0 && marked_units(places, start, full) <= units_max;
    let best = [Cut::Paragraph, Cut::Line, Cut::Word];
    best.iter()
        .find_map(|cut| candidates().filter(outside).filter(late).find(is(*cut)))
        // Markup that fits into one message stays whole, even if this message gets short.
        .or_else(|| candidates().filter(outside).find(seen).filter(|_| fits()))
        .or_else(|| best.iter().find_map(|cut| candidates().filter(late).find(is(*cut))))
        .or_else(|| candidates().filter(seen).find(is(Cut::Word)))
        .or_else(|| candidates().filter(seen).find(|at| places[*at].cut != Cut::Never))
        .unwrap_or_else(|| full.max(start + 1))
}

/// Visible units of the outermost markup in which the place `at` stands.
fn marked_units(places: &[Place<'_>], start: usize, at: usize) -> usize {
    let begin = (start..=at).rev().find(|index| places[*index].depth == 0);
    let Some(begin) = begin else { return usize::MAX };
    let end = (at..places.len()).find(|index| places[*index].depth == 0);
    let last = places.last().map_or(0, units_after);
    end.map_or(last, |end| places[end].units) - places[begin].units
}

/// One part with the tags that were open before it, and closed at its end; the tags left open stay in
/// `open` for the next.
fn part<'a>(places: &[Place<'a>], open: &mut Vec<Piece<'a>>) -> Option<String> {
    let mut text: String = open.iter().map(|tag| tag.raw()).collect();
    let mut solid = text.len();
    let mut seen = false;
    for place in places {
        match place.piece {
            Piece::Open { .. } => open.push(place.piece),
            Piece::Close { name, .. } => {
                if open.last().is_some_and(|tag| opens(*tag, name)) {
                    open.pop();
                }
            }
            Piece::Shown { .. } => {}
        }
        text.push_str(place.piece.raw());
        if !is_blank(place.piece) {
            solid = text.len();
            seen |= matches!(place.piece, Piece::Shown { .. });
        }
    }
    // White space at the end goes, also the one just before the tags closed below.
    text.truncate(solid);
    for tag in open.iter().rev() {
        if let Piece::Open { name, .. } = tag {
            text.push_str(&format!("</{name}>"));
        }
    }
    seen.then_some(text)
}

fn opens(tag: Piece<'_>, closed: &str) -> bool {
    matches!(tag, Piece::Open { name, .. } if name.eq_ignore_ascii_case(closed))
}

fn units_after(place: &Place<'_>) -> usize {
    match place.piece {
        Piece::Shown { character, .. } => place.units + character.len_utf16(),
        Piece::Open { .. } | Piece::Close { .. } => place.units,
    }
}

fn is_blank(piece: Piece<'_>) -> bool {
    matches!(piece, Piece::Shown { character, .. } if character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::html::{escape, visible_len, visible_text};
    use crate::limits::{TEXT_MAX, utf16_len};

    #[test]
    fn a_short_text_stays_one_message() {
        assert_eq!(split_text("привет", 10), ["привет"]);
        assert_eq!(split_html("<b>привет</b>", 6), ["<b>привет</b>"]);
        assert!(split_text(" \n ", 10).is_empty());
        assert!(split_html("<b></b>", 10).is_empty());
    }

    #[test]
    fn paragraphs_then_lines_then_words_then_letters_are_kept() {
        assert_eq!(split_text("один два\n\nтри четыре", 14), ["один два", "три четыре"]);
        assert_eq!(split_text("один два\nтри четыре", 14), ["один два", "три четыре"]);
        assert_eq!(split_text("один два три", 9), ["один два", "три"]);
        assert_eq!(split_text("абвгдежз", 3), ["абв", "где", "жз"]);
    }

    #[test]
    fn markup_that_fits_is_not_torn_and_longer_markup_is_reopened() {
        assert_eq!(split_html("раз <b>два три</b>", 9), ["раз", "<b>два три</b>"]);
        assert_eq!(
            split_html("<blockquote><i>раз два три</i></blockquote>", 7),
            ["<blockquote><i>раз два</i></blockquote>", "<blockquote><i>три</i></blockquote>"]
        );
        let link = "<a href=\"https://x/?a=1&amp;b=2\">раз два</a>";
        assert_eq!(split_html(link, 4)[1], "<a href=\"https://x/?a=1&amp;b=2\">два</a>");
    }

    #[test]
    fn entities_and_joined_characters_are_never_cut() {
        assert_eq!(split_html("&amp;&lt;&gt;", 2), ["&amp;&lt;", "&gt;"]);
        assert_eq!(split_text("аа👍🏽", 4), ["аа", "👍🏽"]);
        assert_eq!(split_text("😀", 1), ["😀"], "progress even when nothing fits");
    }

    #[test]
    fn a_prompt_over_the_limit_arrives_in_full() {
        let prompt = "кот <b> & пёс\u{202e} ".repeat(900);
        let parts = split_html(&escape(&prompt), TEXT_MAX);
        assert!(parts.len() >= 3);
        assert!(parts.iter().all(|part| visible_len(part) <= TEXT_MAX));
        let seen: Vec<String> = parts.iter().map(|part| visible_text(part)).collect();
        assert_eq!(seen.join(" "), prompt.trim());
    }

    fn solid(text: &str) -> String {
        text.chars().filter(|character| !character.is_whitespace()).collect()
    }

    fn is_well_formed(html: &str) -> bool {
        let mut open = Vec::new();
        for piece in pieces(html) {
            match piece {
                Piece::Open { name, .. } => open.push(name),
                Piece::Close { name, .. } if open.pop() != Some(name) => return false,
                Piece::Close { .. } | Piece::Shown { .. } => {}
            }
        }
        open.is_empty()
    }

    /// Well-formed markup around words with everything that could be torn.
    fn markup() -> impl Strategy<Value = String> {
        let words =
            "[a-zа-я &<>\n😀\u{301}\u{202e}]{0,40}".prop_map(|text| escape(&text).into_owned());
        words.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(|text| format!("<b>{text}</b>")),
                inner.clone().prop_map(|text| format!("<a href=\"https://x/?a&amp;b\">{text}</a>")),
                prop::collection::vec(inner, 0..4).prop_map(|texts| texts.concat()),
            ]
        })
    }

    proptest! {
        #[test]
        fn parts_fit_are_well_formed_and_lose_nothing(html in markup(), units_max in 2_usize..60) {
            let parts = split_html(&html, units_max);
            for part in &parts {
                prop_assert!(visible_len(part) <= units_max, "{part:?}");
                prop_assert!(is_well_formed(part), "{part:?}");
                prop_assert!(!visible_text(part).trim().is_empty(), "{part:?}");
            }
            let seen: String = parts.iter().map(|part| visible_text(part)).collect();
            prop_assert_eq!(solid(&seen), solid(&visible_text(&html)));
        }

        #[test]
        fn parts_of_plain_words_fit_and_lose_nothing(text in any::<String>(), units_max in 2_usize..60) {
            let parts = split_text(&text, units_max);
            prop_assert!(parts.iter().all(|part| utf16_len(part) <= units_max));
            prop_assert_eq!(solid(&parts.concat()), solid(&text));
        }
    }
}
