//! The book beside the payment system's lists.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Rail};
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_storage::payments;

use super::bank::*;
use super::rail::Meets;
use crate::payments::*;
use crate::upkeep;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn compared(bank: &Bank) -> Compared {
    let upto = bank.now();
    reconcile(&bank.house, bank.rail.as_ref(), START, upto).await.expect("both are readable")
}

/// The last comparison's difference, when there was one.
async fn stored(bank: &Bank) -> Option<Kopecks> {
    let row = bank.write(|tx, _, _| Ok(payments::latest_reconciliation(tx, Rail::YooKassa)?)).await;
    row.map(|row| row.difference)
}

async fn nightly(bank: &Bank) {
    enqueue_reconcile(&bank.house, rei_domain::ledger::Rail::YooKassa)
        .await
        .expect("the book works");
    bank.runs().await;
}

#[test]
fn the_sweep_finds_a_payment_whose_report_was_lost() {
    on_each(async |bank| {
        let open = bank.opens("p-1", 500).await;
        bank.pay("p-1");
        for _ in 0..2 {
            bank.sweeps().await;
            bank.later(15 * MINUTE);
        }
        assert_eq!(bank.payment(open.number).await.state, PaymentState::Paid);
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        bank
    });
}

#[test]
fn the_sweep_finds_a_payment_whose_name_was_lost() {
    on_each(async |bank| {
        let asked = bank.asks(500).await;
        bank.there("p-1", 500, Some(asked.id), true);
        bank.sweeps().await;
        let paid = bank.payment(asked.number).await;
        assert_eq!((paid.state, paid.provider_id.as_deref()), (PaymentState::Paid, Some("p-1")));
        bank
    });
}

#[test]
fn a_payment_whose_jobs_are_lost_is_taken_up_by_the_sweep() {
    on_each(async |bank| {
        let (asked, open) = (bank.asks(100).await, bank.opens("p-2", 200).await);
        bank.later(HOUR + MINUTE);
        // Paid at the last moment before the lists are read.
        bank.there("p-1", 100, Some(asked.id), true);
        bank.sweeps().await;
        bank.pay("p-2");
        bank.later(MINUTE);
        assert_eq!(bank.runs().await, [LOOK_JOB], "it is watched again");
        for number in [asked.number, open.number] {
            assert_eq!(bank.payment(number).await.state, PaymentState::Paid);
        }
        bank
    });
}

#[test]
fn p6_money_of_our_shop_that_nobody_knows_stands_in_suspense_and_is_told_once() {
    on_each(async |bank| {
        bank.there("p-9", 500, None, true);
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, 0, "it may be on its way");
        bank.later(5 * MINUTE);
        bank.sweeps().await;
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, -50_000);
        assert_eq!(bank.messages(BOSS).await.len(), 1);
        bank.later(HOUR);
        assert_eq!(compared(&bank).await.findings, []);
        bank
    });
}

#[test]
fn a_second_payment_for_one_of_ours_is_not_lost() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.there("p-2", 500, Some(paid.id), true);
        bank.later(5 * MINUTE);
        bank.sweeps().await;
        bank.sweeps().await;
        assert_eq!(bank.account(Account::Suspense).await, -50_000);
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        bank
    });
}

#[test]
fn a_payment_system_that_is_down_loses_nothing() {
    on_each(async |bank| {
        let open = bank.opens("p-1", 500).await;
        bank.pay("p-1");
        bank.rail.state().is_down = true;
        bank.sweeps().await;
        nightly(&bank).await;
        assert_eq!(stored(&bank).await, None, "nothing is said about what can't be read");
        bank.rail.state().is_down = false;
        bank.later(15 * MINUTE);
        bank.sweeps().await;
        assert_eq!(bank.payment(open.number).await.state, PaymentState::Paid);
        bank
    });
}

