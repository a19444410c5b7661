//! SQLite: one writer thread that commits many closures with one fsync, and a few reader threads.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::bells::Bells;
use super::lock::ProcessLock;
use super::queue::WorkQueue;
use super::sqlite_values::failed;
use super::{spawn, writer};
use crate::BookError;
use crate::tx::{Engine, Tx};

/// Older versions can lose a WAL that is reset while another process reads it.
const VERSION_MIN: i32 = 3_051_003;
/// For strangers such as the sqlite3 shell; our own processes take turns by [`ProcessLock`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than there are statements in the program.
const STATEMENTS_CACHED: usize = 512;
/// The cache of one connection. No `mmap`: the system caches the file anyway, and an error of the disk would
/// be a signal that ends the process instead of an error code.
const CACHE_KIB: i64 = 8_192;
/// What stays of the write-ahead log after a long read or a burst let it grow.
const WAL_KEPT_BYTES: i64 = 64 * 1024 * 1024;

/// How an SQLite book is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The database file, on a local disk; its folder is made when missing. Beside it stand the write-ahead log
    /// (`-wal`, `-shm`) and the lock files (`.turn`, `.lock`).
    pub path: PathBuf,
    /// Reader threads; at least one is started.
    pub readers: usize,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
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
    let path = &options.path;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| unopened(path, &error))?;
    }
    let lock = ProcessLock::beside(path).map_err(|error| unopened(path, &error))?;
    let writer = {
        // Several processes may open a new file at once; the first one turns it into a WAL database.
        let _held = lock.acquire().map_err(|error| unopened(path, &error))?;
        connect(path, Purpose::Write)?
    };
    let mut threads = Vec::new();
    let (queue, bells) = (Arc::clone(writes), Arc::clone(bells));
    threads.push(spawn("book-writer", move || writer::write_loop(&writer, &lock, &queue, &bells))?);
    for _ in 0..options.readers.max(1) {
        let reader = connect(path, Purpose::Read)?;
        let queue = Arc::clone(reads);
        threads.push(spawn("book-reader", move || read_loop(&reader, &queue))?);
    }
    Ok(threads)
}

pub(crate) fn connect(path: &Path, purpose: Purpose) -> Result<Connection, BookError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Otherwise SQLite looks at the parameters while it plans, and plans every statement with a
        // bound limit (and some joins) anew at each call: a sixth of the time of a capture.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
        connection.pragma_update(None, "query_only", purpose == Purpose::Read)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| unopened(path, &error))
}

fn unopened(path: &Path, reason: &dyn Display) -> BookError {
    BookError::Unfit(format!("the database {} cannot be opened: {reason}", path.display()))
}

fn read_loop(connection: &Connection, queue: &WorkQueue) {
    while let Some(mut work) = queue.next() {
        // A transaction, so that all reads of a closure see one state.
        match connection.execute_batch("begin") {
            Ok(()) => {
                work.run(&mut Tx::new(Engine::Sqlite(connection)));
                roll_back(connection);
                work.answer();
            }
            Err(error) => work.fail(failed("begin", &error)),
        }
    }
}

pub(super) fn roll_back(connection: &Connection) {
    // Some errors (a full disk) roll back by themselves.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("rollback")
    {
        tracing::error!(%error, "a transaction of the book could not be rolled back");
    }
}
