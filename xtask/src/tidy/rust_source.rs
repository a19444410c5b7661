//! Rust taken apart into code, comments and texts, so that a rule about one never stumbles over another.
//!
//! A scanner of a hundred lines, not a parser: it knows quotes, raw strings, nested comments and lifetimes.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

static TEST_ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"#!?\[cfg\((?:[^\]]*\W)?test\b[^\]]*\)\]").expect("a constant pattern")
});

/// One Rust file.
pub struct RustSource {
    /// The code, line by line, with blanks in place of comments and of what stands in quotes.
    pub code: String,
    /// Comments with the line on which each begins.
    pub comments: Vec<(usize, String)>,
    /// What stands in quotes, with the line on which each begins.
    pub strings: Vec<(usize, String)>,
    test_lines: Vec<Range<usize>>,
}

impl RustSource {
    /// Takes a file apart.
    pub fn parse(text: &str) -> Self {
        let mut scanner = Scanner {
            rest: text,
            line: 1,
            code: String::new(),
            comments: Vec::new(),
            strings: Vec::new(),
        };
        while scanner.step() {}
        let test_lines = test_lines(&scanner.code);
        Self {
            code: scanner.code,
            comments: scanner.comments,
            strings: scanner.strings,
            test_lines,
        }
    }

    /// Whether the line (from 1) belongs to an item that exists for tests only.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.iter().any(|lines| lines.contains(&line))
    }

    /// The code's lines, from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    comments: Vec<(usize, String)>,
    strings: Vec<(usize, String)>,
}

impl Scanner<'_> {
    /// Takes the next piece; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take_comment(end);
        } else if self.rest.starts_with("/*") {
            self.take_comment(block_comment_end(self.rest));
        } else if let Some((start, end, length)) = string(self.rest).filter(|_| !self.within_word())
        {
            self.strings.push((self.line, self.rest[start..end].to_owned()));
            self.take_blank(length);
        } else if let Some(length) = character(self.rest) {
            self.take_blank(length);
        } else {
            self.line += usize::from(first == '\n');
            self.code.push(first);
            self.rest = &self.rest[first.len_utf8()..];
        }
        true
    }

    /// Whether the next letter continues a word, so that its `r` or `b` is no prefix of a string.
    fn within_word(&self) -> bool {
        let starts_with_prefix = self.rest.starts_with(['r', 'b', 'c']);
        starts_with_prefix
            && self.code.ends_with(|last: char| last.is_alphanumeric() || last == '_')
    }

    fn take_comment(&mut self, length: usize) {
        self.comments.push((self.line, self.rest[..length].to_owned()));
        self.take_blank(length);
    }

    fn take_blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.code.extend(taken.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

fn block_comment_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// A string of any kind at the beginning of the text: where its content starts and ends, and its whole length.
fn string(text: &str) -> Option<(usize, usize, usize)> {
    let after_kind = text.trim_start_matches(['b', 'c']);
    let raw = after_kind.strip_prefix('r');
    if text.len() - after_kind.len() > 1 {
        return None;
    }
    if let Some(raw) = raw {
        let body = raw.trim_start_matches('#');
        let hashes = &raw[..raw.len() - body.len()];
        let body = body.strip_prefix('"')?;
        let start = text.len() - body.len();
        let close = format!("\"{hashes}");
        let end = body.find(&close).map_or(text.len(), |at| start + at);
        return Some((start, end, (end + close.len()).min(text.len())));
    }
    let body = after_kind.strip_prefix('"')?;
    let start = text.len() - body.len();
    let mut escaped = false;
    for (at, letter) in body.char_indices() {
        match letter {
            '"' if !escaped => return Some((start, start + at, start + at + 1)),
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    Some((start, text.len(), text.len()))
}

/// The length of a character in quotes; `None` for a lifetime and for anything else.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut letters = body.char_indices();
    let (_, first) = letters.next()?;
    if first == '\\' {
        let (_, _) = letters.next()?;
        return letters.find(|(_, letter)| *letter == '\'').map(|(at, _)| at + 2);
    }
    let (at, second) = letters.next()?;
    (second == '\'').then_some(at + 2)
}

/// The lines of every item that carries `#[cfg(test)]`; everything when the file itself does.
fn test_lines(code: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for attribute in TEST_ATTRIBUTE.find_iter(code) {
        if attribute.as_str().contains("not(test") {
            continue;
        }
        let start = line_of(code, attribute.start());
        if attribute.as_str().starts_with("#!") {
            ranges.push(0..usize::MAX);
            break;
        }
        let end = attribute.end() + item_length(&code[attribute.end()..]);
        ranges.push(start..line_of(code, end) + 1);
    }
    ranges
}

/// To the brace that closes the item's first one, or to a semicolon before it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.char_indices() {
        match letter {
            ';' if depth == 0 => return at,
            '{' => depth += 1,
            '}' if depth <= 1 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn line_of(code: &str, offset: usize) -> usize {
    code[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comments_and_strings_are_kept_apart() {
        let source = RustSource::parse(
            "let a = \"one // two \\\" three\"; // four \"five\"\n/* six /* seven */ */ let b = r#\"eight \" nine\"#;\n",
        );
        let strings: Vec<&str> = source.strings.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(strings, ["one // two \\\" three", "eight \" nine"]);
        let comments: Vec<&str> = source.comments.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(comments, ["// four \"five\"", "/* six /* seven */ */"]);
        assert!(
            source.code.contains("let b =")
                && !source.code.contains("six")
                && !source.code.contains("one")
        );
        assert_eq!(source.strings[1].0, 2);
    }

    #[test]
    fn lifetimes_and_quotes_as_characters_do_not_open_strings() {
        let source = RustSource::parse(
            "fn f<'a>(x: &'a str) { let q = '\"'; let e = '\\''; let u = '\\u{401}'; g(b\"x\") }",
        );
        let strings: Vec<&str> = source.strings.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(strings, ["x"]);
        assert!(source.code.contains("fn f<'a>(x: &'a str)"));
    }

    #[test]
    fn a_word_that_ends_in_r_does_not_make_a_raw_string() {
        let source = RustSource::parse("let x = for_r\"a\\\"b\";");
        assert_eq!(source.strings, [(1, "a\\\"b".to_owned())]);
    }

    #[test]
    fn items_for_tests_are_known_by_their_lines() {
        let source = RustSource::parse(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { c(); }\n}\nfn d() {}\n#[cfg(not(test))]\nfn e() {}\n#[cfg(any(test, feature = \"x\"))]\nmod f;\nfn g() {}\n",
        );
        let lines: Vec<usize> = (1..=11).filter(|line| source.is_test_line(*line)).collect();
        assert_eq!(lines, [2, 3, 4, 5, 9, 10]);
    }
}
