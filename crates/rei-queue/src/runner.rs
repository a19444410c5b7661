//! Claims jobs, runs their handlers side by side, keeps their leases, and ends what handlers leave open.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use rei_domain::chance::SharedChance;
use rei_domain::clock::SharedClock;
use rei_storage::jobs::{self, Claim, Failed};
use rei_storage::{Bell, Book, BookError, Tx};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::held::Held;
use crate::metrics::{self, Ended};
use crate::{Handler, RunnerOptions, Verdict};

/// Runs the jobs of one queue.
pub struct Runner<H> {
    book: Book,
    clock: SharedClock,
    chance: SharedChance,
    options: Arc<RunnerOptions>,
    handler: Arc<H>,
    held: Held,
}

impl<H> Clone for Runner<H> {
    fn clone(&self) -> Self {
        Self {
            book: self.book.clone(),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            options: Arc::clone(&self.options),
            handler: Arc::clone(&self.handler),
            held: self.held.clone(),
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
        Self { book, clock, chance, options: Arc::new(options), handler, held: Held::default() }
    }

    /// Works until `stop` turns true or its sender is gone; then claims nothing more, lets running jobs end, and
    /// hands back the rest.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        // In a set, so that it ends with this future, however that ends.
        let mut heartbeat = JoinSet::new();
        heartbeat.spawn(self.clone().keep_leases());
        let mut bell = self.book.listen(Bell::jobs(&self.options.queue));
        let mut running = JoinSet::new();
        let mut called = false;
        while !*stop.borrow() {
            bell.forget();
            let mut room = self.options.concurrency.saturating_sub(running.len());
            if room > 0 {
                for claim in self.claim(room, called).await {
                    let runner = self.clone();
                    running.spawn(async move { runner.work(claim).await });
                    room -= 1;
                }
            }
            called = tokio::select! {
                changed = stop.changed() => if changed.is_err() { break } else { false },
                () = bell.rung(), if room > 0 => true,
                Some(_) = running.join_next() => false,
                () = tokio::time::sleep(self.options.poll) => false,
            };
            while running.try_join_next().is_some() {}
        }
        self.stop(running).await;
        heartbeat.abort_all();
    }

