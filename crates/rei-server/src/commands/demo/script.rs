//! The format of `demo --script`: one step a line, read as a whole before anything is played.
//!
//! ```text
//! > text                     say it; `\n` breaks the line
//! photo FILE | caption       send a picture; without FILE a drawn one
//! tap LABEL                  the newest message that has a button with these words
//! expect REGEX               in a message that is new or edited since the last step
//! expect-photo               a picture among them
//! expect-document            a file among them
//! expect-balance 250 ₽       what the wallet can spend
//! fault NAME ARGS            a fault of the simulators
//! wait 2s
//! # comment
//! ```

use std::time::Duration;

use anyhow::{Context, bail};
use regex::Regex;
use rei_domain::money::Kopecks;

/// One line of a script.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// As it stands in the file.
    pub source: String,
    /// What it asks for.
    pub step: Step,
}

/// What a line asks for.
#[derive(Clone, Debug)]
pub enum Step {
    /// Say something.
    Say(String),
    /// Send a picture.
    Photo {
        /// The file; none: one that the simulator draws.
        file: Option<String>,
        /// Words under it.
        caption: Option<String>,
    },
    /// Press a button whose label contains these words.
    Tap(String),
    /// Wait for a message that matches.
    Expect(Regex),
    /// Wait for a picture.
    ExpectPhoto,
    /// Wait for a file.
    ExpectDocument,
    /// Wait until the wallet can spend exactly this.
    ExpectBalance(Kopecks),
    /// Turn a fault of the simulators on or off.
    Fault {
        /// Its name.
        name: String,
        /// What it takes.
        args: Vec<String>,
    },
    /// Do nothing for a while.
    Wait(Duration),
}

/// Reads a whole script.
///
/// # Errors
/// Names the first line that can't be read, and why.
pub fn parse(text: &str) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (index, source) in text.lines().enumerate() {
        let number = index + 1;
        let source = source.trim();
        if source.is_empty() || source.starts_with('#') {
            continue;
        }
        let step = step(source).with_context(|| format!("line {number}: {source}"))?;
        lines.push(Line { number, source: source.to_owned(), step });
    }
    if lines.is_empty() {
        bail!("the script has no steps");
    }
    Ok(lines)
}

fn step(line: &str) -> anyhow::Result<Step> {
    if let Some(words) = line.strip_prefix('>') {
        let words = words.trim().replace("\\n", "\n");
        anyhow::ensure!(!words.is_empty(), "nothing to say");
        return Ok(Step::Say(words));
    }
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    Ok(match verb {
        "photo" => photo(rest),
        "tap" if !rest.is_empty() => Step::Tap(rest.to_owned()),
        "expect" if !rest.is_empty() => Step::Expect(pattern(rest)?),
        "expect-photo" => Step::ExpectPhoto,
        "expect-document" => Step::ExpectDocument,
        "expect-balance" => Step::ExpectBalance(balance(rest)?),
        "fault" => fault(rest)?,
        "wait" => Step::Wait(duration(rest)?),
        "tap" | "expect" => bail!("`{verb}` needs words"),
        _ => bail!(
            "unknown step `{verb}`; known are >, photo, tap, expect, expect-photo, expect-document, expect-balance, fault, wait"
        ),
    })
}

fn photo(rest: &str) -> Step {
    let (file, caption) = rest.split_once('|').unwrap_or((rest, ""));
    let word = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Step::Photo { file: word(file), caption: word(caption) }
}

/// A sum with or without the ruble sign; zero is a balance too.
fn balance(text: &str) -> anyhow::Result<Kopecks> {
    let digits = flat(text).replace(['₽', ' '], "");
    if digits.chars().all(|digit| digit == '0') && !digits.is_empty() {
        return Ok(Kopecks::ZERO);
    }
    Kopecks::parse_rubles(&digits).with_context(|| format!("`{text}` is not a sum such as `250 ₽`"))
}

fn fault(rest: &str) -> anyhow::Result<Step> {
    let mut words = rest.split_whitespace().map(str::to_owned);
    let name = words.next().context("`fault` needs a name")?;
    Ok(Step::Fault { name, args: words.collect() })
}

fn duration(text: &str) -> anyhow::Result<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').context("a time such as `2s` or `500ms`")?, 1_000),
    };
    let number: u64 =
        number.trim().parse().with_context(|| format!("`{text}` is not a time such as `2s`"))?;
    Ok(Duration::from_millis(number.saturating_mul(unit)))
}

/// A pattern in which an ordinary space also meets the thin and no-break ones of sums.
fn pattern(text: &str) -> anyhow::Result<Regex> {
    Regex::new(&format!("(?s){text}"))
        .with_context(|| format!("`{text}` is not a regular expression"))
}

/// The text with every kind of space as an ordinary one, as patterns and labels are compared.
pub fn flat(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && c.is_whitespace() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_format_is_read() {
        let script = "# a comment\n> /start\n\nphoto cat.png | make it blue\nphoto\ntap Создать за\nexpect Цена: 50 ₽\n\
                      expect-photo\nexpect-document\nexpect-balance 250 ₽\nfault gemini-slow 3s\nwait 500ms";
        let lines = parse(script).expect("it is readable");
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[0].number, 2);
        assert!(matches!(&lines[0].step, Step::Say(words) if words == "/start"));
        assert!(matches!(&lines[1].step, Step::Photo { file: Some(_), caption: Some(_) }));
        assert!(matches!(&lines[2].step, Step::Photo { file: None, caption: None }));
        assert!(
            matches!(&lines[7].step, Step::ExpectBalance(sum) if *sum == Kopecks::from_rubles(250))
        );
        assert!(matches!(&lines[9].step, Step::Wait(time) if *time == Duration::from_millis(500)));
    }

    #[test]
    fn a_mistake_names_its_line() {
        for (script, wants) in [
            ("> hi\njump", "line 2"),
            ("expect (", "regular expression"),
            ("wait soon", "2s"),
            ("expect-balance much", "250"),
            ("", "no steps"),
        ] {
            let error = format!("{:#}", parse(script).expect_err(script));
            assert!(error.contains(wants), "{error}");
        }
    }

    #[test]
    fn thin_spaces_are_spaces() {
        assert_eq!(flat("50\u{202f}₽\u{a0}!\n"), "50 ₽ !\n");
    }
}
