//! What a runner is told, and what handlers tell it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use rei_storage::jobs::Claim;
use rei_storage::{BookError, Tx};

use crate::Backoff;

/// What jobs mean.
pub trait Handler: Send + Sync + 'static {
    /// Does the work of one claim.
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict>;

    /// A job is dead: gives back whatever it held and alerts, in the transaction that ends it.
    ///
    /// # Errors
    /// [`BookError`]: the transaction is given up and tried again when the lease has ended.
    fn poisoned(&self, tx: &mut Tx<'_>, claim: &Claim, error: &str) -> Result<(), BookError>;
}

/// How many more jobs of the queue may run now, whoever runs them. It is asked inside the claiming transaction, where
/// no other claim of the queue can come in between: what it counts in the book, all processes keep to together.
pub type Places = Arc<dyn Fn(&mut Tx<'_>) -> Result<usize, BookError> + Send + Sync>;

/// How a runner works.
#[derive(Clone)]
pub struct RunnerOptions {
    /// The worker's name, as operators see it.
    pub worker: String,
    /// The queue it serves.
    pub queue: String,
    /// Jobs at the same time.
    pub concurrency: usize,
    /// Jobs of the queue at the same time in all processes; none: as many as they have room for.
    pub places: Option<Places>,
    /// A worker that died is noticed after this long. Heartbeats come three times as often.
    pub lease: Duration,
    /// How long the queue is left alone when nobody rings.
    pub poll: Duration,
    /// How long one try of a job may take before it counts as failed.
    pub run_within: Duration,
    /// How long running jobs may take after the runner was told to stop.
    pub stop_within: Duration,
    /// The waits of failed jobs.
    pub backoff: Backoff,
}

impl RunnerOptions {
    /// The ordinary values.
    pub fn new(worker: String, queue: &str, concurrency: usize) -> Self {
        Self {
            worker,
            queue: queue.to_owned(),
            concurrency: concurrency.max(1),
            places: None,
            lease: Duration::from_secs(20),
            poll: Duration::from_millis(500),
            run_within: Duration::from_secs(15 * 60),
            stop_within: Duration::from_secs(22),
            backoff: Backoff::default(),
        }
    }
}

impl fmt::Debug for RunnerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunnerOptions")
            .field("worker", &self.worker)
            .field("queue", &self.queue)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// What a handler says about its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The handler ended the job itself, in its own transaction.
    Finished,
    /// Come again after this long; costs no try.
    Snooze(Duration),
    /// The try failed: wait and try again, until the tries are used up.
    Retry(String),
    /// No further try can help.
    Discard(String),
}

impl Verdict {
    /// The try failed for this reason.
    pub fn retry(error: &str) -> Self {
        Self::Retry(error.to_owned())
    }

    /// No further try can help, for this reason.
    pub fn discard(error: &str) -> Self {
        Self::Discard(error.to_owned())
    }
}
