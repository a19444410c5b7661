//! P3: whichever statement of a settlement fails, nothing of it is left, and the next report credits once.

use rei_domain::ledger::Wallet;
use rei_domain::payment::PaymentState;
use rei_storage::{BookError, inbox, ledger};

use super::bank::{ANNA, on_each, rubles};
use crate::LedgerError;
use crate::payments::*;

/// More than a settlement has.
const STATEMENTS_MAX: u32 = 100;

#[test]
fn p3_a_settlement_that_fails_anywhere_leaves_nothing_and_is_done_once_later() {
    on_each(async |bank| {
        let mut failed = 0;
        for statements in 0..STATEMENTS_MAX {
            let name = format!("p-{statements}");
            let row = bank.opens(&name, 500).await;
            bank.pay(&name);
            let looked = bank.rail.look(&row, None).await.expect("it answers");
            let wallet = async || -> Wallet {
                bank.write(move |tx, _, _| Ok(ledger::balances(tx, ANNA)?)).await
            };
            let told = async || bank.write(move |tx, _, _| Ok(inbox::count_waiting(tx)?)).await;
            let (before, news) = (wallet().await, told().await);
            let (house, now, id) = (bank.house.clone(), bank.now(), row.id);
            let said = looked.clone();
            let tried = bank
                .house
                .book
                .write(move |tx| {
                    tx.fail_after(statements);
                    settle(tx, &house, id, &said, now)
                })
                .await;
            match tried {
                Ok(Settled::Credited) => {
                    assert!(failed > 8, "only {failed} statements could fail");
                    return bank;
                }
                Err(LedgerError::Book(BookError::Statement { .. })) => failed += 1,
                other => panic!("{statements}: {other:?}"),
            }
            assert_eq!(wallet().await, before, "{statements}: something is left");
            assert_eq!(told().await, news, "{statements}: the customer was told");
            assert_eq!(bank.payment(row.number).await.state, PaymentState::Waiting);
            // Reported again, several times.
            for expected in [Settled::Credited, Settled::CreditedBefore, Settled::CreditedBefore] {
                let said = looked.clone();
                let settled =
                    bank.write(move |tx, house, now| settle(tx, house, id, &said, now)).await;
                assert_eq!(settled, expected, "{statements}");
            }
            let credited = wallet().await.cash.free.checked_sub(before.cash.free);
            assert_eq!(credited, Some(rubles(500)), "{statements}");
        }
        panic!("a settlement has more statements than {STATEMENTS_MAX}");
    });
}
