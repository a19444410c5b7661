//! P1 and the table of attacks: what strangers and cheats try, and that nobody is credited for it.

use std::time::Duration;

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::yookassa::{CallKind, Fault, FaultKind, NoticeSettings};
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::app::{Person, Shape, TestApp};
use crate::shortcuts::{known, owner};
use crate::till::{
    asks_to_pay, clearing, empty_wallets, newest, notice_path, report_of, reports, rows_of,
    silence, sweeps_until, tops_up, with,
};

/// Nothing was credited, whatever was reported.
async fn got_nothing(app: &TestApp, person: &Person) {
    app.settled().await;
    assert_eq!(app.balance(person).await, Kopecks::ZERO);
    let house = app.house().await;
    assert_eq!(clearing(&house, Rail::YooKassa).await, Kopecks::ZERO);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p1_a_forged_success_credits_nobody(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    let path = notice_path(&app).await;
    // From anywhere: there is no such address.
    let real = report_of(&payment, "payment.succeeded", "succeeded");
    for wrong in [
        "/webhooks/yookassa",
        "/webhooks/yookassa/46a70489/Mgt-dVkqCtvor7R0UbO0CHVxhAW7ggxCJ4zCYm3dVg4",
        &format!("{}x", &path[..path.len() - 1]),
        &format!("{path}/"),
    ] {
        assert_eq!(reports(&app, wrong, "", &real).await, 404, "{wrong}");
    }
    // The address leaked, and even our signature: the payment itself says that it is not paid.
    assert_eq!(reports(&app, &path, "", &real).await, 200);
    // Without the signature, with another's, about a payment that does not exist.
    let mut unsigned = real.clone();
    unsigned["object"]["metadata"]["sig"] =
        json!("v1.46a70489.grzOnIkg9HPR24FUCNSrOXmtrn2vTNCzrAUbgRSERI4");
    assert_eq!(reports(&app, &path, "", &unsigned).await, 200);
    let mut bare = real.clone();
    bare["object"]["metadata"] = json!({});
    assert_eq!(reports(&app, &path, "", &bare).await, 200);
    let mut unknown = real.clone();
    unknown["object"]["id"] = json!("30b1f0aa-000f-5000-8000-1f2e3d4c5b6a");
    assert_eq!(reports(&app, &path, "", &unknown).await, 200);
    got_nothing(&app, &anna).await;
    // The real one is not blocked by the forged ones before it.
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_our_signature_makes_us_ask_nobody(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    app.settled().await;
    let asked = app.stage.yookassa.calls_total();
    let path = notice_path(&app).await;
    let mut bare = report_of(&payment, "payment.succeeded", "succeeded");
    bare["object"]["metadata"] = json!({"order_id": bare["object"]["metadata"]["order_id"]});
    for _ in 0..5 {
        assert_eq!(reports(&app, &path, "", &bare).await, 200);
    }
    boss.sees("без нашей подписи").await;
    app.settled().await;
    assert_eq!(app.stage.yookassa.calls_total(), asked, "no call without our signature");
    got_nothing(&app, &anna).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_payment_edited_to_a_success_credits_nobody(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    let closed = app.stage.yookassa.decline(
        &payment.id,
        "general_decline",
        rei_sim::yookassa::Decline::Ends,
    );
    closed.expect("it can be declined");
    anna.sees("банк отказал").await;
    let path = notice_path(&app).await;
    let edited = report_of(&payment, "payment.succeeded", "succeeded");
    for _ in 0..3 {
        assert_eq!(reports(&app, &path, "", &edited).await, 200);
    }
    got_nothing(&app, &anna).await;
    app.finish().await;
}

/// What the payment system says of the payment differs from what we asked for: a person decides.
async fn is_reviewed(engine: EngineKind, falsify: impl Fn(&TestApp, &str), why: &str) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    silence(&app);
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    falsify(&app, &payment.id);
    let path = notice_path(&app).await;
    let report = report_of(&payment, "payment.succeeded", "succeeded");
    assert_eq!(reports(&app, &path, "", &report).await, 200, "{why}");
    boss.sees("не зачислен и ждёт решения").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO, "{why}");
    let house = app.house().await;
    let row = rows_of(&house, &anna).await.remove(0);
    assert_eq!((row.state, row.reason.as_deref()), (PaymentState::Review, Some(why)));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_sum_than_ours_is_reviewed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let falsify = |app: &TestApp, id: &str| {
        app.stage.yookassa.set_amount(id, 100).expect("it can be changed");
    };
    is_reviewed(engine, falsify, "amount").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_currency_is_reviewed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let falsify = |app: &TestApp, id: &str| {
        app.stage.yookassa.set_currency(id, "IDR").expect("it can be changed");
    };
    is_reviewed(engine, falsify, "currency").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn play_money_against_real_money_is_reviewed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let falsify = |app: &TestApp, id: &str| {
        app.stage.yookassa.set_test(id, false).expect("it can be changed");
    };
    is_reviewed(engine, falsify, "test").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_recipient_is_reviewed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let falsify = |app: &TestApp, id: &str| {
        app.stage.yookassa.set_recipient(id, "777777").expect("it can be changed");
    };
    is_reviewed(engine, falsify, "account").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn metadata_copied_from_another_order_is_reviewed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let falsify = |app: &TestApp, id: &str| {
        let altered = app.stage.yookassa.alter(id, |payment| {
            let metadata = payment.metadata.as_mut().expect("ours has some");
            metadata.insert("sig".to_owned(), json!("v1.00000000.AAAA"));
        });
        altered.expect("it can be changed");
    };
    is_reviewed(engine, falsify, "signature").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_s_payment_does_not_pay_mine(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    owner(&app).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    let his = tops_up(&app, &boris, 500).await;
    let hers = asks_to_pay(&app, &anna, 500).await;
    let path = notice_path(&app).await;
    // Her order and signature, his payment's name.
    let mut swapped = report_of(&hers, "payment.succeeded", "succeeded");
    swapped["object"]["id"] = json!(his.id);
    assert_eq!(reports(&app, &path, "", &swapped).await, 200);
    // A payment of another shop, and of another site of the same shop.
    for foreign in [
        app.stage.yookassa.other_shop_payment(50_000),
        app.stage.yookassa.foreign_payment(50_000, None),
    ] {
        let mut report = report_of(&hers, "payment.succeeded", "succeeded");
        report["object"]["id"] = json!(foreign);
        assert_eq!(reports(&app, &path, "", &report).await, 200);
    }
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    assert_eq!(app.balance(&boris).await, Kopecks::from_rubles(500));
    app.stage.yookassa.pay(&hers.id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_payment_under_our_order_s_number_spoils_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    silence(&app);
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    // Our own request does not arrive yet, so the payment has no name that could be asked for.
    let lost = FaultKind::Reset { committed: false };
    app.stage.yookassa.fault(Fault::next(lost).on(CallKind::CreatePayment).always());
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    app.until("a request", || async { !app.stage.yookassa.calls().creates().is_empty() }).await;
    let house = app.house().await;
    let row = rows_of(&house, &anna).await.remove(0);
    let sent = app.stage.yookassa.calls().creates().remove(0).text();
    let ours: serde_json::Value = serde_json::from_str(&sent).expect("it is json");
    // Another site of the shop writes our order's number and the customer's, but can't sign.
    let written = json!({"order_id": row.id.to_string(), "user_id": "42"});
    let foreign = app.stage.yookassa.foreign_payment(50_000, written.as_object().cloned());
    boss.says("/recheck 1");
    app.until("a search", || async { !app.stage.yookassa.calls().lists().is_empty() }).await;
    // A report with our own signature gives the foreign payment's name.
    let report = json!({
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": foreign, "status": "succeeded", "metadata": ours["metadata"]},
    });
    assert_eq!(reports(&app, &notice_path(&app).await, "", &report).await, 200);
    app.until("a look", || async { !app.stage.yookassa.calls().reads().is_empty() }).await;
    app.settled().await;
    assert_eq!(rows_of(&house, &anna).await.remove(0).state, PaymentState::Preparing);
    app.stage.yookassa.clear_faults();
    anna.sees("Счёт №").await;
    let mut made = app.stage.yookassa.payments();
    made.retain(|payment| payment.id != foreign);
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    app.stage.yookassa.pay(&made[0].id).expect("it can be paid");
    rei_app::payments::enqueue_sweep(&house).await.expect("the sweep is asked for");
    anna.sees("Зачислено 500 ₽").await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn coming_back_from_the_page_is_no_proof(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    asks_to_pay(&app, &anna, 500).await;
    anna.says("/start pay");
    anna.taps("Проверить оплату").await;
    anna.sees("пока не оплачен").await;
    got_nothing(&app, &anna).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_page_at_another_host_is_not_handed_out(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    app.stage.yookassa.set_confirmation_host(Some("https://yookassa.ru.evil.example"));
    let anna = known(&app, 42, "Анна").await;
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    boss.sees("не открыла платёж").await;
    anna.sees("не оплачен").await;
    let evil = anna.user.messages().iter().any(|it| format!("{it:?}").contains("evil"));
    assert!(!evil, "the link reached the customer");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_create_that_was_paid_is_found(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    silence(&app);
    let anna = known(&app, 42, "Анна").await;
    // It is created and paid, and its answers are lost for good.
    let lost = FaultKind::Reset { committed: true };
    app.stage.yookassa.fault(Fault::next(lost).on(CallKind::CreatePayment).always());
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.taps("Принимаю, оплатить").await;
    app.until("a payment", || async { !app.stage.yookassa.payments().is_empty() }).await;
    let payment = newest(&app);
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    let found = || async { app.balance(&anna).await == Kopecks::from_rubles(500) };
    sweeps_until(&app, "the payment", found).await;
    anna.sees("Зачислено 500 ₽").await;
    app.stage.yookassa.clear_faults();
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_check_of_senders_on_only_yookassa_is_let_in(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let settings = &[("YOOKASSA_IP_CHECK", "enforce"), ("TRUSTED_PROXIES", "127.0.0.1/32")];
    let app = TestApp::start_with(engine, with(settings)).await;
    silence(&app);
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    let path = notice_path(&app).await;
    let report = report_of(&payment, "payment.succeeded", "succeeded");
    // What the client claims stands left of what our proxy saw.
    for (chain, status) in [
        ("", 403),
        ("X-Forwarded-For: 203.0.113.7\r\n", 403),
        ("X-Forwarded-For: 185.71.76.5, 203.0.113.7\r\n", 403),
        ("X-Forwarded-For: 185.71.76.5\r\nX-Forwarded-For: 203.0.113.7\r\n", 403),
        ("X-Forwarded-For: 203.0.113.7, 185.71.76.5\r\n", 200),
        ("X-Forwarded-For: ::ffff:77.75.156.11\r\n", 200),
    ] {
        assert_eq!(reports(&app, &path, chain, &report).await, status, "{chain}");
    }
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_s_signature_is_asked_for_when_the_owner_wants_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    const SECRET: &str = "relay-secret-0123456789abcdef";
    let settings = &[
        ("YOOKASSA_WEBHOOK_AUTH", "url+header"),
        ("YOOKASSA_RELAY_SECRET", "relay-secret-0123456789abcdef"),
    ];
    let app = TestApp::start_with(engine, with(settings)).await;
    silence(&app);
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    let path = notice_path(&app).await;
    let report = report_of(&payment, "payment.succeeded", "succeeded");
    let key = rei_yookassa::authenticity::RelayKey::new(&SECRET.into());
    let now = app.house().await.now();
    let signed = |at| {
        let header = key.sign(report.to_string().as_bytes(), at);
        format!("X-Webhook-Signature: {header}\r\n")
    };
    let old = now.minus(Duration::from_secs(600));
    for (head, status) in [
        (String::new(), 401),
        ("X-Webhook-Signature: t=1,v1=00\r\n".to_owned(), 401),
        (signed(old), 401),
        (signed(now), 200),
    ] {
        assert_eq!(reports(&app, &path, &head, &report).await, status, "{head}");
    }
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forged_reports_fills_nothing_and_stops_nobody(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    let path = notice_path(&app).await;
    let asked = app.stage.yookassa.calls_total();
    let mut refused = 0;
    for number in 0..300 {
        let report = json!({
            "type": "notification",
            "event": "payment.succeeded",
            "object": {"id": format!("30b1f0aa-000f-5000-8000-{number:012}"), "metadata": {}},
        });
        match reports(&app, &path, "", &report).await {
            200 => {}
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(refused > 100, "only {refused} of 300 were turned away");
    assert_eq!(app.stage.yookassa.calls_total(), asked, "forged reports make us ask nobody");
    // Real ones still come through.
    let settings = NoticeSettings::default();
    app.stage.yookassa.set_notices(settings);
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}
