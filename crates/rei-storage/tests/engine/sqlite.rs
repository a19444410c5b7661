//! Promises of the SQLite engine: group commit, durability, copies.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use rei_storage::SqliteOptions;
use rei_storage::testing::{TestBook, temp_sqlite};

use super::*;

statements! {
    SETTINGS = "select synchronous, foreign_keys from pragma_synchronous, pragma_foreign_keys";
}

fn path(fresh: &TestBook) -> &str {
    fresh.url.trim_start_matches("sqlite://")
}

/// Keeps the writer busy until told to go on; comes back when it is.
fn block_the_writer(book: &Book) -> (mpsc::Sender<()>, std::thread::JoinHandle<()>) {
    let (go_on, wait) = mpsc::channel::<()>();
    let (busy, is_busy) = mpsc::channel();
    let (wait, book) = (Arc::new(Mutex::new(wait)), book.clone());
    let blocked = std::thread::spawn(move || {
        let blocked = book.blocking_write(move |_| {
            busy.send(()).expect("the test waits");
            wait.lock().expect("nobody panicked").recv().expect("the test goes on");
            Ok::<_, BookError>(())
        });
        blocked.expect("it commits");
    });
    is_busy.recv().expect("the writer is blocked");
    (go_on, blocked)
}

#[test]
fn the_writer_waits_for_the_disk_and_checks_references() {
    let fresh = temp_sqlite();
    let row = fresh.book.blocking_write(|tx| tx.query_one(&SETTINGS, &[])).expect("it is read");
    // 2 is `full`.
    assert_eq!((row.int("synchronous"), row.int("foreign_keys")), (Ok(2), Ok(1)));
}

#[tokio::test]
async fn what_waits_together_is_committed_together_and_urgent_work_goes_first() {
    const CROWD: i64 = 100;
    let blocking = tokio::task::spawn_blocking(|| {
        let fresh = temp_sqlite();
        with_notes(&fresh.book);
        let blocker = block_the_writer(&fresh.book);
        (fresh, blocker)
    });
    let (fresh, (go_on, blocked)) = blocking.await.expect("it is prepared");
    // Each closure writes how many came before it.
    let in_turn = |tx: &mut Tx<'_>, name: i64| {
        let before = count(tx)?;
        tx.execute(&ADD, &params! { ":id" => name, ":text" => before.to_string() }).map(|_| ())
    };
    let mut writes = Vec::new();
    for id in 1..=CROWD {
        let book = fresh.book.clone();
        writes.push(tokio::spawn(async move { book.write(move |tx| in_turn(tx, id)).await }));
    }
    tokio::task::yield_now().await;
    let book = fresh.book.clone();
    writes.push(tokio::spawn(async move { book.write_urgent(move |tx| in_turn(tx, 0)).await }));
    tokio::task::yield_now().await;

    let stranger = rusqlite::Connection::open(path(&fresh)).expect("the file opens");
    go_on.send(()).expect("the writer waits");
    let mut seen = 0;
    while seen == 0 {
        seen = stranger
            .query_row("select count(*) from note", [], |row| row.get::<_, i64>(0))
            .expect("the file is readable");
    }
    assert_eq!(seen, CROWD + 1, "one commit shows all of them");
    for write in writes {
        assert_eq!(write.await.expect("it ends"), Ok(()));
    }
    assert_eq!(fresh.book.read(|tx| find(tx, 0)).await, Ok(Some("0".to_owned())));
    blocked.join().expect("it ends");
}

#[test]
fn an_answer_means_that_strangers_see_it() {
    let fresh = temp_sqlite();
    with_notes(&fresh.book);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let fresh = &fresh;
            scope.spawn(move || {
                let stranger = rusqlite::Connection::open(path(fresh)).expect("the file opens");
                for step in 0..50 {
                    let id = thread * 1_000 + step;
                    write(&fresh.book, id).expect("it commits");
                    let found = stranger.query_row(
                        "select count(*) from note where id = ?1",
                        [id],
                        |row| row.get::<_, i64>(0),
                    );
                    assert_eq!(found.expect("the file is readable"), 1);
                }
            });
        }
    });
}

#[test]
fn a_copy_is_complete_while_others_write_and_never_replaces_a_file() {
    let fresh = temp_sqlite();
    with_notes(&fresh.book);
    (0..500).for_each(|id| write(&fresh.book, id).expect("it commits"));
    let folder = tempfile::TempDir::new().expect("a folder can be made");
    let copy = folder.path().join("copy.db");
    std::thread::scope(|scope| {
        let book = &fresh.book;
        scope.spawn(move || (500..700).for_each(|id| write(book, id).expect("it commits")));
        std::fs::write(folder.path().join("copy.db.partial"), "broken off").expect("it is written");
        fresh.book.backup_to(copy.clone()).expect("it is copied");
    });
    assert!(!folder.path().join("copy.db.partial").exists());
    let again = fresh.book.backup_to(copy.clone());
    assert!(matches!(again, Err(BookError::Unfit(why)) if why.contains("exists")));
    let restored = Book::open_sqlite(SqliteOptions { path: copy, readers: 1 }).expect("it opens");
    restored.migrate().expect("it is up to date");
    assert!((500..=700).contains(&restored.blocking_read(count).expect("it is readable")));
    assert!(is_there(&restored, 499));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::TempDir::new().expect("a folder can be made");
    let path = folder.path().join("rei.db");
    std::fs::write(&path, "not a database ".repeat(100)).expect("it is written");
    let opened = Book::open_sqlite(SqliteOptions { path, readers: 1 });
    assert!(matches!(opened.map(|_| ()), Err(BookError::Unfit(why)) if why.contains("rei.db")));
}
