//! Unique keys, cancelling, reviving, pausing, cleaning, counting.

use super::super::{
    anything_due, cancel_ready, clean, count_live, depths, done, list, next_due, pause, paused,
    poison, revive,
};
use super::*;
use crate::testing::each_engine;

fn keyed(key: &str) -> NewJob {
    job_of(1).unique(key.to_owned())
}

fn kill_next(book: &Book) -> JobId {
    let claim = claim_one(book);
    let job = claim.job;
    write(book, move |tx| poison(tx, &claim, "broken", NOW));
    job
}

#[test]
fn a_unique_key_admits_one_live_job() {
    each_engine(|book, _| {
        let tally = Tally::of(book);
        put(book, keyed("poll 1"));
        let again = keyed("poll 1");
        assert!(!write(book, move |tx| enqueue(tx, &again, NOW)));
        put(book, keyed("poll 2"));
        assert_eq!(tally.rings(2), 2, "nobody is woken for nothing");
        let claim = claim_one(book);
        let while_running = keyed("poll 1");
        assert!(!write(book, move |tx| enqueue(tx, &while_running, NOW)));
        write(book, move |tx| done(tx, &claim, NOW));
        put(book, keyed("poll 1"));
    });
}

#[test]
fn of_a_cancel_and_a_claim_at_the_same_moment_one_wins() {
    each_engine(|book, engine| {
        let (mut cancels, mut claims) = (0, 0);
        for round in 0..40 {
            let job = put(book, job_of(1));
            let other = book.clone();
            let worker = std::thread::spawn(move || claim_at(&other, "anna", 1, NOW));
            let cancelled = write(book, move |tx| cancel_ready(tx, job, NOW));
            let claimed = worker.join().expect("it ends");
            assert_ne!(cancelled, claimed.len() == 1, "{engine:?} {round}");
            if cancelled {
                cancels += 1
            } else {
                claims += 1
            }
            for claim in claimed {
                write(book, move |tx| done(tx, &claim, NOW));
            }
        }
        assert_eq!(cancels + claims, 40);
        assert_eq!(book.blocking_read(count_live).expect("it reads"), 0);
    });
}

#[test]
fn a_dead_job_is_revived_once_and_not_beside_its_live_twin() {
    each_engine(|book, _| {
        put(book, keyed("poll 1"));
        let dead = kill_next(book);
        let twin = put(book, keyed("poll 1"));
        assert!(!write(book, move |tx| revive(tx, dead, NOW)), "its twin lives");
        assert!(write(book, move |tx| cancel_ready(tx, twin, NOW)));
        assert!(write(book, move |tx| revive(tx, dead, NOW)));
        assert!(!write(book, move |tx| revive(tx, dead, NOW)), "it lives already");
        let claim = claim_one(book);
        assert_eq!((claim.job, claim.attempts_made), (dead, 1));
    });
}

#[test]
fn a_paused_queue_gives_nothing_until_it_is_resumed() {
    each_engine(|book, _| {
        let tally = Tally::of(book);
        put_for(book, [1]);
        write(book, |tx| pause(tx, QUEUE, true));
        assert_eq!(book.blocking_read(paused).expect("it reads"), [QUEUE]);
        assert!(claim_at(book, "anna", 1, NOW).is_empty());
        assert!(!book.blocking_read(|tx| anything_due(tx, QUEUE, NOW)).expect("it reads"));
        // Work still comes in.
        put_for(book, [2]);
        let before = tally.rings(3);
        write(book, |tx| pause(tx, QUEUE, false));
        assert_eq!(tally.rings(before + 1), before + 1);
        assert_eq!(claim_at(book, "anna", 9, NOW).len(), 2);
    });
}

#[test]
fn cleaning_removes_old_ends_and_leaves_what_lives() {
    each_engine(|book, _| {
        let later = NOW.plus(Duration::from_secs(3_600));
        let jobs = put_for(book, [1, 2, 3, 4]);
        kill_next(book);
        let (first, second) = (claim_one(book), claim_one(book));
        write(book, move |tx| done(tx, &first, NOW));
        write(book, move |tx| done(tx, &second, later));
        assert_eq!(write(book, move |tx| clean(tx, later, 100)), 2);
        let left: Vec<JobId> = jobs
            .into_iter()
            .filter(|job| {
                let job = *job;
                book.blocking_read(move |tx| show(tx, job)).expect("it reads").is_some()
            })
            .collect();
        assert_eq!(left.len(), 2);
        // Fairness goes on where it was.
        put_for(book, [1]);
        assert_eq!(claim_at(book, "anna", 9, NOW).len(), 2);
    });
}

#[test]
fn counts_and_lists_tell_what_waits_runs_and_lies_dead() {
    each_engine(|book, _| {
        put_for(book, [1, 2, 3, 4]);
        let due_at = NOW.plus(Duration::from_secs(5));
        put(book, job_of(5).due_at(due_at));
        kill_next(book);
        let ended = claim_one(book);
        write(book, move |tx| done(tx, &ended, NOW));
        claim_one(book);
        assert_eq!(book.blocking_read(count_live).expect("it reads"), 3);
        assert_eq!(book.blocking_read(next_due).expect("it reads"), Some(due_at));
        let counted: Vec<_> = book
            .blocking_read(depths)
            .expect("it reads")
            .into_iter()
            .map(|depth| (depth.queue, depth.state, depth.jobs, depth.oldest_due_at))
            .collect();
        let row = |state: &str, due_at| (QUEUE.to_owned(), state.to_owned(), 1, due_at);
        assert_eq!(
            counted,
            [row("dead", NOW), row("ready", NOW), row("running", NOW), row("scheduled", due_at),]
        );
        for state in ["ready", "scheduled", "running", "done", "dead"] {
            let lines = book.blocking_read(move |tx| list(tx, state, 10)).expect("it reads");
            assert!(lines.len() == 1 && lines[0].state == state, "{state:?}: {lines:?}");
        }
    });
}
