//! Whose turn it is.

use std::collections::BTreeSet;

use super::super::{NewJob, Priority, cancel_ready, done, place_in_queue};
use super::*;
use crate::testing::each_engine;

#[test]
fn fifty_jobs_of_one_customer_do_not_delay_the_one_of_another() {
    each_engine(|book, _| {
        put_for(book, [1; 50]);
        let first = claim_at(book, "anna", 1, NOW);
        put_for(book, [2]);
        assert_eq!(subjects(&first), ["of 1"]);
        assert_eq!(subjects(&claim_at(book, "boris", 1, NOW)), ["of 2"]);
    });
}

#[test]
fn nobody_holds_two_workers_while_another_waits() {
    each_engine(|book, _| {
        put_for(book, [1, 1, 1, 1, 2, 3]);
        assert_eq!(subjects(&claim_at(book, "anna", 3, NOW)), ["of 1", "of 2", "of 3"]);
        put_for(book, [4]);
        assert_eq!(subjects(&claim_at(book, "boris", 1, NOW)), ["of 4"]);
        // Nobody else waits: one customer may use every worker.
        assert_eq!(subjects(&claim_at(book, "vera", 9, NOW)), ["of 1"; 3]);
    });
}

#[test]
fn claims_at_the_same_moment_serve_different_customers() {
    each_engine(|book, engine| {
        for customer in 1..=8 {
            put_for(book, [customer; 6]);
        }
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let book = book.clone();
                std::thread::spawn(move || claim_at(&book, "anna", 1, NOW))
            })
            .collect();
        let served: Vec<Claim> =
            workers.into_iter().flat_map(|worker| worker.join().expect("it ends")).collect();
        let customers: BTreeSet<_> = subjects(&served).into_iter().collect();
        assert_eq!((served.len(), customers.len()), (8, 8), "{engine:?}: {customers:?}");
    });
}

#[test]
fn a_newcomer_does_not_overtake_those_who_were_served_before_for_long() {
    each_engine(|book, _| {
        put_for(book, [1; 40]);
        for _ in 0..30 {
            let claim = claim_one(book);
            write(book, move |tx| done(tx, &claim, NOW));
        }
        put_for(book, [2; 10]);
        let mut served = Vec::new();
        for _ in 0..8 {
            let claim = claim_one(book);
            served.push(claim.subject.clone());
            write(book, move |tx| done(tx, &claim, NOW));
        }
        assert_eq!(served.iter().filter(|subject| *subject == "of 1").count(), 4, "{served:?}");
    });
}

#[test]
fn a_cancelled_job_costs_its_customer_no_place() {
    each_engine(|book, _| {
        for _ in 0..20 {
            let job = put(book, job_of(1));
            assert!(write(book, move |tx| cancel_ready(tx, job, NOW)));
        }
        put_for(book, [2, 2, 1]);
        assert_eq!(subjects(&claim_at(book, "anna", 1, NOW)), ["of 2"]);
        let claim = claim_one(book);
        assert_eq!(claim.subject, "of 1");
    });
}

#[test]
fn urgent_jobs_go_first_and_jobs_of_nobody_do_not_wait_for_each_other() {
    each_engine(|book, _| {
        let ours = || NewJob::new(next_id(), QUEUE, "sweep", "ours".to_owned());
        put_for(book, [1, 2]);
        put(book, ours());
        put(book, ours());
        put(book, ours().going(Priority::Finished));
        assert_eq!(subjects(&claim_at(book, "anna", 1, NOW)), ["ours"]);
        let rest = claim_at(book, "anna", 9, NOW);
        assert_eq!(rest.len(), 4);
    });
}

#[test]
fn the_place_in_the_queue_counts_those_before_up_to_a_bound() {
    each_engine(|book, _| {
        let jobs = put_for(book, [1, 1, 1, 2]);
        let place = |job, limit| {
            book.blocking_read(move |tx| place_in_queue(tx, job, limit)).expect("it reads")
        };
        assert_eq!(jobs.iter().map(|job| place(*job, 100)).collect::<Vec<_>>(), [0, 2, 3, 1]);
        assert_eq!(place(jobs[2], 2), 2);
        claim_at(book, "anna", 2, NOW);
        assert_eq!(place(jobs[2], 100), 1);
    });
}

#[test]
fn queues_do_not_disturb_each_other() {
    each_engine(|book, _| {
        put_for(book, [1, 1, 2]);
        let mut other = job_of(1);
        other.queue = "videos".to_owned();
        put(book, other);
        let videos = write(book, |tx| claim(tx, "boris", "videos", 9, NOW, NOW.plus(LEASE)));
        assert_eq!(videos.len(), 1);
        // A running video is no reason to wait for a picture.
        assert_eq!(subjects(&claim_at(book, "anna", 1, NOW)), ["of 1"]);
    });
}
