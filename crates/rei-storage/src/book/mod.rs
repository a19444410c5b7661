//! The book: `read` and `write` take synchronous closures and run them on threads of their own, so that a
//! transaction cannot wait for the network.

mod backup;
mod bells;
mod lock;
mod postgres;
mod postgres_connect;
pub(crate) mod postgres_session;
pub(crate) mod postgres_values;
mod queue;
mod sqlite;
pub(crate) mod sqlite_values;
mod stopwatch;
mod turnstile;
mod work;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rei_domain::shared::SharedBells;

use bells::Bells;
pub(crate) use bells::Rung;
pub use bells::{Bell, Listener};
pub(crate) use lock::ProcessLock;
pub use postgres::PostgresOptions;
pub(crate) use postgres_connect::{connect as connect_postgres, parse as parse_postgres};
pub(crate) use postgres_session::{PostgresFault, words as postgres_words};
use queue::{Lane, WorkQueue};
pub use sqlite::SqliteOptions;
pub(crate) use sqlite::{Purpose, connect as connect_sqlite};
use turnstile::Gate;
#[cfg(any(test, feature = "testing"))]
pub use turnstile::Turnstile;
use work::{Access, Pending};

use crate::tx::Tx;
use crate::{BookError, migrations};

/// The database of the product. Cheap to clone; the last clone to go ends its threads.
#[derive(Clone)]
pub struct Book(Arc<Inner>, Gate);

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
            (Arc::new(WorkQueue::new()), Arc::new(WorkQueue::new()), Arc::new(Bells::default()));
        let threads = sqlite::open(&options, &writes, &reads, &bells).inspect_err(|_| {
            // Those that were started already end.
            writes.close();
            reads.close();
        });
        let threads = Mutex::new(threads?);
        let engine = EngineOptions::Sqlite(options);
        Ok(Self(Arc::new(Inner { engine, writes, reads, bells, threads }), Gate::default()))
    }

    /// Connects to a PostgreSQL server.
    ///
    /// # Errors
    /// [`BookError::Unavailable`] when it can't be reached, [`BookError::Unfit`] for a broken address.
    pub fn open_postgres(options: PostgresOptions) -> Result<Self, BookError> {
        let (queue, bells) = (Arc::new(WorkQueue::new()), Arc::new(Bells::default()));
        let threads =
            apart(|| postgres::open(&options, &queue, &bells)).inspect_err(|_| queue.close());
        let threads = Mutex::new(threads?);
        let engine = EngineOptions::Postgres(options);
        let writes = Arc::clone(&queue);
        let inner = Inner { engine, writes, reads: queue, bells, threads };
        Ok(Self(Arc::new(inner), Gate::default()))
    }

    /// Brings the tables up to date; several processes may do so at once.
    ///
    /// # Errors
    /// [`BookError::Unfit`] when the database was made by a newer program or a migration was changed.
    pub fn migrate(&self) -> Result<(), BookError> {
        apart(|| migrations::run(&self.0.engine))
    }

    #[cfg(test)]
    pub(crate) fn engine(&self) -> &EngineOptions {
        &self.0.engine
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
        submit(&self.1, &self.0.writes, work, Access::Write, Lane::Ordinary).await
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
        submit(&self.1, &self.0.writes, work, Access::Write, Lane::Urgent).await
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
        submit(&self.1, &self.0.reads, work, Access::Read, Lane::Ordinary).await
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
        submit_blocking(&self.0.writes, work, Access::Write)
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
        submit_blocking(&self.0.reads, work, Access::Read)
    }

    /// Lets other processes hear this book's bells, and hears theirs. Once, before anybody listens.
    pub fn share_bells(&self, shared: SharedBells) {
        self.0.bells.share(shared);
    }

    /// Hears a bell from now on.
    pub fn listen(&self, bell: Bell) -> Listener {
        self.0.bells.listen(bell)
    }

    /// Rings a bell for other processes alone: for whoever has no room for what he found.
    pub fn ring_others(&self, bell: &Bell) {
        self.0.bells.ring_others(bell);
    }

    /// Copies a live SQLite book to a new file, without stopping anybody. Blocks until the copy is on disk.
    ///
    /// # Errors
    /// [`BookError::Unfit`] on PostgreSQL (use `pg_dump`), when the file exists or can't be written.
    pub fn backup_to(&self, target: PathBuf) -> Result<(), BookError> {
        match &self.0.engine {
            EngineOptions::Sqlite(options) => backup::copy(&options.path, &target),
            EngineOptions::Postgres(_) => {
                Err(BookError::Unfit("a PostgreSQL book is copied by pg_dump".to_owned()))
            }
        }
    }

    /// Finishes everything that waits and ends the threads; what comes later gets [`BookError::Closed`].
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
    gate: &Gate,
    queue: &WorkQueue,
    work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    access: Access,
    lane: Lane,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<BookError> + Send + 'static,
{
    gate.enter(access).await;
    let place = queue.place(lane).await?;
    let (pending, answer) = Pending::new(work, access, Some(place));
    queue.push(Box::new(pending), lane);
    let answered = answer.await.unwrap_or_else(|_| Err(BookError::Closed.into()));
    gate.leave().await;
    answered
}

fn submit_blocking<T, E>(
    queue: &WorkQueue,
    work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    access: Access,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<BookError> + Send + 'static,
{
    // A blocked thread waits for one closure at a time, so it needs no place.
    let (pending, answer) = Pending::new(work, access, None);
    queue.push(Box::new(pending), Lane::Ordinary);
    answer.blocking_recv().unwrap_or_else(|_| Err(BookError::Closed.into()))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, BookError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| BookError::Unfit(format!("no thread could be started: {error}")))
}

/// Runs on a thread of its own: the PostgreSQL client blocks on a runtime inside, which a caller's runtime forbids.
pub(crate) fn apart<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        scope.spawn(run).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
