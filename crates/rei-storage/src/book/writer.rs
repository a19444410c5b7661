//! The writer thread of an SQLite book: takes what waits, commits it together with one fsync, answers.
//!
//! Nothing is held back to make a batch larger: while one batch is written, the next gathers by itself.

use rusqlite::Connection;

use super::bells::{Bells, Rung};
use super::lock::ProcessLock;
use super::queue::WorkQueue;
use super::sqlite::roll_back;
use super::sqlite_values::failed;
use super::stopwatch::Stopwatch;
use super::work::{Ran, Work};
use crate::BookError;
use crate::tx::{Engine, Tx};

/// Closures committed together at most: a batch stays within a few milliseconds.
const WRITE_BATCH_MAX: usize = 256;

/// A closure that ran, and whether its effects, if it wanted any, are on disk.
type Ended = (Box<dyn Work>, Result<(), BookError>);

pub(super) fn write_loop(
    connection: &Connection,
    lock: &ProcessLock,
    queue: &WorkQueue,
    bells: &Bells,
) {
    while queue.has_work() {
        let waits = Stopwatch::start();
        // Taken only with the lock in hand: what arrives while another process writes rides along.
        let ended = match lock.acquire() {
            Ok(_held) => {
                metrics::histogram!("book_lock_wait_seconds").record(waits.elapsed().as_secs_f64());
                commit(connection, queue.take(WRITE_BATCH_MAX))
            }
            Err(error) => all_failed(
                queue.take(WRITE_BATCH_MAX),
                &BookError::Unavailable(format!("the lock file: {error}")),
            ),
        };
        // The lock is free again: answering wakes others, and they must not delay another process.
        answer(ended, bells);
    }
}

fn commit(connection: &Connection, batch: Vec<Box<dyn Work>>) -> Vec<Ended> {
    metrics::histogram!("book_batch_size").record(batch.len() as f64);
    let took = Stopwatch::start();
    let closures = batch.len();
    let ended = match batch.len() {
        1 => one_by_one(connection, batch),
        _ => together(connection, batch),
    };
    tracing::debug!(
        closures,
        duration_ms = took.elapsed().as_millis(),
        "a batch of the book is done"
    );
    ended
}

/// Runs all closures in one transaction. When it fails as a whole, each is run once more on its own.
fn together(connection: &Connection, mut batch: Vec<Box<dyn Work>>) -> Vec<Ended> {
    if let Err(error) = run(connection, "begin immediate") {
        return all_failed(batch, &failed("begin immediate", &error));
    }
    let ran = batch.iter_mut().try_for_each(|work| in_savepoint(connection, work.as_mut()));
    match ran.and_then(|()| timed_commit(connection)) {
        Ok(()) => batch.into_iter().map(|work| (work, Ok(()))).collect(),
        Err(error) => {
            tracing::error!(%error, "a batch of the book failed as a whole, it is run one by one");
            roll_back(connection);
            one_by_one(connection, batch)
        }
    }
}

fn in_savepoint(connection: &Connection, work: &mut dyn Work) -> rusqlite::Result<()> {
    run(connection, "savepoint closure")?;
    if work.run(&mut Tx::new(Engine::Sqlite(connection))) != Ran::Well {
        run(connection, "rollback to closure")?;
    }
    run(connection, "release closure")
}

fn one_by_one(connection: &Connection, batch: Vec<Box<dyn Work>>) -> Vec<Ended> {
    let alone = |mut work: Box<dyn Work>| {
        let committed = alone(connection, work.as_mut());
        (work, committed)
    };
    batch.into_iter().map(alone).collect()
}

fn alone(connection: &Connection, work: &mut dyn Work) -> Result<(), BookError> {
    run(connection, "begin immediate").map_err(|error| failed("begin immediate", &error))?;
    if work.run(&mut Tx::new(Engine::Sqlite(connection))) != Ran::Well {
        roll_back(connection);
        return Ok(());
    }
    timed_commit(connection).map_err(|error| {
        roll_back(connection);
        failed("commit", &error)
    })
}

fn timed_commit(connection: &Connection) -> rusqlite::Result<()> {
    let took = Stopwatch::start();
    let committed = run(connection, "commit");
    metrics::histogram!("book_commit_seconds").record(took.elapsed().as_secs_f64());
    committed
}

fn run(connection: &Connection, text: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.raw_execute().map(|_| ())
}

fn all_failed(batch: Vec<Box<dyn Work>>, error: &BookError) -> Vec<Ended> {
    batch.into_iter().map(|work| (work, Err(error.clone()))).collect()
}

fn answer(mut ended: Vec<Ended>, bells: &Bells) {
    let mut rung = Rung::new();
    for (work, _) in ended.iter_mut().filter(|(_, committed)| committed.is_ok()) {
        rung.append(&mut work.take_rung());
    }
    for (work, committed) in ended {
        match committed {
            Ok(()) => work.answer(),
            Err(error) => work.fail(error),
        }
    }
    bells.ring(&rung);
}