#[test]
fn a_book_that_agrees_is_told_every_night_and_to_whom_asks() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.pays("p-2", 300).await;
        bank.refund(paid.number, Some(200)).await;
        bank.runs().await;
        bank.refunded_by_hand("r-1", "p-1", 100);
        bank.sweeps().await;
        bank.later(HOUR);
        let told = bank.messages(BOSS).await.len();
        for _ in 0..2 {
            nightly(&bank).await;
            assert_eq!(stored(&bank).await, Some(Kopecks::ZERO));
        }
        assert_eq!(bank.messages(BOSS).await.len(), told + 2, "once a night");
        let all = compared(&bank).await;
        assert_eq!((all.paid, all.refunded, all.count), (rubles(800), rubles(300), 4));
        bank.write(|tx, house, now| Ok(ask_reconcile(tx, house, START, BOSS, now)?)).await;
        bank.runs().await;
        assert_eq!(bank.messages(BOSS).await.len(), told + 3);
        bank
    });
}

#[test]
fn what_the_book_lacks_is_looked_for_before_anybody_is_alarmed() {
    on_each(async |bank| {
        bank.opens("p-1", 500).await;
        bank.pay("p-1");
        bank.later(30 * MINUTE);
        let found = compared(&bank).await;
        assert_eq!((found.findings.len(), found.difference), (1, rubles(500)));
        assert_eq!(found.findings[0].difference, Difference::Missing);
        nightly(&bank).await;
        assert_eq!(stored(&bank).await, None, "first it is looked for");
        bank.later(6 * MINUTE);
        bank.runs().await;
        assert_eq!(stored(&bank).await, Some(Kopecks::ZERO));
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        let told = bank.messages(BOSS).await;
        assert_eq!(told.len(), 1, "the night's report and no alarm: {told:?}");
        bank
    });
}

#[test]
fn what_stays_missing_is_told_with_its_sum() {
    on_each(async |bank| {
        bank.refunded_by_hand("r-1", "p-old", 300);
        bank.later(HOUR);
        for _ in 0..2 {
            nightly(&bank).await;
            bank.later(40 * MINUTE);
            bank.runs().await;
            assert_eq!(stored(&bank).await, Some(Kopecks::new(-30_000)));
        }
        let told = bank.messages(BOSS).await;
        let about = told.iter().filter(|text| text.contains("r-1") && text.contains("Сверка"));
        assert_eq!(about.count(), 2);
        bank
    });
}

#[test]
fn what_the_payment_system_lacks_is_told() {
    on_each(async |bank| {
        bank.pays("p-1", 500).await;
        bank.later(HOUR);
        bank.rail.state().payments.clear();
        for _ in 0..2 {
            nightly(&bank).await;
            assert_eq!(stored(&bank).await, Some(Kopecks::new(-50_000)));
        }
        let found = compared(&bank).await;
        assert_eq!(found.findings[0].difference, Difference::Extra);
        bank
    });
}

#[test]
fn other_sums_are_told() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.refund(paid.number, Some(200)).await;
        bank.runs().await;
        bank.later(HOUR);
        bank.rail.state().payments.values_mut().for_each(|there| there.amount = rubles(510));
        bank.rail.state().refunds.values_mut().for_each(|there| there.amount = rubles(150));
        for _ in 0..2 {
            nightly(&bank).await;
            assert_eq!(stored(&bank).await, Some(rubles(60)));
        }
        let found = compared(&bank).await;
        assert!(found.findings.iter().all(|it| it.difference == Difference::DifferentSum));
        assert_eq!(found.findings.len(), 2);
        bank
    });
}

#[test]
fn what_crosses_the_edge_of_a_time_is_no_difference() {
    on_each(async |bank| {
        // Opened before midnight, paid and booked after it.
        let open = bank.opens("p-1", 500).await;
        let midnight = bank.now().plus(MINUTE);
        bank.later(40 * MINUTE);
        bank.pay("p-1");
        bank.sweeps().await;
        assert_eq!(bank.payment(open.number).await.state, PaymentState::Paid);
        // A refund that was pending for days.
        bank.rail.state().meets.push_back(Meets::Pending);
        bank.refund(open.number, None).await;
        bank.runs().await;
        bank.later(2 * DAY);
        bank.decides("succeeded");
        bank.runs().await;
        bank.later(HOUR);
        let spans = [
            (midnight.minus(DAY), midnight),
            (midnight, midnight.plus(DAY)),
            (midnight.plus(DAY), bank.now()),
            // Just paid, a moment ago.
            (bank.now().minus(HOUR), bank.now()),
        ];
        bank.there("p-young", 100, None, true);
        for (from, upto) in spans {
            let found = reconcile(&bank.house, bank.rail.as_ref(), from, upto).await;
            assert_eq!(found.expect("both are readable").findings, [], "{from:?}");
        }
        bank
    });
}

