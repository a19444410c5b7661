//! Payments that don't fit, decided about in the chat.

use rei_domain::money::Kopecks;
use rei_sim::yookassa::Decline;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use super::{deeds, does, nobodys_money};
use crate::app::TestApp;
use crate::shortcuts::{known, owner, was_told};
use crate::till::{asks_to_pay, empty_wallets, silence, suspense, tops_up};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_nobody_s_is_given_to_whom_it_belongs(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let money = nobodys_money(&app, &boss, 700).await;
    boss.says("/suspense");
    boss.sees(&money).await;
    let words = format!("/assign {money} 42 прислала квитанцию");
    does(&boss, &words, "Отменить это будет нельзя").await;
    boss.sees("700 ₽ зачислено покупателю 42").await;
    anna.sees("Зачислено 700 ₽").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(700));
    let house = app.house().await;
    assert_eq!(suspense(&house).await, Kopecks::ZERO);
    boss.says(&words);
    boss.sees("уже решили: они отданы покупателю").await;
    boss.says("/suspense");
    boss.sees("Денег без хозяина нет").await;
    // Both sides still agree: the money is what YooKassa has for us.
    boss.says(&format!("/reconcile {}", house.now().date_utc()));
    boss.sees("разница 0").await;
    assert_eq!(deeds(&app).await, ["assign"]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_nobody_s_is_sent_back_by_hand_and_noted(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let money = nobodys_money(&app, &boss, 700).await;
    // Nobody tells the bot of it but the owner.
    silence(&app);
    app.stage.yookassa.refund_by_hand(&money, 70_000).expect("it can be given back");
    does(&boss, &format!("/return {money} чужое"), "это только записывается").await;
    boss.sees("Записано: 700 ₽").await;
    let house = app.house().await;
    assert_eq!(suspense(&house).await, Kopecks::ZERO);
    boss.says(&format!("/return {money} чужое"));
    boss.sees("уже решили: они возвращены").await;
    boss.says(&format!("/reconcile {}", house.now().date_utc()));
    boss.sees("разница 0").await;
    assert_eq!(deeds(&app).await, ["return"]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_finds_a_payment_of_which_nobody_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    let closed = app.stage.yookassa.decline(&payment.id, "expired_on_confirmation", Decline::Ends);
    closed.expect("it can be closed");
    anna.sees("время на оплату вышло").await;
    // It is paid after all, and nobody watches a payment that is closed.
    silence(&app);
    app.stage.yookassa.pay_late(&payment.id).expect("it is paid all the same");
    boss.says("/payment 1");
    boss.sees("закрыт без оплаты").await;
    boss.taps("🔄 Проверить").await;
    boss.sees("Спрашиваю платёжную систему о платеже №1").await;
    anna.sees("Зачислено 500 ₽").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    boss.says("/recheck 1");
    boss.sees("уже зачислен").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_asks_for_a_comparison_and_the_difference_is_zero(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    does(&boss, "/admin_refund P1 100 просьба", "Возврат платежа №1: 100 ₽").await;
    anna.sees("Возвращаем 100 ₽").await;
    app.settled().await;
    let today = app.house().await.now().date_utc();
    boss.says(&format!("/reconcile {today}"));
    boss.sees("Сверяю").await;
    boss.sees("Сверка с").await;
    assert!(was_told(&app, &boss, "разница 0"));
    boss.says("/reconcile 31.02.2026");
    boss.sees("Дата «31.02.2026» не подходит").await;
    app.finish().await;
}
