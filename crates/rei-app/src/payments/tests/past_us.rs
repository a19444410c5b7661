//! Money that goes back past us.

use rei_domain::ids::PaymentId;
use rei_domain::ledger::{Account, Rail};
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RefundState};

use super::bank::*;
use super::rail::Meets;
use crate::happenings::Happening;
use crate::payments::*;

fn clearing() -> Account {
    Account::Clearing(Rail::YooKassa)
}

#[test]
fn a_refund_by_hand_is_taken_from_the_wallet_once_and_freezes_what_it_overdraws() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.spends(400, "spent").await;
        bank.refunded_by_hand("r-1", "p-1", 500);
        for _ in 0..2 {
            bank.sweeps().await;
            bank.write(|tx, house, now| {
                Ok(crate::payments::seen::look_into(tx, house, Rail::YooKassa, "r-1", now)?)
            })
            .await;
            bank.runs().await;
        }
        let wallet = bank.wallet().await;
        assert_eq!((wallet.cash.free, wallet.frozen), (Kopecks::new(-40_000), true));
        assert_eq!(wallet.bonus.free, Kopecks::ZERO, "M13");
        let refunds = bank.refunds(&paid).await;
        assert_eq!(refunds.len(), 1);
        assert_eq!((refunds[0].origin.as_str(), refunds[0].amount), ("foreign", rubles(500)));
        assert_eq!(bank.payment(paid.number).await.refunded, rubles(500));
        let told = bank.told().await;
        let expected = Happening::Refunded {
            sum: rubles(500),
            rail: Rail::YooKassa,
            foreign: true,
            debt: Some(rubles(400)),
        };
        assert_eq!(told.iter().filter(|it| **it == expected).count(), 1);
        assert_eq!(bank.messages(BOSS).await.len(), 1, "the owner is told once");
        let frozen = bank.refund(paid.number, None).await;
        assert_eq!(frozen, RefundStarted::TooMuch { left: Kopecks::ZERO });
        // Paying the debt opens the wallet again.
        bank.pays("p-2", 400).await;
        assert!(!bank.wallet().await.frozen);
        bank
    });
}

#[test]
fn a_report_of_our_own_refund_ends_it() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::LostAnswer);
        bank.refund(paid.number, Some(200)).await;
        bank.runs().await;
        let name = bank.rail.state().refunds.keys().next().cloned().expect("it is there");
        bank.write(move |tx, house, now| {
            Ok(crate::payments::seen::look_into(tx, house, Rail::YooKassa, &name, now)?)
        })
        .await;
        assert_eq!(bank.runs().await, [REFUND_SEEN_JOB]);
        let refunds = bank.refunds(&paid).await;
        assert_eq!((refunds.len(), refunds[0].state), (1, RefundState::Succeeded));
        assert_eq!(bank.wallet().await.cash.free, rubles(300));
        bank.later(HOUR);
        bank.runs().await;
        assert_eq!(bank.payment(paid.number).await.refunded, rubles(200));
        bank
    });
}

#[test]
fn a_refund_that_may_be_ours_waits_until_ours_has_a_name() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::LostAnswer);
        bank.refund(paid.number, Some(200)).await;
        bank.runs().await;
        // The payment system forgot whose it is.
        let (name, ours) = {
            let mut state = bank.rail.state();
            let (name, there) = state.refunds.iter_mut().next().expect("it is there");
            (name.clone(), there.ours.take())
        };
        bank.write(move |tx, house, now| {
            Ok(crate::payments::seen::look_into(tx, house, Rail::YooKassa, &name, now)?)
        })
        .await;
        bank.runs().await;
        assert_eq!(bank.refunds(&paid).await.len(), 1, "nothing is booked twice");
        bank.rail.state().refunds.values_mut().for_each(|there| there.ours = ours);
        bank.later(HOUR);
        bank.runs().await;
        let refunds = bank.refunds(&paid).await;
        assert_eq!((refunds.len(), refunds[0].origin.as_str()), (1, "ours"));
        assert_eq!(bank.wallet().await.cash.free, rubles(300));
        bank
    });
}

#[test]
fn what_went_back_must_have_come_and_is_credited_first() {
    on_each(async |bank| {
        let open = bank.opens("p-1", 500).await;
        bank.pay("p-1");
        bank.refunded_by_hand("r-1", "p-1", 200);
        bank.write(|tx, house, now| {
            Ok(crate::payments::seen::look_into(tx, house, Rail::YooKassa, "r-1", now)?)
        })
        .await;
        bank.runs().await;
        let paid = bank.payment(open.number).await;
        assert_eq!((paid.state, paid.refunded), (PaymentState::Paid, rubles(200)));
        assert_eq!(bank.wallet().await.cash.free, rubles(300));
        bank
    });
}

#[test]
fn a_chargeback_takes_all_that_is_left_once() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.refund(paid.number, Some(100)).await;
        bank.runs().await;
        bank.spends(250, "spent").await;
        let number = paid.number;
        let disputed = move |tx: &mut rei_storage::Tx<'_>, house: &crate::House, now| {
            chargeback(tx, house, number, BOSS, "a letter from the bank", now)
        };
        let done = ChargedBack::Done { sum: rubles(400), debt: Some(rubles(250)) };
        assert_eq!(bank.write(disputed).await, done);
        assert_eq!(bank.write(disputed).await, ChargedBack::Before);
        let wallet = bank.wallet().await;
        assert_eq!((wallet.cash.free, wallet.frozen), (Kopecks::new(-25_000), true));
        assert_eq!(bank.payment(number).await.refunded, rubles(500));
        assert_eq!(bank.account(clearing()).await, -35);
        let told = bank.told().await;
        let debts =
            told.iter().filter(|it| matches!(it, Happening::Refunded { debt: Some(_), .. }));
        assert_eq!(debts.count(), 1);
        let unknown = bank.write(|tx, house, now| chargeback(tx, house, 99, BOSS, "x", now)).await;
        assert_eq!(unknown, ChargedBack::NoSuchPayment);
        bank
    });
}

#[test]
fn a_refund_of_a_payment_that_nobody_knows_is_told_once_and_books_nothing() {
    on_each(async |bank| {
        bank.refunded_by_hand("r-1", "p-old", 300);
        bank.sweeps().await;
        assert_eq!(bank.messages(BOSS).await.len(), 0, "the payment may still turn up");
        bank.later(31 * MINUTE);
        for _ in 0..2 {
            bank.sweeps().await;
            bank.later(31 * MINUTE);
            bank.runs().await;
        }
        assert_eq!(bank.messages(BOSS).await.len(), 1);
        assert_eq!(bank.account(clearing()).await, 0);
        bank
    });
}

#[test]
fn money_that_was_nobody_s_leaves_suspense_when_it_is_sent_back() {
    on_each(async |bank| {
        bank.there("p-9", 500, Some(PaymentId::new(bank.now(), bank.house.chance.as_ref())), true);
        bank.later(5 * MINUTE);
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, -50_000);
        bank.refunded_by_hand("r-1", "p-9", 200);
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, -30_000);
        bank.refunded_by_hand("r-2", "p-9", 300);
        bank.sweeps().await;
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, 0);
        assert_eq!(bank.account(clearing()).await, 0);
        let decided = bank.write(|tx, _, now| return_suspense(tx, "p-9", BOSS, "x", now)).await;
        assert_eq!(decided, Decided::Before { state: "returned".to_owned() });
        bank
    });
}
