//! The format of `demo --script`: one step a line, read as a whole before anything is played.
//!
//! ```text
//! > text                     say it; `\n` breaks the line
//! photo FILE | caption       send a picture; without FILE a drawn one, another each time
//! album N | caption          send N drawn pictures as an album, 2 to 10
//! document FILE | caption    send a picture as a file; without FILE a drawn PNG
//! clip SECONDS | caption     send a video of 1280 × 720, 1 to 30 seconds
//! reply-photo TEXT           answer the bot's newest picture with words
//! tap LABEL                  the newest message that has a button with these words
//! expect REGEX               in a message that is new or edited since the last of the steps above
//! expect-photo               a picture among them
//! expect-document            a file among them
//! expect-video               a video among them
//! expect-balance 250 ₽       what the wallet can spend
//! gift 2 000 ₽               the owner credits the customer with `/add`; news as after a step of the customer's
//! pay                        pay the newest bill on the simulated page
//! decline REASON             have it refused there, for a reason such as `insufficient_funds`
//! notices on|off|twice       how YooKassa tells of payments
//! admin                      speak as the owner from here on; what came to him since the last step is news
//! customer                   speak as the customer again
//! fault NAME ARGS            a fault of the simulators
//! wait 2s
//! # comment
//! ```
//!
//! Before the first step there may be `set NAME VALUE`: a setting of the product that is played with.
//!
//! An expectation waits for 20 seconds at most, one of a video for 30.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use regex::Regex;
use rei_domain::money::Kopecks;
use rei_sim::yookassa::NoticeSettings;

use super::faults::notices;

/// Every step by its first word.
const VERBS: &str = ">, photo, album, document, clip, reply-photo, tap, expect, expect-photo, expect-document, \
                     expect-video, expect-balance, gift, pay, decline, notices, admin, customer, fault, wait";
/// Telegram's albums have so many parts.
const ALBUM: RangeInclusive<usize> = 2..=10;
/// A longer clip is no longer a clip.
const CLIP_S: RangeInclusive<u64> = 1..=30;

/// A whole script.
#[derive(Clone, Debug)]
pub struct Script {
    /// Settings by name, over the demo's own.
    pub settings: Vec<(String, String)>,
    /// What is played.
    pub lines: Vec<Line>,
}

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
    /// Send drawn pictures as an album.
    Album {
        /// How many.
        count: usize,
        /// Words under the first.
        caption: Option<String>,
    },
    /// Send a picture as a file.
    Document {
        /// The file; none: one that the simulator draws.
        file: Option<String>,
        /// Words under it.
        caption: Option<String>,
    },
    /// Send a video.
    Clip {
        /// How long it is.
        seconds: u64,
        /// Words under it.
        caption: Option<String>,
    },
    /// Answer the bot's newest picture.
    ReplyPhoto(String),
    /// Press a button whose label contains these words.
    Tap(String),
    /// Wait for a message that matches.
    Expect(Regex),
    /// Wait for a picture.
    ExpectPhoto,
    /// Wait for a file.
    ExpectDocument,
    /// Wait for a video.
    ExpectVideo,
    /// Wait until the wallet can spend exactly this.
    ExpectBalance(Kopecks),
    /// Have the owner credit the customer.
    Gift(Kopecks),
    /// Pay the newest bill.
    Pay,
    /// Have the newest bill refused, for this reason.
    Decline(String),
    /// Have YooKassa tell of payments like this.
    Notices(NoticeSettings),
    /// Speak as somebody else from here on.
    Speak(Speaker),
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

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The owner.
    Admin,
}

/// Reads a whole script.
///
/// # Errors
/// Names the first line that can't be read, and why.
pub fn parse(text: &str) -> anyhow::Result<Script> {
    let (mut settings, mut lines) = (Vec::new(), Vec::new());
    for (index, source) in text.lines().enumerate() {
        let number = index + 1;
        let source = source.trim();
        if source.is_empty() || source.starts_with('#') {
            continue;
        }
        if let Some(rest) = source.strip_prefix("set ") {
            anyhow::ensure!(lines.is_empty(), "line {number}: settings stand before all steps");
            let set = setting(rest).with_context(|| format!("line {number}: {source}"))?;
            settings.push(set);
            continue;
        }
        let step = step(source).with_context(|| format!("line {number}: {source}"))?;
        lines.push(Line { number, source: source.to_owned(), step });
    }
    if lines.is_empty() {
        bail!("the script has no steps");
    }
    Ok(Script { settings, lines })
}

fn setting(rest: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = rest.trim().split_once(' ').context("it needs a name and a value")?;
    Ok((name.to_owned(), value.trim().to_owned()))
}

