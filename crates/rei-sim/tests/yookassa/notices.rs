//! What the shop is told, and how it can go wrong.

use std::time::Duration;

use rei_sim::yookassa::{Decline, Event, Flow, NoticeSettings, RefundMode};

use super::*;

fn settings() -> NoticeSettings {
    NoticeSettings::default()
}

async fn create_held(sim: &YooKassaSim) -> String {
    let mut body = wanted();
    body["capture"] = json!(false);
    create(sim, &body).await
}

#[tokio::test]
async fn every_event_is_told_with_the_object_as_it_was_then() {
    let (sim, shop) = start_with_shop().await;
    let id = create_held(&sim).await;
    sim.pay(&id).expect("it is pending");
    sim.settled().await;
    post_new(&sim, &format!("/payments/{id}/capture"), &json!({})).await;
    sim.settled().await;
    let refund = json!({"payment_id": id, "amount": rub("500.00")});
    let (_, refund) = post_new(&sim, "/refunds", &refund).await;
    let other = create(&sim, &wanted()).await;
    sim.decline(&other, "general_decline", Decline::Ends).expect("it is pending");
    sim.settled().await;
    assert_eq!(
        shop.events(),
        [
            "payment.waiting_for_capture",
            "payment.succeeded",
            "refund.succeeded",
            "payment.canceled"
        ]
    );
    let heard = shop.heard();
    assert!(heard.iter().all(|heard| heard.body["type"] == "notification"));
    assert!(heard.iter().all(|heard| heard.body.as_object().is_some_and(|body| body.len() == 3)));
    assert_eq!(
        (&heard[0].body["object"]["status"], &heard[1].body["object"]["status"]),
        (&json!("waiting_for_capture"), &json!("succeeded"))
    );
    assert_eq!(heard[1].body["object"]["metadata"], wanted()["metadata"]);
    assert_eq!(heard[2].body["object"], refund);
    assert_eq!(heard[3].body["object"]["cancellation_details"]["reason"], "general_decline");
    assert!(
        heard[0].headers.contains_key("content-length")
            && !heard[0].headers.contains_key("signature")
    );
    let sent = sim.sent_notices();
    assert!(sent.iter().all(|sent| (sent.attempt, sent.status) == (1, Some(200))));
    assert_eq!(
        (sent[2].event, sent[2].object_id.as_str()),
        (Event::Refunded, refund["id"].as_str().expect("an id"))
    );
}

#[tokio::test]
async fn expiry_is_told_by_the_clock_alone() {
    let (sim, shop) = start_with_shop().await;
    create(&sim, &wanted()).await;
    let held = create_held(&sim).await;
    sim.pay(&held).expect("it is pending");
    sim.clock().advance(Duration::from_secs(HOUR_S));
    sim.settled().await;
    assert_eq!(shop.events(), ["payment.waiting_for_capture", "payment.canceled"]);
    sim.advance(Duration::from_secs(7 * 24 * HOUR_S)).await;
    let reason = |heard: &Heard| heard.body["object"]["cancellation_details"]["reason"].clone();
    assert_eq!(shop.heard().last().map(reason), Some(json!("expired_on_capture")));
}

#[tokio::test]
async fn a_canceled_refund_and_another_shops_payment_are_told_to_nobody() {
    let (sim, shop) = start_with_shop().await;
    let id = paid(&sim).await;
    sim.set_refund_mode(RefundMode::Canceled { reason: "general_decline".to_owned() });
    post_new(&sim, "/refunds", &json!({"payment_id": id, "amount": rub("1.00")})).await;
    sim.other_shop_payment(100);
    sim.settled().await;
    assert_eq!(shop.events(), ["payment.succeeded"]);
    sim.refund_by_hand(&id, 100).expect("so much is there");
    sim.foreign_payment(100, None);
    sim.settled().await;
    assert_eq!(shop.events()[1..], ["refund.succeeded", "payment.succeeded"]);
}

#[tokio::test]
async fn what_is_not_taken_with_200_comes_again_on_the_schedule() {
    let (sim, shop) = start_with_shop().await;
    shop.answers(500);
    paid(&sim).await;
    sim.settled().await;
    assert_eq!(shop.heard().len(), 1);
    sim.advance(Duration::from_secs(9)).await;
    assert_eq!(shop.heard().len(), 1);
    sim.advance(Duration::from_secs(1)).await;
    assert_eq!(shop.heard().len(), 2);
    sim.advance(Duration::from_secs(48 * HOUR_S)).await;
    let at_s: Vec<i64> =
        sim.sent_notices().iter().map(|sent| (sent.at_ms - NOW_MS) / 1_000).collect();
    assert_eq!(at_s, [0, 10, 52, 136, 304, 976, 6_352]);
    let attempts: Vec<u32> = sim.sent_notices().iter().map(|sent| sent.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn other_successes_than_200_do_not_count_and_a_taken_one_does_not_come_again() {
    let (sim, shop) = start_with_shop().await;
    shop.answers(204);
    paid(&sim).await;
    sim.settled().await;
    shop.answers(200);
    sim.advance(Duration::from_secs(48 * HOUR_S)).await;
    let statuses: Vec<Option<u16>> = sim.sent_notices().iter().map(|sent| sent.status).collect();
    assert_eq!(statuses, [Some(204), Some(200)]);
    let bodies: Vec<String> = sim.sent_notices().iter().map(|sent| sent.body.clone()).collect();
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_shop_that_is_away_gets_it_when_it_is_back() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notify_url(Some("http://127.0.0.1:1/")).expect("loopback");
    paid(&sim).await;
    sim.settled().await;
    assert_eq!(sim.sent_notices()[0].status, None);
    sim.set_notify_url(Some(&shop.url())).expect("loopback");
    sim.advance(Duration::from_secs(10)).await;
    assert_eq!(shop.events(), ["payment.succeeded"]);
}

#[tokio::test]
async fn notifications_can_be_lost_delayed_or_only_of_some_events() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings { flow: Flow::Dropped, ..settings() });
    paid(&sim).await;
    sim.set_notices(NoticeSettings { events: vec![Event::Canceled], ..settings() });
    paid(&sim).await;
    sim.set_notices(NoticeSettings { flow: Flow::Delayed { ms: 60_000 }, ..settings() });
    paid(&sim).await;
    sim.advance(Duration::from_secs(59)).await;
    assert!(shop.events().is_empty());
    sim.advance(Duration::from_secs(1)).await;
    assert_eq!(shop.events(), ["payment.succeeded"]);
    sim.advance(Duration::from_secs(48 * HOUR_S)).await;
    assert_eq!(shop.events().len(), 1);
}

