//! A worker that is told to stop finishes or hands back.

use tokio::sync::{Notify, watch};

use super::*;

#[test]
fn a_stopping_worker_lets_running_jobs_end_and_takes_no_new_ones() {
    on_each_engine(|house| async move {
        let first = house.put("draw").await;
        let (began, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait, book) = (Arc::clone(&began), Arc::clone(&may_end), house.book.clone());
        let handler = Calls(move |claim: Claim| {
            let (tell, wait, book) = (Arc::clone(&tell), Arc::clone(&wait), book.clone());
            async move {
                tell.notify_one();
                wait.notified().await;
                book.write(move |tx| jobs::done(tx, &claim, NOW)).await.expect("it commits");
                Verdict::Finished
            }
        });
        let mut options = options();
        options.concurrency = 1;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options).run(stopped));
        began.notified().await;
        stop.send(true).expect("the runner listens");
        let second = house.put("draw").await;
        may_end.notify_one();
        running.await.expect("it stops");
        assert_eq!(house.shown(first).await.state, "done");
        let second = house.shown(second).await;
        assert_eq!((second.state.as_str(), second.attempts_made), ("ready", 0));
    });
}

#[test]
fn what_does_not_end_in_time_is_handed_back_at_no_cost() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let mut options = options();
        options.stop_within = Duration::from_millis(30);
        let handler = Calls(|_| std::future::pending::<Verdict>());
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options.clone()).run(stopped));
        house.until(|| async { house.shown(job).await.state == "running" }).await;
        stop.send(true).expect("the runner listens");
        running.await.expect("it stops");
        let line = house.shown(job).await;
        assert_eq!((line.state.as_str(), line.attempts_made), ("ready", 0));
        // Another worker need not wait for the lease's end.
        let handler = Calls(|_| async { Verdict::discard("taken over") });
        let next = house.runner(Arc::new(handler), options);
        assert_eq!(next.drain().await.expect("it drains"), 1);
    });
}

#[test]
fn a_worker_whose_owner_is_gone_stops() {
    on_each_engine(|house| async move {
        let handler = Calls(|_| async { Verdict::Finished });
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(house.runner(Arc::new(handler), options()).run(stopped));
        drop(stop);
        tokio::time::timeout(SOON, running).await.expect("it stops soon").expect("it stops");
    });
}

#[test]
fn a_worker_that_lost_its_lease_writes_nothing() {
    on_each_engine(|house| async move {
        let job = house.put("draw").await;
        let (book, clock) = (house.book.clone(), house.clock.clone());
        let handler = Calls(move |_| {
            let (book, clock) = (book.clone(), clock.clone());
            async move {
                // The process was frozen for a minute; somebody else took over.
                clock.advance(Duration::from_secs(60));
                let now = clock.now();
                let taken = book.write(move |tx| {
                    jobs::claim(tx, "boris", QUEUE, 1, now, now.plus(Duration::from_secs(20)))
                });
                assert_eq!(taken.await.expect("it commits").len(), 1);
                Verdict::discard("far too late")
            }
        });
        let runner = house.runner(Arc::new(handler), options());
        assert_eq!(runner.drain().await.expect("it drains"), 1);
        let line = house.shown(job).await;
        assert_eq!((line.state.as_str(), line.worker.as_deref()), ("running", Some("boris")));
        assert_eq!(line.last_error.as_deref(), Some("the worker stopped in the middle"));
    });
}
