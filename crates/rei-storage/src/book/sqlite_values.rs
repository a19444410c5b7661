//! Statements on an SQLite connection: values in, rows out, errors by what they mean.

use std::sync::Arc;

use rusqlite::types::{Null, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement};

use crate::BookError;
use crate::sql::{Row, Sql, Value};

pub(crate) fn execute(
    connection: &Connection,
    sql: &'static Sql,
    params: &[(&'static str, Value)],
) -> Result<u64, BookError> {
    let run = || {
        let mut statement = connection.prepare_cached(sql.sqlite())?;
        bind(&mut statement, params)?;
        statement.raw_execute()
    };
    run().map(|changed| changed as u64).map_err(|error| failed(&sql.label(), &error))
}

pub(crate) fn query(
    connection: &Connection,
    sql: &'static Sql,
    params: &[(&'static str, Value)],
) -> Result<Vec<Row>, BookError> {
    let run = || {
        let mut statement = connection.prepare_cached(sql.sqlite())?;
        bind(&mut statement, params)?;
        let columns = sql.sqlite_columns(|| statement.column_names().map(str::to_owned).collect());
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let values =
                (0..columns.len()).map(|index| read(row.get_ref(index)?)).collect::<Result<_, _>>();
            found.push(Row { columns: Arc::clone(&columns), values: values? });
        }
        Ok(found)
    };
    run().map_err(|error| failed(&sql.label(), &error))
}

/// Prepares a statement without running it; both of its texts must take the same parameters.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn check(connection: &Connection, sql: &'static Sql) -> Result<(), BookError> {
    let statement =
        connection.prepare(sql.sqlite()).map_err(|error| failed(&sql.label(), &error))?;
    let names = &sql.postgres().names;
    let same = statement.parameter_count() == names.len()
        && names.iter().all(|name| matches!(statement.parameter_index(name), Ok(Some(_))));
    if same {
        return Ok(());
    }
    Err(BookError::statement(sql, "its two texts do not take the same parameters"))
}

/// The error by what the caller does next.
pub(crate) fn failed(statement: &str, error: &rusqlite::Error) -> BookError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BookError::Busy,
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            BookError::Unavailable(error.to_string())
        }
        _ => BookError::Statement { statement: statement.to_owned(), reason: error.to_string() },
    }
}

/// SQLite takes a parameter that was forgotten for null; here each must be given.
fn bind(statement: &mut Statement<'_>, params: &[(&'static str, Value)]) -> rusqlite::Result<()> {
    if params.len() != statement.parameter_count() {
        return Err(rusqlite::Error::InvalidParameterCount(
            params.len(),
            statement.parameter_count(),
        ));
    }
    for (name, value) in params {
        let index = statement
            .parameter_index(name)?
            .ok_or_else(|| rusqlite::Error::InvalidParameterName((*name).to_owned()))?;
        bind_one(statement, index, value)?;
    }
    Ok(())
}

/// Binds values to `?`, `?`, … in their order.
pub(crate) fn bind_in_order(
    statement: &mut Statement<'_>,
    values: &[Value],
) -> rusqlite::Result<()> {
    values.iter().zip(1..).try_for_each(|(value, index)| bind_one(statement, index, value))
}

fn bind_one(statement: &mut Statement<'_>, index: usize, value: &Value) -> rusqlite::Result<()> {
    match value {
        Value::Null => statement.raw_bind_parameter(index, Null),
        Value::Int(value) => statement.raw_bind_parameter(index, value),
        Value::Text(value) => statement.raw_bind_parameter(index, value),
        Value::Blob(value) => statement.raw_bind_parameter(index, value),
    }
}

pub(crate) fn read(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Value::Blob(value.to_owned()),
        // Nothing in the book is a floating point number.
        ValueRef::Real(_) => return Err(rusqlite::Error::InvalidQuery),
    })
}