    /// Does everything that is due, then returns how many claims that took: for tests and scripts.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn drain(&self) -> Result<usize, BookError> {
        let mut done = 0;
        loop {
            let claims = self.try_claim(self.options.concurrency, false).await?;
            if claims.is_empty() {
                return Ok(done);
            }
            done += claims.len();
            futures::future::join_all(claims.into_iter().map(|claim| self.work(claim))).await;
        }
    }

    async fn claim(&self, room: usize, called: bool) -> Vec<Claim> {
        self.try_claim(room, called).await.unwrap_or_else(|error| {
            if !error.is_told() {
                tracing::error!(%error, "the queue can't be read");
            }
            Vec::new()
        })
    }

    /// Claims jobs; `called` by a bell it doesn't look first, because there is something.
    async fn try_claim(&self, room: usize, called: bool) -> Result<Vec<Claim>, BookError> {
        let now = self.clock.now();
        // Looking is cheaper than writing: an idle worker must not disturb the writer.
        let options = Arc::clone(&self.options);
        let due =
            called || self.book.read(move |tx| jobs::anything_due(tx, &options.queue, now)).await?;
        if !due {
            return Ok(Vec::new());
        }
        let options = Arc::clone(&self.options);
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let until = now.plus(options.lease);
        let claims = self
            .book
            .write(move |tx| {
                let places = |tx: &mut Tx<'_>| match &options.places {
                    Some(places) => places(tx),
                    None => Ok(usize::MAX),
                };
                jobs::claim_within(tx, &options.worker, &options.queue, limit, now, until, places)
            })
            .await?;
        for claim in &claims {
            self.held.add(claim);
            metrics::claimed(claim, now);
        }
        Ok(claims)
    }

    async fn work(&self, claim: Claim) {
        let began = self.clock.now();
        let verdict = self.verdict(&claim).await;
        let ended = self.end(&claim, verdict).await;
        self.held.remove(&claim);
        let took = self.clock.now().since(began);
        match ended {
            Ok(how) => metrics::ended(&claim, how, took),
            Err(BookError::LeaseLost) => {
                tracing::warn!(job.id = %claim.job, job.kind = claim.kind, "the job was taken over by another worker");
                metrics::ended(&claim, Ended::Lost, took);
            }
            Err(error) => {
                tracing::error!(%error, job.id = %claim.job, job.kind = claim.kind, "a job could not be ended; its lease will");
            }
        }
    }

    async fn verdict(&self, claim: &Claim) -> Verdict {
        if claim.exhausted() {
            return Verdict::discard("the worker stopped in the middle, again and again");
        }
        // A panic of a handler is one failed try of one job and nothing else.
        let run = AssertUnwindSafe(self.handler.run(claim.clone())).catch_unwind();
        match tokio::time::timeout(self.options.run_within, run).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Verdict::retry("the handler panicked"),
            Err(_) => Verdict::retry("the handler took too long"),
        }
    }

    /// Ends what the handler left open.
    async fn end(&self, claim: &Claim, verdict: Verdict) -> Result<Ended, BookError> {
        let now = self.clock.now();
        match verdict {
            Verdict::Finished => Ok(Ended::Finished),
            Verdict::Snooze(after) => {
                let (claim, due_at) = (claim.clone(), now.plus(after));
                self.book.write(move |tx| jobs::snooze(tx, &claim, due_at)).await?;
                Ok(Ended::Snoozed)
            }
            Verdict::Retry(error) => self.fail(claim, error).await,
            Verdict::Discard(error) => self.discard(claim, error).await,
        }
    }

    async fn fail(&self, claim: &Claim, error: String) -> Result<Ended, BookError> {
        tracing::warn!(job.id = %claim.job, job.kind = claim.kind, job.attempt = claim.attempts_made, error, "a job failed");
        let now = self.clock.now();
        let wait = self.options.backoff.wait(claim.attempts_made, self.chance.as_ref());
        let (handler, claim, due_at) = (Arc::clone(&self.handler), claim.clone(), now.plus(wait));
        self.book
            .write(move |tx| match jobs::fail(tx, &claim, &error, due_at, now)? {
                Failed::Again => Ok(Ended::Retry),
                Failed::Dead => {
                    handler.poisoned(tx, &claim, &error)?;
                    Ok(Ended::Dead)
                }
            })
            .await
    }

    async fn discard(&self, claim: &Claim, error: String) -> Result<Ended, BookError> {
        tracing::error!(job.id = %claim.job, job.kind = claim.kind, error, "a job is dead");
        let now = self.clock.now();
        let (handler, claim) = (Arc::clone(&self.handler), claim.clone());
        self.book
            .write(move |tx| {
                jobs::poison(tx, &claim, &error, now)?;
                handler.poisoned(tx, &claim, &error)?;
                Ok(Ended::Dead)
            })
            .await
    }

    /// Waits for running jobs, then hands back those that are still at it. A handler that is cut off may have a
    /// transaction on its way: whichever of the two comes first, the fence refuses the other.
    async fn stop(&self, mut running: JoinSet<()>) {
        let ending = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.stop_within, ending).await.is_ok() {
            return;
        }
        running.shutdown().await;
        let (held, now) = (self.held.all(), self.clock.now());
        tracing::warn!(jobs = held.len(), "jobs were still running at the end and are handed back");
        for claim in &held {
            metrics::ended(claim, Ended::HandedBack, self.options.stop_within);
        }
        // Not urgent: ends that are on their way already go first.
        let handed = self.book.write(move |tx| {
            held.iter().try_for_each(|claim| jobs::hand_back(tx, claim, now).map(|_| ()))
        });
        if let Err(error) = handed.await {
            tracing::error!(%error, "the jobs could not be handed back; their leases will end");
        }
    }

    /// Lengthens the leases of all claims held, ahead of every other write.
    async fn keep_leases(self) {
        loop {
            tokio::time::sleep(self.options.lease / 3).await;
            let held = self.held.all();
            if held.is_empty() {
                continue;
            }
            let until = self.clock.now().plus(self.options.lease);
            let kept = self.book.write_urgent(move |tx| {
                held.iter().try_fold(0, |lost, claim| {
                    Ok::<_, BookError>(lost + usize::from(!jobs::extend(tx, claim, until)?))
                })
            });
            match kept.await {
                Ok(0) => {}
                Ok(lost) => tracing::warn!(lost, "claims were lost; their writes will be refused"),
                Err(error) if error.is_told() => {}
                Err(error) => tracing::error!(%error, "the leases could not be kept"),
            }
        }
    }
}
