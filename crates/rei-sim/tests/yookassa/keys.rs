//! Idempotence.

use std::time::Duration;

use super::*;

async fn refused_key(sim: &YooKassaSim, request: RequestBuilder) {
    let (status, body) = status_and_json(request.send().await.expect("an answer")).await;
    assert_eq!((status, &body["code"]), (400, &json!("invalid_request")), "{body}");
    assert_eq!(body["parameter"], "Idempotence-Key");
    assert_eq!(sim.payments().len(), 0);
}

#[tokio::test]
async fn a_post_needs_a_key_of_1_to_64_characters() {
    let sim = start().await;
    let bare = call_by(&sim, sim.shop(), Method::POST, "/payments").json(&wanted());
    refused_key(&sim, bare).await;
    for key in ["", &"k".repeat(65)] {
        refused_key(&sim, posting(&sim, "/payments", key, &wanted())).await;
    }
    assert_eq!(post_as(&sim, "/payments", &"k".repeat(64), &wanted()).await.0, 200);
}

#[tokio::test]
async fn the_same_key_and_bytes_give_the_same_payment_as_it_stands() {
    let sim = start().await;
    let (_, first) = post_as(&sim, "/payments", "a", &wanted()).await;
    assert_eq!(post_as(&sim, "/payments", "a", &wanted()).await.1, first);
    sim.pay(first["id"].as_str().expect("an id")).expect("it is pending");
    let (status, again) = post_as(&sim, "/payments", "a", &wanted()).await;
    assert_eq!((status, &again["id"], &again["status"]), (200, &first["id"], &json!("succeeded")));
    assert_eq!(sim.payments().len(), 1);
}

#[tokio::test]
async fn the_same_key_with_other_bytes_or_another_path_is_400() {
    let sim = start().await;
    let (_, first) = post_as(&sim, "/payments", "a", &wanted()).await;
    let id = first["id"].as_str().expect("an id");
    let mut other = wanted();
    other["amount"] = rub("500.01");
    let refund = json!({"payment_id": id, "amount": rub("1.00")});
    for (path, body) in [("/payments", other), ("/refunds", refund)] {
        let (status, answer) = post_as(&sim, path, "a", &body).await;
        assert_eq!((status, &answer["parameter"]), (400, &json!("Idempotence-Key")));
        assert_eq!(answer["description"], "Idempotence key duplicated");
    }
    // Another shop's keys are its own.
    let foreign = call_by(&sim, sim.foreign_shop(), Method::POST, "/payments");
    let foreign = foreign.header("Idempotence-Key", "a").json(&wanted()).send().await;
    assert_eq!(foreign.expect("an answer").status(), 200);
    assert_eq!(sim.payments().len(), 2);
}

#[tokio::test]
async fn a_key_is_free_again_after_24_hours() {
    let sim = start().await;
    post_as(&sim, "/payments", "a", &wanted()).await;
    sim.advance(Duration::from_millis(24 * HOUR_S * 1_000 - 1)).await;
    let (_, old) = post_as(&sim, "/payments", "a", &wanted()).await;
    assert_eq!((&old["status"], sim.payments().len()), (&json!("canceled"), 1));
    sim.advance(Duration::from_millis(1)).await;
    let (_, new) = post_as(&sim, "/payments", "a", &wanted()).await;
    assert_eq!((&new["status"], sim.payments().len()), (&json!("pending"), 2));
}

#[tokio::test]
async fn many_calls_at_once_under_one_key_make_one_payment() {
    let sim = start().await;
    let calls = (0..20).map(|_| async { post_as(&sim, "/payments", "a", &wanted()).await });
    let answers = futures::future::join_all(calls).await;
    assert!(
        answers.iter().all(|(status, body)| *status == 200 && body["id"] == answers[0].1["id"])
    );
    assert_eq!(sim.payments().len(), 1);
}
