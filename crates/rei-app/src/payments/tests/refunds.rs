//! Refunds of ours.

use std::sync::Arc;

use rei_domain::ledger::{Account, Rail};
use rei_domain::money::Kopecks;
use rei_domain::payment::RefundState;
use rei_storage::payments;

use super::bank::*;
use super::rail::Meets;
use crate::happenings::Happening;
use crate::payments::*;

fn told_refunds(told: Vec<Happening>) -> Vec<Happening> {
    let about =
        |it: &Happening| matches!(it, Happening::Refunded { .. } | Happening::RefundFailed { .. });
    told.into_iter().filter(about).collect()
}

#[test]
fn money_waits_on_hold_until_it_has_left() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        let started = bank.refund(paid.number, Some(200)).await;
        assert_eq!(started, RefundStarted::Asked { refund: 1, sum: rubles(200) });
        let cash = bank.wallet().await.cash;
        assert_eq!((cash.free, cash.held), (rubles(300), rubles(200)));
        assert_eq!(bank.runs().await, [REFUND_JOB]);
        let cash = bank.wallet().await.cash;
        assert_eq!((cash.free, cash.held), (rubles(300), Kopecks::ZERO));
        assert_eq!(bank.payment(paid.number).await.refunded, rubles(200));
        let row = bank.refunds(&paid).await.remove(0);
        assert_eq!((row.state, row.request), (RefundState::Succeeded, None));
        let told = told_refunds(bank.told().await);
        let expected = Happening::Refunded {
            sum: rubles(200),
            rail: Rail::YooKassa,
            foreign: false,
            debt: None,
        };
        assert_eq!(told, [expected]);
        // Whoever says it again changes nothing.
        let (id, name) = (row.id, row.provider_id.expect("it has a name"));
        for looked in [
            RefundLooked::Succeeded { provider_id: name.clone() },
            RefundLooked::Cancelled { provider_id: Some(name), reason: "x".to_owned() },
        ] {
            let ended =
                bank.write(move |tx, house, now| end_refund(tx, house, id, &looked, now)).await;
            assert_eq!(ended, RefundEnded::Before);
        }
        assert_eq!(bank.wallet().await.cash.free, rubles(300));
        bank
    });
}

#[test]
fn a_payment_that_is_none_or_not_paid_is_not_refunded() {
    on_each(async |bank| {
        assert_eq!(bank.refund(77, None).await, RefundStarted::NoSuchPayment);
        let open = bank.opens("p-1", 500).await;
        assert_eq!(bank.refund(open.number, None).await, RefundStarted::NotPaid);
        bank
    });
}

#[test]
fn parallel_refunds_never_exceed_the_payment() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        // More cash than this payment brought, so that only the payment is the limit.
        bank.pays("p-2", 5_000).await;
        let bank = Arc::new(bank);
        let clicks = (0..8).map(|_| {
            let bank = Arc::clone(&bank);
            tokio::spawn(async move { bank.refund(paid.number, Some(200)).await })
        });
        let mut asked = 0;
        for click in clicks.collect::<Vec<_>>() {
            match click.await.expect("it ends") {
                RefundStarted::Asked { .. } => asked += 1,
                RefundStarted::TooMuch { left } => assert_eq!(left, rubles(100)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(asked, 2);
        bank.runs().await;
        assert_eq!(bank.payment(paid.number).await.refunded, rubles(400));
        assert_eq!(bank.rail.state().asked.len(), 2);
        let last = bank.refund(paid.number, None).await;
        assert_eq!(last, RefundStarted::Asked { refund: 3, sum: rubles(100) });
        bank.runs().await;
        let none = bank.refund(paid.number, None).await;
        assert_eq!(none, RefundStarted::TooMuch { left: Kopecks::ZERO });
        Arc::try_unwrap(bank).ok().expect("nobody else has it")
    });
}

#[test]
fn only_what_is_unspent_goes_back() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.spends(400, "spent").await;
        let started = bank.refund(paid.number, None).await;
        assert_eq!(started, RefundStarted::Unspent { free: rubles(100) });
        let started = bank.refund(paid.number, Some(100)).await;
        assert!(matches!(started, RefundStarted::Asked { .. }), "{started:?}");
        bank.runs().await;
        assert_eq!(bank.wallet().await.cash.free, Kopecks::ZERO);
        bank
    });
}

