//! Prints how many jobs a second are enqueued, claimed and done on an SQLite file, while finished jobs pile up.
//! Run it with `--release`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use rei_domain::chance::{Chance, SeededChance};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId};
use rei_queue::NewJob;
use rei_storage::jobs::{self, claim, done};
use rei_storage::testing::temp_sqlite;
use rei_storage::{Book, BookError};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const QUEUE: &str = "pictures";
const CUSTOMERS: u64 = 500;
const JOBS: usize = 20_000;
const ROUNDS: usize = 5;
const WORKERS: usize = 8;

#[tokio::main]
async fn main() -> Result<(), BookError> {
    let fresh = temp_sqlite();
    let book = &fresh.book;
    let chance = Arc::new(SeededChance::new(1));
    println!("| finished before | enqueued/s | claimed and done/s, batch 1 | batch 16 |");
    println!("|---|---|---|---|");
    for round in 0..ROUNDS {
        let enqueued = enqueue_many(book, &chance).await?;
        let single = work(book, 1).await?;
        enqueue_many(book, &chance).await?;
        let batched = work(book, 16).await?;
        println!("| {} | {enqueued} | {single} | {batched} |", round * 2 * JOBS);
    }
    Ok(())
}

async fn enqueue_many(book: &Book, chance: &Arc<SeededChance>) -> Result<u64, BookError> {
    let started = stopwatch();
    for _ in 0..JOBS / 100 {
        let together = (0..100).map(|_| {
            let chance: &dyn Chance = chance.as_ref();
            let id = JobId::new(NOW, chance);
            let customer = i64::try_from(chance.below(CUSTOMERS)).unwrap_or(0) + 1;
            let job = NewJob::new(id, QUEUE, "draw", String::new()).fair_to(CustomerId(customer));
            book.write(move |tx| jobs::enqueue(tx, &job, NOW))
        });
        join_all(together).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    Ok(rate(JOBS, started))
}

async fn work(book: &Book, batch: i64) -> Result<u64, BookError> {
    let started = stopwatch();
    let workers = (0..WORKERS).map(|_| async move {
        let mut count = 0;
        loop {
            let until = NOW.plus(Duration::from_secs(20));
            let claims = book.write(move |tx| claim(tx, "bench", QUEUE, batch, NOW, until)).await?;
            if claims.is_empty() {
                return Ok::<usize, BookError>(count);
            }
            count += claims.len();
            let ends = claims.into_iter().map(|claim| book.write(move |tx| done(tx, &claim, NOW)));
            join_all(ends).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        }
    });
    let counts = join_all(workers).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(rate(counts.iter().sum(), started))
}

#[allow(clippy::disallowed_methods, reason = "a stopwatch of a bench, not a clock")]
fn stopwatch() -> Instant {
    Instant::now()
}

fn rate(count: usize, started: Instant) -> u64 {
    (count as f64 / started.elapsed().as_secs_f64()) as u64
}
