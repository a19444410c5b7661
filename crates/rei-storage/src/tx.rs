//! One transaction, or one savepoint of a shared one, on either engine.

use std::collections::HashMap;
use std::sync::Arc;

use crate::book::postgres_values::{self, Bound};
use crate::sql::{Row, Sql, Value};
use crate::{Bell, BookError};

/// The work of one closure.
pub struct Tx<'a> {
    engine: Engine<'a>,
    bells: [bool; Bell::COUNT],
    /// Why the transaction should be run again from its start, whatever the closure makes of the error.
    pub(crate) rerun: Option<Rerun>,
}

/// Why a transaction should be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rerun {
    /// Two transactions got into each other's way.
    Conflict,
    /// The connection broke.
    ConnectionLost,
}

pub(crate) enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres { client: &'a mut postgres::Client, prepared: &'a mut Prepared },
}

/// The prepared statements of one PostgreSQL connection, by the address of their constant.
pub(crate) type Prepared = HashMap<usize, postgres::Statement>;

impl<'a> Tx<'a> {
    pub(crate) fn new(engine: Engine<'a>) -> Self {
        Self { engine, bells: [false; Bell::COUNT], rerun: None }
    }

    /// Runs a statement; returns how many rows it changed.
    ///
    /// # Errors
    /// [`BookError::Statement`]; the closure should return it.
    pub fn execute(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<u64, BookError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let run = || {
                    let mut statement = connection.prepare_cached(sql.sqlite())?;
                    bind(&mut statement, params)?;
                    statement.raw_execute()
                };
                let changed = run().map_err(|error| failed(sql, &error))?;
                Ok(changed as u64)
            }
            Engine::Postgres { client, prepared } => {
                let bound = bound(sql, params)?;
                let run = prepare(client, prepared, sql).and_then(|statement| {
                    client.execute(&statement, &postgres_values::refs(&bound))
                });
                run.map_err(|error| self.note(sql, &error))
            }
        }
    }

    /// Runs a statement; returns its rows.
    ///
    /// # Errors
    /// [`BookError::Statement`]; the closure should return it.
    pub fn query(
        &mut self,
        sql: &'static Sql,
        params: &[(&'static str, Value)],
    ) -> Result<Vec<Row>, BookError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => query_sqlite(connection, sql, params),
            Engine::Postgres { client, prepared } => {
                let bound = bound(sql, params)?;
                let run = prepare(client, prepared, sql)
                    .and_then(|statement| client.query(&statement, &postgres_values::refs(&bound)));
                match run {
                    Ok(rows) => postgres_values::rows(&rows),
                    Err(error) => Err(self.note(sql, &error)),
                }
            }
        }
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
        self.query_opt(sql, params)?.ok_or_else(|| BookError::Statement {
            statement: sql.label(),
            reason: "a row was expected and none came".to_owned(),
        })
    }

    /// Wakes those who wait for this, once the transaction is on disk.
    pub fn ring(&mut self, bell: Bell) {
        self.bells[bell as usize] = true;
    }

    pub(crate) fn bells(&self) -> [bool; Bell::COUNT] {
        self.bells
    }

    /// Prepares a statement without running it, for the check that every statement fits both engines.
    #[cfg(any(test, feature = "testing"))]
    pub fn check(&mut self, sql: &'static Sql) -> Result<(), BookError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                connection.prepare(sql.sqlite()).map(|_| ()).map_err(|error| failed(sql, &error))
            }
            Engine::Postgres { client, prepared } => {
                prepare(client, prepared, sql).map(|_| ()).map_err(|error| self.note(sql, &error))
            }
        }
    }

    /// Runs any text, for tests that do by hand what the product refuses to do.
    #[cfg(any(test, feature = "testing"))]
    pub fn execute_text(&mut self, text: &str) -> Result<(), BookError> {
        let reason = match &mut self.engine {
            Engine::Sqlite(connection) => {
                connection.execute_batch(text).err().map(|error| error.to_string())
            }
            Engine::Postgres { client, .. } => client.batch_execute(text).err().map(|error| {
                error
                    .as_db_error()
                    .map_or_else(|| error.to_string(), |error| error.message().to_owned())
            }),
        };
        match reason {
            None => Ok(()),
            Some(reason) => {
                Err(BookError::Statement { statement: text.chars().take(60).collect(), reason })
            }
        }
    }

    fn note(&mut self, sql: &Sql, error: &postgres::Error) -> BookError {
        use postgres::error::SqlState;
        let conflict = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        if error.code().is_some_and(|code| conflict.contains(code)) {
            self.rerun = Some(Rerun::Conflict);
        } else if error.is_closed() || error.as_db_error().is_none() && error.code().is_none() {
            self.rerun = Some(Rerun::ConnectionLost);
        } else if error.code().is_some_and(|code| code.code().starts_with("57P")) {
            // The server is shutting down or an administrator ended the connection.
            self.rerun = Some(Rerun::ConnectionLost);
        }
        let reason = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |error| error.message().to_owned());
        BookError::Statement { statement: sql.label(), reason }
    }
}

