//! A payment's way from creation to its end.

use std::time::Duration;

use rei_sim::yookassa::{Decline, PayMethod, PaymentStatus};

use super::*;

const ALWAYS: [&str; 8] =
    ["id", "status", "amount", "created_at", "paid", "test", "refundable", "recipient"];
const WHEN_DUE: [&str; 8] = [
    "confirmation",
    "payment_method",
    "captured_at",
    "expires_at",
    "income_amount",
    "refunded_amount",
    "cancellation_details",
    "authorization_details",
];

/// Which of the fields that come and go there are.
fn due(payment: &Value) -> Vec<&'static str> {
    for name in ALWAYS {
        assert!(!payment[name].is_null(), "{name} in {payment}");
    }
    WHEN_DUE.into_iter().filter(|name| !payment[name].is_null()).collect()
}

#[tokio::test]
async fn a_new_payment_is_pending_and_tells_where_to_pay() {
    let sim = start().await;
    let payment = read(&sim, &create(&sim, &wanted()).await).await;
    assert_eq!(due(&payment), ["confirmation"]);
    assert_eq!((&payment["status"], &payment["paid"]), (&json!("pending"), &json!(false)));
    assert_eq!(payment["amount"], rub("500.00"));
    assert_eq!(payment["created_at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(payment["metadata"], json!({"order_id": "6f1c2a52", "user_id": "42"}));
    assert_eq!(payment["description"], "Пополнение баланса №10482");
    assert_eq!(
        (&payment["test"], &payment["recipient"]["account_id"]),
        (&json!(true), &json!("100500"))
    );
    let id = payment["id"].as_str().expect("an id");
    assert_eq!(id.len(), 36);
    let url = payment["confirmation"]["confirmation_url"].as_str().expect("an address");
    assert_eq!(url, format!("{}/checkout/{id}", sim.site_url()));
}

#[tokio::test]
async fn a_paid_payment_has_succeeded_and_shows_what_is_due() {
    let sim = start().await;
    let id = create(&sim, &wanted()).await;
    sim.advance(Duration::from_secs(60)).await;
    sim.pay(&id).expect("it is pending");
    let payment = read(&sim, &id).await;
    assert_eq!(
        due(&payment),
        [
            "payment_method",
            "captured_at",
            "income_amount",
            "refunded_amount",
            "authorization_details"
        ]
    );
    assert_eq!((&payment["status"], &payment["paid"]), (&json!("succeeded"), &json!(true)));
    assert_eq!(
        (&payment["refundable"], &payment["captured_at"]),
        (&json!(true), &json!("2026-01-01T00:01:00.000Z"))
    );
    assert_eq!(
        (&payment["income_amount"], &payment["refunded_amount"]),
        (&rub("482.50"), &rub("0.00"))
    );
    assert_eq!(
        (&payment["payment_method"]["type"], &payment["payment_method"]["card"]["last4"]),
        (&json!("bank_card"), &json!("4444"))
    );
    assert!(sim.pay(&id).is_err());
}

#[tokio::test]
async fn without_capture_money_stops_as_a_hold_until_it_is_captured_or_canceled() {
    let sim = start().await;
    let mut body = wanted();
    body.as_object_mut().expect("an object").remove("capture");
    let id = create(&sim, &body).await;
    let post = async |what: &str, body: Value| {
        post_new(&sim, &format!("/payments/{id}/{what}"), &body).await
    };
    assert_eq!(post("capture", json!({})).await.0, 400, "it is pending");
    assert_eq!(post("cancel", json!({})).await.0, 400, "it is pending");
    assert!(sim.pay_by(&id, PayMethod::Sbp).is_err(), "SBP knows no holds");
    sim.pay(&id).expect("it is pending");
    let held = read(&sim, &id).await;
    assert_eq!((&held["status"], &held["paid"]), (&json!("waiting_for_capture"), &json!(true)));
    assert_eq!(due(&held), ["payment_method", "expires_at", "authorization_details"]);
    assert_eq!(held["expires_at"], "2026-01-08T00:00:00.000Z");
    assert_eq!(post("capture", json!({"amount": rub("500.01")})).await.0, 400);
    let (status, captured) = post("capture", json!({"amount": rub("300.00")})).await;
    assert_eq!(
        (status, &captured["status"], &captured["amount"]),
        (200, &json!("succeeded"), &rub("300.00"))
    );
    assert_eq!(post("cancel", json!({})).await.0, 400, "it has succeeded");

    let id = create(&sim, &body).await;
    sim.pay(&id).expect("it is pending");
    let (status, canceled) = post_new(&sim, &format!("/payments/{id}/cancel"), &json!({})).await;
    assert_eq!(
        (status, &canceled["status"], &canceled["paid"]),
        (200, &json!("canceled"), &json!(false))
    );
    assert_eq!(
        canceled["cancellation_details"],
        json!({"party": "merchant", "reason": "canceled_by_merchant"})
    );
}

#[tokio::test]
async fn an_hour_ends_a_pending_payment_and_seven_days_end_a_hold() {
    let sim = start().await;
    let pending = create(&sim, &wanted()).await;
    let mut body = wanted();
    body["capture"] = json!(false);
    let held = create(&sim, &body).await;
    sim.pay(&held).expect("it is pending");
    let status = |id: &str| sim.payment(id).expect("it is there").status;
    sim.clock().advance(Duration::from_secs(HOUR_S - 1));
    assert_eq!(status(&pending), PaymentStatus::Pending);
    sim.clock().advance(Duration::from_secs(1));
    let expired = read(&sim, &pending).await;
    assert_eq!(
        expired["cancellation_details"],
        json!({"party": "yoo_money", "reason": "expired_on_confirmation"})
    );
    assert_eq!(due(&expired), ["cancellation_details"]);
    assert_eq!(status(&held), PaymentStatus::WaitingForCapture);
    sim.clock().advance(Duration::from_secs(7 * 24 * HOUR_S));
    let expired = read(&sim, &held).await;
    assert_eq!(expired["cancellation_details"]["reason"], "expired_on_capture");
    // Money may come all the same.
    sim.pay_late(&pending).expect("it is there");
    let late = read(&sim, &pending).await;
    assert_eq!(
        (&late["status"], &late["cancellation_details"]),
        (&json!("succeeded"), &Value::Null)
    );
    assert!(sim.pay_late(&pending).is_err());
}

#[tokio::test]
async fn a_refused_card_ends_the_payment_or_lets_the_payer_try_again() {
    let sim = start().await;
    let id = create(&sim, &wanted()).await;
    let payment = sim.decline(&id, "insufficient_funds", Decline::MayRetry).expect("it is pending");
    assert_eq!((payment.status, payment.declines.len()), (PaymentStatus::Pending, 1));
    sim.pay_by(&id, PayMethod::Sbp).expect("it is pending still");
    assert_eq!(read(&sim, &id).await["payment_method"]["type"], "sbp");
    for (reason, party) in [
        ("insufficient_funds", "payment_network"),
        ("3d_secure_failed", "payment_network"),
        ("fraud_suspected", "yoo_money"),
    ] {
        let id = create(&sim, &wanted()).await;
        sim.decline(&id, reason, Decline::Ends).expect("it is pending");
        let ended = read(&sim, &id).await;
        assert_eq!((&ended["status"], &ended["paid"]), (&json!("canceled"), &json!(false)));
        assert_eq!(ended["cancellation_details"], json!({"party": party, "reason": reason}));
        assert!(sim.pay(&id).is_err());
    }
}

#[tokio::test]
async fn a_payment_can_be_falsified_in_every_way_that_a_shop_has_to_notice() {
    let sim = start().await;
    let id = paid(&sim).await;
    sim.set_amount(&id, 100).expect("it is there");
    sim.set_currency(&id, "KZT").expect("it is there");
    sim.set_test(&id, false).expect("it is there");
    sim.set_recipient(&id, "999").expect("it is there");
    sim.alter(&id, |payment| payment.metadata = None).expect("it is there");
    let payment = read(&sim, &id).await;
    assert_eq!(payment["amount"], json!({"value": "1.00", "currency": "KZT"}));
    assert_eq!(
        (&payment["test"], &payment["recipient"]["account_id"]),
        (&json!(false), &json!("999"))
    );
    assert!(payment.get("metadata").is_none());
    assert!(sim.set_amount("nothing", 1).is_err());
}

#[tokio::test]
async fn payments_of_others_come_through_the_same_shop() {
    let sim = start().await;
    let bare = read(&sim, &sim.foreign_payment(7_700, None)).await;
    assert_eq!((&bare["status"], bare.get("metadata")), (&json!("succeeded"), None));
    let metadata = json!({"order_id": "stolen"});
    let marked = sim.foreign_payment(100, metadata.as_object().cloned());
    assert_eq!(read(&sim, &marked).await["metadata"], metadata);
    sim.other_shop_payment(5_000);
    assert_eq!(sim.totals().net_kopecks, 7_800);
}

#[tokio::test]
async fn the_payer_is_sent_where_the_simulator_is_told_to() {
    let sim = start().await;
    sim.set_confirmation_host(Some("https://evil.example/"));
    let payment = read(&sim, &create(&sim, &wanted()).await).await;
    let url = payment["confirmation"]["confirmation_url"].as_str().expect("an address");
    assert!(url.starts_with("https://evil.example/checkout/"), "{url}");
    sim.set_confirmation_host(None);
    let id = payment["id"].as_str().expect("an id");
    let url = &read(&sim, id).await["confirmation"]["confirmation_url"];
    assert!(url.as_str().is_some_and(|url| url.starts_with(&sim.site_url())));
}
