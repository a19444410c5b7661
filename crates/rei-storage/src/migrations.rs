//! Bringing the tables up to date. Forward only; each migration is one transaction; what was applied is recorded
//! with a hash, so a migration that changed later or a newer program's database is noticed.
//!
//! The files are written once in the shared dialect (`bigint`, `text`, `bytea`). What only one engine
//! understands stands between `-- only: sqlite` or `-- only: postgres` and the next such line; `-- only: both` ends it.

use std::collections::BTreeMap;

use postgres::Config;
use sha2::{Digest, Sha256};

use crate::BookError;
use crate::book::{EngineOptions, connect_postgres, connect_sqlite};

/// Any number that nobody else uses: processes that start together take turns by it on PostgreSQL.
const ADVISORY_LOCK: i64 = 0x5245_495f_4d49;

const RECORD: &str = "create table if not exists schema_migration (
    version bigint not null primary key,
    name text not null,
    sha256 text not null
)";

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            text: include_str!(concat!("../migrations/", $name, ".sql")),
        }),+]
    };
}

const MIGRATIONS: &[Migration] =
    migrations![1 "0001_ledger", 2 "0002_jobs", 3 "0003_chat", 4 "0004_orders"];

/// Which statements a migration consists of for an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Applies what is missing.
pub(crate) fn run(engine: &EngineOptions) -> Result<(), BookError> {
    match engine {
        EngineOptions::Sqlite(options) => run_sqlite(&options.path),
        EngineOptions::Postgres(options) => run_postgres(&options.url),
    }
}

fn run_sqlite(path: &std::path::Path) -> Result<(), BookError> {
    let unfit = |name: &str, error: &rusqlite::Error| {
        BookError::Unfit(format!("the migration {name} failed: {error}"))
    };
    let connection = connect_sqlite(path, false).map_err(|error| unfit("start", &error))?;
    // `begin immediate` keeps other processes out until the end.
    connection.execute_batch("begin immediate").map_err(|error| unfit("start", &error))?;
    let migrate = || {
        connection
            .execute_batch(&translate(RECORD, Dialect::Sqlite))
            .map_err(|error| unfit("record", &error))?;
        let applied = {
            let mut statement = connection
                .prepare("select version, sha256 from schema_migration")
                .map_err(|error| unfit("record", &error))?;
            let rows = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .and_then(Iterator::collect::<rusqlite::Result<BTreeMap<i64, String>>>);
            rows.map_err(|error| unfit("record", &error))?
        };
        for migration in missing(&applied)? {
            tracing::info!(migration = migration.name, "bringing the book up to date");
            connection
                .execute_batch(&translate(migration.text, Dialect::Sqlite))
                .and_then(|()| {
                    connection.execute(
                        "insert into schema_migration (version, name, sha256) values (?1, ?2, ?3)",
                        (migration.version, migration.name, sha256(migration.text)),
                    )
                })
                .map_err(|error| unfit(migration.name, &error))?;
        }
        Ok(())
    };
    let migrated = migrate();
    let end = if migrated.is_ok() { "commit" } else { "rollback" };
    connection.execute_batch(end).map_err(|error| unfit("end", &error))?;
    migrated
}

fn run_postgres(url: &str) -> Result<(), BookError> {
    let config: Config = url
        .parse()
        .map_err(|_| BookError::Unfit("DATABASE_URL is not a PostgreSQL address".to_owned()))?;
    let mut client = connect_postgres(&config)?;
    let unfit = |name: &str, error: &postgres::Error| {
        let words = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |error| error.message().to_owned());
        BookError::Unfit(format!("the migration {name} failed: {words}"))
    };
    client
        .batch_execute(&format!("set lock_timeout = 0; select pg_advisory_lock({ADVISORY_LOCK})"))
        .and_then(|()| client.batch_execute(RECORD))
        .map_err(|error| unfit("record", &error))?;
    let rows = client
        .query("select version, sha256 from schema_migration", &[])
        .map_err(|error| unfit("record", &error))?;
    let applied = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for migration in missing(&applied)? {
        tracing::info!(migration = migration.name, "bringing the book up to date");
        let mut transaction =
            client.transaction().map_err(|error| unfit(migration.name, &error))?;
        transaction
            .batch_execute(&translate(migration.text, Dialect::Postgres))
            .and_then(|()| {
                transaction.execute(
                    "insert into schema_migration (version, name, sha256) values ($1, $2, $3)",
                    &[&migration.version, &migration.name, &sha256(migration.text)],
                )
            })
            .and_then(|_| transaction.commit())
            .map_err(|error| unfit(migration.name, &error))?;
    }
    // The lock goes with the connection.
    Ok(())
}

