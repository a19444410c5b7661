//! What a request must be like.

use super::*;

/// Creates with one thing changed, and tells status and parameter of the answer.
async fn changed(sim: &YooKassaSim, pointer: &str, value: Value) -> (u16, Value) {
    let mut body = wanted();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("a place")[name] = value;
    let (status, answer) = post_new(sim, "/payments", &body).await;
    (status, answer["parameter"].clone())
}

async fn check(pointer: &str, value: Value, expected: Option<&str>) {
    let sim = start().await;
    let (status, parameter) = changed(&sim, pointer, value.clone()).await;
    match expected {
        None => assert_eq!((status, sim.payments().len()), (200, 1), "{pointer} {value}"),
        Some(expected) => {
            assert_eq!((status, &parameter), (400, &json!(expected)), "{pointer} {value}");
            assert!(sim.payments().is_empty());
            assert_eq!(sim.violations().len(), 1);
        }
    }
}

#[tokio::test]
async fn sums_are_positive_decimals_in_the_shops_currency_within_the_limits() {
    for value in
        ["0.00", "-5.00", "500", "500.0", "500.001", "1e3", "5,00", "", "0.99", "700000.01"]
    {
        check("/amount/value", json!(value), Some("amount.value")).await;
    }
    check("/amount/value", json!(500), Some("amount.value")).await;
    check("/amount/value", json!("700000.00"), None).await;
    check("/amount/currency", json!("USD"), Some("amount.currency")).await;
    check("/amount", Value::Null, Some("amount")).await;
}

#[tokio::test]
async fn texts_have_their_longest_lengths() {
    check("/description", json!("ы".repeat(128)), None).await;
    check("/description", json!("ы".repeat(129)), Some("description")).await;
    check("/description", json!(5), Some("description")).await;
    check("/merchant_customer_id", json!("a".repeat(201)), Some("merchant_customer_id")).await;
    check("/capture", json!("true"), Some("capture")).await;
}

#[tokio::test]
async fn metadata_is_16_short_strings() {
    let many = |count: usize| -> Value {
        (0..count)
            .map(|key| (key.to_string(), json!("x")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let one = |key: usize, value: usize| json!({"k".repeat(key): "ы".repeat(value)});
    for (value, is_fine) in [
        (many(16), true),
        (many(17), false),
        (one(32, 512), true),
        (one(33, 1), false),
        (one(1, 513), false),
        (json!({"a": 1}), false),
        (json!({"a": {}}), false),
        (json!({"a": null}), false),
        (json!([]), false),
    ] {
        check("/metadata", value, (!is_fine).then_some("metadata")).await;
    }
}

#[tokio::test]
async fn the_payer_needs_a_way_to_confirm_and_a_way_back() {
    check("/confirmation", Value::Null, Some("confirmation")).await;
    check("/confirmation/type", json!("pigeon"), Some("confirmation.type")).await;
    check("/confirmation/locale", json!("de_DE"), Some("confirmation.locale")).await;
    for url in
        [Value::Null, json!("not an address"), json!(format!("https://a.b/{}", "a".repeat(2_048)))]
    {
        check("/confirmation/return_url", url, Some("confirmation.return_url")).await;
    }
    for kind in ["embedded", "qr", "external"] {
        check("/confirmation", json!({"type": kind}), None).await;
    }
}

#[tokio::test]
async fn a_means_of_payment_is_known_allowed_and_the_only_one() {
    const AT: &str = "payment_method_data.type";
    check("/payment_method_data", json!({"type": "sbp"}), None).await;
    check("/payment_method_data", json!({"type": "shells"}), Some(AT)).await;
    check("/payment_token", json!("a"), Some("payment_token")).await;
    let sim = start().await;
    let forbidden =
        [("/payment_method_data", json!({"type": "cash"})), ("/save_payment_method", json!(true))];
    for (pointer, value) in forbidden {
        assert_eq!(changed(&sim, pointer, value).await.0, 403);
    }
    let mut body = wanted();
    body["amount"] = rub("350000.01");
    body["payment_method_data"] = json!({"type": "bank_card"});
    assert_eq!(post_new(&sim, "/payments", &body).await.1["parameter"], "amount.value");
    body["payment_method_data"] = json!({"type": "sbp"});
    assert_eq!(post_new(&sim, "/payments", &body).await.0, 200);
    body["capture"] = json!(false);
    assert_eq!(post_new(&sim, "/payments", &body).await.1["parameter"], "capture");
}

#[tokio::test]
async fn unknown_fields_are_taken() {
    check("/airline_of_tomorrow", json!({"a": [1]}), None).await;
}