fn failed(sql: &Sql, error: &rusqlite::Error) -> BookError {
    BookError::Statement { statement: sql.label(), reason: error.to_string() }
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    params: &[(&'static str, Value)],
) -> rusqlite::Result<()> {
    for (name, value) in params {
        let index = statement
            .parameter_index(name)?
            .ok_or_else(|| rusqlite::Error::InvalidParameterName((*name).to_owned()))?;
        match value {
            Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Value::Int(value) => statement.raw_bind_parameter(index, value)?,
            Value::Text(value) => statement.raw_bind_parameter(index, value)?,
            Value::Blob(value) => statement.raw_bind_parameter(index, value)?,
        }
    }
    Ok(())
}

fn query_sqlite(
    connection: &rusqlite::Connection,
    sql: &'static Sql,
    params: &[(&'static str, Value)],
) -> Result<Vec<Row>, BookError> {
    let run = || {
        let mut statement = connection.prepare_cached(sql.sqlite())?;
        bind(&mut statement, params)?;
        let columns: Arc<[String]> =
            statement.column_names().into_iter().map(str::to_owned).collect();
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let values = (0..columns.len())
                .map(|index| {
                    use rusqlite::types::ValueRef as V;
                    Ok(match row.get_ref(index)? {
                        V::Null => Value::Null,
                        V::Integer(value) => Value::Int(value),
                        V::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
                        V::Blob(value) => Value::Blob(value.to_owned()),
                        V::Real(_) => return Err(rusqlite::Error::InvalidQuery),
                    })
                })
                .collect::<rusqlite::Result<_>>()?;
            found.push(Row { columns: Arc::clone(&columns), values });
        }
        Ok(found)
    };
    run().map_err(|error| failed(sql, &error))
}

fn prepare(
    client: &mut postgres::Client,
    prepared: &mut Prepared,
    sql: &'static Sql,
) -> Result<postgres::Statement, postgres::Error> {
    let address = std::ptr::from_ref(sql).addr();
    if let Some(statement) = prepared.get(&address) {
        return Ok(statement.clone());
    }
    let statement = client.prepare(&sql.postgres().text)?;
    prepared.insert(address, statement.clone());
    Ok(statement)
}

fn bound<'p>(
    sql: &'static Sql,
    params: &'p [(&'static str, Value)],
) -> Result<Vec<Bound<'p>>, BookError> {
    let wrong = |reason: String| BookError::Statement { statement: sql.label(), reason };
    let names = &sql.postgres().names;
    if let Some((unknown, _)) =
        params.iter().find(|(name, _)| !names.iter().any(|known| known == name))
    {
        return Err(wrong(format!("there is no parameter {unknown}")));
    }
    names
        .iter()
        .map(|name| {
            let found = params.iter().find(|(given, _)| given == name);
            found
                .map(|(_, value)| Bound(value))
                .ok_or_else(|| wrong(format!("the parameter {name} is missing")))
        })
        .collect()
}
