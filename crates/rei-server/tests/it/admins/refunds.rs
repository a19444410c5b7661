//! Money that goes back: of orders to the pockets, of payments to where they came from, by banks past everybody.

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_sim::yookassa::{CallKind, Fault, FaultKind, RefundMode};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use super::{audit, deeds, does, pockets};
use crate::app::{Shape, TestApp};
use crate::shortcuts::{asks_for, known, owner};
use crate::till::{clearing, empty_wallets, silence, tops_up};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m7_a_refund_of_an_order_goes_back_into_the_pockets_it_came_from(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        empty_wallets(options);
        options.gift = Kopecks::from_rubles(20);
    })
    .await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽ · баланс 70 ₽").await;
    assert_eq!(pockets(&app, &anna).await, [70, 0]);
    does(&boss, "/admin_refund 1 брак", "свои деньги 30 ₽, бонусы 20 ₽").await;
    boss.sees("Возвращено 50 ₽ за заказ №1").await;
    anna.sees("Вам вернули 50 ₽ за заказ №1: брак. Баланс 120 ₽").await;
    assert_eq!(pockets(&app, &anna).await, [100, 20]);
    boss.says("/admin_refund 1 ещё раз");
    boss.sees("осталось невозвращённым 0 ₽").await;
    assert_eq!(deeds(&app).await, ["refund"]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_payment_reaches_yookassa_and_the_customer_is_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = tops_up(&app, &anna, 500).await;
    does(&boss, "/admin_refund P1 100,50 просьба", "Возврат платежа №1: 100,50 ₽").await;
    boss.sees("Возврат №1 по платежу №1 начат: 100,50 ₽").await;
    anna.sees("Возвращаем 100,50 ₽").await;
    // The rest of it with the button of its card.
    boss.says("/payment 1");
    boss.sees("Возвращено 100,50 ₽, можно вернуть ещё 399,50 ₽").await;
    boss.taps("💸 Возврат").await;
    boss.sees("Возврат платежа №1: 399,50 ₽").await;
    boss.taps("Подтвердить").await;
    anna.sees("Возвращаем 399,50 ₽").await;
    app.settled().await;
    let refunds = app.stage.yookassa.refunds();
    let sums: Vec<i64> = refunds.iter().map(|refund| refund.amount.kopecks).collect();
    assert_eq!(sums.iter().sum::<i64>(), 50_000, "{refunds:?}");
    assert!(refunds.iter().all(|refund| refund.payment_id == payment.id));
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    boss.says("/admin_refund P1 ещё");
    boss.sees("осталось невозвращённым 0 ₽").await;
    assert_eq!(deeds(&app).await, ["refund_payment", "refund_payment"]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_yookassa_cancels_puts_the_money_back(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    app.stage.yookassa.set_refund_mode(RefundMode::Held);
    does(&boss, "/admin_refund P1 просьба", "Возврат платежа №1: 500 ₽").await;
    boss.sees("Возврат №1 по платежу №1 начат").await;
    app.until("a refund at YooKassa", || async { !app.stage.yookassa.refunds().is_empty() }).await;
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO, "the money waits on hold");
    boss.says("/payment 1");
    boss.sees("Возврат №1 на 500 ₽: в пути").await;
    let refund = app.stage.yookassa.refunds().remove(0);
    let cancelled = app.stage.yookassa.cancel_refund(&refund.id, "insufficient_funds");
    cancelled.expect("it can be cancelled");
    boss.says("/recheck 1");
    anna.sees("Деньги снова на балансе").await;
    boss.sees("Возврат по платежу №1 на 500 ₽ не прошёл").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    boss.says("/payment 1");
    boss.sees("отказано").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_unspent_goes_back_to_the_card(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    does(&boss, "/admin_refund P1 просьба", "Возврат платежа №1: 100 ₽").await;
    boss.sees("не потрачено только 50 ₽").await;
    app.settled().await;
    assert_eq!(app.stage.yookassa.refunds().len(), 0);
    assert_eq!(audit(&app).await, []);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_chargeback_overdraws_the_wallet_and_freezes_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    let house = app.house().await;
    let held = clearing(&house, Rail::YooKassa).await;
    does(&boss, "/chargeback 1 письмо банка", "Свои деньги: 50 ₽ → −50 ₽").await;
    boss.sees("Его долг 50 ₽, заказы закрыты").await;
    anna.sees("Платёж возвращён: 100 ₽").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(-50));
    let left = clearing(&house, Rail::YooKassa).await;
    assert_eq!(left.get(), held.get() - 10_000, "the money has left the payment system");
    anna.says("пёс");
    anna.taps("Создать за").await;
    anna.sees("На балансе долг 50 ₽").await;
    boss.says("/chargeback 1 письмо банка");
    boss.sees("уже проведён").await;
    boss.says("/admin_user 42");
    boss.sees("кошелёк заморожен").await;
    // Paid off, the wallet works again.
    tops_up(&app, &anna, 200).await;
    asks_for(&anna, "пёс").await;
    anna.sees("списано 50 ₽ · баланс 100 ₽").await;
    assert_eq!(deeds(&app).await, ["chargeback"]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_was_lost_is_asked_for_again_with_the_same_key_and_bytes(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    // No report may end it before the repeats.
    silence(&app);
    let lost = FaultKind::Reset { committed: true };
    app.stage.yookassa.fault(Fault::next(lost).on(CallKind::CreateRefund).times(2));
    does(&boss, "/admin_refund P1 просьба", "Возврат платежа №1: 500 ₽").await;
    anna.sees("Возвращаем 500 ₽").await;
    app.settled().await;
    let asked = app.stage.yookassa.calls().refunds();
    assert_eq!(asked.len(), 3);
    let sent: std::collections::BTreeSet<_> =
        asked.iter().map(|call| (call.idempotence_key.clone(), call.body.clone())).collect();
    assert_eq!(sent.len(), 1, "other bytes or another key");
    assert_eq!(app.stage.yookassa.refunds().len(), 1);
    app.finish().await;
}
