//! Bringing the tables up to date. Forward only; each migration is one transaction; what was applied is recorded
//! with a hash, so a migration that changed later or a newer program's database is noticed.
//!
//! The files stand in `migrations/`, written once in the shared dialect ([`dialect`]). Running code of the version
//! before must survive each of them. `migrations/samples/` holds rows that a test loads before the next one runs.

mod dialect;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

pub(crate) use postgres::{NO_LIMITS, read_applied as applied_on};
pub(crate) use sqlite::read_applied as applied_in;
#[cfg(test)]
pub(crate) use tests::fill_with_samples;

use crate::BookError;
use crate::book::EngineOptions;

/// What was applied to this database: version and hash.
pub(crate) type Applied = BTreeMap<i64, String>;

#[derive(Clone, Copy, Debug)]
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
            text: include_str!(concat!("../../migrations/", $name, ".sql")),
        }),+]
    };
}

const MIGRATIONS: &[Migration] = migrations![1 "0001_ledger", 2 "0002_jobs", 3 "0003_chat", 4 "0004_orders", 5 "0005_generation", 6 "0006_payments", 7 "0007_admins", 8 "0008_presents", 9 "0009_concurrency_groups", 10 "0010_offset_receipts"];

/// Applies what is missing.
pub(crate) fn run(engine: &EngineOptions) -> Result<(), BookError> {
    apply(engine, MIGRATIONS)
}

/// What a program of this version has applied.
pub(crate) fn all_applied() -> Applied {
    MIGRATIONS.iter().map(|migration| (migration.version, migration.hash())).collect()
}

/// A new book in memory, with nothing but what the migrations put there.
pub(crate) fn new_in_memory() -> Result<rusqlite::Connection, BookError> {
    sqlite::in_memory(MIGRATIONS)
}

fn apply(engine: &EngineOptions, migrations: &[Migration]) -> Result<(), BookError> {
    match engine {
        EngineOptions::Sqlite(options) => sqlite::apply(&options.path, migrations),
        EngineOptions::Postgres(options) => postgres::apply(&options.url, migrations),
    }
}

/// What is not applied yet, after checking that what is applied is what this program knows.
fn missing<'m>(
    migrations: &'m [Migration],
    applied: &Applied,
) -> Result<Vec<&'m Migration>, BookError> {
    for (version, hash) in applied {
        let known = migrations.iter().find(|migration| migration.version == *version);
        let Some(known) = known else {
            return Err(BookError::Unfit(format!(
                "the database was made by a newer version of the program: its migration {version} is unknown here"
            )));
        };
        if known.hash() != *hash {
            return Err(BookError::Unfit(format!(
                "the migration {} was changed after it had been applied",
                known.name
            )));
        }
    }
    Ok(migrations.iter().filter(|migration| !applied.contains_key(&migration.version)).collect())
}

impl Migration {
    fn hash(&self) -> String {
        use std::fmt::Write;
        Sha256::digest(self.text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> BookError {
        BookError::Unfit(format!("the migration {} failed: {reason}", self.name))
    }
}
