//! Books for tests: SQLite in a temporary folder, PostgreSQL on a server that the tests start themselves.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::{Book, PostgresOptions, SqliteOptions};

/// An already running server, started once for many test processes.
const SERVER_VARIABLE: &str = "REI_TEST_POSTGRES";
/// How long a server may take to start.
const START_WITHIN: Duration = Duration::from_secs(30);
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A book of its own for one test; its files go with it.
pub struct TestBook {
    /// The book, migrated.
    pub book: Book,
    /// `DATABASE_URL` of another process on the same book.
    pub url: String,
    _folder: Option<TempDir>,
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

/// An empty, migrated book.
pub fn fresh_book(engine: EngineKind) -> TestBook {
    match engine {
        EngineKind::Sqlite => temp_sqlite(),
        EngineKind::Postgres => temp_postgres(),
    }
}

/// An empty, migrated SQLite book.
pub fn temp_sqlite() -> TestBook {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let path = folder.path().join("rei.db");
    let url = format!("sqlite://{}", path.display());
    let book = Book::open_sqlite(SqliteOptions { path, readers: 2 }).expect("the book opens");
    book.migrate().expect("the book migrates");
    TestBook { book, url, _folder: Some(folder) }
}

/// An empty, migrated database on the tests' PostgreSQL server.
pub fn temp_postgres() -> TestBook {
    let url = fresh_database();
    let book = Book::open_postgres(PostgresOptions { url: url.clone(), connections: 6 })
        .expect("the server answers");
    book.migrate().expect("the book migrates");
    TestBook { book, url, _folder: None }
}

/// Runs a test on a fresh book of each engine.
pub fn each_engine(test: impl Fn(&Book, EngineKind)) {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        test(&fresh.book, engine);
    }
}

/// The address of a new, empty database.
pub fn fresh_database() -> String {
    let server = PostgresServer::shared();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("rei_{}_{number}", std::process::id());
    let mut client = postgres::Client::connect(&format!("{server}/postgres"), postgres::NoTls)
        .expect("the tests' PostgreSQL answers");
    client.batch_execute(&format!("create database {name}")).expect("a database can be made");
    format!("{server}/{name}")
}

/// A PostgreSQL server of this test process.
pub struct PostgresServer {
    child: Child,
    /// `postgres://postgres@127.0.0.1:port`.
    pub url: String,
    _folder: TempDir,
}

static SHARED: OnceLock<String> = OnceLock::new();

impl PostgresServer {
    /// The address of the server that all tests share: the one the test command started, or one that this
    /// process starts and leaves to a watcher that stops it when the process ends.
    pub fn shared() -> &'static str {
        SHARED.get_or_init(|| {
            if let Ok(url) = std::env::var(SERVER_VARIABLE) {
                return url.trim_end_matches("/postgres").trim_end_matches('/').to_owned();
            }
            let server = Self::start();
            let url = server.url.clone();
            watch(&server);
            // The watcher stops it and removes its folder.
            std::mem::forget(server);
            url
        })
    }

    /// Starts a server in a temporary folder on a free port.
    pub fn start() -> Self {
        let programs = programs();
        let folder = TempDir::new().expect("a temporary folder can be made");
        let data = folder.path().join("data");
        give_away(folder.path());
        let made = unprivileged(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "initdb failed");
        let port = free_port();
        let child = unprivileged(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-c",
                "fsync=off",
                "-c",
                "max_connections=300",
            ])
            .arg("-k")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts");
        let url = format!("postgres://postgres@127.0.0.1:{port}");
        let server = Self { child, url, _folder: folder };
        server.wait();
        server
    }

    fn wait(&self) {
        let step = Duration::from_millis(100);
        for _ in 0..START_WITHIN.as_millis() / step.as_millis() {
            if postgres::Client::connect(&format!("{}/postgres", self.url), postgres::NoTls).is_ok()
            {
                return;
            }
            std::thread::sleep(step);
        }
        panic!("PostgreSQL did not start within {START_WITHIN:?}");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // SIGINT is a fast shutdown; the child of a privilege-dropping wrapper is the server itself.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Stops the server once this process is gone, however it ended.
fn watch(server: &PostgresServer) {
    let script = format!(
        "while kill -0 {} 2>/dev/null; do sleep 0.5; done; kill -INT {} 2>/dev/null; sleep 2; rm -rf '{}'",
        std::process::id(),
        server.child.id(),
        server._folder.path().display()
    );
    Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts");
}

fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL is missing; install it with: apt-get install -y postgresql")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// PostgreSQL refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn give_away(folder: &Path) {
    if is_root() {
        let given = Command::new("chown").arg("postgres").arg(folder).status();
        assert!(given.is_ok_and(|status| status.success()), "there is no user postgres");
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a bound listener has an address").port()
}
