//! Holds end once, go back where they came from, and lose nothing on the way.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rei_domain::ledger::{HoldId, HoldLeg, Phase, Resolution};

use super::*;
use crate::ledger::{
    capture, capture_order, expire_order, open_holds_older_than, void, void_order,
};
use crate::testing::each_engine;

fn resolution(hold: HoldId, name: &str) -> Resolution {
    Resolution { hold, key: key(name), actor: Actor::System, memo: None, at: at(2) }
}

#[test]
fn a_hold_above_the_balance_is_refused_and_leaves_no_trace() {
    each_engine(|book, _| {
        open_with(book, ANNA, 3_000, 1_000);
        let refused = hold_price(book, ANNA, order(1), 5_000);
        assert!(matches!(
            refused,
            Err(LedgerError::NotEnough { free, missing })
                if free == kopecks(4_000) && missing == kopecks(1_000)
        ));
        // Also when the caller goes on and commits, to tell the customer what is missing.
        write(book, |tx| {
            assert!(hold_split(tx, &price(ANNA, order(1), 5_000)).is_err());
            Ok(())
        })
        .expect("the transaction goes on");
        assert_eq!(sums(book, ANNA), [3_000, 0, 1_000, 0]);
        assert_eq!(audited(book).transfers, 2);
        assert_sound(book);
    });
}

#[test]
fn a_customer_without_accounts_has_nothing_to_hold() {
    each_engine(|book, _| {
        let refused = hold_price(book, ANNA, order(1), 5_000);
        assert!(matches!(refused, Err(LedgerError::UnknownCustomer)));
    });
}

#[test]
fn m4_many_refunds_are_one() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 0);
        let hold = hold_price(book, ANNA, order(1), 5_000).expect("enough money");
        assert_eq!(sums(book, ANNA), [0, 5_000, 0, 0]);
        for attempt in 0..5 {
            let released = write(book, |tx| void_order(tx, order(1), Actor::System, at(9)))
                .expect("released once, told five times");
            assert_eq!(released.released(), kopecks(5_000));
            assert_eq!(released.replayed, attempt > 0);
        }
        let id = hold.id();
        let other = write(book, move |tx| void(tx, &resolution(id, "another-failure")));
        assert!(matches!(other, Err(LedgerError::AlreadyResolved { how: Phase::Void })));
        assert_eq!(sums(book, ANNA), [5_000, 0, 0, 0]);
        assert_eq!(audited(book).transfers, 3);
        assert_sound(book);
    });
}

#[test]
fn whoever_comes_second_to_a_hold_learns_how_it_ended() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 0);
        let _ = hold_price(book, ANNA, order(1), 5_000).expect("enough money");
        let captured =
            write(book, |tx| capture_order(tx, order(1), kopecks(5_000), Actor::System, at(9)));
        assert_eq!(captured.expect("an open hold").captured(), kopecks(5_000));
        let late = write(book, |tx| expire_order(tx, order(1), Actor::System, at(10)));
        assert!(matches!(late, Err(LedgerError::AlreadyResolved { how: Phase::Capture })));
        let nothing = write(book, |tx| void_order(tx, order(2), Actor::System, at(10)));
        assert!(matches!(nothing, Err(LedgerError::UnknownHold)));
        assert_eq!(sums(book, ANNA), [0; 4]);
        assert_sound(book);
    });
}

#[test]
fn m7_a_split_goes_back_where_it_came_from() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 3_000);
        let hold = hold_price(book, ANNA, order(1), 6_000).expect("enough money");
        assert_eq!(
            hold.legs(),
            [
                HoldLeg { pocket: Pocket::Bonus, amount: kopecks(3_000) },
                HoldLeg { pocket: Pocket::Cash, amount: kopecks(3_000) },
            ]
        );
        assert_eq!(sums(book, ANNA), [2_000, 3_000, 0, 3_000]);
        write(book, |tx| void_order(tx, order(1), Actor::System, at(9))).expect("an open hold");
        assert_eq!(sums(book, ANNA), [5_000, 0, 3_000, 0]);
        assert_sound(book);
    });
}

