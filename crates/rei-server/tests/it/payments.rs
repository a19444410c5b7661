//! Promises about payments, kept by the whole product: P3 to P10, P13, receipts.

use std::time::Duration;

use futures::future::join_all;
use rei_domain::ledger::{Phase, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::yookassa::{CallKind, Decline, Fault, FaultKind, Flow, NoticeSettings};
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::app::{Shape, TestApp};
use crate::shortcuts::{asks_for, known, owner, transfers};
use crate::till::{
    asks_to_pay, clearing, empty_wallets, newest, notice_path, report_of, reports, rows_of,
    silence, suspense, sweeps_until, taps_sum, tops_up, with,
};

/// What the book and the payment system must agree on: everything that came, less what went back and the fees.
async fn agrees(app: &TestApp) {
    let house = app.house().await;
    let totals = app.stage.yookassa.totals();
    let fees = house
        .book
        .read(|tx| {
            let fees = rei_domain::ledger::Account::Expense(rei_domain::ledger::Expense::Fees);
            rei_storage::ledger::account_balance(tx, &fees)
        })
        .await
        .expect("the book is readable");
    let booked = clearing(&house, Rail::YooKassa).await.get() + fees.minor();
    assert_eq!(booked, totals.net_kopecks, "the book and YooKassa differ: {totals:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_tops_up_and_orders_with_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    let page = anna.sees("Счёт №").await;
    assert!(page.labels().iter().any(|label| label.contains("Проверить оплату")), "{page:?}");
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO, "nothing is credited before it is paid");
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽. Баланс: 500 ₽").await;
    asks_for(&anna, "кот в скафандре").await;
    anna.sees("списано 50 ₽ · баланс 450 ₽").await;
    let house = app.house().await;
    let row = rows_of(&house, &anna).await.remove(0);
    assert_eq!((row.state, row.request, row.link), (PaymentState::Paid, None, None));
    agrees(&app).await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_is_told_in_words_and_costs_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 100).await;
    let declined = app.stage.yookassa.decline(&payment.id, "insufficient_funds", Decline::Ends);
    declined.expect("it can be declined");
    anna.sees("не хватило денег").await;
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p2_reports_of_the_real_shape_are_accepted(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let settings = NoticeSettings { chunked: true, signature: true, ..NoticeSettings::default() };
    app.stage.yookassa.set_notices(settings);
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    app.stage.yookassa.settled().await;
    let sent = app.stage.yookassa.sent_notices();
    assert!(!sent.is_empty() && sent.iter().all(|notice| notice.status == Some(200)), "{sent:?}");
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p4_reports_and_presses_and_looks_all_at_once_credit_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    silence(&app);
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    let path = notice_path(&app).await;
    let report = report_of(&newest(&app), "payment.succeeded", "succeeded");
    let told = join_all((0..10).map(|_| reports(&app, &path, "", &report)));
    for _ in 0..10 {
        anna.user.taps("Проверить оплату").ok();
    }
    assert!(told.await.iter().all(|status| *status == 200));
    anna.sees("Зачислено 500 ₽").await;
    app.settled().await;
    let house = app.house().await;
    let mut posted = transfers(&house, &anna, Phase::Post).await;
    posted.retain(|transfer| transfer.kind == TransferKind::Topup);
    assert_eq!(posted.len(), 1);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    agrees(&app).await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p6_money_that_comes_after_the_payment_was_closed_is_credited(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 100).await;
    let closed = app.stage.yookassa.decline(&payment.id, "expired_on_confirmation", Decline::Ends);
    closed.expect("it can be closed");
    anna.sees("время на оплату вышло").await;
    app.stage.yookassa.pay_late(&payment.id).expect("it is paid all the same");
    anna.sees("Зачислено 100 ₽").await;
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p7_a_payment_made_while_nothing_runs_is_credited(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    silence(&app);
    let payment = asks_to_pay(&app, &anna, 500).await;
    app.stage.restart().await.expect("it starts again");
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    // No report comes: the watch finds it.
    anna.sees("Зачислено 500 ₽").await;
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p8_a_payment_system_that_hangs_does_not_slow_the_bot(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let boris = known(&app, 43, "Борис").await;
    tops_up(&app, &boris, 100).await;
    app.stage.yookassa.fault(Fault::next(FaultKind::Hang { ms: 60_000, committed: true }).always());
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    anna.sees("Готовлю счёт").await;
    let house = app.house().await;
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let asked = house.now();
        boris.says("/balance");
        boris.sees("Баланс: 100 ₽").await;
        slowest = slowest.max(house.now().since(asked));
    }
    assert!(slowest < Duration::from_secs(1), "an answer took {slowest:?}");
    // Its pictures are drawn as ever.
    asks_for(&boris, "кот").await;
    boris.sees("списано 50 ₽").await;
    app.stage.yookassa.clear_faults();
    drop(house);
    app.stage.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p9_a_lost_answer_is_asked_for_again_with_the_same_key_and_bytes(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    for fault in [
        FaultKind::Reset { committed: true },
        FaultKind::Reset { committed: false },
        FaultKind::Internal { committed: true },
        FaultKind::Html { status: 502, committed: true },
        FaultKind::Accepted { retry_after_ms: 100, committed: true },
        FaultKind::TruncatedJson,
        FaultKind::TooManyRequests { retry_after_ms: Some(100) },
    ] {
        let what = format!("{fault:?}");
        let app = TestApp::start_with(shape, empty_wallets).await;
        let anna = known(&app, 42, "Анна").await;
        app.stage.yookassa.fault(Fault::next(fault).on(CallKind::CreatePayment).times(2));
        let payment = asks_to_pay(&app, &anna, 500).await;
        let creates = app.stage.yookassa.calls().creates();
        assert_eq!(creates.len(), 3, "{what}");
        let sent: std::collections::BTreeSet<_> =
            creates.iter().map(|call| (call.idempotence_key.clone(), call.body.clone())).collect();
        assert_eq!(sent.len(), 1, "{what}: other bytes or another key");
        assert_eq!(app.stage.yookassa.payments().len(), 1, "{what}");
        app.stage.yookassa.pay(&payment.id).expect("it can be paid");
        anna.sees("Зачислено 500 ₽").await;
        agrees(&app).await;
        app.finish().await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p10_menus_open_no_payments_and_one_sum_has_one_open_payment(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    for _ in 0..20 {
        anna.says("/pay");
        anna.sees("Пополнить баланс").await;
    }
    app.settled().await;
    assert_eq!(app.stage.yookassa.payments().len(), 0);
    let first = asks_to_pay(&app, &anna, 200).await;
    for _ in 0..3 {
        anna.says("/pay");
        anna.sees("Пополнить баланс").await;
        taps_sum(&anna, 200);
        anna.sees("Счёт №").await;
    }
    app.settled().await;
    assert_eq!(app.stage.yookassa.payments().len(), 1);
    app.stage.yookassa.pay(&first.id).expect("it can be paid");
    anna.sees("Зачислено 200 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn new_payments_have_a_limit_an_hour(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, with(&[("TOPUPS_PER_HOUR", "2")])).await;
    let anna = known(&app, 42, "Анна").await;
    asks_to_pay(&app, &anna, 100).await;
    asks_to_pay(&app, &anna, 200).await;
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.sees("Слишком много счетов").await;
    assert_eq!(app.stage.yookassa.payments().len(), 2);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_before_our_own_answer_is_understood(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let settings = NoticeSettings { before_answer: true, ..NoticeSettings::default() };
    app.stage.yookassa.set_notices(settings);
    let anna = known(&app, 42, "Анна").await;
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    anna.sees("Зачислено 500 ₽").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reports_in_any_order_and_any_number_credit_once(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let settings = NoticeSettings { flow: Flow::Held, copies: 3, ..NoticeSettings::default() };
    app.stage.yookassa.set_notices(settings);
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    let hers = asks_to_pay(&app, &anna, 500).await;
    let his = asks_to_pay(&app, &boris, 100).await;
    app.stage.yookassa.pay(&hers.id).expect("it can be paid");
    app.stage.yookassa.pay(&his.id).expect("it can be paid");
    let mut held = app.stage.yookassa.held();
    held.reverse();
    for notice in held {
        assert!(app.stage.yookassa.release(notice.number));
    }
    anna.sees("Зачислено 500 ₽").await;
    boris.sees("Зачислено 100 ₽").await;
    app.stage.yookassa.settled().await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    assert_eq!(app.balance(&boris).await, Kopecks::from_rubles(100));
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_to_the_address_that_was_asked_for_once(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let settings = &[("RECEIPTS", "yookassa"), ("RECEIPTS_VAT_CODE", "1")];
    let app = TestApp::start_with(engine, with(settings)).await;
    app.stage.yookassa.demand_receipts(true);
    let anna = known(&app, 42, "Анна").await;
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    anna.sees("Куда прислать чек?").await;
    anna.says("не почта");
    anna.sees("не похоже на адрес").await;
    anna.says("anna@example.com");
    anna.sees("Счёт №").await;
    let payment = newest(&app);
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽").await;
    let create = app.stage.yookassa.calls().creates().remove(0).text();
    assert!(create.contains(r#""email":"anna@example.com""#), "{create}");
    // The second time nobody asks.
    tops_up(&app, &anna, 100).await;
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p13_a_refund_made_by_hand_comes_off_the_wallet_and_may_freeze_it(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    app.stage.yookassa.refund_by_hand(&payment.id, 10_000).expect("it can be given back");
    boss.sees("Возврат мимо бота").await;
    anna.sees("Платёж возвращён: 100 ₽").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(-50));
    anna.says("пёс");
    anna.taps("Создать за").await;
    anna.sees("долг").await;
    agrees(&app).await;
    // The debt is paid, and work goes on.
    tops_up(&app, &anna, 200).await;
    asks_for(&anna, "пёс").await;
    anna.sees("списано 50 ₽ · баланс 100 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_nobody_s_stands_in_suspense(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let sum = 70_000;
    let id = app.stage.yookassa.foreign_payment(sum, None);
    // What is only a moment old may be on its way to the book by itself.
    let aged = app.stage.yookassa.alter(&id, |payment| payment.created_ms -= 180_000);
    aged.expect("it can be changed");
    let house = app.house().await;
    let found = || async { suspense(&house).await == Kopecks::new(sum) };
    sweeps_until(&app, "unknown money", found).await;
    boss.sees("Пришли деньги без хозяина: 700 ₽").await;
    app.settled().await;
    assert_eq!(suspense(&house).await, Kopecks::new(sum));
    rei_app::payments::enqueue_sweep(&house).await.expect("the sweep is asked for");
    app.settled().await;
    assert_eq!(suspense(&house).await, Kopecks::new(sum), "once");
    agrees(&app).await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_finds_a_payment_of_which_nobody_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    silence(&app);
    let payment = asks_to_pay(&app, &anna, 500).await;
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    let found = || async { app.balance(&anna).await == Kopecks::from_rubles(500) };
    sweeps_until(&app, "the payment", found).await;
    anna.sees("Зачислено 500 ₽").await;
    agrees(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_can_not_look_at_another_s_payment(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    asks_to_pay(&app, &anna, 500).await;
    let shown = anna.user.messages().into_iter().rev().find(|it| it.text.contains("Счёт №"));
    let shown = shown.expect("the payment is shown");
    let check = shown.buttons.iter().flatten().find(|it| it.text.contains("Проверить"));
    let data = check.and_then(|button| button.value.clone()).expect("the button has data");
    let reads = app.stage.yookassa.calls().reads().len();
    boris.user.taps_data(shown.id, &data).expect("the press is taken");
    // Rest alone proves nothing: the press may not have been fetched yet.
    let answers = || boris.user.callback_answers();
    app.until("an answer to the press", || async { !answers().is_empty() }).await;
    assert_eq!(answers()[0].text.as_deref(), Some("Эта кнопка не ваша."));
    app.settled().await;
    assert_eq!(app.stage.yookassa.calls().reads().len(), reads, "nobody asked for a stranger");
    let told = boris.user.messages().iter().any(|message| message.text.contains("500 ₽"));
    assert!(!told, "a stranger learns nothing");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_another_kind_is_stored_and_changes_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let path = notice_path(&app).await;
    let strange = json!({
        "type": "notification", "event": "payout.succeeded", "object": {"id": "po-1"},
    });
    assert_eq!(reports(&app, &path, "", &strange).await, 200);
    for broken in [json!([]), json!({"type": "notification"}), json!({"type": "x", "event": "y"})] {
        assert_eq!(reports(&app, &path, "", &broken).await, 400, "{broken}");
    }
    app.finish().await;
}
