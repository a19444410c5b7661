//! Sums from checkpoints and tail are the same as sums over everything.

use std::sync::{Mutex, mpsc};

use rei_domain::ledger::{Money, SealHash};

use super::*;
use crate::Sql;
use crate::ledger::{
    account_balance, capture_order, checkpoint, recent, seal, settle, trial_balance,
};
use crate::testing::{each_engine, temp_postgres};

fn sell(book: &Book, number: u8, amount: i64) {
    let _ = hold_price(book, ANNA, order(number), amount).expect("enough money");
    write(book, move |tx| capture_order(tx, order(number), kopecks(amount), Actor::System, at(9)))
        .expect("an open hold");
}

fn revenue(book: &Book) -> Money {
    read(book, |tx| Ok(account_balance(tx, &Account::Revenue(Sale::Image))?))
}

#[test]
fn a_checkpoint_changes_no_balance() {
    each_engine(|book, _| {
        open_with(book, ANNA, 100_000, 0);
        sell(book, 1, 5_000);
        let before = read(book, |tx| Ok(trial_balance(tx)?));
        assert_eq!(revenue(book), kopecks(5_000).into());
        assert!(!write(book, |tx| Ok(checkpoint(tx)?)).expect("nothing is settled yet"));
        write(book, |tx| Ok(settle(tx)?)).expect("settled");
        assert!(!write(book, |tx| Ok(checkpoint(tx)?)).expect("all of it"));
        assert_eq!(read(book, |tx| Ok(trial_balance(tx)?)), before);
        sell(book, 2, 7_000);
        assert_eq!(revenue(book), kopecks(12_000).into());
        write(book, |tx| Ok(settle(tx)?)).expect("settled");
        write(book, |tx| Ok(checkpoint(tx)?)).expect("the rest");
        assert_eq!(revenue(book), kopecks(12_000).into());
        assert_sound(book);
    });
}

#[test]
fn the_trial_balance_shows_both_sides() {
    each_engine(|book, _| {
        open_with(book, ANNA, 30_000, 2_000);
        sell(book, 1, 5_000);
        let trial = read(book, |tx| Ok(trial_balance(tx)?));
        let lines: Vec<_> =
            trial.lines.iter().map(|line| (line.account.as_str(), line.balance)).collect();
        assert_eq!(
            lines,
            [
                ("clearing:yookassa", 30_000),
                ("customer:*:bonus", 0),
                ("customer:*:cash", -27_000),
                ("expense:promo", 2_000),
                ("revenue:image", -5_000),
            ]
        );
        assert!(trial.is_zero());
    });
}

#[test]
fn seals_stand_on_each_other() {
    each_engine(|book, _| {
        open_with(book, ANNA, 30_000, 0);
        assert_eq!(write(book, |tx| Ok(seal(tx, at(1))?)).expect("nothing settled"), None);
        write(book, |tx| Ok(settle(tx)?)).expect("settled");
        let first = write(book, |tx| Ok(seal(tx, at(1))?)).expect("sealed").expect("a batch");
        assert_eq!((first.number, first.transfers), (1, 1));
        assert_eq!(first.prev_hash, SealHash::GENESIS);
        sell(book, 1, 5_000);
        write(book, |tx| Ok(settle(tx)?)).expect("settled");
        let second = write(book, |tx| Ok(seal(tx, at(2))?)).expect("sealed").expect("a batch");
        assert_eq!((second.number, second.transfers), (2, 2));
        assert_eq!((second.prev_hash, second.from_seq), (first.hash, first.upto_seq + 1));
        assert_eq!(write(book, |tx| Ok(seal(tx, at(3))?)).expect("nothing new"), None);
        assert_eq!(audited(book).seals, 2);
        assert_sound(book);
    });
}

#[test]
fn the_newest_transfers_come_first() {
    each_engine(|book, _| {
        open_with(book, ANNA, 30_000, 0);
        sell(book, 1, 5_000);
        let phases: Vec<_> =
            read(book, |tx| Ok(recent(tx, 2)?)).iter().map(|row| row.phase.as_str()).collect();
        assert_eq!(phases, ["capture", "hold"]);
    });
}

static SETTLERS_WAITING: Sql = Sql::shared(
    "select count(*) as waiting from pg_locks where locktype = 'relation' and not granted",
);

#[test]
fn a_transfer_that_becomes_visible_late_is_never_settled_over() {
    let fresh = temp_postgres();
    let book = &fresh.book;
    let boris = CustomerId(8);
    open_with(book, ANNA, 0, 0);
    open_with(book, boris, 0, 0);
    let (wrote, has_written) = mpsc::channel();
    let (go, may_commit) = mpsc::channel::<()>();
    let may_commit = Mutex::new(may_commit);
    std::thread::scope(|scope| {
        // Anna's transfer has the lower number, and Boris's is committed first.
        scope.spawn(move || {
            let written = write(book, move |tx| {
                post(tx, &income(ANNA, Pocket::Cash, 100, "late"))?;
                wrote.send(()).expect("the test listens");
                may_commit.lock().expect("one listener").recv().expect("the test goes on");
                Ok(())
            });
            written.expect("committed late");
        });
        has_written.recv().expect("written, not committed");
        posting(book, income(boris, Pocket::Cash, 100, "early")).expect("committed early");
        let settler = scope.spawn(move || write(book, |tx| Ok(settle(tx)?)).expect("settled"));
        let waiting =
            || read(book, |tx| Ok(tx.query_one(&SETTLERS_WAITING, &[])?.int("waiting")?));
        let waited = (0..100_000).any(|_| settler.is_finished() || waiting() > 0);
        assert!(waited && !settler.is_finished(), "settled before the late one was written");
        go.send(()).expect("the late one listens");
        assert_eq!(settler.join().expect("no panic"), 2);
    });
    write(book, |tx| Ok(checkpoint(tx)?)).expect("checkpointed");
    write(book, |tx| Ok(seal(tx, at(1))?)).expect("sealed");
    assert_sound(book);
}