#[test]
fn what_is_older_than_the_lists_is_asked_for_by_its_name() {
    on_each(async |bank| {
        let open = bank.opens("p-1", 500).await;
        bank.later(20 * DAY);
        bank.pay("p-1");
        let number = open.number;
        bank.write(move |tx, house, now| Ok(recheck(tx, house, number, now)?)).await;
        bank.runs().await;
        bank.later(HOUR);
        let (from, upto) = (bank.now().minus(DAY), bank.now());
        let found = reconcile(&bank.house, bank.rail.as_ref(), from, upto).await;
        assert_eq!(found.expect("both are readable").findings, []);
        bank
    });
}

#[test]
fn a_chargeback_is_in_no_list_and_no_difference() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        let number = paid.number;
        bank.write(move |tx, house, now| chargeback(tx, house, number, BOSS, "x", now)).await;
        bank.later(HOUR);
        assert_eq!(compared(&bank).await.findings, []);
        bank
    });
}

#[test]
fn receipts_that_fail_or_take_days_are_told_once() {
    on_each(async |bank| {
        for name in ["p-good", "p-bad", "p-slow"] {
            bank.opens(name, 100).await;
            let mut state = bank.rail.state();
            let there = state.payments.get_mut(name).expect("it is there");
            (there.is_done, there.receipt) = (true, Some("pending".to_owned()));
        }
        bank.sweeps().await;
        for (name, receipt) in [("p-good", "succeeded"), ("p-bad", "canceled")] {
            let mut state = bank.rail.state();
            let there = state.payments.get_mut(name).expect("it is there");
            there.receipt = Some(receipt.to_owned());
        }
        for (after, told) in [(HOUR, 1), (HOUR, 1), (2 * DAY, 1), (DAY, 2), (HOUR, 2)] {
            bank.later(after);
            bank.sweeps().await;
            assert_eq!(bank.messages(BOSS).await.len(), told);
        }
        bank
    });
}

#[test]
fn somebody_else_who_asks_is_answered_too() {
    on_each(async |bank| {
        let viewer = CustomerId(5);
        bank.meets(viewer).await;
        bank.pays("p-1", 500).await;
        bank.rail.state().payments.clear();
        bank.later(HOUR);
        let day = Timestamp(START.millis() - 1);
        bank.write(move |tx, house, now| Ok(ask_reconcile(tx, house, day, viewer, now)?)).await;
        bank.runs().await;
        assert_eq!(bank.messages(viewer).await.len(), 1);
        assert_eq!(bank.messages(BOSS).await.len(), 1, "a difference is everybody's news");
        bank
    });
}

#[test]
fn a_mark_that_is_gone_is_told_to_the_owner_and_ends_no_audit() {
    on_each(async |bank| {
        bank.pays("p-1", 500).await;
        let by_hand = async |sql| bank.write(move |tx, _, _| Ok(tx.execute_text(sql)?)).await;
        by_hand("delete from ledger_mark where name = 'checkpoint'").await;
        upkeep::audit(&bank.house).await.expect("it alerts");
        upkeep::audit_tail(&bank.house).await.expect("it alerts");
        let told = bank.messages(BOSS).await;
        let named =
            |text: &&String| text.contains("the mark checkpoint stands at 0, for it is gone");
        assert_eq!(told.iter().filter(named).count(), 2, "{told:?}");
        by_hand("insert into ledger_mark (name, seq) values ('checkpoint', 0)").await;
        bank
    });
}
