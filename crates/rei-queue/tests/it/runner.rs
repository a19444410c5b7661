//! Jobs are run, tried again, given up, and taken over from the dead.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use rei_queue::Backoff;
use tokio::sync::Notify;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

async fn alarms(house: &House) -> Vec<String> {
    let ready = house.book.read(|tx| jobs::list(tx, "ready", 100)).await;
    let ready = ready.expect("it reads").into_iter();
    ready.filter(|line| line.queue == "alarms").map(|line| line.subject).collect()
}

#[test]
fn a_handler_that_panics_costs_a_try_and_in_the_end_an_alarm() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let other = house.put("write").await;
        let handler = Calls(|claim: Claim| async move {
            assert!(claim.kind != "draw", "a bug of the handler");
            Verdict::discard("no use")
        });
        let runner = house.runner(Arc::new(handler), options());
        for tries in 1..=4 {
            runner.drain().await.expect("it drains");
            let line = house.shown(job).await;
            assert_eq!((line.state.as_str(), line.attempts_made), ("scheduled", tries));
            assert_eq!(line.last_error.as_deref(), Some("the handler panicked"));
            house.clock.advance(HOUR);
        }
        assert_eq!(house.shown(other).await.state, "dead");
        runner.drain().await.expect("it drains");
        assert_eq!(house.shown(job).await.state, "dead");
        assert!(alarms(&house).await.contains(&format!("{other}: no use")));
    });
}

#[test]
fn a_dead_job_and_its_alarm_are_written_together_or_not_at_all() {
    struct Grumbler;
    impl Handler for Grumbler {
        fn run(&self, _: Claim) -> BoxFuture<'_, Verdict> {
            Box::pin(async { Verdict::discard("no use") })
        }
        fn poisoned(&self, _: &mut Tx<'_>, _: &Claim, _: &str) -> Result<(), BookError> {
            Err(BookError::Busy)
        }
    }
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let grumbler = house.runner(Arc::new(Grumbler), options());
        grumbler.drain().await.expect("it drains");
        assert_eq!(house.shown(job).await.state, "running");
        house.clock.advance(HOUR);
        let handler = Calls(|_| async { Verdict::discard("no use") });
        house.runner(Arc::new(handler), options()).drain().await.expect("it drains");
        assert_eq!(house.shown(job).await.state, "dead");
        assert_eq!(alarms(&house).await, [format!("{job}: no use")]);
    });
}

#[test]
fn a_failed_job_waits_within_its_backoff_and_a_snoozed_one_as_told() {
    on_each_engine(|house| async move {
        let (failed, snoozed) = (house.put("fail").await, house.put("snooze").await);
        let handler = Calls(|claim: Claim| async move {
            match claim.kind.as_str() {
                "fail" => Verdict::retry("not today"),
                _ => Verdict::Snooze(HOUR),
            }
        });
        let mut options = options();
        options.backoff = Backoff { base: Duration::from_secs(4), max: Duration::from_secs(4) };
        house.runner(Arc::new(handler), options).drain().await.expect("it drains");
        let (failed, snoozed) = (house.shown(failed).await, house.shown(snoozed).await);
        assert!(failed.due_at >= NOW && failed.due_at <= NOW.plus(Duration::from_secs(4)));
        assert_eq!((snoozed.due_at, snoozed.attempts_made), (NOW.plus(HOUR), 0));
    });
}

#[test]
fn a_job_of_a_dead_worker_is_done_by_another_within_thirty_seconds() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let lease = options().lease;
        assert!(lease + options().poll < Duration::from_secs(30));
        let dead =
            house.book.write(move |tx| jobs::claim(tx, "dead", QUEUE, 1, NOW, NOW.plus(lease)));
        assert_eq!(dead.await.expect("it commits").len(), 1);
        let book = house.book.clone();
        let handler = Calls(move |claim: Claim| {
            let book = book.clone();
            async move {
                book.write(move |tx| jobs::done(tx, &claim, NOW)).await.expect("it commits");
                Verdict::Finished
            }
        });
        let runner = house.runner(Arc::new(handler), options());
        assert_eq!(runner.drain().await.expect("it drains"), 0);
        house.clock.advance(Duration::from_secs(29));
        assert_eq!(runner.drain().await.expect("it drains"), 1);
        assert_eq!(house.shown(job).await.state, "done");
    });
}

