//! One transaction, or one savepoint of a shared one, on either engine.

use crate::book::postgres_session::Session;
use crate::book::{PostgresFault, Rung, sqlite_values};
use crate::sql::{Row, Sql, Value};
use crate::{Bell, BookError};

/// The work of one closure.
///
/// After a statement failed nothing more can be done in this transaction: every further statement gets the same
/// error, and so does the caller of the book, whatever the closure makes of it. PostgreSQL would roll back such a
/// transaction silently at its commit, SQLite would commit half of it.
pub struct Tx<'a> {
    engine: Engine<'a>,
    rung: Rung,
    failure: Option<Failure>,
    /// Statements that still work, in a test that has one fail.
    #[cfg(any(test, feature = "testing"))]
    statements_left: Option<u32>,
}

struct Failure {
    error: BookError,
    rerun: Option<Rerun>,
}

/// Why a transaction should be run again from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rerun {
    /// Two transactions got into each other's way.
    Conflict,
    /// The connection broke, or what it had prepared no longer fits the tables.
    SessionLost,
}

pub(crate) enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Session),
}

impl<'a> Tx<'a> {
    pub(crate) fn new(engine: Engine<'a>) -> Self {
        Self {
            engine,
            rung: Rung::new(),
            failure: None,
            #[cfg(any(test, feature = "testing"))]
            statements_left: None,
        }
    }

    /// Runs a statement; returns how many rows it changed.
    ///
    /// # Errors
    /// [`BookError`]; the transaction is lost and the closure should return it.
    pub fn execute(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<u64, BookError> {
        self.usable()?;
        let ran = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite_values::execute(connection, sql, params).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.execute(sql, params).map_err(Failure::from),
        };
        ran.map_err(|failure| self.fail(failure))
    }

    /// Runs a statement; returns its rows.
    ///
    /// # Errors
    /// [`BookError`]; the transaction is lost and the closure should return it.
    pub fn query(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<Vec<Row>, BookError> {
        self.usable()?;
        let ran = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite_values::query(connection, sql, params).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.query(sql, params).map_err(Failure::from),
        };
        ran.map_err(|failure| self.fail(failure))
    }

    /// Runs a statement; returns its first row if there is one.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub fn query_opt(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<Option<Row>, BookError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// Runs a statement; returns its first row, which must be there.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub fn query_one(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<Row, BookError> {
        self.query_opt(sql, params)?
            .ok_or_else(|| BookError::statement(sql, "a row was expected and none came"))
    }

    /// Wakes those who wait for this, once the transaction is on disk.
    pub fn ring(&mut self, bell: Bell) {
        self.rung.insert(bell);
    }

    pub(crate) fn take_rung(&mut self) -> Rung {
        std::mem::take(&mut self.rung)
    }

    /// The error of the statement that failed, if one did.
    pub(crate) fn failure(&self) -> Option<BookError> {
        self.failure.as_ref().map(|failure| failure.error.clone())
    }

    /// Why the transaction should be run again, whatever the closure made of the error.
    pub(crate) fn rerun(&self) -> Option<Rerun> {
        self.failure.as_ref().and_then(|failure| failure.rerun)
    }

    /// Prepares a statement without running it, for the check that every statement fits both engines.
    ///
    /// # Errors
    /// [`BookError::Statement`] when it does not.
    #[cfg(any(test, feature = "testing"))]
    pub fn check(&mut self, sql: &'static Sql) -> Result<(), BookError> {
        self.usable()?;
        let checked = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite_values::check(connection, sql).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.check(sql).map_err(Failure::from),
        };
        checked.map_err(|failure| self.fail(failure))
    }

    /// Runs any text, for tests that do by hand what the product refuses to do.
    ///
    /// # Errors
    /// As [`Self::execute`].
    #[cfg(any(test, feature = "testing"))]
    pub fn execute_text(&mut self, text: &str) -> Result<(), BookError> {
        self.usable()?;
        let label: String = text.chars().take(60).collect();
        let ran = match &mut self.engine {
            Engine::Sqlite(connection) => connection
                .execute_batch(text)
                .map_err(|error| Failure::from(sqlite_values::failed(&label, &error))),
            Engine::Postgres(session) => session.execute_text(text).map_err(|error| {
                Failure::from(crate::book::postgres_session::failed(&label, &error))
            }),
        };
        ran.map_err(|failure| self.fail(failure))
    }

    /// After so many statements more, the next one fails: for tests of what is left then.
    #[cfg(any(test, feature = "testing"))]
    pub fn fail_after(&mut self, statements: u32) {
        self.statements_left = Some(statements);
    }

    fn usable(&mut self) -> Result<(), BookError> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(left) = &mut self.statements_left {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => {
                    let reason = "the test has it fail".to_owned();
                    let error = BookError::Statement { statement: String::new(), reason };
                    return Err(self.fail(error.into()));
                }
            }
        }
        self.failure().map_or(Ok(()), Err)
    }

    fn fail(&mut self, failure: Failure) -> BookError {
        let error = failure.error.clone();
        self.failure = Some(failure);
        error
    }
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Self {
        Self { error, rerun: None }
    }
}

impl From<PostgresFault> for Failure {
    fn from(fault: PostgresFault) -> Self {
        Self { error: fault.error, rerun: fault.rerun }
    }
}
