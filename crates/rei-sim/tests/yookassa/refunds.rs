//! Money that goes back.

use rei_sim::yookassa::{RefundMode, RefundStatus};

use super::*;

async fn refund(sim: &YooKassaSim, payment_id: &str, value: &str) -> (u16, Value) {
    post_new(sim, "/refunds", &json!({"payment_id": payment_id, "amount": rub(value)})).await
}

#[tokio::test]
async fn partial_refunds_add_up_to_the_payment_and_no_further() {
    let sim = start().await;
    let id = paid(&sim).await;
    let (status, first) = refund(&sim, &id, "200.00").await;
    assert_eq!(
        (status, &first["status"], &first["payment_id"]),
        (200, &json!("succeeded"), &json!(id))
    );
    assert_eq!((&first["amount"], first["id"].as_str().map(str::len)), (&rub("200.00"), Some(36)));
    let payment = read(&sim, &id).await;
    assert_eq!(
        (&payment["status"], &payment["refunded_amount"]),
        (&json!("succeeded"), &rub("200.00"))
    );
    assert_eq!(payment["refundable"], json!(true));
    let (status, refused) = refund(&sim, &id, "300.01").await;
    assert_eq!((status, &refused["parameter"]), (400, &json!("amount.value")));
    assert_eq!(refund(&sim, &id, "300.00").await.0, 200);
    assert_eq!(read(&sim, &id).await["refundable"], json!(false));
    assert_eq!(refund(&sim, &id, "1.00").await.0, 400);
    assert_eq!(sim.totals().net_kopecks, 0);
    let path = format!("/refunds/{}", first["id"].as_str().expect("an id"));
    assert_eq!(get(&sim, &path).await, (200, first));
    assert_eq!(get(&sim, "/refunds/nothing").await.0, 404);
}

#[tokio::test]
async fn only_a_succeeded_payment_in_its_own_currency_can_be_refunded() {
    let sim = start().await;
    let pending = create(&sim, &wanted()).await;
    assert_eq!(refund(&sim, &pending, "1.00").await.1["parameter"], "payment_id");
    let id = paid(&sim).await;
    let dollars = json!({"payment_id": id, "amount": {"value": "1.00", "currency": "USD"}});
    assert_eq!(post_new(&sim, "/refunds", &dollars).await.1["parameter"], "amount.currency");
    let nothing = json!({"amount": rub("1.00")});
    assert_eq!(post_new(&sim, "/refunds", &nothing).await.1["parameter"], "payment_id");
    let long = json!({"payment_id": id, "amount": rub("1.00"), "description": "ы".repeat(251)});
    assert_eq!(post_new(&sim, "/refunds", &long).await.1["parameter"], "description");
    assert!(sim.refunds().is_empty());
}

#[tokio::test]
async fn a_held_refund_takes_its_sum_until_it_is_settled() {
    let sim = start().await;
    let id = paid(&sim).await;
    sim.set_refund_mode(RefundMode::Held);
    let (_, first) = refund(&sim, &id, "400.00").await;
    assert_eq!((&first["status"], sim.totals().refunds), (&json!("pending"), 0));
    assert_eq!(refund(&sim, &id, "200.00").await.0, 400, "it is on its way");
    let first = first["id"].as_str().expect("an id");
    sim.cancel_refund(first, "rejected_by_payee").expect("it is pending");
    let (_, canceled) = get(&sim, &format!("/refunds/{first}")).await;
    assert_eq!(
        canceled["cancellation_details"],
        json!({"party": "refund_network", "reason": "rejected_by_payee"})
    );
    assert!(sim.succeed_refund(first).is_err(), "canceled is final");
    let (_, second) = refund(&sim, &id, "500.00").await;
    let second = sim.succeed_refund(second["id"].as_str().expect("an id")).expect("it is pending");
    assert_eq!((second.status, sim.totals().refunds_kopecks), (RefundStatus::Succeeded, 50_000));
}

#[tokio::test]
async fn a_refund_may_be_canceled_in_the_very_answer() {
    let sim = start().await;
    let id = paid(&sim).await;
    sim.set_refund_mode(RefundMode::Canceled { reason: "insufficient_funds".to_owned() });
    let (status, body) = refund(&sim, &id, "1.00").await;
    assert_eq!((status, &body["status"]), (200, &json!("canceled")));
    assert_eq!(
        body["cancellation_details"],
        json!({"party": "yoo_money", "reason": "insufficient_funds"})
    );
    assert_eq!(read(&sim, &id).await["refunded_amount"], rub("0.00"));
}

#[tokio::test]
async fn somebody_can_refund_by_hand() {
    let sim = start().await;
    let id = paid(&sim).await;
    let by_hand = sim.refund_by_hand(&id, 12_345).expect("so much is there");
    let (status, refund) = get(&sim, &format!("/refunds/{by_hand}")).await;
    assert_eq!((status, &refund["amount"], refund.get("metadata")), (200, &rub("123.45"), None));
    assert!(sim.refund_by_hand(&id, 50_000).is_err());
    assert!(sim.refund_by_hand(&id, 0).is_err());
    let totals = sim.totals();
    assert_eq!(
        (totals.payments_kopecks, totals.refunds_kopecks, totals.net_kopecks),
        (50_000, 12_345, 37_655)
    );
}
