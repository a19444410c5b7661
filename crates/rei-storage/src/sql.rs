//! Statements as named constants, and the values that go in and come out.
//!
//! SQL is written once in the dialect that both engines share; where they must differ both versions stand
//! side by side. Parameters are named (`:name`).

use std::sync::{Arc, OnceLock};

use rei_domain::clock::Timestamp;
use rei_domain::ids::{
    AttemptId, ChatId, CustomerId, JobId, MessageId, OrderId, QuoteId, TransferId, UpdateId,
};
use rei_domain::money::{Kopecks, MicroUsd};

use crate::BookError;

/// A statement for both engines. Made by [`crate::statements!`].
#[derive(Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    numbered: OnceLock<Numbered>,
}

/// A statement with numbered parameters, as PostgreSQL wants it.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// The text with `$1`, `$2`, …
    pub(crate) text: String,
    /// The names in the order of their numbers, each with its colon.
    pub(crate) names: Vec<String>,
}

impl Sql {
    /// One text for both engines.
    pub const fn shared(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text, numbered: OnceLock::new() }
    }

    /// One text for each engine.
    pub const fn per_engine(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, numbered: OnceLock::new() }
    }

    /// The text for SQLite.
    pub fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL with numbered parameters.
    pub(crate) fn postgres(&self) -> &Numbered {
        self.numbered.get_or_init(|| number(self.postgres))
    }

    /// The first words, for errors.
    pub(crate) fn label(&self) -> String {
        let line = self.sqlite.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        line.chars().take(80).collect()
    }
}

/// Rewrites `:name` to `$n`. Quoted text, comments and casts (`::type`) are left alone.
fn number(text: &str) -> Numbered {
    let mut numbered = Numbered { text: String::with_capacity(text.len()), names: Vec::new() };
    let mut rest = text;
    while let Some(at) = rest.find([':', '\'', '-']) {
        let (before, tail) = rest.split_at(at);
        numbered.text.push_str(before);
        let taken = if tail.starts_with('\'') {
            tail[1..].find('\'').map_or(tail.len(), |end| end + 2)
        } else if tail.starts_with("--") {
            tail.find('\n').unwrap_or(tail.len())
        } else if tail.starts_with("::") {
            2
        } else if tail.starts_with(':') {
            let name_end = tail[1..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(tail.len(), |end| end + 1);
            let name = &tail[..name_end];
            let known = numbered.names.iter().position(|known| known == name);
            let index = known.unwrap_or_else(|| {
                numbered.names.push(name.to_owned());
                numbered.names.len() - 1
            });
            numbered.text.push_str(&format!("${}", index + 1));
            rest = &tail[name_end..];
            continue;
        } else {
            1
        };
        numbered.text.push_str(&tail[..taken]);
        rest = &tail[taken..];
    }
    numbered.text.push_str(rest);
    numbered
}

/// Names statements and collects them in `ALL`, so that a test prepares each on both engines.
#[macro_export]
macro_rules! statements {
    ($($visible:vis $name:ident = $sql:tt;)+) => {
        $(
            #[allow(missing_docs, reason = "the statement says it")]
            $visible static $name: $crate::Sql = $crate::statements!(@sql $sql);
        )+

        /// Every statement of this module.
        pub static ALL: &[&$crate::Sql] = &[$(&$name),+];
    };
    (@sql { sqlite: $sqlite:literal, postgres: $postgres:literal $(,)? }) => {
        $crate::Sql::per_engine($sqlite, $postgres)
    };
    (@sql $text:literal) => {
        $crate::Sql::shared($text)
    };
}

/// Parameters for a statement: `params! { ":id" => order, ":now" => now }`.
#[macro_export]
macro_rules! params {
    ($($name:literal => $value:expr),* $(,)?) => {
        [$(($name, $crate::Value::from($value))),*] as [(&'static str, $crate::Value); _]
    };
}

/// Something that goes into the book or comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; also times, sums and yes or no.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes; also ids.
    Blob(Vec<u8>),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $into:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $into
            }
        }
    )+};
}

value_from! {
    i64 => |value| Self::Int(value),
    bool => |value| Self::Int(i64::from(value)),
    &str => |value| Self::Text(value.to_owned()),
    String => |value| Self::Text(value),
    &[u8] => |value| Self::Blob(value.to_owned()),
    Vec<u8> => |value| Self::Blob(value),
    Timestamp => |value| Self::Int(value.millis()),
    Kopecks => |value| Self::Int(value.get()),
    MicroUsd => |value| Self::Int(value.0),
    CustomerId => |value| Self::Int(value.0),
    ChatId => |value| Self::Int(value.0),
    MessageId => |value| Self::Int(value.0),
    UpdateId => |value| Self::Int(value.0),
    OrderId => |value| Self::Blob(value.as_bytes().to_owned()),
    TransferId => |value| Self::Blob(value.as_bytes().to_owned()),
    JobId => |value| Self::Blob(value.as_bytes().to_owned()),
    AttemptId => |value| Self::Blob(value.as_bytes().to_owned()),
    QuoteId => |value| Self::Blob(value.as_bytes().to_owned()),
}

/// A row that came back. Reading names the column, and so do errors.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    fn value(&self, column: &str) -> Result<&Value, BookError> {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.values.get(at)).ok_or_else(|| BookError::unreadable(column))
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`BookError::Unreadable`] when the column is missing or something else; so do the others.
    pub fn int(&self, column: &str) -> Result<i64, BookError> {
        self.opt_int(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// A whole number or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(*value)),
            Value::Text(_) | Value::Blob(_) => Err(BookError::unreadable(column)),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn text(&self, column: &str) -> Result<String, BookError> {
        self.opt_text(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// Text or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.clone())),
            Value::Int(_) | Value::Blob(_) => Err(BookError::unreadable(column)),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, BookError> {
        self.opt_blob(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// Bytes or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value.clone())),
            Value::Int(_) | Value::Text(_) => Err(BookError::unreadable(column)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_numbers_and_nothing_else_changes() {
        let numbered = number(
            "select ':no', a::bigint, -1 from t -- :nor this\n where a = :a and b = :b_2 or c = :a",
        );
        assert_eq!(
            numbered.text,
            "select ':no', a::bigint, -1 from t -- :nor this\n where a = $1 and b = $2 or c = $1"
        );
        assert_eq!(numbered.names, [":a", ":b_2"]);
    }
}
