//! How claims end.

use super::super::{Failed, done, fail, hand_back, list, poison, snooze};
use super::*;
use crate::testing::each_engine;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_snooze_costs_no_try() {
    each_engine(|book, _| {
        let job = put(book, job_of(1));
        let mut now = NOW;
        for _ in 0..10 {
            let claim = claim_at(book, "anna", 1, now).pop().expect("it is due");
            assert_eq!(claim.attempts_made, 1);
            now = now.plus(MINUTE);
            write(book, move |tx| snooze(tx, &claim, now));
        }
        let line = shown(book, job);
        assert_eq!((line.state.as_str(), line.attempts_made, line.due_at), ("scheduled", 0, now));
    });
}

#[test]
fn a_job_that_fails_too_often_is_dead_and_can_be_seen() {
    each_engine(|book, _| {
        let mut job = job_of(1);
        job.attempts_max = 3;
        let id = put(book, job);
        let mut now = NOW;
        let mut ends = Vec::new();
        for _ in 0..3 {
            let claim = claim_at(book, "anna", 1, now).pop().expect("it is due");
            let due_at = now.plus(MINUTE);
            ends.push(write(book, move |tx| fail(tx, &claim, &"no".repeat(5_000), due_at, now)));
            now = due_at;
        }
        assert_eq!(ends, [Failed::Again, Failed::Again, Failed::Dead]);
        assert!(claim_at(book, "anna", 1, now.plus(MINUTE)).is_empty());
        let dead = book.blocking_read(|tx| list(tx, "dead", 10)).expect("it reads");
        assert_eq!(dead.len(), 1);
        assert_eq!((dead[0].id, dead[0].attempts_made), (id, 3));
        let kept = dead[0].last_error.as_deref().map_or(0, |error| error.chars().count());
        assert_eq!(kept, 1_000, "the operator sees why, within bounds");
    });
}

#[test]
fn a_discarded_job_is_dead_at_once() {
    each_engine(|book, _| {
        let id = put(book, job_of(1));
        let claim = claim_one(book);
        write(book, move |tx| poison(tx, &claim, "names no order", NOW));
        let line = shown(book, id);
        assert_eq!(
            (line.state.as_str(), line.last_error.as_deref()),
            ("dead", Some("names no order"))
        );
    });
}

#[test]
fn a_job_that_is_handed_back_loses_no_try_and_rings() {
    each_engine(|book, _| {
        let tally = Tally::of(book);
        let id = put(book, job_of(1));
        let claim = claim_one(book);
        assert!(write(book, move |tx| hand_back(tx, &claim, NOW)));
        let line = shown(book, id);
        assert_eq!((line.state.as_str(), line.attempts_made), ("ready", 0));
        assert_eq!(tally.rings(2), 2);
    });
}

#[test]
fn a_done_job_is_not_claimed_again() {
    each_engine(|book, _| {
        let id = put(book, job_of(1));
        let claim = claim_one(book);
        write(book, move |tx| done(tx, &claim, NOW));
        assert_eq!(shown(book, id).state, "done");
        assert!(claim_at(book, "anna", 1, NOW.plus(LEASE * 100)).is_empty());
    });
}
