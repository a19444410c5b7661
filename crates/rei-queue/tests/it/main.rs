//! What workers and the scheduler promise, on both engines. The clock is moved by hand.

mod places;
mod runner;
mod scheduler;
mod stop;
mod wake;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{Clock, ManualClock, Timestamp};
use rei_domain::ids::JobId;
use rei_queue::{Claim, Handler, NewJob, Runner, RunnerOptions, Verdict};
use rei_storage::jobs::{self, JobLine};
use rei_storage::testing::{EngineKind, TestBook, fresh_book};
use rei_storage::{Book, BookError, Tx};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const QUEUE: &str = "pictures";
/// No promise here takes this long to keep.
const SOON: Duration = Duration::from_secs(20);

/// A book, a clock, and what happens to jobs.
struct House {
    book: Book,
    clock: Arc<ManualClock>,
    files: TestBook,
}

/// Runs a test on each engine.
fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    for engine in EngineKind::ALL {
        let files = fresh_book(engine);
        let house =
            House { book: files.book.clone(), clock: Arc::new(ManualClock::at(NOW)), files };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(async {
            tokio::time::timeout(SOON * 2, test(house)).await.expect("it ends");
        });
    }
}

impl House {
    fn runner<H: Handler>(&self, handler: Arc<H>, options: RunnerOptions) -> Runner<H> {
        let chance = Arc::new(SeededChance::new(1));
        Runner::new(self.book.clone(), self.clock.clone(), chance, options, handler)
    }

    async fn put(&self, kind: &'static str) -> JobId {
        self.put_job(|id| NewJob::new(id, QUEUE, kind, "a subject".to_owned())).await
    }

    async fn put_job(&self, make: impl Fn(JobId) -> NewJob) -> JobId {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let id = JobId::new(NOW.plus(Duration::from_millis(made)), &SeededChance::new(made));
        let (job, now) = (make(id), self.clock.now());
        let added = self.book.write(move |tx| jobs::enqueue(tx, &job, now)).await;
        assert!(added.expect("it commits"));
        id
    }

    async fn shown(&self, job: JobId) -> JobLine {
        let shown = self.book.read(move |tx| jobs::show(tx, job)).await;
        shown.expect("it reads").expect("it exists")
    }

    /// Waits for something that other tasks bring about.
    async fn until<F: Future<Output = bool>>(&self, reached: impl Fn() -> F) {
        let reached = async {
            while !reached().await {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(SOON, reached).await.expect("it happens soon");
    }
}

fn options() -> RunnerOptions {
    RunnerOptions::new("anna".to_owned(), QUEUE, 4)
}

/// Calls a function for each claim, and enqueues an alarm for each dead job.
struct Calls<F>(F);

impl<F, R> Handler for Calls<F>
where
    F: Fn(Claim) -> R + Send + Sync + 'static,
    R: Future<Output = Verdict> + Send + 'static,
{
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict> {
        Box::pin((self.0)(claim))
    }

    fn poisoned(&self, tx: &mut Tx<'_>, claim: &Claim, error: &str) -> Result<(), BookError> {
        let id = JobId::new(NOW, &SeededChance::new(99_999));
        let subject = format!("{}: {error}", claim.job);
        jobs::enqueue(tx, &NewJob::new(id, "alarms", "alarm", subject), NOW).map(|_| ())
    }
}
