//! From a job's commit in one process to its start on an idle worker: in the same process, in another one that is woken by
//! Redis, and in another one that only looks from time to time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::BoxFuture;
use rei_domain::chance::SeededChance;
use rei_domain::clock::SharedClock;
use rei_domain::ids::JobId;
use rei_domain::shared::SharedBells;
use rei_queue::{Claim, Handler, NewJob, Runner, RunnerOptions, Verdict};
use rei_redis::{Redis, RedisOptions};
use rei_server::system::SystemClock;
use rei_storage::{Book, BookError, PostgresOptions, SqliteOptions, Tx, jobs};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

use crate::load::percentile;
use crate::servers::Servers;
use crate::{WITHIN, head, row};

const QUEUE: &str = "bench";
/// The worker is idle again after this much calm.
const CALM: Duration = Duration::from_millis(20);
const COLUMNS: [&str; 5] =
    ["                                  worker", "wake-ups", " p50 ms", " p99 ms", " max ms"];

/// Prints the table.
pub(crate) async fn table(servers: &mut Servers, quick: bool) -> anyhow::Result<()> {
    head("wake-up: from a job's commit to its start on an idle worker", &COLUMNS);
    let (many, few) = if quick { (50, 10) } else { (500, 60) };
    let folder = TempDir::new()?;
    let path = folder.path().join("rei.db");
    let book = Book::open_sqlite(SqliteOptions { path: path.clone(), readers: 2 })?;
    book.migrate()?;
    wake_ups("same process, SQLite", &book, &book, many).await?;
    let other = Book::open_sqlite(SqliteOptions { path, readers: 2 })?;
    wake_ups("another process, SQLite, no Redis", &book, &other, few).await?;

    let url = servers.database()?;
    let open = || Book::open_postgres(PostgresOptions { url: url.clone(), connections: 4 });
    let (book, other) = tokio::task::block_in_place(|| {
        let book = open()?;
        book.migrate()?;
        Ok::<_, BookError>((book, open()?))
    })?;
    wake_ups("another process, PostgreSQL, no Redis", &book, &other, few).await?;
    let redis = servers.redis()?;
    let (here, there) = (join(&redis, 1).await?, join(&redis, 2).await?);
    book.share_bells(here);
    other.share_bells(there);
    wake_ups("another process, PostgreSQL and Redis", &book, &other, many).await?;
    println!();
    Ok(())
}

async fn join(url: &str, seed: u64) -> anyhow::Result<SharedBells> {
    let chance = Arc::new(SeededChance::new(seed));
    let options = RedisOptions { namespace: "bench".to_owned(), chance };
    Ok(Arc::new(Redis::connect(&url.into(), options).await.context("Redis is not there")?))
}

/// Says when a job starts, and ends it.
struct Notes {
    book: Book,
    started: mpsc::UnboundedSender<Instant>,
}

impl Handler for Notes {
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict> {
        // Nobody hears of the last ones.
        let _ = self.started.send(Instant::now());
        Box::pin(async move {
            let now = clock().now();
            match self.book.write(move |tx| jobs::done(tx, &claim, now)).await {
                Ok(()) => Verdict::Finished,
                Err(error) => Verdict::Retry(error.to_string()),
            }
        })
    }

    fn poisoned(&self, _: &mut Tx<'_>, _: &Claim, _: &str) -> Result<(), BookError> {
        Ok(())
    }
}

async fn wake_ups(name: &str, here: &Book, there: &Book, count: usize) -> anyhow::Result<()> {
    let (started, mut starts) = mpsc::unbounded_channel();
    let notes = Arc::new(Notes { book: there.clone(), started });
    let options = RunnerOptions::new("bench".to_owned(), QUEUE, 4);
    let chance = Arc::new(SeededChance::new(3));
    let runner = Runner::new(there.clone(), clock(), chance, options, notes);
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(runner.run(stopped));
    let chance = Arc::new(SeededChance::new(4));
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        tokio::time::sleep(CALM).await;
        let (now, chance) = (clock().now(), Arc::clone(&chance));
        here.write(move |tx| {
            let id = JobId::new(now, chance.as_ref());
            jobs::enqueue(tx, &NewJob::new(id, QUEUE, "bench", String::new()), now)
        })
        .await?;
        let committed = Instant::now();
        let start = tokio::time::timeout(WITHIN, starts.recv()).await?;
        times.push(start.context("the worker ended")?.saturating_duration_since(committed));
    }
    stop.send(true)?;
    running.await?;
    let ms = |time: f64| format!("{time:.2}");
    let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    let max = percentile(&mut times, 1.0);
    row(&COLUMNS, &[name.to_owned(), count.to_string(), ms(p50), ms(p99), ms(max)]);
    Ok(())
}

fn clock() -> SharedClock {
    Arc::new(SystemClock)
}
