//! An idle worker of another process is woken by the shared bells, long before its next look.

use std::sync::Mutex;

use rei_domain::shared::SharedBells;
use rei_redis::testing::RedisServer;
use rei_redis::{Redis, RedisOptions};
use rei_storage::testing::Belfry;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::*;

/// No wake-up may be a look.
const POLL: Duration = Duration::from_secs(10);
const WAKE_UPS: usize = 50;

/// Has a process without a worker enqueue jobs one by one for a worker in another process, and tells how long each took
/// from its commit to its start.
async fn wake_ups(house: &House, here: SharedBells, there: SharedBells) -> Vec<Duration> {
    let other = house.files.another_process();
    house.book.share_bells(here);
    other.share_bells(there);
    let (started, mut starts) = mpsc::unbounded_channel();
    let book = other.clone();
    let handler = Calls(move |claim: Claim| {
        let _ = started.send(Instant::now());
        let book = book.clone();
        async move {
            book.write(move |tx| jobs::done(tx, &claim, NOW)).await.expect("it commits");
            Verdict::Finished
        }
    });
    let options = RunnerOptions { poll: POLL, ..options() };
    let runner = Runner::new(
        other,
        house.clock.clone(),
        Arc::new(SeededChance::new(1)),
        options,
        Arc::new(handler),
    );
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(runner.run(stopped));
    let mut took = Vec::with_capacity(WAKE_UPS);
    for _ in 0..WAKE_UPS {
        // The worker is idle, or about to be: no ring may get lost.
        let job = house.put("draw").await;
        let committed = Instant::now();
        let start = tokio::time::timeout(SOON, starts.recv()).await.expect("it is woken");
        took.push(start.expect("the worker lives").saturating_duration_since(committed));
        house.until(|| async { house.shown(job).await.state == "done" }).await;
    }
    stop.send(true).expect("the runner listens");
    running.await.expect("it stops");
    took.sort();
    took
}

fn assert_swift(what: &str, took: &[Duration]) {
    let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("{what}: from commit to start p50 {p50:?}, p99 {p99:?}");
    assert!(p50 < Duration::from_millis(20), "{took:?}");
}

#[test]
fn a_worker_of_another_process_is_woken_by_shared_bells() {
    on_each_engine(|house| async move {
        let belfry = Arc::new(Belfry::default());
        assert_swift("in memory", &wake_ups(&house, belfry.clone(), belfry).await);
    });
}

#[test]
fn a_worker_of_another_process_is_woken_through_redis() {
    on_each_engine(|house| async move {
        let server = tokio::task::spawn_blocking(RedisServer::start).await.expect("it starts");
        let join = |seed| {
            let chance = Arc::new(SeededChance::new(seed));
            let (url, namespace) = (server.url().into(), "42".to_owned());
            async move { Redis::connect(&url, RedisOptions { namespace, chance }).await }
        };
        let (here, there) =
            (join(1).await.expect("it answers"), join(2).await.expect("it answers"));
        assert_swift("through redis", &wake_ups(&house, Arc::new(here), Arc::new(there)).await);
    });
}

#[test]
fn a_backlog_spreads_over_all_processes_from_one_ring() {
    on_each_engine(|house| async move {
        let belfry = Arc::new(Belfry::default());
        house.book.share_bells(belfry.clone());
        let who = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut runners = Vec::new();
        for worker in ["anna", "boris", "clara"] {
            let other = house.files.another_process();
            other.share_bells(belfry.clone());
            let who = Arc::clone(&who);
            let handler = Calls(move |_| {
                who.lock().expect("no panic held it").push(worker);
                std::future::pending::<Verdict>()
            });
            let mut options = RunnerOptions::new(worker.to_owned(), QUEUE, 2);
            (options.poll, options.stop_within) = (POLL * 60, Duration::ZERO);
            let (clock, chance) = (house.clock.clone(), Arc::new(SeededChance::new(1)));
            let runner = Runner::new(other, clock, chance, options, Arc::new(handler));
            runners.push(tokio::spawn(runner.run(stopped.clone())));
        }
        // The workers are idle before the first job comes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let ids: Vec<JobId> =
            (1_000..1_006).map(|n| JobId::new(NOW, &SeededChance::new(n))).collect();
        let put = house.book.write(move |tx| {
            ids.iter().try_for_each(|id| {
                let job = NewJob::new(*id, QUEUE, "draw", "a subject".to_owned());
                jobs::enqueue(tx, &job, NOW).map(|_| ())
            })
        });
        put.await.expect("it commits");
        let all_run = || async { who.lock().expect("no panic held it").len() == 6 };
        house.until(all_run).await;
        stop.send(true).expect("the runners listen");
        for runner in runners {
            runner.await.expect("it stops");
        }
        let mut who = who.lock().expect("no panic held it").clone();
        who.sort_unstable();
        assert_eq!(who, ["anna", "anna", "boris", "boris", "clara", "clara"]);
    });
}