#[test]
fn a_job_that_kills_its_workers_ends_in_an_alarm() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let lease = options().lease;
        for _ in 0..5 {
            let now = house.clock.now();
            let claimed =
                house.book.write(move |tx| jobs::claim(tx, "dead", QUEUE, 1, now, now.plus(lease)));
            assert_eq!(claimed.await.expect("it commits").len(), 1);
            house.clock.advance(lease * 2);
        }
        let handler = Calls(|_| async { panic!("it must not run again") });
        house.runner(Arc::new(handler), options()).drain().await.expect("it drains");
        assert_eq!(house.shown(job).await.state, "dead");
        assert_eq!(alarms(&house).await.len(), 1);
    });
}

#[test]
fn a_ring_wakes_an_idle_worker_long_before_its_next_look() {
    on_each_engine(|house| async move {
        let mut options = options();
        options.poll = HOUR;
        let ran = Arc::new(Notify::new());
        let tell = Arc::clone(&ran);
        let handler = Calls(move |_| {
            tell.notify_one();
            async { Verdict::discard("that was all") }
        });
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options).run(stopped));
        for _ in 0..3 {
            // The worker is idle again, or about to be: no ring may get lost.
            house.put("draw").await;
            tokio::time::timeout(SOON, ran.notified()).await.expect("it is woken");
        }
        stop.send(true).expect("the runner listens");
        running.await.expect("it stops");
    });
}

#[test]
fn no_more_jobs_run_at_once_than_there_are_places() {
    on_each_engine(|house| async move {
        for _ in 0..20 {
            house.put("draw").await;
        }
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(0)));
        let (count, top, book) = (Arc::clone(&now), Arc::clone(&most), house.book.clone());
        let handler = Calls(move |claim: Claim| {
            let (count, top, book) = (Arc::clone(&count), Arc::clone(&top), book.clone());
            async move {
                let running = count.fetch_add(1, Ordering::SeqCst) + 1;
                {
                    let mut top = top.lock().expect("no panic held it");
                    *top = running.max(*top);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
                count.fetch_sub(1, Ordering::SeqCst);
                book.write(move |tx| jobs::done(tx, &claim, NOW)).await.expect("it commits");
                Verdict::Finished
            }
        });
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options()).run(stopped));
        house
            .until(|| async { house.book.read(jobs::count_live).await.expect("it reads") == 0 })
            .await;
        stop.send(true).expect("the runner listens");
        running.await.expect("it stops");
        assert_eq!(*most.lock().expect("no panic held it"), 4);
    });
}

#[test]
fn heartbeats_keep_the_lease_of_a_long_job() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let mut options = options();
        options.lease = Duration::from_millis(60);
        let handler = Calls(|_| std::future::pending::<Verdict>());
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options).run(stopped));
        house.until(|| async { house.shown(job).await.state == "running" }).await;
        for _ in 0..3 {
            house.clock.advance(Duration::from_millis(40));
            let expected = house.clock.now().plus(Duration::from_millis(60));
            house
                .until(|| async {
                    house.book.read(jobs::next_due).await.expect("it reads") == Some(expected)
                })
                .await;
        }
        running.abort();
    });
}

#[test]
fn a_handler_that_never_ends_is_cut_off_and_costs_a_try() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let mut options = options();
        options.run_within = Duration::from_millis(20);
        let handler = Calls(|_| std::future::pending::<Verdict>());
        house.runner(Arc::new(handler), options).drain().await.expect("it drains");
        let line = house.shown(job).await;
        assert_eq!(line.last_error.as_deref(), Some("the handler took too long"));
    });
}
