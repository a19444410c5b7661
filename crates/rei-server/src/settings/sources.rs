//! Where values come from: the environment first, `.env` second; older names and misspelled ones are sorted out here.
//!
//! It never judges a value, except where an older name must be translated to do so.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::notes::Note;
use super::parse;
use super::problems::{Fault, Problem};
use super::table;

/// Name prefixes that belong to us alone: an unknown variable with one of them is worth a remark.
const OUR_PREFIXES: &[&str] = &[
    "ADMIN_",
    "API_RETRY_",
    "BOT_",
    "ENABLE_",
    "IMAGE_",
    "KLING_",
    "NANO_BANANA_",
    "RECEIPTS",
    "S3_",
    "STARS_",
    "TELEGRAM_",
    "VIDEO_",
    "WORKER_",
    "YOOKASSA_",
];

/// How many letters may be wrong in a name that is still recognised.
const TYPO_DISTANCE_MAX: usize = 2;

/// Shorter names are too often somebody else's to be taken for a misspelled one of ours.
const TYPO_LENGTH_MIN: usize = 7;

/// Which source a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The process environment.
    Environment,
    /// The file `.env`.
    Dotenv,
    /// `config/default.toml`.
    Default,
}

/// A value with the name under which the operator set it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Trimmed, never empty.
    pub value: String,
    /// The variable's name, or the alias that was used.
    pub named: String,
    /// Where it stood.
    pub origin: Origin,
}

/// All that was set, by the variable's proper name.
#[derive(Default)]
pub struct Sources {
    /// Values by proper name.
    pub given: BTreeMap<String, Given>,
    /// Remarks: older and unknown names.
    pub notes: Vec<Note>,
    /// `.env` that cannot be read, older names that cannot be translated.
    pub problems: Vec<Problem>,
}

impl Sources {
    /// Puts the environment over `.env`. An empty value counts as not set; a missing file counts as empty.
    pub fn collect(env: impl Iterator<Item = (String, String)>, dotenv: Option<&Path>) -> Self {
        let mut sources = Self::default();
        let mut all = BTreeMap::new();
        for (name, value) in dotenv.map(|path| sources.read_dotenv(path)).unwrap_or_default() {
            // Of two lines with one name the first counts, as for every other reader of such files.
            insert(&mut all, name, value, Origin::Dotenv, false);
        }
        for (name, value) in env {
            insert(&mut all, name, value, Origin::Environment, true);
        }
        let (known, others) =
            all.into_iter().partition(|(name, _)| table::all().contains_key(name));
        sources.given = known;
        sources.sort_out(others);
        sources
    }

