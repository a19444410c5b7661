//! What the book promises about transactions, on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_storage::testing::{EngineKind, each_engine, fresh_book, temp_postgres};
use rei_storage::{Bell, Book, BookError, SqliteOptions, all_statements, customers};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn meet(book: &Book, id: i64) -> Result<(), BookError> {
    book.blocking_write(move |tx| {
        customers::seen(tx, CustomerId(id), "Анна", None, NOW).map(|_| ())
    })
}

fn known(book: &Book, id: i64) -> bool {
    book.blocking_read(move |tx| customers::find(tx, CustomerId(id)))
        .expect("the book is readable")
        .is_some()
}

#[test]
fn every_statement_prepares_on_both_engines() {
    each_engine(|book, engine| {
        for sql in all_statements() {
            let checked = book.blocking_read(move |tx| tx.check(sql));
            assert!(checked.is_ok(), "{engine:?}: {checked:?}\n{}", sql.sqlite());
        }
    });
}

#[test]
fn a_failing_or_panicking_closure_leaves_its_neighbours_alone() {
    each_engine(|book, _| {
        let threads: Vec<_> = (1..=60_i64)
            .map(|id| {
                let book = book.clone();
                std::thread::spawn(move || {
                    book.blocking_write(move |tx| {
                        customers::seen(tx, CustomerId(id), "x", None, NOW)?;
                        match id % 3 {
                            0 => Err(BookError::Busy),
                            1 if id % 2 == 0 => panic!("a bug of the closure"),
                            _ => Ok(()),
                        }
                    })
                })
            })
            .collect();
        for (index, thread) in threads.into_iter().enumerate() {
            let id = index as i64 + 1;
            let answer = thread.join().expect("the thread ends");
            assert_eq!(answer.is_ok(), known(book, id), "{id}: {answer:?}");
            if id % 3 == 1 && id % 2 == 0 {
                assert!(matches!(answer, Err(BookError::Panicked)), "{answer:?}");
            }
        }
    });
}

#[test]
fn a_bell_rings_after_its_commit_and_not_after_a_rollback() {
    each_engine(|book, _| {
        let bell = book.bell(Bell::Jobs);
        let given_up: Result<(), BookError> = book.blocking_write(|tx| {
            tx.ring(Bell::Jobs);
            Err(BookError::Busy)
        });
        assert!(given_up.is_err());
        assert!(!bell.has_changed().expect("the book lives"));
        book.blocking_write(|tx| {
            tx.ring(Bell::Jobs);
            Ok::<_, BookError>(())
        })
        .expect("it commits");
        assert!(bell.has_changed().expect("the book lives"));
    });
}

#[test]
fn migrating_twice_changes_nothing() {
    each_engine(|book, _| {
        meet(book, 7).expect("it commits");
        book.migrate().expect("the book is up to date");
        assert!(known(book, 7));
    });
}

#[test]
fn a_closure_that_got_into_a_conflict_is_run_again() {
    let fresh = temp_postgres();
    for id in [1, 2] {
        meet(&fresh.book, id).expect("it commits");
    }
    let runs = Arc::new(AtomicU32::new(0));
    // Two transactions take the same rows in opposite order: the server ends one of them.
    let cross = |first: i64, second: i64| {
        let (book, runs) = (fresh.book.clone(), Arc::clone(&runs));
        std::thread::spawn(move || {
            book.blocking_write(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                customers::save_session(tx, CustomerId(first), "{}")?;
                std::thread::sleep(Duration::from_millis(100));
                customers::save_session(tx, CustomerId(second), "{}")
            })
        })
    };
    let (one, two) = (cross(1, 2), cross(2, 1));
    one.join().expect("it ends").expect("it commits");
    two.join().expect("it ends").expect("it commits");
    assert!(runs.load(Ordering::SeqCst) > 2);
}

#[test]
fn a_broken_connection_is_made_anew() {
    let fresh = temp_postgres();
    meet(&fresh.book, 1).expect("it commits");
    let end_others = "select pg_terminate_backend(pid) from pg_stat_activity \
                      where datname = current_database() and pid <> pg_backend_pid()";
    fresh.book.blocking_write(move |tx| tx.execute_text(end_others)).expect("it commits");
    for id in 2..20 {
        meet(&fresh.book, id).expect("the book reconnects");
        assert!(known(&fresh.book, id));
    }
}

#[test]
fn two_processes_take_turns_on_one_file() {
    /// In the child: the file to write to.
    const FILE: &str = "REI_TEST_TURNS_FILE";
    const WRITES: i64 = 300;
    if let Ok(path) = std::env::var(FILE) {
        let book = Book::open_sqlite(SqliteOptions { path: path.into(), readers: 1 })
            .expect("the book opens");
        return (0..WRITES).for_each(|id| meet(&book, 1_000_000 + id).expect("it commits"));
    }
    let fresh = fresh_book(EngineKind::Sqlite);
    let path = fresh.url.trim_start_matches("sqlite://").to_owned();
    let mut child =
        std::process::Command::new(std::env::current_exe().expect("the test has a file"))
            .args(["--exact", "two_processes_take_turns_on_one_file"])
            .env(FILE, &path)
            .spawn()
            .expect("the other process starts");
    let mut longest = Duration::ZERO;
    let mut written = 0;
    while child.try_wait().expect("the child can be asked").is_none() {
        #[allow(clippy::disallowed_methods, reason = "a stopwatch for a bound, not a clock")]
        let started = std::time::Instant::now();
        meet(&fresh.book, written).expect("it commits");
        longest = longest.max(started.elapsed());
        written += 1;
    }
    assert!(child.wait().expect("the child ends").success());
    assert!(known(&fresh.book, 1_000_000 + WRITES - 1));
    // Without turns one of the two waits until the other is done.
    assert!(longest < Duration::from_secs(5), "the longest wait was {longest:?}");
    assert!(written > 20, "this process wrote only {written} times beside the other");
}
