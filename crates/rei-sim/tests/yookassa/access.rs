//! Who may call, and what there is to be called.

use super::*;

#[tokio::test]
async fn wrong_credentials_get_401_in_the_services_form() {
    let sim = start().await;
    let wrong = SimShop { secret_key: "test_other".to_owned(), ..sim.shop().clone() };
    let answer = call_by(&sim, &wrong, Method::GET, "/payments").send().await.expect("an answer");
    let (status, body) = status_and_json(answer).await;
    assert_eq!(
        (status, &body["type"], &body["code"]),
        (401, &json!("error"), &json!("invalid_credentials"))
    );
    assert!(body["id"].is_string() && body["description"].is_string());
    let url = format!("{}/me", sim.base_url());
    for request in [client().get(&url), client().get(&url).bearer_auth("token")] {
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
}

#[tokio::test]
async fn another_shops_payment_looks_like_none() {
    let sim = start().await;
    let id = sim.other_shop_payment(10_000);
    let (status, foreign) = get(&sim, &format!("/payments/{id}")).await;
    assert_eq!((status, &foreign["code"]), (404, &json!("not_found")));
    let (status, missing) = get(&sim, "/payments/30b1f0aa-000f-5000-8000-1f2e3d4c5b6a").await;
    assert_eq!(status, 404);
    assert_eq!(foreign["description"], missing["description"]);
    let body = json!({"payment_id": id, "amount": rub("1.00")});
    assert_eq!(post_new(&sim, "/refunds", &body).await.0, 404);
    assert_eq!(get(&sim, "/payments").await.1["items"], json!([]));
    let path = format!("/payments/{id}");
    let own = call_by(&sim, sim.foreign_shop(), Method::GET, &path).send().await;
    assert_eq!(own.expect("an answer").status(), 200);
}

#[tokio::test]
async fn wrong_methods_and_bodies_have_their_statuses_and_webhooks_are_forbidden() {
    let sim = start().await;
    for (method, path, expected) in [
        (Method::DELETE, "/payments", 405),
        (Method::PUT, "/payments/1", 405),
        (Method::GET, "/payments/1/cancel", 405),
        (Method::POST, "/me", 405),
        (Method::POST, "/webhooks", 403),
        (Method::GET, "/webhooks", 403),
        (Method::DELETE, "/webhooks/1", 403),
        (Method::GET, "/nothing", 404),
    ] {
        let answer = call_by(&sim, sim.shop(), method.clone(), path).send().await;
        assert_eq!(answer.expect("an answer").status(), expected, "{method} {path}");
    }
    let text = call_by(&sim, sim.shop(), Method::POST, "/payments")
        .header("Idempotence-Key", "a")
        .body(wanted().to_string());
    assert_eq!(text.send().await.expect("an answer").status(), 415);
    let torn = call_by(&sim, sim.shop(), Method::POST, "/payments")
        .header("Idempotence-Key", "a")
        .header("content-type", "application/json")
        .body("{\"amount\":");
    assert_eq!(torn.send().await.expect("an answer").status(), 400);
    assert_eq!(sim.violations().len(), 10);
    assert!(sim.payments().is_empty());
}

#[tokio::test]
async fn a_shop_can_look_at_itself() {
    let sim = start().await;
    let (status, me) = get(&sim, "/me").await;
    assert_eq!((status, &me["account_id"], &me["test"]), (200, &json!("100500"), &json!(true)));
    assert_eq!(
        (&me["status"], &me["fiscalization"]["enabled"]),
        (&json!("enabled"), &json!(false))
    );
    assert!(me["payment_methods"].as_array().is_some_and(|list| list.contains(&json!("sbp"))));
}

#[tokio::test]
async fn every_call_is_recorded_with_its_headers_and_bytes() {
    let sim = start().await;
    let id = create(&sim, &wanted()).await;
    read(&sim, &id).await;
    get(&sim, "/payments?limit=1").await;
    post_new(&sim, "/refunds", &json!({"payment_id": id, "amount": rub("1.00")})).await;
    let calls = sim.calls();
    let creates = calls.creates();
    assert_eq!(creates.len(), 1);
    assert_eq!(creates[0].text(), wanted().to_string());
    assert_eq!(creates[0].header("content-type"), Some("application/json"));
    assert!(creates[0].idempotence_key.as_ref().is_some_and(|key| key.starts_with("key-")));
    assert_eq!((creates[0].status, creates[0].object_id.as_deref()), (Some(200), Some(&*id)));
    assert_eq!((calls.reads().len(), calls.lists().len(), calls.refunds().len()), (1, 1, 1));
    assert_eq!(
        (calls.lists()[0].query.as_str(), calls.refunds()[0].status),
        ("limit=1", Some(400))
    );
    sim.forget_calls();
    assert_eq!((sim.calls().0.len(), sim.calls_total()), (0, 4));
}