    fn read_dotenv(&mut self, path: &Path) -> Vec<(String, String)> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.problem(".env", Fault::DotenvUnreadable { detail: error.kind().to_string() });
                return Vec::new();
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut pairs = Vec::new();
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            match item {
                Ok(pair) => pairs.push(pair),
                // The error quotes the line or its end, which may be a secret: only the number is told.
                Err(dotenvy::Error::LineParse(line, _)) => {
                    let before = text.find(line.trim_end()).map_or(text, |start| &text[..start]);
                    self.problem(
                        ".env",
                        Fault::DotenvLine { line: before.matches('\n').count() + 1 },
                    );
                }
                Err(error) => {
                    let detail = format!("{:?}", std::mem::discriminant(&error));
                    self.problem(".env", Fault::DotenvUnreadable { detail });
                }
            }
        }
        pairs
    }

    /// Translates older names and remarks on unknown ones.
    fn sort_out(&mut self, mut others: BTreeMap<String, Given>) {
        let mut old = BTreeMap::new();
        others.retain(|name, given| match table::behind_alias(name) {
            Some(proper) => {
                old.insert(name.clone(), (proper, given.clone()));
                false
            }
            None => true,
        });
        self.translate(old);
        for name in others.into_keys() {
            let nearest = nearest(&name);
            if nearest.is_some() || OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                self.notes.push(Note::Unknown { name, nearest });
            }
        }
    }

    fn translate(&mut self, old: BTreeMap<String, (&'static str, Given)>) {
        let mut redis = BTreeMap::new();
        for (alias, (proper, given)) in old {
            let name = proper.to_owned();
            if self.given.get(proper).is_some_and(|set| set.named == proper) {
                self.notes.push(Note::AliasIgnored { alias, name });
                continue;
            }
            self.notes.push(Note::Alias { alias: alias.clone(), name });
            match alias.as_str() {
                "DATABASE_PATH" => self.accept(proper, format!("sqlite://{}", given.value), given),
                "ENABLE_WEBHOOKS" => match parse::switch(&given.value) {
                    Ok(true) => self.accept(proper, "webhook".to_owned(), given),
                    Ok(false) => self.accept(proper, "polling".to_owned(), given),
                    Err(fault) => self.problem(&alias, fault),
                },
                _ => {
                    redis.insert(alias, given);
                }
            }
        }
        self.translate_redis(&redis);
    }

    /// `REDIS_HOST`, `REDIS_PORT` and `REDIS_DB`, of which any may be absent, as one URL.
    fn translate_redis(&mut self, parts: &BTreeMap<String, Given>) {
        let Some(any) = parts.values().next() else { return };
        let mut number = |name: &str, default: u64, max: u64| {
            let Some(given) = parts.get(name) else { return default };
            parse::number(&given.value, u64::from(name == "REDIS_PORT"), max).unwrap_or_else(
                |fault| {
                    self.problem(name, fault);
                    default
                },
            )
        };
        let (port, db) = (number("REDIS_PORT", 6379, 65_535), number("REDIS_DB", 0, 255));
        let host = parts.get("REDIS_HOST").map_or("127.0.0.1", |given| given.value.as_str());
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let given = parts.get("REDIS_HOST").unwrap_or(any).clone();
        self.accept("REDIS_URL", format!("redis://{host}:{port}/{db}"), given);
    }

    fn accept(&mut self, proper: &str, value: String, given: Given) {
        self.given.insert(proper.to_owned(), Given { value, ..given });
    }

    fn problem(&mut self, variable: &str, fault: Fault) {
        self.problems.push(Problem { variable: variable.to_owned(), fault, given: None });
    }
}

fn insert(
    all: &mut BTreeMap<String, Given>,
    name: String,
    value: String,
    origin: Origin,
    replace: bool,
) {
    let value = value.trim();
    if value.is_empty() || (!replace && all.contains_key(&name)) {
        return;
    }
    let given = Given { value: value.to_owned(), named: name.clone(), origin };
    all.insert(name, given);
}

/// The known name that `name` was probably meant to be.
fn nearest(name: &str) -> Option<String> {
    if name.len() < TYPO_LENGTH_MIN {
        return None;
    }
    let upper = name.to_uppercase();
    let aliases = table::all().values().flat_map(|variable| &variable.aliases);
    table::all()
        .keys()
        .chain(aliases)
        .map(|known| (distance(&upper, known), known))
        .filter(|(distance, _)| *distance <= TYPO_DISTANCE_MAX)
        .min()
        .map(|(_, known)| known.clone())
}

/// How many letters must be put in, taken out or changed to make one word of the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_letters() {
        assert_eq!(distance("BOT_TOKEN", "BOT_TOKEN"), 0);
        assert_eq!(distance("BOT_TOKN", "BOT_TOKEN"), 1);
        assert_eq!(distance("BOTTOKENS", "BOT_TOKEN"), 2);
        assert_eq!(distance("", "ABC"), 3);
    }

    #[test]
    fn a_misspelled_name_is_recognised_and_a_foreign_one_is_not() {
        assert_eq!(nearest("DATABASE_URI").as_deref(), Some("DATABASE_URL"));
        assert_eq!(nearest("bot_token").as_deref(), Some("BOT_TOKEN"));
        assert_eq!(nearest("YOOKASA_SHOP_ID").as_deref(), Some("YOOKASSA_SHOP_ID"));
        assert_eq!(nearest("PATH"), None);
        assert_eq!(nearest("HTTP_PROXY"), None);
        assert_eq!(nearest("RUST_BACKTRACE"), None);
    }
}
