//! Migrations of a PostgreSQL database, under an advisory lock.

use postgres::{Client, Error};

use super::dialect::{Dialect, translate};
use super::{Applied, Migration, missing};
use crate::BookError;
use crate::book::{connect_postgres, parse_postgres, postgres_words as words};

/// Any number that nobody else uses: processes that start together take turns by it.
const ADVISORY_LOCK: i64 = 0x5245_495f_4d49;

/// A migration of a large table, or the wait for another process's, may take its time.
pub(crate) const NO_LIMITS: &str = "set statement_timeout = 0; set lock_timeout = 0; \
                         set idle_in_transaction_session_timeout = 0";

const RECORD: &str = "create table if not exists schema_migration (
    version bigint not null primary key,
    name text not null,
    sha256 text not null,
    applied_at bigint not null
)";

/// The moment is for people who look into the database; nothing is decided by it.
const REMEMBER: &str = "insert into schema_migration (version, name, sha256, applied_at)
    values ($1, $2, $3, cast(extract(epoch from clock_timestamp()) * 1000 as bigint))";

pub(super) fn apply(url: &str, migrations: &[Migration]) -> Result<(), BookError> {
    let mut client = connect_postgres(&parse_postgres(url)?)?;
    // The lock goes with the connection.
    let applied = applied(&mut client).map_err(|error| {
        BookError::Unfit(format!("the tables cannot be brought up to date: {}", words(&error)))
    })?;
    for migration in missing(migrations, &applied)? {
        tracing::info!(migration = migration.name, "bringing the book up to date");
        apply_one(&mut client, migration).map_err(|error| migration.failed(&words(&error)))?;
    }
    Ok(())
}

fn applied(client: &mut Client) -> Result<Applied, Error> {
    client.batch_execute(NO_LIMITS)?;
    client.execute("select pg_advisory_lock($1)", &[&ADVISORY_LOCK])?;
    client.batch_execute(RECORD)?;
    read_applied(client)
}

/// What was applied to a database that has the record.
pub(crate) fn read_applied(client: &mut Client) -> Result<Applied, Error> {
    let rows = client.query("select version, sha256 from schema_migration", &[])?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn apply_one(client: &mut Client, migration: &Migration) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&translate(migration.text, Dialect::Postgres))?;
    transaction.execute(REMEMBER, &[&migration.version, &migration.name, &migration.hash()])?;
    transaction.commit()
}
