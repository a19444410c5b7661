//! The binary as a process: told to end, killed, frozen, and asked what it said.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};

/// A process that was told to end has ended after this long.
const STOP_WITHIN: Duration = Duration::from_secs(25);
/// What is shown of a log when something went wrong.
const LOG_SHOWN_BYTES: usize = 4_000;

/// The binary, running; killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(super) fn new(child: Child, log: PathBuf) -> Self {
        Self { child, log }
    }

    /// The system's number for it; other processes of the house see it in the names of its roles.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Asks it to end, as the system does.
    pub async fn stop(mut self) -> ExitStatus {
        self.ends_when_told().await
    }

    /// The same, for one that is started again.
    pub async fn ends_when_told(&mut self) -> ExitStatus {
        self.signal("TERM").await;
        self.ended(STOP_WITHIN).await
    }

    /// Ends it in the middle of whatever it does.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// It does nothing from now on, and does not know it.
    pub async fn freeze(&self) {
        self.signal("STOP").await;
    }

    /// It goes on where it was.
    pub async fn thaw(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let told = Command::new("kill").args([&format!("-{name}"), &id]).status().await;
        assert!(told.expect("kill runs").success(), "{name}");
    }

    /// How it ended, if it did.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its end can be known")
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        match tokio::time::timeout(within, self.child.wait()).await {
            Ok(ended) => ended.expect("its end can be known"),
            Err(_) => panic!("it still runs after {within:?}: {}", self.said()),
        }
    }

    /// Everything that it has printed.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).expect("a log")).into_owned()
    }

    /// The end of what it has printed.
    pub fn said_last(&self) -> String {
        let log = std::fs::read(&self.log).expect("a log");
        String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_SHOWN_BYTES)..]).into_owned()
    }
}
