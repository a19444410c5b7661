//! Books for tests: SQLite in a temporary folder, PostgreSQL on a server that the tests start themselves.

mod belfry;
mod server;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub use belfry::Belfry;
pub use server::PostgresServer;
use tempfile::TempDir;

pub use crate::book::Turnstile;
use crate::{Book, PostgresOptions, SqliteOptions};

/// Connections of a PostgreSQL book; enough for tests that let some closures wait for others.
pub(crate) const CONNECTIONS: usize = 6;
const READERS: usize = 2;
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// The system gives the number of a process that ended to another one; both may have databases on one server.
static OWN: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());

/// A book of its own for one test; its files or its database go with it.
pub struct TestBook {
    /// The book.
    pub book: Book,
    /// `DATABASE_URL` of another process on the same book.
    pub url: String,
    _rest: Rest,
}

/// What is removed with the book.
enum Rest {
    Folder { _folder: TempDir },
    Database { _database: Database },
}

/// An engine under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the tests' server.
    Postgres,
}

impl EngineKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl TestBook {
    /// The book as another process has it open.
    pub fn another_process(&self) -> Book {
        let opened = match self.url.strip_prefix("sqlite://") {
            Some(path) => Book::open_sqlite(SqliteOptions { path: path.into(), readers: READERS }),
            None => Book::open_postgres(PostgresOptions {
                url: self.url.clone(),
                connections: CONNECTIONS,
            }),
        };
        opened.expect("the book opens")
    }
}

/// A book without tables.
pub fn empty_book(engine: EngineKind) -> TestBook {
    match engine {
        EngineKind::Sqlite => {
            let folder = TempDir::new().expect("a temporary folder can be made");
            let path = folder.path().join("rei.db");
            let url = format!("sqlite://{}", path.display());
            let book = Book::open_sqlite(SqliteOptions { path, readers: READERS })
                .expect("the book opens");
            TestBook { book, url, _rest: Rest::Folder { _folder: folder } }
        }
        EngineKind::Postgres => {
            let database = Database::create();
            let url = database.url();
            let options = PostgresOptions { url: url.clone(), connections: CONNECTIONS };
            let book = Book::open_postgres(options).expect("the server answers");
            TestBook { book, url, _rest: Rest::Database { _database: database } }
        }
    }
}

/// A migrated book without rows.
pub fn fresh_book(engine: EngineKind) -> TestBook {
    let fresh = empty_book(engine);
    fresh.book.migrate().expect("the book migrates");
    fresh
}

/// A migrated SQLite book without rows.
pub fn temp_sqlite() -> TestBook {
    fresh_book(EngineKind::Sqlite)
}

/// A migrated PostgreSQL book without rows.
pub fn temp_postgres() -> TestBook {
    fresh_book(EngineKind::Postgres)
}

/// Runs a test on a fresh book of each engine.
pub fn each_engine(test: impl Fn(&Book, EngineKind)) {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        test(&fresh.book, engine);
    }
}

/// The address of a new, empty database, which stays as long as the server.
pub fn fresh_database() -> String {
    let database = Database::create();
    let url = database.url();
    std::mem::forget(database);
    url
}

/// A database on the tests' server, removed when dropped.
struct Database {
    server: &'static str,
    name: String,
}

impl Database {
    fn create() -> Self {
        let server = PostgresServer::shared();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("rei_{}_{:08x}_{number}", std::process::id(), *OWN & 0xffff_ffff);
        server::run(server, &format!("create database {name}")).expect("a database can be made");
        Self { server, name }
    }

    fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server is thrown away with all its databases anyway.
        let _ = server::run(self.server, &format!("drop database {} with (force)", self.name));
    }
}
