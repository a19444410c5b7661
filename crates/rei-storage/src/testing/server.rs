//! A PostgreSQL server in a temporary folder, stopped by its process id however the tests end.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

/// An already running server, started once for many test processes.
const SERVER_VARIABLE: &str = "REI_TEST_POSTGRES";
/// How often a server is asked whether it is ready: every [`READY_STEP`] for half a minute.
const READY_TRIES_MAX: u32 = 600;
const READY_STEP: Duration = Duration::from_millis(50);
/// Somebody else may take the free port before the server does.
const START_TRIES_MAX: u32 = 3;
/// Whom the server runs as when the tests run as root, which PostgreSQL refuses.
const USERS: [(&str, &str); 2] = [("postgres", "postgres"), ("nobody", "nogroup")];

static SHARED: OnceLock<String> = OnceLock::new();

/// A PostgreSQL server of this test process.
pub struct PostgresServer {
    child: Child,
    /// `postgres://postgres@127.0.0.1:port`.
    pub url: String,
    folder: TempDir,
    port: u16,
}

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
        Self::start_in(prepared_folder(), &[])
    }

    /// As [`Self::start`], and what was committed is on the disk, as an owner's server has it: for benches.
    pub fn start_durable() -> Self {
        Self::start_in(prepared_folder(), &["fsync=on", "full_page_writes=on"])
    }

    /// As [`Self::start`], encrypting with this certificate and key (PEM).
    pub fn start_with_certificate(certificate: &str, key: &str) -> Self {
        let folder = prepared_folder();
        let files = [("server.crt", certificate), ("server.key", key)];
        for (name, text) in files {
            let file = folder.path().join("data").join(name);
            std::fs::write(&file, text).expect("a file can be written");
            // The server refuses a key that others may read.
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&file, private).expect("a file can be made private");
            give_away(&file);
        }
        Self::start_in(folder, &["ssl=on"])
    }

    fn start_in(folder: TempDir, settings: &[&str]) -> Self {
        let programs = programs();
        for _ in 0..START_TRIES_MAX {
            let port = free_port();
            let mut child = spawn(&programs, folder.path(), port, settings);
            let url = format!("postgres://postgres@127.0.0.1:{port}");
            if is_ready(&mut child, &url) {
                return Self { child, url, folder, port };
            }
            stop(&mut child, Shutdown::Fast);
        }
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start:\n{log}");
    }

    /// Makes an empty database; its address.
    pub fn database(&self, name: &str) -> String {
        run(&self.url, &format!("create database {name}")).expect("a database can be made");
        format!("{}/{name}", self.url)
    }

    /// Ends the server in the middle of whatever it does, as a crash of it would.
    pub fn stop_at_once(&mut self) {
        stop(&mut self.child, Shutdown::Immediate);
    }

    /// Starts it again with what it has on disk, at the same address.
    pub fn start_again(&mut self) {
        let mut child = spawn(&programs(), self.folder.path(), self.port, &[]);
        assert!(is_ready(&mut child, &self.url), "PostgreSQL starts again");
        self.child = child;
    }

    /// Cuts every connection to a database.
    pub fn cut_all(&self, database: &str) {
        let cut = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"
        );
        run(&self.url, &cut).expect("connections can be cut");
    }

    /// A program of the server's, such as `pg_dump`, of the server's version.
    pub fn program(name: &str) -> PathBuf {
        programs().join(name)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        stop(&mut self.child, Shutdown::Fast);
    }
}

/// How a server is told to end.
#[derive(Clone, Copy)]
enum Shutdown {
    /// Connections are cut, everything is written.
    Fast,
    /// Everything is dropped; what was committed is found again at the next start.
    Immediate,
}

/// Runs a statement in the server's own database.
pub(super) fn run(server: &str, sql: &str) -> Result<(), postgres::Error> {
    // The client blocks on a runtime inside, which the runtime of an asynchronous test forbids.
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let address = format!("{server}/postgres");
            postgres::Client::connect(&address, postgres::NoTls)?.batch_execute(sql)
        });
        run.join().expect("the client does not panic")
    })
}

/// A folder with an empty server in `data`.
fn prepared_folder() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    give_away(folder.path());
    let made = unprivileged(&programs().join("initdb"))
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ])
        .arg("-D")
        .arg(folder.path().join("data"))
        .current_dir(folder.path())
        .output()
        .expect("initdb starts");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn spawn(programs: &Path, folder: &Path, port: u16, settings: &[&str]) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("a file can be made");
    let fixed = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "max_connections=300",
    ];
    let mut command = unprivileged(&programs.join("postgres"));
    for setting in fixed.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    command
        .args(["-p", &port.to_string(), "-D"])
        .arg(folder.join("data"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        // An interrupt from the keyboard is for the tests; the watcher then stops the server in order.
        .process_group(0)
        .spawn()
        .expect("postgres starts")
}

fn is_ready(child: &mut Child, url: &str) -> bool {
    for _ in 0..READY_TRIES_MAX {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return false;
        }
        if run(url, "select 1").is_ok() {
            return true;
        }
        std::thread::sleep(READY_STEP);
    }
    false
}

fn stop(child: &mut Child, how: Shutdown) {
    let signal = match how {
        Shutdown::Fast => "-INT",
        Shutdown::Immediate => "-QUIT",
    };
    // The wrapper that drops privileges has become the server itself.
    if matches!(child.try_wait(), Ok(None)) {
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
    }
    let _ = child.wait();
}

/// Stops the server once this process is gone, however it ended.
#[allow(clippy::zombie_processes, reason = "it outlives this process, so nobody can wait for it")]
fn watch(server: &PostgresServer) {
    const SCRIPT: &str = "\
        while kill -0 \"$0\" 2>/dev/null; do sleep 0.5; done; \
        kill -INT \"$1\" 2>/dev/null; \
        for step in $(seq 100); do kill -0 \"$1\" 2>/dev/null || break; sleep 0.1; done; \
        rm -rf \"$2\"";
    Command::new("sh")
        .args(["-c", SCRIPT])
        .args([std::process::id().to_string(), server.child.id().to_string()])
        .arg(server.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sh starts");
}

/// The folder of the newest PostgreSQL: Debian's own, or wherever `PATH` finds one.
fn programs() -> PathBuf {
    let version =
        |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .expect("PostgreSQL is missing; install it with: apt-get install -y postgresql")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

fn user() -> (&'static str, &'static str) {
    let exists =
        |name: &str| Command::new("id").arg(name).output().is_ok_and(|id| id.status.success());
    USERS.into_iter().find(|(name, _)| exists(name)).expect("there is a user besides root")
}

fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let (user, group) = user();
    let mut command = Command::new("setpriv");
    command
        .args([format!("--reuid={user}"), format!("--regid={group}")])
        .args(["--clear-groups", "--"])
        .arg(program);
    command
}

fn give_away(path: &Path) {
    if is_root() {
        let given = Command::new("chown").arg(user().0).arg(path).status();
        assert!(given.is_ok_and(|status| status.success()), "{} is given away", path.display());
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a bound listener has an address").port()
}
