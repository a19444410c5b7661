//! Letters made of strokes: our own small vector font, so that a picture needs no font of the machine.
//!
//! The shapes stand in `assets/strokes.txt`. A letter that is not there is drawn as an empty box.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A point on the grid of letters or in a picture.
pub type Point = (f32, f32);

/// Height of a capital on the grid.
pub const CAPITAL: f32 = 10.0;
/// Between one line and the next, on the grid.
pub const LINE: f32 = 18.0;
/// Thickness of a stroke, on the grid.
pub const STROKE: f32 = 1.25;

const GAP: f32 = 2.6;
const SPACE: f32 = 4.6;
const SMALL_SCALE: f32 = 0.68;
const SMALL_TOP: f32 = 3.2;
/// Straight pieces that stand for one curve.
const PIECES: u8 = 7;
const BOX: char = '\u{fffd}';

static FONT: LazyLock<HashMap<char, Letter>> =
    LazyLock::new(|| parse(include_str!("../../assets/strokes.txt")));

#[derive(Clone, Debug)]
struct Letter {
    width: f32,
    strokes: Vec<Vec<Point>>,
}

/// How wide a text is on the grid.
pub fn width(text: &str) -> f32 {
    let advances: f32 = text.chars().map(advance).sum();
    (advances - GAP).max(0.0)
}

/// The straight pieces of a text whose first capital has its upper left corner at (0, 0) of the grid.
pub fn pieces(text: &str) -> Vec<(Point, Point)> {
    let mut pieces = Vec::new();
    let mut left = 0.0;
    for character in text.chars() {
        if let Some(letter) = letter(character) {
            let moved = |&(x, y): &Point| (x + left, y);
            for stroke in &letter.strokes {
                pieces.extend(stroke.windows(2).map(|pair| (moved(&pair[0]), moved(&pair[1]))));
            }
        }
        left += advance(character);
    }
    pieces
}

/// Breaks a text into lines of at most `width_max` of the grid; a word that is longer is broken inside.
pub fn wrap(text: &str, width_max: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let together = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&together) <= width_max {
            line = together;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if width(&line) > width_max && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn advance(character: char) -> f32 {
    if character.is_whitespace() {
        return SPACE;
    }
    letter(character).map_or(0.0, |letter| letter.width + GAP)
}

/// Characters that only modify others, or are drawn in no colour that we have, take no place.
fn letter(character: char) -> Option<&'static Letter> {
    let unseen = character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(character, '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}');
    if unseen {
        return None;
    }
    FONT.get(&character).or_else(|| FONT.get(&BOX))
}

fn parse(source: &str) -> HashMap<char, Letter> {
    let mut font = HashMap::new();
    for line in source.lines().filter(|line| !line.starts_with("//")) {
        let Some((letters, rest)) = line.split_once(' ') else { continue };
        match letters {
            "small" => {
                for character in rest.chars() {
                    let capital =
                        character.to_uppercase().next().and_then(|capital| font.get(&capital));
                    if let Some(letter) = capital.map(small) {
                        font.insert(character, letter);
                    }
                }
            }
            "marked" => {
                let mut words = rest.splitn(3, ' ');
                let mut next = || words.next().unwrap_or_default();
                let (character, base, marks) =
                    (next().chars().next(), next().chars().next(), next());
                if let (Some(character), Some(base)) =
                    (character, base.and_then(|base| font.get(&base)))
                {
                    let mut letter: Letter = base.clone();
                    letter.strokes.extend(marks.split('|').map(stroke));
                    font.insert(character, letter);
                }
            }
            _ => {
                let (width, strokes) = rest.split_once(' ').unwrap_or((rest, ""));
                let width = width.parse().unwrap_or_default();
                let letter = Letter { width, strokes: strokes.split('|').map(stroke).collect() };
                font.extend(letters.chars().map(|character| (character, letter.clone())));
            }
        }
    }
    font
}

fn small(capital: &Letter) -> Letter {
    let shrink = |&(x, y): &Point| (x * SMALL_SCALE, SMALL_TOP + y * SMALL_SCALE);
    Letter {
        width: capital.width * SMALL_SCALE,
        strokes: capital.strokes.iter().map(|stroke| stroke.iter().map(shrink).collect()).collect(),
    }
}

fn stroke(source: &str) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut control = None;
    for word in source.split(' ') {
        let (is_control, word) = word.strip_prefix('~').map_or((false, word), |word| (true, word));
        let (x, y) = word.split_once(',').unwrap_or_default();
        let point = (x.parse().unwrap_or_default(), y.parse().unwrap_or_default());
        if is_control {
            control = Some(point);
            continue;
        }
        if let (Some(control), Some(&start)) = (control.take(), points.last()) {
            points.extend(
                (1..PIECES)
                    .map(|step| curve(start, control, point, f32::from(step) / f32::from(PIECES))),
            );
        }
        points.push(point);
    }
    points
}

fn curve(start: Point, control: Point, end: Point, at: f32) -> Point {
    let rest = 1.0 - at;
    let mix = |start: f32, control: f32, end: f32| {
        rest * rest * start + 2.0 * rest * at * control + at * at * end
    };
    (mix(start.0, control.0, end.0), mix(start.1, control.1, end.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_both_alphabets_has_its_shape() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\
                       АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяҐґІіЇїЄє\
                       .,!?:;-–—()«»\"'/+=%№₽…·&#@_*[]<>$€“”„’";
        for letter in letters.chars() {
            assert!(FONT.contains_key(&letter), "{letter} has no shape");
            assert!(!pieces(&letter.to_string()).is_empty(), "{letter} has no strokes");
        }
    }

    #[test]
    fn an_unknown_letter_is_a_box_and_an_unseen_one_is_nothing() {
        assert_eq!(pieces("日"), pieces("\u{fffd}"));
        assert_eq!(pieces("\u{200d}\u{fe0f}\u{202e}"), []);
    }

    #[test]
    fn lines_break_between_words_and_long_words_inside() {
        assert_eq!(wrap("кот  в\nскафандре на Луне", 100.0), ["кот в", "скафандре на", "Луне"]);
        let lines = wrap(&"ж".repeat(40), 100.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line) <= 100.0), "{lines:?}");
        assert_eq!(lines.concat(), "ж".repeat(40));
        assert_eq!(wrap(" \n", 100.0), Vec::<String>::new());
    }
}
