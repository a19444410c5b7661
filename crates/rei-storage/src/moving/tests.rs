//! What is promised about a moved book: everything of it, in either direction, or nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rei_domain::ledger::{Findings, TrialBalance};
use tempfile::TempDir;

use super::*;
use crate::testing::{EngineKind, fresh_database};
use crate::{Book, SqliteOptions};

/// Places of one test; the files go with it.
struct Places {
    folder: TempDir,
}

impl Places {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder can be made") }
    }

    fn empty(&self, engine: EngineKind, name: &str) -> Place {
        match engine {
            EngineKind::Sqlite => Place::Sqlite(self.folder.path().join(name)),
            EngineKind::Postgres => Place::Postgres(fresh_database()),
        }
    }

    /// A book with rows in every table.
    fn full(&self, engine: EngineKind) -> Place {
        let place = self.empty(engine, "full.db");
        let book = open(&place);
        crate::migrations::fill_with_samples(&book);
        book.close();
        place
    }
}

fn open(place: &Place) -> Book {
    match place {
        Place::Sqlite(path) => Book::open_sqlite(SqliteOptions { path: path.clone(), readers: 1 }),
        Place::Postgres(url) => {
            Book::open_postgres(PostgresOptions { url: url.clone(), connections: 1 })
        }
    }
    .expect("the book opens")
}

fn by_hand(place: &Place, sql: &str) {
    let (book, sql) = (open(place), sql.to_owned());
    book.blocking_write(move |tx| tx.execute_text(&sql)).expect("it can be done");
    book.close();
}

/// The samples' transfers were never posted, so that no audit can find them sound.
fn unasked(_: &mut Tx<'_>) -> Result<AuditReport, BookError> {
    let (findings, trial) = (Findings::default(), TrialBalance::default());
    Ok(AuditReport { transfers: 0, seals: 0, findings, trial })
}

fn moved(from: &Place, to: &Place) -> Result<Moved, MoveError> {
    move_with(from, to, &mut |_| {}, unasked)
}

fn rows_by_table(place: &Place) -> BTreeMap<String, u64> {
    let mut side: Box<dyn Side> = open_target(place).expect("it opens");
    let tables = side.tables().expect("they are listed");
    tables
        .into_iter()
        .map(|table| {
            let rows = side.count(&table.name).expect("they are counted");
            (table.name, rows)
        })
        .collect()
}

const WAYS: [(EngineKind, EngineKind); 4] = [
    (EngineKind::Sqlite, EngineKind::Postgres),
    (EngineKind::Postgres, EngineKind::Sqlite),
    (EngineKind::Sqlite, EngineKind::Sqlite),
    (EngineKind::Postgres, EngineKind::Postgres),
];

#[test]
fn every_table_arrives_with_all_its_rows_in_every_direction() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        let before = rows_by_table(&source);
        let empty: Vec<_> = before.iter().filter(|(_, rows)| **rows == 0).collect();
        assert!(empty.is_empty(), "the samples put nothing into {empty:?}");
        let moved = moved(&source, &target).expect("it moves");
        let told: BTreeMap<_, _> =
            moved.tables.iter().map(|table| (table.name.clone(), table.digest.rows)).collect();
        assert_eq!(told, before);
        assert_eq!(rows_by_table(&target), before);
        assert_eq!(moved.accounts, 3);
    }
}

#[test]
fn what_the_database_numbers_goes_on_after_the_highest_number_ever_given() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        let add = "insert into outbox (chat, class, payload, due_at, created_at) values (9, 'notice', '{}', 1, 1)";
        (0..3).for_each(|_| by_hand(&source, add));
        by_hand(&source, "delete from outbox where chat = 9");
        moved(&source, &target).expect("it moves");
        by_hand(&target, add);
        let book = open(&target);
        let ord = book
            .blocking_read(|tx| tx.query_one(&HIGHEST_ORD, &[]).and_then(|row| row.int("highest")));
        assert_eq!(ord, Ok(7), "{from:?} to {to:?}: three samples, three that are gone, one new");
    }
}

static HIGHEST_ORD: crate::Sql = crate::Sql::shared("select max(ord) as highest from outbox");