#[test]
fn a_refund_that_ends_cancelled_puts_the_money_back() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::Pending);
        bank.refund(paid.number, None).await;
        bank.runs().await;
        assert_eq!(bank.wallet().await.cash.held, rubles(500));
        bank.decides("canceled");
        bank.later(HOUR);
        bank.runs().await;
        let cash = bank.wallet().await.cash;
        assert_eq!((cash.free, cash.held), (rubles(500), Kopecks::ZERO));
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Cancelled);
        assert_eq!(bank.payment(paid.number).await.refunded, Kopecks::ZERO);
        let told = told_refunds(bank.told().await);
        assert_eq!(told, [Happening::RefundFailed { sum: rubles(500) }]);
        assert_eq!(bank.messages(BOSS).await.len(), 1);
        assert_eq!(bank.rail.state().asked.len(), 1, "it was watched, not asked for again");
        // What came back may go out again.
        assert!(matches!(bank.refund(paid.number, None).await, RefundStarted::Asked { .. }));
        bank.runs().await;
        bank
    });
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key_and_bytes() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.extend([Meets::LostAnswer, Meets::LostAnswer]);
        bank.refund(paid.number, None).await;
        for _ in 0..3 {
            bank.runs().await;
            bank.later(MINUTE);
        }
        let asked = bank.rail.state().asked.clone();
        assert_eq!(asked.len(), 3);
        assert!(asked.iter().all(|one| *one == asked[0] && !one.1.is_empty()));
        assert_eq!(bank.rail.state().refunds.len(), 1);
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Succeeded);
        bank
    });
}

#[test]
fn a_refusal_after_a_lost_answer_is_not_believed_before_a_search() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.extend([Meets::LostAnswer, Meets::Refusal]);
        bank.refund(paid.number, None).await;
        bank.runs().await;
        bank.later(MINUTE);
        bank.runs().await;
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Succeeded);
        assert_eq!(bank.wallet().await.cash.free, Kopecks::ZERO);
        bank
    });
}

#[test]
fn a_first_refusal_is_final() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::Refusal);
        bank.refund(paid.number, None).await;
        bank.runs().await;
        let row = bank.refunds(&paid).await.remove(0);
        assert_eq!((row.state, row.reason.as_deref()), (RefundState::Cancelled, Some("forbidden")));
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        bank
    });
}

#[test]
fn when_its_key_is_dead_a_refund_is_only_searched_for() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::LostAnswer);
        bank.rail.state().is_down = true;
        bank.refund(paid.number, None).await;
        bank.runs().await;
        bank.later(23 * HOUR + MINUTE);
        bank.rail.state().is_down = false;
        bank.runs().await;
        assert!(bank.rail.state().asked.is_empty(), "no second refund is asked for");
        assert_eq!(bank.wallet().await.cash.held, rubles(500), "it may still turn up");
        bank.later(HOUR);
        bank.runs().await;
        assert!(bank.rail.state().asked.is_empty());
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Cancelled);
        assert_eq!(bank.wallet().await.cash.free, rubles(500));
        bank
    });
}

#[test]
fn m13_a_refunded_first_top_up_leaves_no_bonus() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        assert_eq!(bank.wallet().await.bonus.free, rubles(100));
        bank.refund(paid.number, None).await;
        bank.runs().await;
        let wallet = bank.wallet().await;
        assert_eq!((wallet.cash.free, wallet.bonus.free), (Kopecks::ZERO, Kopecks::ZERO));
        let fees = bank.account(Account::Clearing(Rail::YooKassa)).await;
        assert_eq!(fees, -35, "all that is left there is the fee");
        bank
    });
}

#[test]
fn a_refund_whose_job_is_lost_is_taken_up_by_the_sweep() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.refund(paid.number, None).await;
        bank.write(|tx, _, now| {
            let claims = rei_storage::jobs::claim(tx, "x", PAYMENTS_QUEUE, 9, now, now.plus(HOUR))?;
            for claim in claims {
                rei_storage::jobs::poison(tx, &claim, "lost", now)?;
            }
            Ok(())
        })
        .await;
        bank.later(HOUR + MINUTE);
        bank.sweeps().await;
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Succeeded);
        bank
    });
}

#[test]
fn a_recheck_hurries_a_refund_and_leaves_its_watch() {
    on_each(async |bank| {
        let paid = bank.pays("p-1", 500).await;
        bank.rail.state().meets.push_back(Meets::Pending);
        bank.refund(paid.number, None).await;
        bank.runs().await;
        let number = paid.number;
        bank.write(move |tx, house, now| Ok(recheck(tx, house, number, now)?)).await;
        assert_eq!(bank.runs().await, [REFUND_JOB]);
        bank.decides("succeeded");
        bank.write(move |tx, house, now| Ok(recheck(tx, house, number, now)?)).await;
        bank.runs().await;
        assert_eq!(bank.refunds(&paid).await[0].state, RefundState::Succeeded);
        bank.later(HOUR);
        assert_eq!(bank.runs().await, [REFUND_JOB], "the watch finds it done");
        let seen = bank.write(move |tx, _, _| Ok(payments::find_number(tx, number)?)).await;
        assert_eq!(seen.map(|row| row.refunded), Some(rubles(500)));
        bank
    });
}
