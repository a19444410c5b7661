//! Claims of jobs while a million finished ones lie in the same table.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId};
use rei_storage::jobs::{self, Claim, NewJob};
use rei_storage::{Book, BookError, PostgresOptions, SqliteOptions};
use tempfile::TempDir;

use crate::load::percentile;
use crate::servers::{Servers, path_of};
use crate::{head, row};

const QUEUE: &str = "bench";
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const LEASE: Duration = Duration::from_secs(600);
/// Customers whose jobs take turns.
const CUSTOMERS: i64 = 100;
/// Workers that claim side by side, and jobs that each asks for at once.
const WORKERS: usize = 4;
const AT_ONCE: i64 = 8;
/// Finished jobs in one transaction of the filling.
const FILLED_AT_ONCE: i64 = 100_000;
const ENQUEUED_AT_ONCE: i64 = 500;

const COLUMNS: [&str; 7] =
    ["      book", "finished", "  jobs", "jobs/s", "claims/s", "claim p50 ms", "claim p99 ms"];

/// Prints the table.
pub(crate) async fn table(servers: &mut Servers, quick: bool) -> anyhow::Result<()> {
    let title = format!(
        "queue: {WORKERS} workers claim {AT_ONCE} jobs of {CUSTOMERS} customers at once and end each by itself"
    );
    head(&title, &COLUMNS);
    let sizes: [i64; 2] = if quick { [0, 50_000] } else { [0, 1_000_000] };
    let live: i64 = if quick { 1_000 } else { 5_000 };
    let folder = TempDir::new()?;
    let path = format!("sqlite://{}", folder.path().join("rei.db").display());
    for (name, url) in [("SQLite", path), ("PostgreSQL", servers.database()?)] {
        tokio::task::block_in_place(|| rows(name, &url, sizes, live))?;
    }
    println!();
    Ok(())
}

fn rows(name: &str, url: &str, sizes: [i64; 2], live: i64) -> anyhow::Result<()> {
    let book = match path_of(url) {
        Ok(path) => Book::open_sqlite(SqliteOptions { path: path.into(), readers: 2 })?,
        Err(_) => Book::open_postgres(PostgresOptions { url: url.to_owned(), connections: 8 })?,
    };
    book.migrate()?;
    for (run, size) in sizes.into_iter().enumerate() {
        fill(&book, size)?;
        enqueue(&book, run as u64, live)?;
        let (mut times, took) = drain(&book, usize::try_from(live)?)?;
        let claims = times.len() as f64;
        row(
            &COLUMNS,
            &[
                name.to_owned(),
                size.to_string(),
                live.to_string(),
                format!("{:.0}", live as f64 / took.as_secs_f64()),
                format!("{:.0}", claims / took.as_secs_f64()),
                format!("{:.2}", percentile(&mut times, 0.5)),
                format!("{:.2}", percentile(&mut times, 0.99)),
            ],
        );
    }
    Ok(())
}

fn fill(book: &Book, finished: i64) -> Result<(), BookError> {
    let mut first = 0;
    while first < finished {
        let upto = (first + FILLED_AT_ONCE).min(finished);
        book.blocking_write(move |tx| jobs::fill_finished(tx, QUEUE, first, upto, NOW))?;
        first = upto;
    }
    book.blocking_write(jobs::analyze)
}

fn enqueue(book: &Book, run: u64, live: i64) -> Result<(), BookError> {
    for first in (0..live).step_by(ENQUEUED_AT_ONCE as usize) {
        book.blocking_write(move |tx| {
            let chance = SeededChance::new(run * 1_000_000 + first.unsigned_abs());
            for number in first..(first + ENQUEUED_AT_ONCE).min(live) {
                let id = JobId::new(NOW, &chance);
                let job = NewJob::new(id, QUEUE, "bench", String::new());
                jobs::enqueue(tx, &job.fair_to(CustomerId(number % CUSTOMERS + 1)), NOW)?;
            }
            Ok::<_, BookError>(())
        })?;
    }
    Ok(())
}

/// Claims and ends everything; how long each claim took, and all of it.
fn drain(book: &Book, live: usize) -> anyhow::Result<(Vec<Duration>, Duration)> {
    let left = Arc::new(AtomicUsize::new(live));
    let ready = Arc::new(Barrier::new(WORKERS));
    let began = Instant::now();
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let (book, left, ready) = (book.clone(), Arc::clone(&left), Arc::clone(&ready));
            std::thread::spawn(move || {
                ready.wait();
                work(&book, &format!("worker-{number}"), &left)
            })
        })
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))??);
    }
    Ok((times, began.elapsed()))
}

fn work(book: &Book, worker: &str, left: &AtomicUsize) -> Result<Vec<Duration>, BookError> {
    let mut times = Vec::new();
    while left.load(Ordering::SeqCst) > 0 {
        let (name, began) = (worker.to_owned(), Instant::now());
        let claims: Vec<Claim> = book.blocking_write(move |tx| {
            jobs::claim(tx, &name, QUEUE, AT_ONCE, NOW, NOW.plus(LEASE))
        })?;
        if claims.is_empty() {
            // Others have the last ones.
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        times.push(began.elapsed());
        for claim in claims {
            book.blocking_write(move |tx| jobs::done(tx, &claim, NOW))?;
            left.fetch_sub(1, Ordering::SeqCst);
        }
    }
    Ok(times)
}