/// What is not applied yet, after checking that what is applied is what this program knows.
fn missing(
    applied: &BTreeMap<i64, String>,
) -> Result<impl Iterator<Item = &'static Migration>, BookError> {
    let newest = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if let Some(newer) = applied.keys().find(|version| **version > newest) {
        return Err(BookError::Unfit(format!(
            "the database was made by a newer version of the program (migration {newer}, this one knows {newest})"
        )));
    }
    for migration in MIGRATIONS {
        if applied.get(&migration.version).is_some_and(|hash| *hash != sha256(migration.text)) {
            return Err(BookError::Unfit(format!(
                "the migration {} was changed after it had been applied",
                migration.name
            )));
        }
    }
    let known: Vec<i64> = applied.keys().copied().collect();
    Ok(MIGRATIONS.iter().filter(move |migration| !known.contains(&migration.version)))
}

fn translate(text: &str, dialect: Dialect) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut wanted = true;
    let mut in_table = false;
    for line in text.lines() {
        if let Some(only) = line.trim().strip_prefix("-- only:") {
            wanted = match only.trim() {
                "sqlite" => dialect == Dialect::Sqlite,
                "postgres" => dialect == Dialect::Postgres,
                _ => true,
            };
            continue;
        }
        if !wanted {
            continue;
        }
        in_table = in_table || line.trim_start().starts_with("create table");
        if dialect == Dialect::Sqlite && in_table {
            let line = words_replaced(line, &[("bigint", "integer"), ("bytea", "blob")]);
            if line.starts_with(')') {
                kept.push_str(&line.replacen(')', ") strict", 1));
            } else {
                kept.push_str(&line);
            }
        } else {
            kept.push_str(line);
        }
        in_table = in_table && !line.starts_with(')');
        kept.push('\n');
    }
    kept
}

fn words_replaced(line: &str, words: &[(&str, &str)]) -> String {
    let mut replaced = Vec::new();
    for word in line.split(' ') {
        let bare = word.trim_end_matches([',', ')']);
        let other = words.iter().find(|(from, _)| *from == bare).map(|(_, to)| *to);
        replaced.push(other.map_or_else(|| word.to_owned(), |to| word.replacen(bare, to, 1)));
    }
    replaced.join(" ")
}

fn sha256(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_translated_and_strict() {
        let text = "create table t (\n-- only: sqlite\n    n bigint primary key autoincrement,\n-- only: postgres\n    \
                    n bigint generated always as identity primary key,\n-- only: both\n    b bytea not null\n);\n";
        let sqlite = translate(text, Dialect::Sqlite);
        assert_eq!(
            sqlite,
            "create table t (\n    n integer primary key autoincrement,\n    b blob not null\n) strict;\n"
        );
        assert!(translate(text, Dialect::Postgres).contains("generated always"));
    }

    #[test]
    fn a_changed_or_a_newer_migration_is_refused() {
        let changed = BTreeMap::from([(1, "another".to_owned())]);
        assert!(matches!(missing(&changed), Err(BookError::Unfit(why)) if why.contains("changed")));
        let newer = BTreeMap::from([(99, String::new())]);
        assert!(matches!(missing(&newer), Err(BookError::Unfit(why)) if why.contains("newer")));
    }
}
