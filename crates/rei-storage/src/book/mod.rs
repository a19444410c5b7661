//! The book: `read` and `write` take synchronous closures and run them on threads of their own, so that a
//! transaction cannot wait for the network.

mod lock;
mod postgres;
pub(crate) mod postgres_values;
mod queue;
mod sqlite;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

pub use postgres::PostgresOptions;
pub(crate) use postgres::connect as connect_postgres;
pub use sqlite::SqliteOptions;
pub(crate) use sqlite::connect as connect_sqlite;

use crate::tx::Tx;
use crate::{BookError, migrations};
use queue::{Lane, Pending, WorkQueue};

/// Something that waiters of this process are woken for after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// A job may be claimed.
    Jobs = 0,
    /// A message may be sent.
    Outbox = 1,
    /// An update may be served.
    Inbox = 2,
}

impl Bell {
    pub(crate) const COUNT: usize = 3;
}

/// The bells of one process.
pub(crate) struct Bells([watch::Sender<u64>; Bell::COUNT]);

impl Bells {
    fn new() -> Self {
        Self(std::array::from_fn(|_| watch::Sender::new(0)))
    }

    fn ring(&self, bells: [bool; Bell::COUNT]) {
        for (sender, rung) in self.0.iter().zip(bells) {
            if rung {
                sender.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    }
}

/// The database of the product. Cheap to clone; the last clone to go ends its threads.
#[derive(Clone)]
pub struct Book(Arc<Inner>);

struct Inner {
    engine: EngineOptions,
    writes: Arc<WorkQueue>,
    reads: Arc<WorkQueue>,
    bells: Arc<Bells>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Clone, Debug)]
pub(crate) enum EngineOptions {
    Sqlite(SqliteOptions),
    Postgres(PostgresOptions),
}

impl Book {
    /// Opens or creates an SQLite file.
    ///
    /// # Errors
    /// [`BookError::Unfit`] when it can't be opened or SQLite is too old.
    pub fn open_sqlite(options: SqliteOptions) -> Result<Self, BookError> {
        let (writes, reads, bells) =
            (Arc::new(WorkQueue::new()), Arc::new(WorkQueue::new()), Arc::new(Bells::new()));
        let threads = Mutex::new(sqlite::open(&options, &writes, &reads, &bells)?);
        let engine = EngineOptions::Sqlite(options);
        Ok(Self(Arc::new(Inner { engine, writes, reads, bells, threads })))
    }

    /// Connects to a PostgreSQL server.
    ///
    /// # Errors
    /// [`BookError::Unavailable`] when it can't be reached, [`BookError::Unfit`] for a broken address.
    pub fn open_postgres(options: PostgresOptions) -> Result<Self, BookError> {
        let (queue, bells) = (Arc::new(WorkQueue::new()), Arc::new(Bells::new()));
        let threads = Mutex::new(postgres::open(&options, &queue, &bells)?);
        let engine = EngineOptions::Postgres(options);
        Ok(Self(Arc::new(Inner {
            engine,
            writes: Arc::clone(&queue),
            reads: queue,
            bells,
            threads,
        })))
    }

    /// Brings the tables up to date; several processes may do so at once.
    ///
    /// # Errors
    /// [`BookError::Unfit`] when the database was made by a newer program or a migration was changed.
    pub fn migrate(&self) -> Result<(), BookError> {
        migrations::run(&self.0.engine)
    }

    /// Runs a closure in a transaction and answers when it is on disk. The closure may be run again, so it has
    /// no effect but on its transaction.
    ///
    /// # Errors
    /// The closure's own, or [`BookError`] turned into it; then nothing was changed, but see
    /// [`BookError::UnknownOutcome`].
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
    {
        submit(&self.0.writes, work, false, Lane::Ordinary).await
    }

    /// As [`Self::write`], ahead of everything that waits: for heartbeats.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_urgent<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
    {
        submit(&self.0.writes, work, false, Lane::Urgent).await
    }

    /// Runs a closure that only reads; all its reads see one state.
    ///
    /// # Errors
    /// The closure's own, or [`BookError`] turned into it.
    pub async fn read<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
    {
        submit(&self.0.reads, work, true, Lane::Ordinary).await
    }

    /// As [`Self::write`], for threads outside of any runtime.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn blocking_write<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
    {
        submit_blocking(&self.0.writes, work, false)
    }

    /// As [`Self::read`], for threads outside of any runtime.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn blocking_read<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
    {
        submit_blocking(&self.0.reads, work, true)
    }

    /// Moves after each commit of this process that rang the bell.
    pub fn bell(&self, bell: Bell) -> watch::Receiver<u64> {
        self.0.bells.0[bell as usize].subscribe()
    }

    /// Copies a live SQLite book to a new file, without stopping anybody.
    ///
    /// # Errors
    /// [`BookError::Unfit`] on PostgreSQL (use `pg_dump`) or when the file can't be written.
    pub fn backup_to(&self, target: PathBuf) -> Result<(), BookError> {
        let EngineOptions::Sqlite(options) = &self.0.engine else {
            return Err(BookError::Unfit("a PostgreSQL book is copied by pg_dump".to_owned()));
        };
        let unfit = |error: rusqlite::Error| BookError::Unfit(format!("the copy failed: {error}"));
        let source = connect_sqlite(&options.path, true).map_err(unfit)?;
        let target = target.to_string_lossy().into_owned();
        source.execute("vacuum into ?1", [target]).map(|_| ()).map_err(unfit)
    }

    /// Finishes everything that waits and ends the threads.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Inner {
    fn close(&self) {
        self.writes.close();
        self.reads.close();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread of the book may drop the last clone itself; it cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

async fn submit<T, E>(
    queue: &WorkQueue,
    work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    reads: bool,
    lane: Lane,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<BookError> + Send + 'static,
{
    let place = queue.place().await?;
    let (pending, answer) = Pending::new(work, reads, Some(place));
    queue.push(Box::new(pending), lane);
    answer.await.unwrap_or_else(|_| Err(BookError::Closed.into()))
}

fn submit_blocking<T, E>(
    queue: &WorkQueue,
    work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    reads: bool,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<BookError> + Send + 'static,
{
    // A blocked thread waits for one closure at a time, so it needs no place.
    let (pending, answer) = Pending::new(work, reads, None);
    queue.push(Box::new(pending), Lane::Ordinary);
    answer.blocking_recv().unwrap_or_else(|_| Err(BookError::Closed.into()))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, BookError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| BookError::Unfit(format!("no thread could be started: {error}")))
}
