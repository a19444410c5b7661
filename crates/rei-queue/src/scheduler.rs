//! The scheduler: periodic tasks, run by exactly one process at a time.

use std::time::Duration;

use futures::future::BoxFuture;
use rei_domain::clock::SharedClock;
use rei_storage::{Book, BookError, jobs};
use tokio::sync::watch;

/// The role's name in the book.
const ROLE: &str = "scheduler";
/// A scheduler that died is replaced after this long.
const LEASE: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A task that comes again and again.
#[derive(Clone, Copy, Debug)]
pub struct Periodic {
    /// Its name, also in the book.
    pub name: &'static str,
    /// The time from one run to the next.
    pub every: Duration,
}

/// What the tasks do.
pub trait Tasks: Send + Sync + 'static {
    /// The tasks there are.
    fn tasks(&self) -> &[Periodic];

    /// Runs one. An error is logged and the task comes again at its next time.
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
    tasks: T,
}

impl<T: Tasks> Scheduler<T> {
    /// A scheduler that has not begun; `holder` names this process.
    pub fn new(book: Book, clock: SharedClock, holder: String, tasks: T) -> Self {
        Self { book, clock, holder, tasks }
    }

    /// Runs until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.tick().await {
                tracing::error!(%error, "the scheduler can't use the book");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Takes or keeps the role and runs what is due; how many tasks ran.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn tick(&self) -> Result<usize, BookError> {
        let now = self.clock.now();
        let holder = self.holder.clone();
        let names: Vec<&'static str> = self.tasks.tasks().iter().map(|task| task.name).collect();
        let due = self
            .book
            .write(move |tx| {
                let role = jobs::take_lease(tx, ROLE, &holder, LEASE, now)?;
                if role.is_some() { jobs::due_tasks(tx, &names, now) } else { Ok(Vec::new()) }
            })
            .await?;
        let ran = due.len();
        for name in due {
            self.run_task(name).await?;
        }
        Ok(ran)
    }

    /// A task is due again only after it ended, so a slow one never piles up.
    async fn run_task(&self, name: String) -> Result<(), BookError> {
        let Some(task) = self.tasks.tasks().iter().copied().find(|task| task.name == name) else {
            return Ok(());
        };
        if let Err(error) = self.tasks.run(task.name).await {
            tracing::error!(error, task = task.name, "a periodic task failed");
            metrics::counter!("periodic_failed_total", "task" => task.name).increment(1);
        }
        let due_at = self.clock.now().plus(task.every);
        self.book.write(move |tx| jobs::set_due(tx, task.name, due_at)).await
    }
}
