//! What is promised about upgrades.

use std::path::{Path, PathBuf};

use super::dialect::{Dialect, translate};
use super::*;
use crate::Book;
use crate::testing::{EngineKind, TestBook, empty_book, fresh_book};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")
}

fn by_hand(fresh: &TestBook, sql: &str) -> Result<(), BookError> {
    let sql = sql.to_owned();
    fresh.book.blocking_write(move |tx| tx.execute_text(&sql))
}

fn refusal(migrated: Result<(), BookError>) -> String {
    match migrated {
        Err(BookError::Unfit(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_file_is_in_the_list_under_the_next_number() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    files.sort();
    let listed: Vec<&str> = MIGRATIONS.iter().map(|migration| migration.name).collect();
    assert_eq!(files, listed);
    for (migration, number) in MIGRATIONS.iter().zip(1..) {
        assert_eq!(migration.version, number);
        assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
    }
}

#[test]
fn sections_for_one_engine_are_closed() {
    for migration in MIGRATIONS {
        let sections =
            migration.text.lines().filter_map(|line| line.trim().strip_prefix("-- only:"));
        let sections: Vec<&str> = sections.map(str::trim).collect();
        assert!(sections.iter().all(|name| ["sqlite", "postgres", "both"].contains(name)));
        assert!(sections.last().is_none_or(|last| *last == "both"), "{}", migration.name);
    }
}

#[test]
fn every_table_of_sqlite_is_strict() {
    let fresh = fresh_book(EngineKind::Sqlite);
    let path = fresh.url.trim_start_matches("sqlite://");
    let connection = rusqlite::Connection::open(path).expect("the file opens");
    let loose: Vec<String> = connection
        .prepare("select name from pragma_table_list where strict = 0 and name not like 'sqlite_%'")
        .and_then(|mut ask| ask.query_map([], |row| row.get(0))?.collect())
        .expect("SQLite lists its tables");
    assert_eq!(loose, [""; 0]);
}

/// Migrates step by step, with the rows that the version of each step wrote.
pub(crate) fn fill_with_samples(book: &Book) {
    let dialect = match book.engine() {
        EngineOptions::Sqlite(_) => Dialect::Sqlite,
        EngineOptions::Postgres(_) => Dialect::Postgres,
    };
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        apply(book.engine(), &MIGRATIONS[..=index]).expect("it migrates");
        let file = folder().join("samples").join(format!("{}.sql", migration.name));
        let rows = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let rows = translate(&rows, dialect);
        book.blocking_write(move |tx| tx.execute_text(&rows))
            .unwrap_or_else(|error| panic!("{dialect:?}, {}: {error}", migration.name));
    }
}

/// Rows as the version of each migration wrote them must survive the next one.
#[test]
fn each_migration_takes_over_the_rows_of_the_one_before() {
    for engine in EngineKind::ALL {
        let fresh = empty_book(engine);
        fill_with_samples(&fresh.book);
        fresh.book.migrate().expect("it is up to date");
    }
}

#[test]
fn a_migration_that_was_changed_later_is_refused() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        by_hand(&fresh, "update schema_migration set sha256 = 'another' where version = 2")
            .expect("the record can be changed");
        let why = refusal(fresh.book.migrate());
        assert_eq!(why, "the migration 0002_jobs was changed after it had been applied");
    }
}

#[test]
fn the_database_of_a_newer_program_is_refused() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        by_hand(
            &fresh,
            "insert into schema_migration (version, name, sha256, applied_at) values (999, 'x', 'x', 1)",
        )
        .expect("the record can be changed");
        let why = refusal(fresh.book.migrate());
        assert!(why.contains("newer version") && why.contains("999"), "{why}");
    }
}

#[test]
fn a_migration_that_fails_leaves_nothing_and_the_next_try_goes_on() {
    let half_done = |version, name, text| Migration { version, name, text };
    for engine in EngineKind::ALL {
        let fresh = empty_book(engine);
        let good = half_done(1, "0001_good", "create table a (\n    n bigint not null\n);\n");
        let bad = half_done(
            2,
            "0002_bad",
            "create table b (\n    n bigint\n);\ninsert into c values (1);\n",
        );
        let why = refusal(apply(fresh.book.engine(), &[good, bad]));
        assert!(why.starts_with("the migration 0002_bad failed: "), "{why}");
        by_hand(&fresh, "insert into a (n) values (1)").expect("the first is there");
        by_hand(&fresh, "insert into b (n) values (1)").expect_err("the second is not");
        let better = half_done(2, "0002_bad", "create table b (\n    n bigint\n);\n");
        apply(fresh.book.engine(), &[good, better]).expect("it migrates");
        by_hand(&fresh, "insert into b (n) values (1)").expect("the second is there");
    }
}

#[test]
fn many_that_start_at_once_migrate_once() {
    for engine in EngineKind::ALL {
        let fresh = empty_book(engine);
        std::thread::scope(|scope| {
            let started: Vec<_> = (0..4).map(|_| scope.spawn(|| fresh.book.migrate())).collect();
            for one in started {
                one.join().expect("it ends").expect("it migrates");
            }
        });
    }
}
