//! Random sequences of operations, repeated keys and wrong amounts among them, leave the real book
//! exactly as they leave the child's one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rei_domain::ids::TransferId;
use rei_domain::ledger::model::{Answer, Model, Op};
use rei_domain::ledger::{HoldId, NewHold, NotEnough, Resolution, RuleError, Verdict};

use super::*;
use crate::ledger::{audit_tail, capture, checkpoint, expire, hold, seal, settle, void};
use crate::testing::each_engine;

const CUSTOMERS: i64 = 2;
const KEYS: u8 = 14;

fn operations() -> impl Strategy<Value = Vec<Op>> {
    let amount = || (-2_i64..80).prop_map(Kopecks::new);
    let who = || (0..CUSTOMERS).prop_map(CustomerId);
    let pocket = || prop_oneof![Just(Pocket::Cash), Just(Pocket::Bonus)];
    let first = prop_oneof![
        Just(PocketOrder::BonusFirst),
        Just(PocketOrder::CashFirst),
        pocket().prop_map(PocketOrder::Only),
    ];
    let verdict = prop_oneof![
        3 => amount().prop_map(Verdict::Capture),
        1 => Just(Verdict::Void),
        1 => Just(Verdict::Expire),
    ];
    let op = prop_oneof![
        4 => (0..KEYS, who(), pocket(), amount()).prop_map(|(key, customer, pocket, amount)| {
            Op::Give { key, customer, pocket, amount }
        }),
        2 => (0..KEYS, who(), pocket(), amount()).prop_map(|(key, customer, pocket, amount)| {
            Op::Take { key, customer, pocket, amount }
        }),
        1 => (0..KEYS, who(), amount()).prop_map(|(key, customer, amount)| {
            Op::Chargeback { key, customer, amount }
        }),
        5 => (0..KEYS, who(), first, amount()).prop_map(|(key, customer, first, price)| {
            Op::Hold { key, customer, first, price }
        }),
        6 => (0..KEYS, 0..KEYS, verdict).prop_map(|(key, hold, verdict)| {
            Op::End { key, hold, verdict }
        }),
    ];
    proptest::collection::vec(op, 1..60)
}

/// One play of the real book: customers and keys of its own in a book that all plays share.
struct Play<'a> {
    book: &'a Book,
    number: i64,
    holds: BTreeMap<u8, HoldId>,
}

impl Play<'_> {
    fn customer(&self, customer: CustomerId) -> CustomerId {
        CustomerId(1_000 + self.number * CUSTOMERS + customer.0)
    }

    fn apply(&mut self, op: &Op, second: i64) -> Answer {
        let key = key(&format!("play-{}:{}", self.number, op.key()));
        let transfer = |kind, debit, credit, amount: &Kopecks| NewTransfer {
            kind,
            debit,
            credit,
            amount: (*amount).into(),
            key: key.clone(),
            at: at(second),
            ..income(ANNA, Pocket::Cash, 1, "replaced")
        };
        match op {
            Op::Give { customer, pocket, amount, .. } => {
                let credit = Account::Customer(self.customer(*customer), *pocket);
                self.post(transfer(TransferKind::Grant, Account::Adjust, credit, amount))
            }
            Op::Take { customer, pocket, amount, .. } => {
                let debit = Account::Customer(self.customer(*customer), *pocket);
                self.post(transfer(TransferKind::Adjust, debit, Account::Adjust, amount))
            }
            Op::Chargeback { customer, amount, .. } => {
                let debit = Account::cash(self.customer(*customer));
                let credit = Account::Clearing(Rail::YooKassa);
                self.post(transfer(TransferKind::Chargeback, debit, credit, amount))
            }
            Op::Hold { customer, first, price, .. } => {
                let new = NewHold {
                    kind: TransferKind::Order,
                    customer: self.customer(*customer),
                    first: *first,
                    amount: *price,
                    credit: Account::Revenue(Sale::Video),
                    key,
                    order: None,
                    payment: None,
                    actor: Actor::Customer,
                    expires_at: at(second + 60),
                    at: at(second),
                };
                self.hold(op.key(), new)
            }
            Op::End { hold, verdict, .. } => {
                let nobody = || HoldId(TransferId::from_slice(&[9; 16]).expect("sixteen bytes"));
                let hold = self.holds.get(hold).copied().unwrap_or_else(nobody);
                let new =
                    Resolution { hold, key, actor: Actor::System, memo: None, at: at(second) };
                self.end(new, *verdict)
            }
        }
    }

    fn post(&self, new: NewTransfer) -> Answer {
        answer(posting(self.book, new).map(|posted| posted.replayed))
    }

    fn hold(&mut self, key: u8, new: NewHold) -> Answer {
        let held = write(self.book, move |tx| hold(tx, &new));
        if let Ok(receipt) = &held {
            self.holds.insert(key, receipt.id());
        }
        answer(held.map(|receipt| receipt.replayed()))
    }

    fn end(&self, new: Resolution, verdict: Verdict) -> Answer {
        let ended = write(self.book, move |tx| match verdict {
            Verdict::Capture(amount) => capture(tx, &new, amount),
            Verdict::Void => void(tx, &new),
            Verdict::Expire => expire(tx, &new),
        });
        answer(ended.map(|ended| ended.replayed))
    }
}

