//! Money that is nobody's, and what admins see.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Rail};
use rei_domain::money::Kopecks;
use rei_texts::Lang;

use super::bank::*;
use crate::payments::*;

#[test]
fn money_that_is_nobody_s_is_given_once() {
    on_each(async |bank| {
        bank.there("p-9", 500, None, true);
        bank.later(5 * MINUTE);
        bank.sweeps().await;
        let list = bank.write(|tx, _, _| Ok(suspense_list(tx, Lang::Ru)?)).await;
        assert!(list.contains("p-9"), "{list}");
        let give = |tx: &mut rei_storage::Tx<'_>, _: &crate::House, now| {
            assign_suspense(tx, "p-9", ANNA, BOSS, "she showed the receipt", now)
        };
        assert_eq!(bank.write(give).await, Decided::Done { sum: rubles(500) });
        let before = Decided::Before { state: "assigned".to_owned() };
        assert_eq!(bank.write(give).await, before);
        let back = bank.write(|tx, _, now| return_suspense(tx, "p-9", BOSS, "x", now)).await;
        assert_eq!(back, before);
        let stranger = bank
            .write(|tx, _, now| assign_suspense(tx, "p-9", CustomerId(9), BOSS, "x", now))
            .await;
        assert_eq!(stranger, Decided::NoSuchCustomer);
        let nothing =
            bank.write(|tx, _, now| assign_suspense(tx, "p-0", ANNA, BOSS, "x", now)).await;
        assert_eq!(nothing, Decided::NoSuchMoney);
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        assert_eq!(bank.account(Account::Suspense).await, 0);
        assert_eq!(bank.messages(ANNA).await.len(), 1, "she is told");
        // Money that was given goes back from whom it was given to.
        bank.refunded_by_hand("r-1", "p-9", 500);
        bank.sweeps().await;
        bank.sweeps().await;
        assert_eq!(bank.wallet().await.cash.free, Kopecks::ZERO);
        bank
    });
}

#[test]
fn money_that_was_returned_by_hand_and_its_refund_agree() {
    on_each(async |bank| {
        bank.there("p-9", 500, None, true);
        bank.later(5 * MINUTE);
        bank.sweeps().await;
        let back = |tx: &mut rei_storage::Tx<'_>, _: &crate::House, now| {
            return_suspense(tx, "p-9", BOSS, "not ours", now)
        };
        assert_eq!(bank.write(back).await, Decided::Done { sum: rubles(500) });
        bank.later(HOUR);
        let (from, upto) = (START, bank.now());
        let compared = reconcile(&bank.house, bank.rail.as_ref(), from, upto).await;
        let compared = compared.expect("both are readable");
        assert_eq!(compared.findings.len(), 1, "the refund was not made yet");
        assert_eq!(compared.difference, rubles(500));
        bank.refunded_by_hand("r-1", "p-9", 500);
        bank.later(HOUR);
        bank.sweeps().await;
        bank.write(|tx, house, now| {
            Ok(crate::payments::seen::look_into(tx, house, Rail::YooKassa, "r-1", now)?)
        })
        .await;
        assert_eq!(bank.runs().await, [REFUND_SEEN_JOB]);
        assert_eq!(bank.account(Account::Suspense).await, 0, "it is not booked twice");
        let upto = bank.now();
        let compared = reconcile(&bank.house, bank.rail.as_ref(), from, upto).await;
        assert_eq!(compared.expect("both are readable").findings, []);
        bank
    });
}

#[test]
fn admins_see_payments_with_their_refunds() {
    on_each(async |bank| {
        let empty = bank.write(|tx, _, _| Ok(payments_list(tx, Lang::Ru)?.0)).await;
        assert_eq!(empty, "Платежей пока нет.");
        let paid = bank.pays("p-1", 500).await;
        bank.refund(paid.number, Some(200)).await;
        bank.runs().await;
        // One that came with another sum.
        let odd = bank.opens("p-2", 300).await;
        bank.there("p-2", 250, Some(odd.id), true);
        bank.sweeps().await;
        for lang in Lang::ALL {
            let list = bank.write(move |tx, _, _| Ok(payments_list(tx, lang)?.0)).await;
            assert!(list.contains(&format!("№{}", odd.number)), "{list}");
            let number = paid.number;
            let card = bank.write(move |tx, _, _| Ok(payment_card(tx, number, lang)?)).await;
            let card = card.expect("it is there");
            assert!(card.contains("p-1") && card.contains("№1"), "{card}");
            let number = odd.number;
            let card = bank.write(move |tx, _, _| Ok(payment_card(tx, number, lang)?)).await;
            assert!(card.expect("it is there").contains("amount"));
        }
        let none = bank.write(|tx, _, _| Ok(payment_card(tx, 99, Lang::Ru)?)).await;
        assert_eq!(none, None);
        bank
    });
}