#[test]
fn a_target_with_rows_is_refused_by_name_and_left_alone() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        open(&target).migrate().expect("it migrates");
        by_hand(
            &target,
            "insert into customer (id, name, created_at, seen_at) values (5, 'Eve', 1, 1)",
        );
        let before = rows_by_table(&target);
        let why = moved(&source, &target).expect_err("it is not empty");
        let table = "customer".to_owned();
        assert_eq!(why, MoveError::TargetNotEmpty { table, rows: 1 });
        assert_eq!(rows_by_table(&target), before);
        by_hand(&target, "delete from customer");
        by_hand(&target, "update ledger_mark set seq = 4 where name = 'settled'");
        let why = moved(&source, &target).expect_err("it was used");
        assert_eq!(why, MoveError::TargetNotEmpty { table: "ledger_mark".to_owned(), rows: 2 });
        by_hand(&target, "update ledger_mark set seq = 0 where name = 'settled'");
        moved(&source, &target).expect("it is empty now");
        let why = moved(&source, &target).expect_err("it is full now");
        assert!(matches!(why, MoveError::TargetNotEmpty { .. }), "{why}");
    }
}

#[test]
fn a_database_of_somebody_else_s_is_refused() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        by_hand(&target, "create table recipe (id bigint not null primary key)");
        let why = moved(&source, &target).expect_err("it is somebody else's");
        assert_eq!(why, MoveError::ForeignTable { table: "recipe".to_owned(), rows: 0 });
    }
}

#[test]
fn a_move_that_breaks_off_anywhere_leaves_nothing_and_can_be_repeated() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        open(&target).migrate().expect("it migrates");
        let before = rows_by_table(&target);
        for after in [0, 5, before.len() - 1, before.len() + 3] {
            let mut steps = 0;
            let mut breaks = |_: &Step| {
                steps += 1;
                assert!(steps <= after, "the test breaks it off");
            };
            let moved = catch_unwind(AssertUnwindSafe(|| {
                move_with(&source, &target, &mut breaks, unasked)
            }));
            assert!(moved.is_err(), "it broke off");
            assert_eq!(rows_by_table(&target), before, "{from:?} to {to:?} after {after}");
        }
        moved(&source, &target).expect("it moves");
    }
}

/// Changes what arrives, as an engine or a hand might.
const fn meddler(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Sqlite => {
            "create trigger meddler after insert on customer begin
                 update customer set name = 'Mallory' where id = new.id;
             end"
        }
        EngineKind::Postgres => {
            "create function meddle() returns trigger language plpgsql as
                 $$ begin new.name := 'Mallory'; return new; end $$;
             create trigger meddler before insert on customer for each row execute function meddle()"
        }
    }
}

#[test]
fn a_row_that_arrives_otherwise_than_it_was_sent_undoes_the_move() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        open(&target).migrate().expect("it migrates");
        by_hand(&target, meddler(to));
        let before = rows_by_table(&target);
        let why = moved(&source, &target).expect_err("a row was changed on its way");
        assert!(matches!(&why, MoveError::Differs { table, .. } if table == "customer"), "{why}");
        assert_eq!(rows_by_table(&target), before, "{from:?} to {to:?}");
        by_hand(
            &target,
            match to {
                EngineKind::Sqlite => "drop trigger meddler",
                EngineKind::Postgres => "drop trigger meddler on customer",
            },
        );
        moved(&source, &target).expect("nobody is in the way now");
    }
}

#[test]
fn a_book_that_somebody_uses_is_neither_moved_nor_filled() {
    for (from, to) in WAYS {
        let places = Places::new();
        let (source, target) = (places.full(from), places.empty(to, "target.db"));
        let user = open(&source);
        let why = moved(&source, &target).expect_err("it is in use");
        assert!(matches!(why, MoveError::InUse { .. }), "{from:?}: {why}");
        user.close();
        let user = open(&target);
        let why = moved(&source, &target).expect_err("it is in use");
        assert!(matches!(why, MoveError::InUse { .. }), "{to:?}: {why}");
        user.close();
        moved(&source, &target).expect("nobody uses them now");
    }
}

#[test]
fn an_unsound_book_or_one_of_another_version_is_not_moved() {
    let places = Places::new();
    let source = places.full(EngineKind::Sqlite);
    let target = places.empty(EngineKind::Postgres, "");
    let why = move_book(&source, &target, &mut |_| {}).expect_err("the samples do not balance");
    assert!(matches!(why, MoveError::Unsound { findings: 1.., .. }), "{why}");
    assert_eq!(rows_by_table(&target)["transfer"], 0);
    by_hand(&source, "delete from schema_migration where version = 2");
    assert_eq!(moved(&source, &target), Err(MoveError::OtherVersion));
    let nowhere = places.empty(EngineKind::Sqlite, "nowhere.db");
    assert!(matches!(moved(&nowhere, &target), Err(MoveError::NoSource { .. })));
    assert!(!places.folder.path().join("nowhere.db").exists());
    let nobody_s = places.empty(EngineKind::Postgres, "");
    assert!(matches!(moved(&nobody_s, &target), Err(MoveError::NoSource { .. })));
}
