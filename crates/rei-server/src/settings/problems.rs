//! What can be wrong with a setting, and how all of it is told at once.
//!
//! A report names the variable, says what is wrong and shows an example. It never prints a secret.

use std::fmt;

use super::notes::Note;
use super::table;
use super::words::{self, Language};

/// Everything that is wrong; nothing starts while there is any.
#[derive(Debug)]
pub struct Problems {
    /// Each wrong or missing setting, in the order of `config/default.toml`'s chapters.
    pub problems: Vec<Problem>,
    /// Remarks that may explain them: a misspelled name, an older one.
    pub notes: Vec<Note>,
}

/// One wrong or missing setting.
#[derive(Debug)]
pub struct Problem {
    /// The name as the operator wrote it, which may be an alias; `.env` for the file itself.
    pub variable: String,
    /// What is wrong.
    pub fault: Fault,
    /// The value given, shortened; `None` when there is none or when it must not be shown.
    pub given: Option<String>,
}

/// What is wrong with one setting.
#[expect(missing_docs, reason = "the fields are the words that the sentence of the variant needs")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not set, always required.
    Missing,
    /// Not set; `switch` turns its section off.
    MissingUnless { switch: &'static str },
    /// Not set, and another setting asks for it.
    Needed { by: String },
    /// The example of the documentation, unchanged.
    StillExample,
    /// A key with blanks or control characters.
    Spaces,
    /// Not the form of a bot token.
    NotToken,
    /// An item of a list of ids.
    NotId { item: String },
    /// Something else than digits.
    NotDigits,
    /// Not a whole number of the range.
    NotNumber { min: u64, max: u64 },
    /// Not a number of seconds of the range.
    NotSeconds { min: &'static str, max: &'static str },
    /// Not a decimal factor of the range.
    NotFactor { min: &'static str, max: &'static str },
    /// Not a sum in rubles.
    NotSum,
    /// Not yes or no.
    NotSwitch,
    /// None of the words allowed.
    NotChoice { choices: String },
    /// Not a URL.
    NotUrl,
    /// A URL of another scheme.
    UrlScheme { schemes: &'static str },
    /// Plain http to another computer.
    UrlPlain,
    /// A user name or password where none belongs.
    UrlCredentials,
    /// A query or a fragment where none belongs.
    UrlExtra,
    /// A PostgreSQL address without server or database.
    UrlDatabase,
    /// A port that Telegram does not call.
    WebhookPort,
    /// Not `address:port`.
    NotSocket,
    /// An item of a list of networks.
    NotNetwork { item: String },
    /// A log filter that cannot be parsed.
    NotFilter { detail: String },
    /// Characters outside a set, or too few or many.
    Characters { allowed: &'static str, min: usize, max: usize },
    /// Too short to be a secret.
    TooShort { min: usize },
    /// Not a secret of Kling's console.
    NotConsoleSecret,
    /// Long enough, but one could guess it.
    Guessable,
    /// An item of a list of sums.
    NotSumOfList { item: String },
    /// An item that stands twice.
    Twice { item: String },
    /// A list that is too long or too short.
    ListLength { min: usize, max: usize },
    /// A sum that nobody could pay.
    OutsideLimits { item: String },
    /// Nobody to write to.
    NotContact,
    /// Another setting must be so.
    WorksWith { other: &'static str },
    /// The key of a test shop where play money was not asked for.
    TestKey,
    /// A live key where play money was asked for.
    LiveKey,
    /// Less than another setting.
    Below { other: &'static str },
    /// An advance without a cash register.
    AdvanceNeedsKassa,
    /// A line of `.env`.
    DotenvLine { line: usize },
    /// `.env` is there and cannot be read.
    DotenvUnreadable { detail: String },
}

impl Fault {
    /// The sentence about it.
    pub fn text(&self, language: Language) -> String {
        let say = |id, args: &[(&'static str, &str)]| words::say(language, id, args);
        match self {
            Self::Missing => say("missing", &[]),
            Self::MissingUnless { switch } => say("missing-unless", &[("switch", switch)]),
            Self::Needed { by } => say("needed", &[("by", by)]),
            Self::StillExample => say("still-example", &[]),
            Self::Spaces => say("spaces", &[]),
            Self::NotToken => say("not-token", &[]),
            Self::NotId { item } => say("not-id", &[("item", item)]),
            Self::NotDigits => say("not-digits", &[]),
            Self::NotNumber { min, max } => {
                say("not-number", &[("min", &min.to_string()), ("max", &max.to_string())])
            }
            Self::NotSeconds { min, max } => say("not-seconds", &[("min", min), ("max", max)]),
            Self::NotFactor { min, max } => say("not-factor", &[("min", min), ("max", max)]),
            Self::NotSum => say("not-sum", &[]),
            Self::NotSwitch => say("not-switch", &[]),
            Self::NotChoice { choices } => say("not-choice", &[("choices", choices)]),
            Self::NotUrl => say("not-url", &[]),
            Self::UrlScheme { schemes } => say("url-scheme", &[("schemes", schemes)]),
            Self::UrlPlain => say("url-plain", &[]),
            Self::UrlCredentials => say("url-credentials", &[]),
            Self::UrlExtra => say("url-extra", &[]),
            Self::UrlDatabase => say("url-database", &[]),
            Self::WebhookPort => say("webhook-port", &[]),
            Self::NotSocket => say("not-socket", &[]),
            Self::NotNetwork { item } => say("not-network", &[("item", item)]),
            Self::NotFilter { detail } => say("not-filter", &[("detail", detail)]),
            Self::Characters { allowed, min, max } => say(
                "characters",
                &[("allowed", allowed), ("min", &min.to_string()), ("max", &max.to_string())],
            ),
            Self::TooShort { min } => say("too-short", &[("min", &min.to_string())]),
            Self::NotConsoleSecret => say("not-console-secret", &[]),
            Self::Guessable => say("guessable", &[]),
            Self::NotSumOfList { item } => say("not-sum-of-list", &[("item", item)]),
            Self::Twice { item } => say("twice", &[("item", item)]),
            Self::ListLength { min, max } => {
                say("list-length", &[("min", &min.to_string()), ("max", &max.to_string())])
            }
            Self::OutsideLimits { item } => say("outside-limits", &[("item", item)]),
            Self::NotContact => say("not-contact", &[]),
            Self::WorksWith { other } => say("works-with", &[("other", other)]),
            Self::TestKey => say("test-key", &[]),
            Self::LiveKey => say("live-key", &[]),
            Self::Below { other } => say("below", &[("other", other)]),
            Self::AdvanceNeedsKassa => say("advance-needs-kassa", &[]),
            Self::DotenvLine { line } => say("dotenv-line", &[("line", &line.to_string())]),
            Self::DotenvUnreadable { detail } => say("dotenv-unreadable", &[("detail", detail)]),
        }
    }

    fn is_absence(&self) -> bool {
        matches!(self, Self::Missing | Self::MissingUnless { .. } | Self::Needed { .. })
    }
}

impl Problem {
    /// The lines about it: what is wrong, where to get it, an example.
    fn write(&self, f: &mut fmt::Formatter<'_>, language: Language) -> fmt::Result {
        writeln!(f, "  {}: {}.", self.variable, self.fault.text(language))?;
        if let Some(value) = &self.given {
            writeln!(f, "      {}", words::say(language, "given", &[("value", value)]))?;
        }
        if self.fault.is_absence() {
            let hint = format!("hint-{}", self.variable.to_lowercase().replace('_', "-"));
            if let Some(hint) = words::find(language, &hint, &[]) {
                writeln!(f, "      {hint}")?;
            }
        }
        match example(&self.variable) {
            Some(assignment) => {
                writeln!(
                    f,
                    "      {}",
                    words::say(language, "example", &[("assignment", &assignment)])
                )
            }
            None => Ok(()),
        }
    }
}

/// `NAME=value` as it could stand in `.env`; an alias is shown by the name that replaces it.
fn example(variable: &str) -> Option<String> {
    let name = table::behind_alias(variable).unwrap_or(variable);
    let variable = table::all().get(name)?;
    Some(format!("{name}={}", variable.example))
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len().to_string();
        for (index, language) in Language::BOTH.into_iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}", words::say(language, "title", &[("count", &count)]))?;
            for problem in &self.problems {
                problem.write(f, language)?;
            }
            if !self.notes.is_empty() {
                writeln!(f, "{}", words::say(language, "notes-title", &[]))?;
            }
            for note in &self.notes {
                writeln!(f, "  {}", note.text(language))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
