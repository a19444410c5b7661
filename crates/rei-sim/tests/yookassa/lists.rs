//! Lists: order, pages, filters.

use std::time::Duration;

use super::*;

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a list");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// Payments a minute apart, oldest first.
async fn payments(sim: &YooKassaSim, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(create(sim, &wanted()).await);
        sim.advance(Duration::from_secs(60)).await;
    }
    ids
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_and_the_last_has_no_cursor() {
    let sim = start().await;
    let mut made = payments(&sim, 25).await;
    made.reverse();
    let (_, first) = get(&sim, "/payments").await;
    assert_eq!((&first["type"], ids(&first).as_slice()), (&json!("list"), &made[..10]));
    let mut seen = Vec::new();
    let mut path = "/payments?limit=10".to_owned();
    loop {
        let (status, page) = get(&sim, &path).await;
        assert_eq!(status, 200);
        seen.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/payments?limit=10&cursor={cursor}");
        // What comes in between neither repeats nor hides anything.
        create(&sim, &wanted()).await;
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_page_holds_1_to_100_and_unknown_questions_are_400() {
    let sim = start().await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=a",
        "cursor=%21",
        "cursor=bm90aGluZw",
        "status=odd",
        "created_at.gte=yesterday",
        "created_at=2026-01-01T00:00:00.000Z",
        "metadata.order_id=1",
    ] {
        let (status, body) = get(&sim, &format!("/payments?{query}")).await;
        assert_eq!((status, &body["code"]), (400, &json!("invalid_request")), "{query}");
    }
    assert_eq!(get(&sim, "/payments?limit=100").await.0, 200);
}

#[tokio::test]
async fn filters_are_by_time_state_and_means() {
    let sim = start().await;
    let made = payments(&sim, 3).await;
    sim.pay(&made[1]).expect("it is pending");
    let find = async |query: &str| ids(&get(&sim, &format!("/payments?{query}")).await.1);
    let minute = "2026-01-01T00:01:00.000Z";
    assert_eq!(find(&format!("created_at.gte={minute}")).await, [&*made[2], &*made[1]]);
    assert_eq!(find(&format!("created_at.gt={minute}")).await, [&*made[2]]);
    assert_eq!(find(&format!("created_at.lte={minute}")).await, [&*made[1], &*made[0]]);
    assert_eq!(find(&format!("created_at.lt={minute}")).await, [&*made[0]]);
    assert_eq!(find("captured_at.gte=2026-01-01T03:03:00.000%2B03:00").await, [&*made[1]]);
    assert_eq!(find("status=succeeded").await, [&*made[1]]);
    assert_eq!(find("payment_method=bank_card").await, [&*made[1]]);
    assert_eq!(find("status=pending&limit=1").await, [&*made[2]]);
}

#[tokio::test]
async fn refunds_are_listed_by_payment_and_state() {
    let sim = start().await;
    let (one, two) = (paid(&sim).await, paid(&sim).await);
    for (payment, value) in [(&one, "1.00"), (&two, "2.00"), (&one, "3.00")] {
        let body = json!({"payment_id": payment, "amount": rub(value)});
        assert_eq!(post_new(&sim, "/refunds", &body).await.0, 200);
    }
    let (_, page) = get(&sim, &format!("/refunds?payment_id={one}&status=succeeded")).await;
    let sums: Vec<&Value> = page["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| &item["amount"]["value"])
        .collect();
    assert_eq!(sums, ["3.00", "1.00"]);
    assert_eq!(get(&sim, "/refunds?status=pending").await.1["items"], json!([]));
    let (_, page) = get(&sim, "/refunds?limit=2").await;
    assert!(page["next_cursor"].is_string());
}
