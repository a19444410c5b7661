//! SQLite: one writer thread that commits many closures with one fsync, and a few reader threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::lock::ProcessLock;
use super::queue::{Work, WorkQueue};
use super::{Bells, spawn};
use crate::BookError;
use crate::tx::{Engine, Tx};

/// Closures committed together at most: a batch stays within a few milliseconds.
const WRITE_BATCH_MAX: usize = 256;
/// Older versions can lose a WAL that is reset while another process reads it.
const VERSION_MIN: i32 = 3_051_003;
/// For strangers such as the sqlite3 shell; our own processes take turns by [`ProcessLock`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than there are statements in the program.
const STATEMENTS_CACHED: usize = 256;

/// How an SQLite book is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The database file; its folder is made when missing.
    pub path: PathBuf,
    /// Reader threads.
    pub readers: usize,
}

/// Opens the file and starts its threads.
pub(crate) fn open(
    options: &SqliteOptions,
    writes: &Arc<WorkQueue>,
    reads: &Arc<WorkQueue>,
    bells: &Arc<Bells>,
) -> Result<Vec<JoinHandle<()>>, BookError> {
    if rusqlite::version_number() < VERSION_MIN {
        let found = rusqlite::version();
        return Err(BookError::Unfit(format!("SQLite {found} is too old, 3.51.3 is needed")));
    }
    let unfit = |reason: &dyn std::fmt::Display| {
        BookError::Unfit(format!(
            "the database {} cannot be opened: {reason}",
            options.path.display()
        ))
    };
    if let Some(folder) = options.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| unfit(&error))?;
    }
    let lock = ProcessLock::beside(&options.path).map_err(|error| unfit(&error))?;
    let writer = {
        // Several processes may open a new file at once; the first one turns it into a WAL database.
        let _held = lock.acquire().map_err(|error| unfit(&error))?;
        connect(&options.path, false).map_err(|error| unfit(&error))?
    };
    let mut threads = Vec::new();
    let (queue, bells) = (Arc::clone(writes), Arc::clone(bells));
    threads.push(spawn("book-writer", move || write_loop(&writer, &lock, &queue, &bells))?);
    for _ in 0..options.readers.max(1) {
        let reader = connect(&options.path, true).map_err(|error| unfit(&error))?;
        let queue = Arc::clone(reads);
        threads.push(spawn("book-reader", move || read_loop(&reader, &queue))?);
    }
    Ok(threads)
}

pub(crate) fn connect(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // 8 MiB a connection; the system's own cache holds the rest.
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.pragma_update(None, "query_only", read_only)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn write_loop(connection: &Connection, lock: &ProcessLock, queue: &WorkQueue, bells: &Bells) {
    while let Some(batch) = queue.take(WRITE_BATCH_MAX) {
        metrics::histogram!("book_batch_size").record(batch.len() as f64);
        match lock.acquire() {
            Ok(_held) => commit_batch(connection, batch, bells),
            Err(error) => fail_all(batch, || BookError::Unavailable(error.to_string())),
        }
    }
}

/// Runs all closures in one transaction. When the commit fails, each is run once more on its own.
fn commit_batch(connection: &Connection, mut batch: Vec<Box<dyn Work>>, bells: &Bells) {
    if let [alone] = batch.as_mut_slice() {
        let committed = commit_alone(connection, alone.as_mut());
        let alone = batch.remove(0);
        return finish(alone, committed, bells);
    }
    if let Err(error) = connection.execute_batch("begin immediate") {
        return fail_all(batch, || busy(&error));
    }
    for work in &mut batch {
        if let Err(error) = run_in_savepoint(connection, work.as_mut()) {
            tracing::error!(%error, "a savepoint of the book failed, its batch is run one by one");
            roll_back(connection);
            return one_by_one(connection, batch, bells);
        }
    }
    match connection.execute_batch("commit") {
        Ok(()) => batch.into_iter().for_each(|work| finish(work, Ok(()), bells)),
        Err(error) => {
            tracing::error!(%error, "a batch of the book could not be committed, it is run one by one");
            roll_back(connection);
            one_by_one(connection, batch, bells);
        }
    }
}

fn run_in_savepoint(connection: &Connection, work: &mut dyn Work) -> rusqlite::Result<()> {
    let run = |text: &str| connection.prepare_cached(text)?.raw_execute().map(|_| ());
    run("savepoint closure")?;
    if !work.run(&mut Tx::new(Engine::Sqlite(connection))) {
        run("rollback to closure")?;
    }
    run("release closure")
}

fn commit_alone(connection: &Connection, work: &mut dyn Work) -> Result<(), BookError> {
    connection.execute_batch("begin immediate").map_err(|error| busy(&error))?;
    if !work.run(&mut Tx::new(Engine::Sqlite(connection))) {
        roll_back(connection);
        return Ok(());
    }
    connection.execute_batch("commit").map_err(|error| {
        roll_back(connection);
        busy(&error)
    })
}

fn one_by_one(connection: &Connection, batch: Vec<Box<dyn Work>>, bells: &Bells) {
    for mut work in batch {
        let committed = commit_alone(connection, work.as_mut());
        finish(work, committed, bells);
    }
}

fn finish(work: Box<dyn Work>, committed: Result<(), BookError>, bells: &Bells) {
    match committed {
        Ok(()) => {
            bells.ring(work.bells());
            work.answer();
        }
        Err(error) => work.fail(error),
    }
}

fn fail_all(batch: Vec<Box<dyn Work>>, error: impl Fn() -> BookError) {
    for work in batch {
        work.fail(error());
    }
}

fn roll_back(connection: &Connection) {
    // Some errors (a full disk) roll back by themselves.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("rollback")
    {
        tracing::error!(%error, "a transaction of the book could not be rolled back");
    }
}

fn busy(error: &rusqlite::Error) -> BookError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            BookError::Busy
        }
        _ => BookError::Unavailable(error.to_string()),
    }
}

fn read_loop(connection: &Connection, queue: &WorkQueue) {
    while let Some(batch) = queue.take(1) {
        for mut work in batch {
            // A transaction, so that all reads of a closure see one state.
            let begun = connection.execute_batch("begin").map_err(|error| busy(&error));
            if begun.is_ok() {
                work.run(&mut Tx::new(Engine::Sqlite(connection)));
                roll_back(connection);
            }
            match begun {
                Ok(()) => work.answer(),
                Err(error) => work.fail(error),
            }
        }
    }
}
