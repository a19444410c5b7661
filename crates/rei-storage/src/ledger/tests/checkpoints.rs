//! Sums from checkpoints and tail are the same as sums over everything.

use rei_domain::ledger::{Money, SealHash};

use super::*;
use crate::ledger::{
    account_balance, capture_order, checkpoint, recent, seal, settle, trial_balance,
};
use crate::testing::each_engine;

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
