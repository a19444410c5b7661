//! The scheduler: periodic tasks, run by exactly one process at a time.

use std::time::Duration;

use futures::future::BoxFuture;
use rei_domain::clock::SharedClock;
use rei_storage::jobs::{self, Role};
use rei_storage::{Book, BookError};
use tokio::sync::watch;

/// The usual role's name in the book.
pub const SCHEDULER_ROLE: &str = "scheduler";
/// A scheduler that died is replaced after this long.
const LEASE: Duration = Duration::from_secs(15);
/// While a task runs, and otherwise when this much of the lease has passed, the role is kept.
const KEEP_EVERY: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A task that comes again and again.
#[derive(Clone, Copy, Debug)]
pub struct Periodic {
    /// Its name, also in the book.
    pub name: &'static str,
    /// The time from the end of one run to the next.
    pub every: Duration,
}

/// What the tasks do.
pub trait Tasks: Send + Sync + 'static {
    /// The tasks there are.
    fn tasks(&self) -> &[Periodic];

    /// Runs one. An error is logged and the task comes again at its next time. A run can be cut off at any
    /// await when the role moves to another process.
    fn run<'a>(
        &'a self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;
}

/// Runs periodic tasks while this process has the role.
pub struct Scheduler<T> {
    book: Book,
    clock: SharedClock,
    holder: String,
    role: &'static str,
    tasks: T,
}

impl<T: Tasks> Scheduler<T> {
    /// A scheduler that has not begun; `holder` names this process and no other.
    pub fn new(book: Book, clock: SharedClock, holder: String, tasks: T) -> Self {
        Self { book, clock, holder, role: SCHEDULER_ROLE, tasks }
    }

    /// The same in a role of its own, which another process may have than the one that runs the other tasks.
    #[must_use]
    pub fn in_role(mut self, role: &'static str) -> Self {
        self.role = role;
        self
    }

    /// Runs until `stop` turns true or its sender is gone, then gives up the role. A task in the middle is cut off.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let work = async {
            loop {
                if let Err(error) = self.tick().await
                    && !error.is_told()
                {
                    tracing::error!(%error, "the scheduler can't use the book");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = work => {}
        }
        let (holder, role) = (self.holder.clone(), self.role);
        let released = self.book.write(move |tx| jobs::release_lease(tx, role, &holder)).await;
        if let Err(error) = released {
            tracing::warn!(%error, "the scheduler's role could not be given up; its lease will end");
        }
    }

    /// Takes or keeps the role and runs what is due; how many tasks ran. Writes nothing when there is nothing
    /// to do.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn tick(&self) -> Result<usize, BookError> {
        let now = self.clock.now();
        let (holder, role_name) = (self.holder.clone(), self.role);
        let names: Vec<&'static str> = self.tasks.tasks().iter().map(|task| task.name).collect();
        let (role, due) = self
            .book
            .read(move |tx| {
                Ok::<_, BookError>((
                    jobs::role(tx, role_name, &holder, now)?,
                    jobs::due_tasks(tx, &names, now)?,
                ))
            })
            .await?;
        match role {
            Role::Others(_) => return Ok(0),
            Role::Mine(until) if until.since(now) > LEASE - KEEP_EVERY && due.is_empty() => {
                return Ok(0);
            }
            Role::Mine(_) | Role::Free => {}
        }
        let mut ran = 0;
        for name in due {
            if !self.keep_role().await? {
                return Ok(ran);
            }
            self.run_task(name).await?;
            ran += 1;
        }
        if ran == 0 {
            self.keep_role().await?;
        }
        Ok(ran)
    }

    /// Whether this process has the role for another lease.
    async fn keep_role(&self) -> Result<bool, BookError> {
        let (holder, role, now) = (self.holder.clone(), self.role, self.clock.now());
        let fence = self
            .book
            .write_urgent(move |tx| jobs::take_lease(tx, role, &holder, LEASE, now))
            .await?;
        Ok(fence.is_some())
    }

    /// A task is due again only after it ended, so a slow one never piles up.
    async fn run_task(&self, name: &'static str) -> Result<(), BookError> {
        let Some(task) = self.tasks.tasks().iter().copied().find(|task| task.name == name) else {
            return Ok(());
        };
        tokio::select! {
            done = self.tasks.run(task.name) => if let Err(error) = done {
                tracing::error!(error, task = task.name, "a periodic task failed");
                metrics::counter!("periodic_failed_total", "task" => task.name).increment(1);
            },
            () = self.until_role_is_lost() => {
                tracing::warn!(task = task.name, "the scheduler's role moved in the middle of a task");
                return Ok(());
            }
        }
        let due_at = self.clock.now().plus(task.every);
        self.book.write(move |tx| jobs::set_due(tx, task.name, due_at)).await
    }

    /// Keeps the role while a task runs.
    async fn until_role_is_lost(&self) {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            match self.keep_role().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::error!(%error, "the scheduler's role could not be kept"),
            }
        }
    }
}
