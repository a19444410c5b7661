//! Promises to processes that share one SQLite file.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rei_storage::SqliteOptions;
use rei_storage::testing::{TestBook, temp_sqlite};

use super::*;

/// In a child: the file to write to.
const FILE: &str = "REI_TEST_SHARED_FILE";
/// A wait beyond this is starving; taking turns it stays within some dozen milliseconds.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

fn path(fresh: &TestBook) -> PathBuf {
    PathBuf::from(fresh.url.trim_start_matches("sqlite://"))
}

/// Runs one test of this file once more, in another process that finds the file in its environment.
fn another_process(test: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().expect("the test has a file"))
        .args(["--exact", &format!("processes::{test}")])
        .env(FILE, file)
        .stdout(Stdio::null())
        .spawn()
        .expect("the other process starts")
}

fn opened(file: &Path) -> Book {
    Book::open_sqlite(SqliteOptions { path: file.to_owned(), readers: 1 }).expect("the book opens")
}

/// Writes with some threads until told otherwise; returns how often, and the longest wait.
fn write_while(book: &Book, first: i64, go_on: impl Fn(i64) -> bool + Sync) -> (i64, Duration) {
    let go_on = &go_on;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    let (mut written, mut longest) = (0, Duration::ZERO);
                    while go_on(written) {
                        #[allow(
                            clippy::disallowed_methods,
                            reason = "a stopwatch for a bound, not a clock"
                        )]
                        let started = std::time::Instant::now();
                        write(book, first + thread * 1_000_000 + written).expect("it commits");
                        longest = longest.max(started.elapsed());
                        written += 1;
                    }
                    (written, longest)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .fold((0, Duration::ZERO), |(written, longest), (more, wait)| {
                (written + more, longest.max(wait))
            })
    })
}

#[test]
fn two_processes_take_turns_on_one_file_and_none_starves() {
    const WRITES: i64 = 400;
    if let Ok(file) = std::env::var(FILE) {
        let (_, longest) = write_while(&opened(file.as_ref()), 1, |written| written < WRITES);
        assert!(longest < LONGEST_WAIT, "the longest wait was {longest:?}");
        return std::fs::write(format!("{file}.done"), "").expect("it is written");
    }
    let fresh = temp_sqlite();
    with_notes(&fresh.book);
    let done = path(&fresh).with_extension("db.done");
    let mut child =
        another_process("two_processes_take_turns_on_one_file_and_none_starves", &path(&fresh));
    let exited = std::sync::Mutex::new(&mut child);
    let goes_on = |_| {
        let mut child = exited.lock().expect("nobody panicked");
        !done.exists() && matches!(child.try_wait(), Ok(None))
    };
    let (written, longest) = write_while(&fresh.book, 100_000_000, goes_on);
    assert!(child.wait().expect("it ends").success(), "the other process is content too");
    assert!(longest < LONGEST_WAIT, "the longest wait was {longest:?}");
    // Both wrote all the time: with turns, none wrote much more than the other.
    assert!(written > WRITES, "this process wrote {written} times, the other {}", WRITES * 4);
    let found = fresh.book.blocking_read(count).expect("it is readable");
    assert_eq!(found, written + WRITES * 4);
}

#[test]
fn a_killed_process_leaves_neither_a_lock_nor_half_a_transaction() {
    if let Ok(file) = std::env::var(FILE) {
        let answered = opened(file.as_ref()).blocking_write(move |tx| {
            add(tx, 1)?;
            std::fs::write(format!("{file}.inside"), "").expect("it is written");
            // Killed long before.
            std::thread::sleep(Duration::from_secs(60));
            Ok::<_, BookError>(())
        });
        return answered.expect("it commits");
    }
    let fresh = temp_sqlite();
    with_notes(&fresh.book);
    let inside = path(&fresh).with_extension("db.inside");
    let mut child = another_process(
        "a_killed_process_leaves_neither_a_lock_nor_half_a_transaction",
        &path(&fresh),
    );
    while !inside.exists() {
        assert!(matches!(child.try_wait(), Ok(None)), "the other process ended");
        std::thread::yield_now();
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    write(&fresh.book, 2).expect("the lock is free");
    assert!(!is_there(&fresh.book, 1));
    assert!(is_there(&fresh.book, 2));
}