fn answer(result: Result<bool, LedgerError>) -> Answer {
    match result {
        Ok(false) => Answer::Done,
        Ok(true) => Answer::Replayed,
        Err(LedgerError::NotEnough { free, missing }) => {
            Answer::NotEnough(NotEnough { free, missing })
        }
        Err(LedgerError::Frozen) => Answer::Frozen,
        Err(LedgerError::KeyConflict { .. }) => Answer::KeyConflict,
        Err(LedgerError::AlreadyResolved { .. }) => Answer::AlreadyResolved,
        Err(LedgerError::UnknownHold) => Answer::UnknownHold,
        Err(LedgerError::AboveHold { .. }) => Answer::AboveHold,
        Err(LedgerError::Rule(RuleError::AmountNotPositive)) => Answer::AmountNotPositive,
        Err(error) => panic!("{error:?}"),
    }
}

fn play(book: &Book, number: i64, operations: &[Op]) -> Result<(), TestCaseError> {
    let mut real = Play { book, number, holds: BTreeMap::new() };
    let mut model = Model::default();
    let customers = (0..CUSTOMERS).map(CustomerId);
    for customer in customers.clone().map(|customer| real.customer(customer)) {
        write(book, move |tx| Ok(crate::ledger::open_customer(tx, customer)?)).expect("opened");
    }
    for (second, op) in (0..).zip(operations) {
        let before = real.apply(op, second);
        prop_assert_eq!(before, model.apply(op), "operation {}: {:?}", second, op);
        for customer in customers.clone() {
            let expected = model.wallets.get(&customer).copied().unwrap_or_default();
            prop_assert_eq!(wallet(book, real.customer(customer)), expected, "{:?}", op);
        }
    }
    // Some plays end with a checkpoint and a seal, so that later ones start from them.
    if number % 3 == 0 {
        write(book, |tx| Ok(settle(tx)?)).expect("settled");
        write(book, |tx| Ok(checkpoint(tx)?)).expect("checkpointed");
        write(book, |tx| Ok(seal(tx, at(0))?)).expect("sealed");
    }
    for report in [audited(book), read(book, |tx| Ok(audit_tail(tx)?))] {
        prop_assert_eq!(report.findings.kept, []);
    }
    Ok(())
}

#[test]
fn the_book_answers_and_counts_like_a_childs_book() {
    each_engine(|book, _| {
        let number = AtomicI64::new(0);
        let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
        let played = TestRunner::new(config).run(&operations(), |operations| {
            play(book, number.fetch_add(1, Ordering::Relaxed), &operations)
        });
        if let Err(failure) = played {
            panic!("{failure}");
        }
    });
}
