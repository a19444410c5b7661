//! Ringing without waiting: a mark that a task turns into at most one `XADD` at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::{BY, RINGS_MAX};
use crate::Shared;

/// A ring that Redis refused while it answers everything else waits so long.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The bells that this process has rung.
#[derive(Default)]
pub(crate) struct Ringers(Mutex<HashMap<String, Ringer>>);

struct Ringer {
    /// Holds one permit at most: rings in quick succession become one.
    marked: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Ringers {
    /// Ends their tasks.
    pub(crate) fn stop(&self) {
        for ringer in self.lock().drain() {
            ringer.1.task.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ringer>> {
        // Nothing in here can panic while it is changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Never waits; may be called from any thread.
pub(super) fn ring(shared: &Arc<Shared>, bell: &str) {
    let mut ringers = shared.ringers.lock();
    if let Some(ringer) = ringers.get(bell) {
        ringer.marked.notify_one();
        return;
    }
    let marked = Arc::new(Notify::new());
    marked.notify_one();
    let task = keep_ringing(Arc::clone(shared), bell.to_owned(), Arc::clone(&marked));
    let task = shared.runtime.spawn(task);
    ringers.insert(bell.to_owned(), Ringer { marked, task });
}

async fn keep_ringing(shared: Arc<Shared>, bell: String, marked: Arc<Notify>) {
    let mut add = redis::cmd("XADD");
    add.arg(shared.names.bell(&bell)).arg("MAXLEN").arg(RINGS_MAX).arg("*");
    add.arg(BY).arg(shared.names.process());
    loop {
        marked.notified().await;
        // Rings that fall into a loss of Redis become one when it is back.
        shared.link.up().await;
        if shared.link.ask::<String>(&add).await.is_err() {
            marked.notify_one();
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }
}