#[tokio::test]
async fn held_ones_are_released_in_any_order() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings { flow: Flow::Held, ..settings() });
    let id = create_held(&sim).await;
    sim.pay(&id).expect("it is pending");
    post_new(&sim, &format!("/payments/{id}/capture"), &json!({})).await;
    sim.settled().await;
    assert!(shop.events().is_empty());
    let held = sim.held();
    assert_eq!(
        held.iter().map(|held| held.event).collect::<Vec<_>>(),
        [Event::WaitingForCapture, Event::Succeeded]
    );
    for held in held.iter().rev() {
        assert!(sim.release(held.number));
        sim.settled().await;
    }
    assert_eq!(shop.events(), ["payment.succeeded", "payment.waiting_for_capture"]);
    assert!(!sim.release(1) && sim.held().is_empty());
    paid(&sim).await;
    sim.release_all();
    sim.settled().await;
    assert_eq!(shop.events().len(), 3);
}

#[tokio::test]
async fn copies_come_together_and_an_old_one_can_come_again() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings { copies: 3, ..settings() });
    paid(&sim).await;
    sim.settled().await;
    assert_eq!(shop.events(), ["payment.succeeded"; 3]);
    sim.set_notices(settings());
    assert!(sim.send_again(1) && !sim.send_again(9));
    sim.settled().await;
    let heard = shop.heard();
    assert_eq!((heard.len(), &heard[3].body), (4, &heard[0].body));
}

#[tokio::test]
async fn a_stale_one_shows_the_object_before_the_event() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings { stale: true, ..settings() });
    paid(&sim).await;
    sim.settled().await;
    let body = &shop.heard()[0].body;
    assert_eq!(
        (&body["event"], &body["object"]["status"], &body["object"]["paid"]),
        (&json!("payment.succeeded"), &json!("pending"), &json!(false))
    );
}

#[tokio::test]
async fn a_notification_can_overtake_the_answer_to_the_creating_call() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings { before_answer: true, ..settings() });
    let (_, answer) = post_new(&sim, "/payments", &wanted()).await;
    assert_eq!(shop.events(), ["payment.succeeded"]);
    assert_eq!(shop.heard()[0].body["object"]["id"], answer["id"]);
    assert_eq!(answer["status"], "pending");
}

#[tokio::test]
async fn headers_and_form_can_be_those_of_the_field() {
    let (sim, shop) = start_with_shop().await;
    sim.set_notices(NoticeSettings {
        chunked: true,
        signature: true,
        forwarded_for: Some("185.71.76.1".to_owned()),
        ..settings()
    });
    paid(&sim).await;
    sim.settled().await;
    let headers = &shop.heard()[0].headers;
    assert_eq!(headers["transfer-encoding"], "chunked");
    assert!(!headers.contains_key("content-length"));
    assert!(headers["signature"].to_str().is_ok_and(|text| text.starts_with("v1 ")));
    assert_eq!(headers["x-forwarded-for"], "185.71.76.1");
}

#[tokio::test]
async fn notifications_go_to_https_on_two_ports_or_to_loopback() {
    let sim = start().await;
    for (url, is_fine) in [
        ("https://rei.example/webhooks", true),
        ("https://rei.example:8443/webhooks", true),
        ("https://rei.example:8080/webhooks", false),
        ("http://rei.example/webhooks", false),
        ("http://127.0.0.1:5000/", true),
        ("nowhere", false),
    ] {
        assert_eq!(sim.set_notify_url(Some(url)).is_ok(), is_fine, "{url}");
    }
    sim.set_notify_url(None).expect("nowhere is fine");
    paid(&sim).await;
    sim.settled().await;
    assert!(sim.sent_notices().is_empty());
}

#[tokio::test]
async fn on_the_machines_own_time_notifications_come_without_anybodys_help() {
    let shop = Shop::start().await;
    let notices = NoticeSettings { flow: Flow::Delayed { ms: 20 }, ..settings() };
    let notify_url = Some(shop.url());
    let options = YooKassaOptions { notify_url, notices, ..YooKassaOptions::default() };
    let sim = YooKassaSim::start(options).await.expect("a free port");
    paid(&sim).await;
    while shop.heard().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sim.settled().await;
    assert_eq!(sim.sent_notices().len(), 1);
}
