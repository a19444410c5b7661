//! Turns between processes that share one SQLite file.
//!
//! SQLite's own busy handler polls and has no queue: of two busy processes one starves for seconds. Here a
//! process first waits for the turn, then for the lock, and passes the turn on once it has the lock. Whoever
//! wants the lock again stands behind the one who already waits for it. The system frees both when a process dies.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The two lock files beside a database.
pub(crate) struct ProcessLock {
    turn: File,
    lock: File,
}

impl ProcessLock {
    pub(crate) fn beside(database: &Path) -> io::Result<Self> {
        let open = |suffix: &str| {
            let mut path = database.as_os_str().to_owned();
            path.push(suffix);
            OpenOptions::new().create(true).truncate(false).write(true).open(PathBuf::from(path))
        };
        Ok(Self { turn: open(".turn")?, lock: open(".lock")? })
    }

    /// Waits for the lock, fairly.
    pub(crate) fn acquire(&self) -> io::Result<Held<'_>> {
        wait_for(&self.turn)?;
        let locked = wait_for(&self.lock);
        self.turn.unlock()?;
        locked?;
        Ok(Held(&self.lock))
    }
}

/// A signal may wake the thread without giving it the lock.
fn wait_for(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            ended => return ended,
        }
    }
}

/// The lock, until dropped.
pub(crate) struct Held<'l>(&'l File);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // It can only fail when the file is gone; the next acquire then says so.
        let _ = self.0.unlock();
    }
}
