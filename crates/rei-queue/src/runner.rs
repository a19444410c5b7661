//! Claims jobs, runs their handlers side by side, keeps their leases, and ends what handlers leave open.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use rei_domain::chance::SharedChance;
use rei_domain::clock::SharedClock;
use rei_domain::ids::JobId;
use rei_storage::jobs::{self, Claim, Poisoned};
use rei_storage::{Bell, Book, BookError, Tx};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{RunnerOptions, Verdict};

/// What jobs mean.
pub trait Handler: Send + Sync + 'static {
    /// Does the work of one claim.
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict>;

    /// A job is dead: gives back whatever it held, in the transaction that ends it.
    ///
    /// # Errors
    /// [`BookError`]: the transaction is given up and tried again when the lease has ended.
    fn poisoned(&self, tx: &mut Tx<'_>, claim: &Claim, error: &str) -> Result<(), BookError>;
}

/// Runs the jobs of one queue.
pub struct Runner<H> {
    book: Book,
    clock: SharedClock,
    chance: SharedChance,
    options: RunnerOptions,
    handler: Arc<H>,
    held: Arc<Mutex<HashMap<JobId, Claim>>>,
}

impl<H> Clone for Runner<H> {
    fn clone(&self) -> Self {
        Self {
            book: self.book.clone(),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            options: self.options.clone(),
            handler: Arc::clone(&self.handler),
            held: Arc::clone(&self.held),
        }
    }
}

impl<H: Handler> Runner<H> {
    /// A runner that has not begun.
    pub fn new(
        book: Book,
        clock: SharedClock,
        chance: SharedChance,
        options: RunnerOptions,
        handler: Arc<H>,
    ) -> Self {
        Self { book, clock, chance, options, handler, held: Arc::default() }
    }

    /// Works until `stop` turns true; then claims nothing more, lets running jobs end, and hands back the rest.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        // In a set, so that it ends with this future, however that ends.
        let mut heartbeat = JoinSet::new();
        heartbeat.spawn(self.clone().keep_leases());
        let mut bell = self.book.bell(Bell::Jobs);
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            bell.borrow_and_update();
            let room = self.options.concurrency - running.len();
            if room > 0 {
                for claim in self.claim(room).await {
                    let runner = self.clone();
                    running.spawn(async move { runner.work(claim).await });
                }
            }
            tokio::select! {
                _ = stop.changed() => {}
                _ = bell.changed(), if room > 0 => {}
                Some(_) = running.join_next() => {}
                () = tokio::time::sleep(self.options.poll) => {}
            }
            while running.try_join_next().is_some() {}
        }
        let ending = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.stop_within, ending).await.is_err() {
            // What is cut off here is taken up by another worker when its lease has ended: only that worker
            // can know that the call is over.
            tracing::warn!(jobs = running.len(), "jobs were still running at the end");
            running.abort_all();
        }
        heartbeat.abort_all();
    }

    /// Does everything that is due, then returns: for tests and scripts.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn drain(&self) -> Result<usize, BookError> {
        let mut done = 0;
        loop {
            let claims = self.try_claim(self.options.concurrency).await?;
            if claims.is_empty() {
                return Ok(done);
            }
            done += claims.len();
            futures::future::join_all(claims.into_iter().map(|claim| self.work(claim))).await;
        }
    }

    async fn claim(&self, room: usize) -> Vec<Claim> {
        self.try_claim(room).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the queue can't be read");
            Vec::new()
        })
    }

    async fn try_claim(&self, room: usize) -> Result<Vec<Claim>, BookError> {
        let now = self.clock.now();
        let (worker, queue) = (self.options.worker.clone(), self.options.queue.clone());
        let (limit, lease_until) =
            (i64::try_from(room).unwrap_or(i64::MAX), now.plus(self.options.lease));
        // Looking is cheaper than writing: an idle worker must not disturb the writer.
        let waiting = {
            let queue = queue.clone();
            self.book.read(move |tx| jobs::anything_due(tx, &queue, now)).await?
        };
        if !waiting {
            return Ok(Vec::new());
        }
        self.book.write(move |tx| jobs::claim(tx, &worker, &queue, limit, now, lease_until)).await
    }

    async fn work(&self, claim: Claim) {
        self.held().insert(claim.job, claim.clone());
        let waited = self.clock.now().since(claim.created_at);
        metrics::histogram!("job_wait_seconds", "kind" => claim.kind.clone())
            .record(waited.as_secs_f64());
        let verdict = if claim.exhausted() {
            Verdict::discard("the worker stopped in the middle, again and again")
        } else {
            // A panic of a handler is one failed try of one job and nothing else.
            AssertUnwindSafe(self.handler.run(claim.clone()))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Verdict::retry("the handler panicked"))
        };
        self.held().remove(&claim.job);
        let ended = match verdict {
            Verdict::Finished => Ok(()),
            Verdict::Retry(error) => self.failed(&claim, error).await,
            Verdict::Discard(error) => self.discarded(&claim, error).await,
        };
        if let Err(error) = ended {
            tracing::error!(%error, job.id = %claim.job, "a job could not be ended; its lease will");
        }
    }

    async fn failed(&self, claim: &Claim, error: String) -> Result<(), BookError> {
        tracing::warn!(job.id = %claim.job, job.kind = claim.kind, job.attempt = claim.attempts_made, error, "a job failed");
        metrics::counter!("jobs_failed_total", "kind" => claim.kind.clone()).increment(1);
        let now = self.clock.now();
        let due_at = now.plus(self.options.backoff.wait(claim.attempts_made, self.chance.as_ref()));
        let (handler, claim) = (Arc::clone(&self.handler), claim.clone());
        self.book
            .write(move |tx| {
                if jobs::fail(tx, &claim, &error, due_at, now)? == Ok(Poisoned::Yes) {
                    handler.poisoned(tx, &claim, &error)?;
                }
                Ok(())
            })
            .await
    }

    async fn discarded(&self, claim: &Claim, error: String) -> Result<(), BookError> {
        tracing::error!(job.id = %claim.job, job.kind = claim.kind, error, "a job is dead");
        metrics::counter!("jobs_dead_total", "kind" => claim.kind.clone()).increment(1);
        let now = self.clock.now();
        let (handler, claim) = (Arc::clone(&self.handler), claim.clone());
        self.book
            .write(move |tx| {
                if jobs::poison(tx, &claim, &error, now)? {
                    handler.poisoned(tx, &claim, &error)?;
                }
                Ok(())
            })
            .await
    }

    /// Lengthens the leases of all claims held, ahead of every other write.
    async fn keep_leases(self) {
        loop {
            tokio::time::sleep(self.options.lease / 3).await;
            let held: Vec<Claim> = self.held().values().cloned().collect();
            if held.is_empty() {
                continue;
            }
            let lease_until = self.clock.now().plus(self.options.lease);
            let extended = self
                .book
                .write_urgent(move |tx| {
                    let mut lost = 0;
                    for claim in &held {
                        lost += usize::from(!jobs::extend(tx, claim, lease_until)?);
                    }
                    Ok::<_, BookError>(lost)
                })
                .await;
            match extended {
                Ok(0) => {}
                Ok(lost) => tracing::warn!(lost, "claims were lost; their writes will be refused"),
                Err(error) => tracing::error!(%error, "the leases could not be kept"),
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Claim>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
