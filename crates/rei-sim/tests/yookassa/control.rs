//! The levers over HTTP.

use super::*;

struct Levers(YooKassaSim);

impl Levers {
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = client().post(format!("{}/sim/{path}", self.0.site_url())).json(&body);
        status_and_json(request.send().await.expect("an answer")).await
    }

    async fn get(&self, path: &str) -> Value {
        let request = client().get(format!("{}/sim/{path}", self.0.site_url()));
        status_and_json(request.send().await.expect("an answer")).await.1
    }

    async fn pull(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }
}

#[tokio::test]
async fn money_moves_over_http_as_in_the_process() {
    let sim = start().await;
    let levers = Levers(sim.clone());
    let (one, two) = (create(&sim, &wanted()).await, create(&sim, &wanted()).await);
    let paid = levers.pull("pay", json!({"id": one, "method": "sbp"})).await;
    assert_eq!((&paid["status"], &paid["method"]), (&json!("succeeded"), &json!("sbp")));
    levers.pull("decline", json!({"id": two, "reason": "call_issuer", "may_retry": true})).await;
    levers.pull("decline", json!({"id": two, "reason": "call_issuer"})).await;
    levers.pull("pay-late", json!({"id": two})).await;
    let (status, error) = levers.post("pay", json!({"id": two})).await;
    assert_eq!((status, &error["error"]), (409, &json!("the payment is succeeded already")));
    levers.pull("refund-by-hand", json!({"id": one, "kopecks": 100})).await;
    levers.pull("refund-mode", json!({"kind": "held"})).await;
    for lever in ["succeed-refund", "cancel-refund"] {
        let body = json!({"payment_id": one, "amount": rub("2.00")});
        let (_, refund) = post_new(&sim, "/refunds", &body).await;
        levers.pull(lever, json!({"id": refund["id"]})).await;
    }
    levers.pull("foreign-payment", json!({"kopecks": 500, "metadata": {"a": "b"}})).await;
    levers.pull("other-shop-payment", json!({"kopecks": 500})).await;
    let altered = levers.pull("set", json!({"id": two, "kopecks": 7, "test": false, "account_id": "1", "receipt_registration": "canceled"})).await;
    assert_eq!((&altered["amount"]["kopecks"], &altered["test"]), (&json!(7), &json!(false)));
    let totals = &levers.get("state").await["totals"];
    assert_eq!(
        (&totals["payments_kopecks"], &totals["refunds_kopecks"]),
        (&json!(50_507), &json!(300))
    );
    assert_eq!(levers.get("payments").await.as_array().map(Vec::len), Some(4));
    assert_eq!(levers.get("refunds").await.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn notifications_faults_and_time_are_arranged_over_http() {
    let shop = Shop::start().await;
    let sim = start().await;
    let levers = Levers(sim.clone());
    levers.pull("notify", json!({"url": shop.url()})).await;
    assert_eq!(levers.post("notify", json!({"url": "http://far.example/"})).await.0, 409);
    levers.pull("notices", json!({"flow": {"kind": "held"}, "copies": 2})).await;
    paid(&sim).await;
    let number = levers.get("held").await[0]["number"].clone();
    assert_eq!(levers.post("release", json!({"number": 99})).await.0, 409);
    levers.pull("release", json!({"number": number})).await;
    let state = levers.pull("advance", json!({"ms": 1_000})).await;
    assert_eq!((&state["now_ms"], shop.events().len()), (&json!(NOW_MS + 1_000), 2));
    levers.pull("send-again", json!({"number": number})).await;
    sim.settled().await;
    assert_eq!(levers.get("sent").await.as_array().map(Vec::len), Some(3));
    levers.pull("faults", json!({"kind": "internal", "committed": false, "on": "me"})).await;
    assert_eq!((get(&sim, "/me").await.0, get(&sim, "/me").await.0), (500, 200));
    levers.pull("faults", json!({"kind": "reset", "committed": true, "times": null})).await;
    let clear = client().delete(format!("{}/sim/faults", sim.site_url())).send().await;
    assert_eq!(clear.expect("an answer").status(), 200);
    levers.pull("confirmation-host", json!({"host": "https://evil.example"})).await;
    let state = levers.pull("receipts", json!({"demanded": true, "at_once": true})).await;
    assert_eq!(
        (&state["receipts_demanded"], &state["confirmation_host"]),
        (&json!(true), &json!("https://evil.example"))
    );
    assert_eq!(post_new(&sim, "/payments", &wanted()).await.0, 400);
    assert_eq!(levers.get("violations").await.as_array().map(Vec::len), Some(1));
    let calls = levers.get("calls").await;
    let headers = calls[0]["headers"].to_string();
    assert!(headers.contains("***") && !headers.contains("Basic"), "the key stays out of sight");
}
