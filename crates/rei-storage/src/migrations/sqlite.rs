//! Migrations of an SQLite file, under the lock that all processes share.

use std::path::Path;

use rusqlite::Connection;

use super::dialect::{Dialect, translate};
use super::{Applied, Migration, missing};
use crate::BookError;
use crate::book::{ProcessLock, Purpose, connect_sqlite};

const RECORD: &str = "create table if not exists schema_migration (
    version integer not null primary key,
    name text not null,
    sha256 text not null,
    applied_at integer not null
) strict";

/// The moment is for people who look into the database; nothing is decided by it.
const REMEMBER: &str = "insert into schema_migration (version, name, sha256, applied_at)
    values (?1, ?2, ?3, cast(unixepoch('subsec') * 1000 as integer))";

pub(super) fn apply(path: &Path, migrations: &[Migration]) -> Result<(), BookError> {
    let unfit = |reason: &dyn std::fmt::Display| {
        BookError::Unfit(format!("the tables cannot be brought up to date: {reason}"))
    };
    let lock = ProcessLock::beside(path).map_err(|error| unfit(&error))?;
    let _held = lock.acquire().map_err(|error| unfit(&error))?;
    let connection = connect_sqlite(path, Purpose::Write)?;
    let applied = applied(&connection).map_err(|error| unfit(&error))?;
    // A table may be made anew under others that refer to it; the references are checked before the commit.
    connection.pragma_update(None, "foreign_keys", false).map_err(|error| unfit(&error))?;
    for migration in missing(migrations, &applied)? {
        tracing::info!(migration = migration.name, "bringing the book up to date");
        apply_one(&connection, migration)?;
    }
    Ok(())
}

/// A database in memory with all its tables.
pub(super) fn in_memory(migrations: &[Migration]) -> Result<Connection, BookError> {
    let unfit =
        |error: rusqlite::Error| BookError::Unfit(format!("no database in memory: {error}"));
    let connection = Connection::open_in_memory().map_err(unfit)?;
    connection.execute_batch(RECORD).map_err(unfit)?;
    for migration in migrations {
        apply_one(&connection, migration)?;
    }
    Ok(connection)
}

fn applied(connection: &Connection) -> rusqlite::Result<Applied> {
    connection.execute_batch(RECORD)?;
    read_applied(connection)
}

/// What was applied to a file; nothing when it has no record.
pub(crate) fn read_applied(connection: &Connection) -> rusqlite::Result<Applied> {
    if !connection.table_exists(None, "schema_migration")? {
        return Ok(Applied::new());
    }
    let mut statement = connection.prepare("select version, sha256 from schema_migration")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn apply_one(connection: &Connection, migration: &Migration) -> Result<(), BookError> {
    let transaction =
        connection.unchecked_transaction().map_err(|error| migration.failed(&error))?;
    transaction
        .execute_batch(&translate(migration.text, Dialect::Sqlite))
        .and_then(|()| {
            transaction.execute(REMEMBER, (migration.version, migration.name, migration.hash()))
        })
        .map_err(|error| migration.failed(&error))?;
    let dangling = transaction
        .prepare("pragma foreign_key_check")
        .and_then(|mut check| check.exists([]))
        .map_err(|error| migration.failed(&error))?;
    if dangling {
        return Err(migration.failed(&"a row refers to another that is not there"));
    }
    transaction.commit().map_err(|error| migration.failed(&error))
}
