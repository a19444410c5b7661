//! Redis servers that tests start themselves, on a free port, with nothing written to disk.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How often and how long a starting server is asked whether it is ready: half a minute in all.
const READY_TRIES_MAX: u32 = 600;
const READY_PAUSE: Duration = Duration::from_millis(50);

/// A server of its own for one test; dropping it stops it.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    scheme: &'static str,
    options: Vec<String>,
    password: Option<String>,
    process: Option<Child>,
}

impl RedisServer {
    /// A server without a password.
    pub fn start() -> Self {
        Self::start_with("redis", &[], None)
    }

    /// A server that asks for this password.
    pub fn start_with_password(password: &str) -> Self {
        Self::start_with("redis", &["--requirepass", password], Some(password))
    }

    /// A server that speaks TLS alone, with this certificate and key.
    pub fn start_with_tls(certificate: &Path, key: &Path) -> Self {
        let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
        let options = [
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &certificate,
            "--tls-auth-clients",
            "no",
        ];
        Self::start_with("rediss", &options, None)
    }

    fn start_with(scheme: &'static str, options: &[&str], password: Option<&str>) -> Self {
        let mut server = Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
            port: free_port(),
            scheme,
            options: options.iter().map(ToString::to_string).collect(),
            password: password.map(str::to_owned),
            process: None,
        };
        server.restart();
        server
    }

    /// The address with everything that is needed to log in.
    pub fn url(&self) -> String {
        let login = self.password.as_ref().map(|word| format!(":{word}@")).unwrap_or_default();
        format!("{}://{login}localhost:{}", self.scheme, self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it in the middle of whatever it does; everything in it is gone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Either it is running, or it has ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again at the same address, empty.
    pub fn restart(&mut self) {
        self.stop();
        let listens = if self.scheme == "rediss" {
            ["--port".to_owned(), "0".to_owned(), "--tls-port".to_owned(), self.port.to_string()]
                .to_vec()
        } else {
            ["--port".to_owned(), self.port.to_string()].to_vec()
        };
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .args(listens)
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.unwrap_or_else(|error| {
            panic!("redis-server cannot be started ({error}): sudo apt-get install -y redis-server")
        }));
        self.wait_until_ready();
    }

    /// Freezes it: connections stand, and nobody answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Empties it.
    pub fn flush(&self) {
        self.say("FLUSHALL");
    }

    /// Sends a command in words without blanks and returns the raw answer; not over TLS.
    pub fn say(&self, command: &str) -> String {
        self.try_say(command)
            .unwrap_or_else(|error| panic!("redis-server does not answer: {error}"))
    }

    fn try_say(&self, command: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let login = self.password.as_ref().map(|word| format!("AUTH {word}\r\n"));
        let words = format!("{}{command}\r\nQUIT\r\n", login.unwrap_or_default());
        stream.write_all(words.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn wait_until_ready(&mut self) {
        for _ in 0..READY_TRIES_MAX {
            let is_ready = match self.scheme {
                "rediss" => TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok(),
                _ => self.try_say("PING").is_ok_and(|answer| answer.contains("PONG")),
            };
            if is_ready {
                return;
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok()).flatten();
            assert!(ended.is_none(), "redis-server ended at once: {ended:?}");
            std::thread::sleep(READY_PAUSE);
        }
        panic!("redis-server does not answer");
    }

    fn signal(&self, name: &str) {
        let id = self.process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {name} {id}");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