fn step(line: &str) -> anyhow::Result<Step> {
    if let Some(words) = line.strip_prefix('>') {
        let words = words.trim().replace("\\n", "\n");
        anyhow::ensure!(!words.is_empty(), "nothing to say");
        return Ok(Step::Say(words));
    }
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let (file, caption) = parts(rest);
    Ok(match verb {
        "photo" => Step::Photo { file, caption },
        "album" => Step::Album { count: within(file, ALBUM, "how many, 2 to 10")?, caption },
        "document" => Step::Document { file, caption },
        "clip" => Step::Clip { seconds: within(file, CLIP_S, "seconds, 1 to 30")?, caption },
        "tap" | "expect" | "reply-photo" if rest.is_empty() => bail!("`{verb}` needs words"),
        "reply-photo" => Step::ReplyPhoto(rest.to_owned()),
        "tap" => Step::Tap(rest.to_owned()),
        "expect" => Step::Expect(pattern(rest)?),
        "expect-photo" => Step::ExpectPhoto,
        "expect-document" => Step::ExpectDocument,
        "expect-video" => Step::ExpectVideo,
        "expect-balance" => Step::ExpectBalance(balance(rest)?),
        "gift" => Step::Gift(gift(rest)?),
        "pay" => Step::Pay,
        "decline" if rest.is_empty() => Step::Decline("general_decline".to_owned()),
        "decline" => Step::Decline(rest.to_owned()),
        "notices" => Step::Notices(notices(rest)?),
        "admin" => Step::Speak(Speaker::Admin),
        "customer" => Step::Speak(Speaker::Customer),
        "fault" => fault(rest)?,
        "wait" => Step::Wait(duration(rest)?),
        _ => bail!("unknown step `{verb}`; known are {VERBS}"),
    })
}

/// What stands before the bar and after it.
fn parts(rest: &str) -> (Option<String>, Option<String>) {
    let (first, caption) = rest.split_once('|').unwrap_or((rest, ""));
    let word = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (word(first), word(caption))
}

fn within<N>(word: Option<String>, range: RangeInclusive<N>, wants: &str) -> anyhow::Result<N>
where
    N: FromStr + PartialOrd,
{
    let number = word.and_then(|word| word.parse().ok()).filter(|number| range.contains(number));
    number.with_context(|| format!("it needs a number: {wants}"))
}

fn gift(text: &str) -> anyhow::Result<Kopecks> {
    let sum = balance(text)?;
    anyhow::ensure!(sum.is_positive(), "a gift is more than nothing");
    Ok(sum)
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
                      expect-photo\nexpect-document\nexpect-balance 250 ₽\nfault gemini-slow 3s\nwait 500ms\n\
                      album 3 | together\ndocument\nclip 4 | without the background\nreply-photo make it night\n\
                      expect-video\ngift 2 000 ₽\npay\ndecline card_expired\nnotices twice\nadmin\ncustomer";
        let lines = parse(script).expect("it is readable").lines;
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[0].number, 2);
        assert!(matches!(&lines[0].step, Step::Say(words) if words == "/start"));
        assert!(matches!(&lines[1].step, Step::Photo { file: Some(_), caption: Some(_) }));
        assert!(matches!(&lines[2].step, Step::Photo { file: None, caption: None }));
        assert!(
            matches!(&lines[7].step, Step::ExpectBalance(sum) if *sum == Kopecks::from_rubles(250))
        );
        assert!(matches!(&lines[9].step, Step::Wait(time) if *time == Duration::from_millis(500)));
        assert!(matches!(&lines[10].step, Step::Album { count: 3, caption: Some(_) }));
        assert!(matches!(&lines[11].step, Step::Document { file: None, caption: None }));
        assert!(matches!(&lines[12].step, Step::Clip { seconds: 4, caption: Some(_) }));
        assert!(matches!(&lines[13].step, Step::ReplyPhoto(words) if words == "make it night"));
        assert!(matches!(&lines[14].step, Step::ExpectVideo));
        assert!(matches!(&lines[15].step, Step::Gift(sum) if *sum == Kopecks::from_rubles(2_000)));
        assert!(matches!(&lines[16].step, Step::Pay));
        assert!(matches!(&lines[17].step, Step::Decline(reason) if reason == "card_expired"));
        assert!(matches!(&lines[18].step, Step::Notices(told) if told.copies == 2));
        assert!(matches!(&lines[19].step, Step::Speak(Speaker::Admin)));
        assert!(matches!(&lines[20].step, Step::Speak(Speaker::Customer)));
    }

    #[test]
    fn settings_stand_before_all_steps() {
        let script = parse("# why\nset RECEIPTS yookassa\nset RECEIPTS_VAT_CODE 1\n> /start");
        let script = script.expect("it is readable");
        assert_eq!(script.lines.len(), 1);
        assert_eq!(script.settings[0], ("RECEIPTS".to_owned(), "yookassa".to_owned()));
    }

    #[test]
    fn a_mistake_names_its_line() {
        for (script, wants) in [
            ("> hi\njump", "line 2"),
            ("expect (", "regular expression"),
            ("wait soon", "2s"),
            ("expect-balance much", "250"),
            ("album 1 | alone", "2 to 10"),
            ("clip long", "1 to 30"),
            ("reply-photo", "needs words"),
            ("gift 0 ₽", "more than nothing"),
            ("notices often", "twice"),
            ("> hi\nset RECEIPTS off", "before all steps"),
            ("set RECEIPTS", "a value"),
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
