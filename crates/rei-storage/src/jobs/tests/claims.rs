//! Leases and fences: one worker at a time, and the next one when it died.

use std::collections::BTreeSet;

use super::super::{LeaseLost, anything_due, done, extend, fail, guard, hand_back, poison, snooze};
use super::*;
use crate::customers;
use crate::testing::each_engine;

const AFTER_LEASE: Duration = Duration::from_secs(21);

#[test]
fn concurrent_claims_never_give_a_job_twice() {
    each_engine(|book, engine| {
        put_for(book, (0..200).map(|n| n % 7));
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let book = book.clone();
                std::thread::spawn(move || {
                    let mut mine = Vec::new();
                    loop {
                        let claims = claim_at(&book, "anna", 7, NOW);
                        if claims.is_empty() {
                            return mine;
                        }
                        for claim in claims {
                            mine.push(claim.job);
                            write(&book, move |tx| done(tx, &claim, NOW));
                        }
                    }
                })
            })
            .collect();
        let claimed: Vec<JobId> =
            workers.into_iter().flat_map(|worker| worker.join().expect("it ends")).collect();
        let different: BTreeSet<JobId> = claimed.iter().copied().collect();
        assert_eq!((claimed.len(), different.len()), (200, 200), "{engine:?}");
    });
}

#[test]
fn a_dead_workers_job_goes_to_another_when_its_lease_has_ended() {
    each_engine(|book, _| {
        put_for(book, [1]);
        let dead = claim_one(book);
        assert!(claim_at(book, "boris", 1, NOW.plus(LEASE)).is_empty());
        let later = NOW.plus(AFTER_LEASE);
        assert!(book.blocking_read(move |tx| anything_due(tx, QUEUE, later)).expect("it reads"));
        let taken = claim_at(book, "boris", 1, later).pop().expect("it is free again");
        assert_eq!((taken.job, taken.attempts_made), (dead.job, 2));
        assert!(taken.fence > dead.fence);
    });
}

#[test]
fn a_heartbeat_keeps_the_job() {
    each_engine(|book, _| {
        put_for(book, [1]);
        let claim = claim_one(book);
        let longer = NOW.plus(LEASE * 3);
        assert!(write(book, move |tx| extend(tx, &claim, longer)));
        assert!(claim_at(book, "boris", 1, NOW.plus(AFTER_LEASE)).is_empty());
    });
}

#[test]
fn a_stale_claim_changes_nothing_and_gives_up_its_transaction() {
    each_engine(|book, engine| {
        put_for(book, [1]);
        let stale = claim_one(book);
        let valid = claim_at(book, "boris", 1, NOW.plus(AFTER_LEASE)).pop().expect("it is free");
        type End = fn(&mut Tx<'_>, &Claim) -> Result<(), BookError>;
        let ends: [End; 5] = [
            |tx, claim| guard(tx, claim)?.map_err(|LeaseLost| BookError::LeaseLost),
            |tx, claim| done(tx, claim, NOW),
            |tx, claim| snooze(tx, claim, NOW),
            |tx, claim| fail(tx, claim, "late", NOW, NOW).map(|_| ()),
            |tx, claim| poison(tx, claim, "late", NOW),
        ];
        for (no, end) in ends.into_iter().enumerate() {
            let stale = stale.clone();
            let ended = book.blocking_write(move |tx| {
                customers::seen(tx, CustomerId(77), "Анна", None, NOW)?;
                end(tx, &stale)
            });
            assert!(matches!(ended, Err(BookError::LeaseLost)), "{engine:?} {no}: {ended:?}");
        }
        let written = book.blocking_read(|tx| customers::find(tx, CustomerId(77)));
        assert!(written.expect("it reads").is_none(), "{engine:?}");
        let (extended, handed) = write(book, move |tx| {
            Ok((extend(tx, &stale, NOW.plus(LEASE * 9))?, hand_back(tx, &stale, NOW)?))
        });
        assert!(!extended && !handed);
        assert_eq!(shown(book, valid.job).state, "running");
        write(book, move |tx| {
            assert_eq!(guard(tx, &valid)?, Ok(()));
            done(tx, &valid, NOW)
        });
    });
}

#[test]
fn a_guarded_claim_cannot_be_taken_over_before_the_transaction_ends() {
    each_engine(|book, _| {
        put_for(book, [1]);
        let claim = claim_one(book);
        let (held, wait) = std::sync::mpsc::channel();
        let holder = {
            let book = book.clone();
            std::thread::spawn(move || {
                book.blocking_write(move |tx| {
                    assert_eq!(guard(tx, &claim)?, Ok(()));
                    let _ = held.send(());
                    std::thread::sleep(Duration::from_millis(50));
                    done(tx, &claim, NOW)
                })
            })
        };
        wait.recv().expect("the claim is valid");
        // The lease is over by now, but the worker is alive.
        assert!(claim_at(book, "boris", 1, NOW.plus(AFTER_LEASE)).is_empty());
        holder.join().expect("it ends").expect("it commits");
    });
}

#[test]
fn workers_that_die_use_up_the_tries() {
    each_engine(|book, _| {
        let mut job = job_of(1);
        job.attempts_max = 2;
        put(book, job);
        let mut now = NOW;
        for _ in 0..2 {
            assert!(!claim_at(book, "anna", 1, now).pop().expect("it is free").exhausted());
            now = now.plus(AFTER_LEASE);
        }
        let last = claim_at(book, "anna", 1, now).pop().expect("it is free");
        assert!(last.exhausted());
    });
}

#[test]
fn a_scheduled_job_comes_when_it_is_due() {
    each_engine(|book, _| {
        let later = NOW.plus(Duration::from_secs(60));
        put(book, job_of(1).due_at(later));
        assert!(claim_at(book, "anna", 1, NOW).is_empty());
        assert!(!book.blocking_read(|tx| anything_due(tx, QUEUE, NOW)).expect("it reads"));
        let claim = claim_at(book, "anna", 1, later).pop().expect("it is due");
        assert_eq!((claim.due_at, claim.attempts_made), (later, 1));
    });
}
