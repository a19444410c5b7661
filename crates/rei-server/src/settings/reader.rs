//! Reads variables one by one, with every problem collected instead of ending at the first.

use std::collections::BTreeSet;

use super::notes::Note;
use super::parse;
use super::problems::{Fault, Problem, Problems};
use super::report::{Row, Shown};
use super::sources::{Given, Origin, Sources};
use super::table;

/// Longer values are shortened in reports: they may be a secret that was put into the wrong variable.
const SHOWN_CHARS_MAX: usize = 32;

/// Secrets shorter than this are not searched for in other values: they would be found everywhere.
const SECRET_CHARS_MIN: usize = 6;

/// Takes values out of the sources and keeps what is wrong with them.
pub struct Reader {
    sources: Sources,
    secrets: Vec<String>,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    read: BTreeSet<&'static str>,
}

impl Reader {
    /// A reader over everything that was set.
    pub fn new(mut sources: Sources) -> Self {
        let secrets = sources
            .given
            .iter()
            .filter(|(name, given)| {
                table::variable(name).secret && given.value.len() >= SECRET_CHARS_MIN
            })
            .map(|(_, given)| given.value.clone())
            .collect();
        let problems = std::mem::take(&mut sources.problems);
        Self { sources, secrets, rows: Vec::new(), problems, read: BTreeSet::new() }
    }

    /// A value that may be absent; `None` also when it is wrong.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let given = self.take(name)?;
        if table::variable(name).secret && given.value == table::variable(name).example {
            self.wrong(&given, Fault::StillExample);
            return None;
        }
        parse(&given.value).map_err(|fault| self.wrong(&given, fault)).ok()
    }

    /// A value that has a default. When it is wrong the default stands in until [`Self::finish`] refuses all.
    pub fn or_default<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> T {
        match self.optional(name, &parse) {
            Some(value) => value,
            None => table::variable(name)
                .default
                .as_deref()
                .and_then(|default| parse(default).ok())
                .unwrap_or_else(|| {
                    panic!("the default of [{name}] is right, a test loads them all")
                }),
        }
    }

    /// A value that must be there; `absent` says why. Something empty stands in until [`Self::finish`] refuses all.
    pub fn required<T: Default>(
        &mut self,
        name: &'static str,
        absent: Fault,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> T {
        if !self.is_set(name) {
            self.refuse(name, absent);
        }
        self.optional(name, parse).unwrap_or_default()
    }

    /// A switch, which always has a default.
    pub fn switch(&mut self, name: &'static str) -> bool {
        self.or_default(name, parse::switch)
    }

    /// Whether the operator set it, rightly or wrongly.
    pub fn is_set(&self, name: &str) -> bool {
        self.sources.given.contains_key(name)
    }

    /// Refuses a variable for a reason that lies outside its own value.
    pub fn refuse(&mut self, name: &str, fault: Fault) {
        let named = self.sources.given.get(name).map_or(name, |given| &given.named).to_owned();
        self.problems.push(Problem { variable: named, fault, given: None });
    }

    /// The rows and remarks when nothing is wrong.
    ///
    /// # Errors
    /// Everything that was found wrong.
    pub fn finish(self) -> Result<(Vec<Row>, Vec<Note>), Problems> {
        debug_assert_eq!(
            self.read.len(),
            table::all().len(),
            "every variable of the table is read"
        );
        if self.problems.is_empty() {
            Ok((self.rows, self.sources.notes))
        } else {
            Err(Problems { problems: self.problems, notes: self.sources.notes })
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Given> {
        let first = self.read.insert(name);
        debug_assert!(first, "{name} is read twice");
        let variable = table::variable(name);
        let given = self.sources.given.get(name).cloned().or_else(|| {
            let value = variable.default.clone()?;
            Some(Given { value, named: name.to_owned(), origin: Origin::Default })
        });
        self.rows.push(Row {
            name: name.to_owned(),
            value: given.as_ref().map(|given| Shown::of(variable, &given.value)),
            origin: given.as_ref().map(|given| given.origin),
        });
        given
    }

    fn wrong(&mut self, given: &Given, fault: Fault) {
        let name = table::behind_alias(&given.named).unwrap_or(&given.named);
        let variable = table::variable(name);
        let open = !variable.secret && !variable.credentials;
        let fault = match fault {
            Fault::NotId { item } => Fault::NotId { item: self.shown(&item) },
            Fault::NotNetwork { item } => Fault::NotNetwork { item: self.shown(&item) },
            Fault::NotSumOfList { item } => Fault::NotSumOfList { item: self.shown(&item) },
            Fault::Twice { item } => Fault::Twice { item: self.shown(&item) },
            Fault::NotFilter { detail } => Fault::NotFilter { detail: self.shown(&detail) },
            other => other,
        };
        let shown = open.then(|| self.shown(&given.value));
        self.problems.push(Problem { variable: given.named.clone(), fault, given: shown });
    }

    /// What may be printed of a value that is not a secret by its name, but may be one by mistake.
    fn shown(&self, value: &str) -> String {
        if self.secrets.iter().any(|secret| value.contains(secret.as_str())) {
            return "***".to_owned();
        }
        if value.chars().count() <= SHOWN_CHARS_MAX {
            return value.to_owned();
        }
        let start: String = value.chars().take(8).collect();
        format!("{start}…")
    }
}
