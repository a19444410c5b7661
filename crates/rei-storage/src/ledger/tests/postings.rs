//! Money that moves at once, once.

use rei_domain::ledger::{Money, ProviderName, RuleError};
use rei_domain::money::MicroUsd;

use super::*;
use crate::ledger::{account_balance, void_order};
use crate::testing::each_engine;

fn chargeback(amount: i64, name: &str) -> NewTransfer {
    NewTransfer {
        kind: TransferKind::Chargeback,
        debit: Account::cash(ANNA),
        credit: Account::Clearing(Rail::YooKassa),
        ..income(ANNA, Pocket::Cash, amount, name)
    }
}

fn correction(amount: i64, name: &str) -> NewTransfer {
    NewTransfer {
        kind: TransferKind::Adjust,
        debit: Account::cash(ANNA),
        credit: Account::Adjust,
        ..income(ANNA, Pocket::Cash, amount, name)
    }
}

#[test]
fn m11_the_same_request_moves_money_once() {
    each_engine(|book, _| {
        open_with(book, ANNA, 0, 0);
        let first = posting(book, income(ANNA, Pocket::Cash, 5_000, "update-1")).expect("new");
        for _ in 0..4 {
            let again =
                posting(book, income(ANNA, Pocket::Cash, 5_000, "update-1")).expect("known");
            assert_eq!((again.id, again.replayed), (first.id, true));
        }
        assert_eq!(sums(book, ANNA), [5_000, 0, 0, 0]);
        assert_sound(book);
    });
}

#[test]
fn m11_same_key_other_sum_is_a_conflict() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 0);
        posting(book, correction(2_000, "update-1")).expect("enough money");
        let other = posting(book, correction(2_001, "update-1"));
        assert!(matches!(other, Err(LedgerError::KeyConflict { key }) if key == "update-1"));
        // Also when the wallet could not pay it, and for a request of another shape.
        let other = posting(book, correction(9_000, "update-1"));
        assert!(matches!(other, Err(LedgerError::KeyConflict { .. })));
        let other = posting(book, income(ANNA, Pocket::Bonus, 2_000, "update-1"));
        assert!(matches!(other, Err(LedgerError::KeyConflict { .. })));
        assert_eq!(sums(book, ANNA), [3_000, 0, 0, 0]);
        assert_sound(book);
    });
}

#[test]
fn a_correction_takes_no_more_than_there_is() {
    each_engine(|book, _| {
        open_with(book, ANNA, 1_000, 9_000);
        let refused = posting(book, correction(1_500, "update-1"));
        assert!(matches!(
            refused,
            Err(LedgerError::NotEnough { free, missing })
                if free == kopecks(1_000) && missing == kopecks(500)
        ));
        posting(book, correction(1_000, "update-1")).expect("the key was not used up");
        let again = posting(book, correction(1_000, "update-1")).expect("known");
        assert!(again.replayed, "a repeated request is known even when the wallet is empty");
        assert_sound(book);
    });
}

#[test]
fn m10_sums_that_move_nothing_or_too_much_are_refused() {
    each_engine(|book, _| {
        open_with(book, ANNA, 1_000, 0);
        for (amount, rule) in [
            (0, RuleError::AmountNotPositive),
            (-1, RuleError::AmountNotPositive),
            (i64::MIN, RuleError::AmountNotPositive),
            (i64::MAX, RuleError::AmountTooLarge),
        ] {
            let refused = posting(book, income(ANNA, Pocket::Cash, amount, "junk"));
            assert!(matches!(refused, Err(LedgerError::Rule(broken)) if broken == rule));
            let refused = hold_price(book, ANNA, order(1), amount);
            assert!(matches!(refused, Err(LedgerError::Rule(broken)) if broken == rule));
        }
        assert_eq!(sums(book, ANNA), [1_000, 0, 0, 0]);
    });
}

#[test]
fn a_chargeback_of_spent_money_freezes_the_wallet_until_the_debt_is_paid() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 4_000);
        let _ = hold_price(book, ANNA, order(1), 6_000).expect("enough money");
        posting(book, chargeback(5_000, "chargeback-1")).expect("booked whatever is there");
        assert_eq!(sums(book, ANNA), [-2_000, 2_000, 0, 4_000]);
        assert!(wallet(book, ANNA).frozen);
        posting(book, income(ANNA, Pocket::Bonus, 1_000, "present")).expect("bonus comes in");
        let refused = hold_price(book, ANNA, order(2), 500);
        assert!(matches!(refused, Err(LedgerError::Frozen)));
        assert_sound(book);
        // The order fails: what was held pays the debt.
        write(book, |tx| void_order(tx, order(1), Actor::System, at(9))).expect("an open hold");
        assert_eq!(sums(book, ANNA), [0, 0, 5_000, 0]);
        assert!(!wallet(book, ANNA).frozen);
        let _ = hold_price(book, ANNA, order(2), 500).expect("open for orders again");
        assert_sound(book);
    });
}

#[test]
fn a_top_up_pays_the_debt_first() {
    each_engine(|book, _| {
        open_with(book, ANNA, 1_000, 0);
        posting(book, chargeback(3_000, "chargeback-1")).expect("booked whatever is there");
        posting(book, income(ANNA, Pocket::Cash, 1_999, "payment-2")).expect("money comes in");
        assert_eq!((sums(book, ANNA)[0], wallet(book, ANNA).frozen), (-1, true));
        posting(book, income(ANNA, Pocket::Cash, 1, "payment-3")).expect("money comes in");
        assert_eq!((sums(book, ANNA)[0], wallet(book, ANNA).frozen), (0, false));
        assert_sound(book);
    });
}

#[test]
fn the_providers_cost_stays_in_its_own_currency() {
    each_engine(|book, _| {
        let gemini = || ProviderName::new("gemini").expect("a good name");
        let cost = NewTransfer {
            kind: TransferKind::Cost,
            debit: Account::Cost(gemini()),
            credit: Account::Payable(gemini()),
            amount: MicroUsd(134_000).into(),
            ..income(ANNA, Pocket::Cash, 1, "attempt-1")
        };
        posting(book, cost).expect("no wallet is needed");
        let balance = |account| read(book, move |tx| Ok(account_balance(tx, &account)?));
        assert_eq!(balance(Account::Cost(gemini())), Money::Usd(MicroUsd(134_000)));
        assert_eq!(balance(Account::Payable(gemini())), Money::Usd(MicroUsd(134_000)));
        assert_sound(book);
    });
}
