//! One PostgreSQL for a whole test run, in a temporary folder, stopped by its process id however the run ends.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::needs;

/// How often and how long a starting server is asked whether it is ready: half a minute in all.
const READY_TRIES_MAX: u32 = 300;
const READY_PAUSE: Duration = Duration::from_millis(100);

/// Starts the server and waits. When its standard input ends, because the run ended, failed, was interrupted or was
/// killed, it stops the server and removes the folder. It ignores Ctrl-C itself, so that it lives long enough.
const GUARDIAN: &str = r#"
trap '' INT TERM HUP
folder=$1
shift
"$@" </dev/null >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A user with its group.
#[derive(Clone, Copy)]
struct User {
    name: &'static str,
    group: &'static str,
}

const POSTGRES_USER: User = User { name: "postgres", group: "postgres" };
const NOBODY: User = User { name: "nobody", group: "nogroup" };

/// A running server; dropping it stops it.
pub struct Postgres {
    guardian: Child,
    port: u16,
}

impl Postgres {
    /// Starts a server on a free port of the loopback. Nothing is synced to disk: its data is thrown away.
    ///
    /// # Errors
    /// When a program is missing or the server does not come up; the message holds the server's log.
    pub fn start() -> Result<Self> {
        let initdb = program("initdb")?;
        let postgres = program("postgres")?;
        let folder = folder();
        fs::create_dir_all(&folder)?;
        let user = server_user()?;
        if let Some(user) = user {
            cargo::run(Command::new("chown").arg(user.name).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut init = as_user(user, &initdb);
        init.arg("--pgdata").arg(&data);
        init.args([
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        cargo::run(init.current_dir(&folder).stdout(Stdio::null()))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = as_user(user, &postgres);
        let mut guardian = Command::new("sh");
        guardian.args(["-c", GUARDIAN, "postgres-guardian"]).arg(&folder);
        guardian.arg(server.get_program()).args(server.get_args()).arg("-D").arg(&data);
        guardian.arg("-p").arg(port.to_string());
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=400",
        ] {
            guardian.args(["-c", setting]);
        }
        let guardian =
            guardian.current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let server = Self { guardian, port };
        server.wait_until_ready(&folder.join("log"))?;
        Ok(server)
    }

    /// The address of its superuser's database; tests make databases of their own beside it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&self, log: &Path) -> Result<()> {
        let pg_isready = program("pg_isready")?;
        for _ in 0..READY_TRIES_MAX {
            let mut ask = Command::new(&pg_isready);
            ask.args(["--quiet", "--host=127.0.0.1", "--port"]).arg(self.port.to_string());
            if ask.status()?.success() {
                return Ok(());
            }
            thread::sleep(READY_PAUSE);
        }
        let log = fs::read_to_string(log).unwrap_or_default();
        bail!("PostgreSQL did not become ready:\n{log}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        if let Err(error) = self.guardian.wait() {
            eprintln!("PostgreSQL's guardian {} was lost: {error}", self.guardian.id());
        }
    }
}

/// Where the server of this run lives.
fn folder() -> PathBuf {
    env::temp_dir().join(format!("rei-test-postgres-{}", std::process::id()))
}

fn program(name: &str) -> Result<PathBuf> {
    needs::find(name).with_context(|| format!("{name} is missing: sudo apt-get install postgresql"))
}

/// The user and group that run the server: PostgreSQL refuses root. `None`: the present ones.
fn server_user() -> Result<Option<User>> {
    if !needs::is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("the list of users cannot be read")?;
    let known = |user: &User| users.lines().any(|line| line.split(':').next() == Some(user.name));
    let user = [POSTGRES_USER, NOBODY].into_iter().find(known);
    user.map(Some).context("PostgreSQL refuses root, and there is no other user to run it")
}

fn as_user(user: Option<User>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user.name, "--regid", user.group, "--clear-groups"]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_server_answers_while_it_is_held_and_leaves_nothing_behind() {
        let server =
            Postgres::start().expect("PostgreSQL is installed: cargo xtask test sees to it");
        let address = ("127.0.0.1", server.port);
        assert!(TcpStream::connect(address).is_ok());
        let folder = folder();
        assert!(folder.is_dir());
        drop(server);
        assert!(TcpStream::connect(address).is_err());
        assert!(!folder.exists());
    }
}
