//! What all runners of a queue may run together is counted in the book.

use std::sync::atomic::AtomicUsize;

use rei_queue::Places;

use super::*;

/// So many jobs of the queue at the same time.
fn places(all: usize) -> Places {
    Arc::new(move |tx| {
        let depths = jobs::depths(tx)?.into_iter();
        let running: i64 =
            depths.filter(|depth| depth.state == "running").map(|depth| depth.jobs).sum();
        Ok(all.saturating_sub(usize::try_from(running).unwrap_or(usize::MAX)))
    })
}

#[test]
fn two_runners_never_run_more_together_than_there_are_places() {
    on_each_engine(|house| async move {
        for _ in 0..30 {
            house.put("draw").await;
        }
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = ["anna", "boris"].map(|worker| {
            let (now, most, book) = (Arc::clone(&now), Arc::clone(&most), house.book.clone());
            let handler = Calls(move |claim: Claim| {
                let (now, most, book) = (Arc::clone(&now), Arc::clone(&most), book.clone());
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(3)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    book.write(move |tx| jobs::done(tx, &claim, NOW)).await.expect("it commits");
                    Verdict::Finished
                }
            });
            let mut options = RunnerOptions::new(worker.to_owned(), QUEUE, 8);
            options.places = Some(places(3));
            options.poll = Duration::from_millis(20);
            tokio::spawn(house.runner(Arc::new(handler), options).run(stopped.clone()))
        });
        house
            .until(|| async { house.book.read(jobs::count_live).await.expect("it reads") == 0 })
            .await;
        stop.send(true).expect("the runners listen");
        for runner in running {
            runner.await.expect("it stops");
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn without_a_place_nothing_is_claimed_and_the_place_of_a_dead_worker_is_free_again() {
    on_each_engine(|house| async move {
        let (first, second) = (house.put("draw").await, house.put("draw").await);
        let lease = options().lease;
        let dead =
            house.book.write(move |tx| jobs::claim(tx, "dead", QUEUE, 1, NOW, NOW.plus(lease)));
        assert_eq!(dead.await.expect("it commits")[0].job, first);
        let mut options = options();
        options.places = Some(places(1));
        let handler = Calls(|_| async { Verdict::discard("that was all") });
        let runner = house.runner(Arc::new(handler), options);
        assert_eq!(runner.drain().await.expect("it drains"), 0);
        assert_eq!(house.shown(second).await.state, "ready");
        house.clock.advance(lease * 2);
        assert_eq!(runner.drain().await.expect("it drains"), 2);
    });
}