#[test]
fn m7_a_partial_capture_takes_the_bonus_first_and_gives_back_the_cash() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 3_000);
        let _ = hold_price(book, ANNA, order(1), 6_000).expect("enough money");
        let resolved =
            write(book, |tx| capture_order(tx, order(1), kopecks(2_500), Actor::System, at(9)))
                .expect("an open hold");
        assert_eq!((resolved.captured(), resolved.released()), (kopecks(2_500), kopecks(3_500)));
        assert_eq!(sums(book, ANNA), [5_000, 0, 500, 0]);
        let again =
            write(book, |tx| capture_order(tx, order(1), kopecks(2_500), Actor::System, at(99)))
                .expect("the same request");
        assert!(again.replayed);
        assert_eq!(again.legs, resolved.legs);
        assert_sound(book);
    });
}

#[test]
fn m9_a_partial_capture_releases_the_rest() {
    each_engine(|book, _| {
        open_with(book, ANNA, 1_000_000, 0);
        let case = std::sync::atomic::AtomicU8::new(0);
        let amounts = (1_i64..10_000).prop_flat_map(|held| (Just(held), 1..=held));
        let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
        let checked = TestRunner::new(config).run(&amounts, |(held, captured)| {
            let number = order(case.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            let before = wallet(book, ANNA).cash.free.get();
            let _ = hold_price(book, ANNA, number, held).expect("enough money");
            write(book, move |tx| {
                capture_order(tx, number, kopecks(captured), Actor::System, at(9))
            })
            .expect("an open hold");
            prop_assert_eq!(sums(book, ANNA), [before - captured, 0, 0, 0]);
            Ok(())
        });
        checked.expect("every amount");
        assert_sound(book);
    });
}

#[test]
fn a_capture_above_its_hold_is_refused_and_the_hold_stays() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 0);
        let id = hold_price(book, ANNA, order(1), 4_000).expect("enough money").id();
        let refused = write(book, move |tx| {
            let refused = capture(tx, &resolution(id, "too-much"), kopecks(4_001));
            assert!(matches!(
                refused,
                Err(LedgerError::AboveHold { held, asked })
                    if held == kopecks(4_000) && asked == kopecks(4_001)
            ));
            Ok(capture(tx, &resolution(id, "nothing"), kopecks(0)).is_err())
        });
        assert!(refused.expect("the transaction goes on"));
        assert_eq!(sums(book, ANNA), [1_000, 4_000, 0, 0]);
        assert_sound(book);
    });
}

#[test]
fn a_hold_asked_for_again_is_the_same_hold_even_when_the_money_is_gone() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 0);
        let first = hold_price(book, ANNA, order(1), 5_000).expect("enough money");
        let again = hold_price(book, ANNA, order(1), 5_000).expect("the same request");
        assert!(again.replayed());
        assert_eq!((again.id(), again.legs()), (first.id(), first.legs()));
        let other = hold_price(book, ANNA, order(1), 4_000);
        assert!(matches!(other, Err(LedgerError::KeyConflict { .. })));
        assert_eq!(sums(book, ANNA), [0, 5_000, 0, 0]);
        assert_sound(book);
    });
}

#[test]
fn m5_the_sweep_finds_holds_whose_time_ran_out() {
    each_engine(|book, _| {
        open_with(book, ANNA, 10_000, 0);
        let id = hold_price(book, ANNA, order(1), 5_000).expect("enough money").id();
        let older = |second| read(book, move |tx| Ok(open_holds_older_than(tx, at(second), 10)?));
        assert_eq!(older(3_599), []);
        let found = older(3_600);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].hold, found[0].order), (id, Some(order(1))));
        write(book, |tx| expire_order(tx, order(1), Actor::System, at(3_600)))
            .expect("an open hold");
        assert_eq!(older(3_600), []);
        assert_eq!(sums(book, ANNA), [10_000, 0, 0, 0]);
        assert_sound(book);
    });
}
