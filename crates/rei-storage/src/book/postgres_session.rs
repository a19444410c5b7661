//! One connection to PostgreSQL with what it has prepared: values in, rows out, errors by what they mean.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error as _;
use std::io;
use std::sync::Arc;

use postgres::error::SqlState;
use postgres::{Client, Statement};

use super::postgres_values::{self, Bound};
use crate::BookError;
use crate::sql::{Row, Sql, Value};
use crate::tx::Rerun;

/// What went wrong with a statement, and whether running the transaction again may help.
pub(crate) struct PostgresFault {
    pub(crate) error: BookError,
    pub(crate) rerun: Option<Rerun>,
}

impl From<BookError> for PostgresFault {
    fn from(error: BookError) -> Self {
        Self { error, rerun: None }
    }
}

pub(crate) struct Session {
    client: Client,
    /// By the address of the statement's constant.
    prepared: HashMap<usize, Prepared>,
}

#[derive(Clone)]
struct Prepared {
    statement: Statement,
    columns: Arc<[String]>,
}

impl Session {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new() }
    }

    /// The connection itself, for what is not a statement of the product.
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs text without parameters: `begin`, `commit`, `rollback`.
    pub(crate) fn execute_text(&mut self, text: &str) -> Result<(), postgres::Error> {
        self.client.batch_execute(text)
    }

    pub(crate) fn execute(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<u64, PostgresFault> {
        let bound = bound(sql, params)?;
        self.prepare(sql)
            .and_then(|prepared| {
                self.client.execute(&prepared.statement, &postgres_values::refs(&bound))
            })
            .map_err(|error| failed(&sql.label(), &error))
    }

    pub(crate) fn query(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<Vec<Row>, PostgresFault> {
        let bound = bound(sql, params)?;
        let prepared = self.prepare(sql).map_err(|error| failed(&sql.label(), &error))?;
        let rows = self
            .client
            .query(&prepared.statement, &postgres_values::refs(&bound))
            .map_err(|error| failed(&sql.label(), &error))?;
        Ok(postgres_values::rows(&prepared.columns, &rows)?)
    }

    /// Prepares a statement without running it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check(&mut self, sql: &'static Sql) -> Result<(), PostgresFault> {
        self.prepare(sql).map(|_| ()).map_err(|error| failed(&sql.label(), &error))
    }

    fn prepare(&mut self, sql: &'static Sql) -> Result<Prepared, postgres::Error> {
        match self.prepared.entry(std::ptr::from_ref(sql).addr()) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(place) => {
                let statement = self.client.prepare(&sql.postgres().text)?;
                let columns =
                    statement.columns().iter().map(|column| column.name().to_owned()).collect();
                Ok(place.insert(Prepared { statement, columns }).clone())
            }
        }
    }
}

/// The error by what the caller does next, and whether the transaction should be run again.
pub(crate) fn failed(statement: &str, error: &postgres::Error) -> PostgresFault {
    let error_of_caller = match error.code().map(SqlState::code) {
        Some("55P03") => BookError::Busy,
        Some(code) if code.starts_with("53") => BookError::Unavailable(words(error)),
        _ => BookError::Statement { statement: statement.to_owned(), reason: words(error) },
    };
    PostgresFault { error: error_of_caller, rerun: rerun(error) }
}

/// Whether running the transaction again may help, and why.
pub(crate) fn rerun(error: &postgres::Error) -> Option<Rerun> {
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
            Some(Rerun::Conflict)
        }
        // A migration changed a table under a prepared statement; a pooler lost it.
        Some(&SqlState::FEATURE_NOT_SUPPORTED) if words(error).contains("cached plan") => {
            Some(Rerun::SessionLost)
        }
        Some(&SqlState::INVALID_SQL_STATEMENT_NAME) => Some(Rerun::SessionLost),
        _ => is_lost(error).then_some(Rerun::SessionLost),
    }
}

/// Whether the connection is gone: closed, cut, or ended by the server or an administrator.
pub(crate) fn is_lost(error: &postgres::Error) -> bool {
    match error.code().map(SqlState::code) {
        Some(code) => code.starts_with("57P") || code.starts_with("08"),
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<io::Error>()),
    }
}

/// The server's words, or what went wrong with their causes. Never the address, which holds a password.
pub(crate) fn words(error: &postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return error.message().to_owned();
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words = format!("{words}: {next}");
        cause = next.source();
    }
    words
}

/// The values in the order of their numbers; each parameter must be given, and no other.
fn bound<'p>(
    sql: &'static Sql,
    params: &'p [(&'static str, Value)],
) -> Result<Vec<Bound<'p>>, BookError> {
    let names = &sql.postgres().names;
    if let Some((name, _)) =
        params.iter().find(|(name, _)| !names.iter().any(|known| known == name))
    {
        return Err(BookError::statement(sql, format!("there is no parameter {name}")));
    }
    let given = |name: &String| params.iter().find(|(given, _)| given == name);
    names
        .iter()
        .map(|name| match given(name) {
            Some((_, value)) => Ok(Bound(value)),
            None => Err(BookError::statement(sql, format!("the parameter {name} is missing"))),
        })
        .collect()
}
