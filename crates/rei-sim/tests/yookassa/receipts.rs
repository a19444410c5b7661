//! Fiscal receipts.

use rei_sim::yookassa::{Fiscal, Registration};

use super::*;

fn receipt(value: &str) -> Value {
    json!({
        "customer": {"email": "user@example.com"},
        "items": [{
            "description": "Пополнение баланса", "quantity": 1, "amount": rub(value), "vat_code": 1,
            "measure": "piece", "payment_subject": "service", "payment_mode": "full_payment",
        }],
    })
}

fn wanted_with(receipt: Value) -> Value {
    let mut body = wanted();
    body["receipt"] = receipt;
    body
}

/// A receipt with one thing changed, and the parameter that is named; none: it is taken.
async fn check(sim: &YooKassaSim, pointer: &str, value: Value, expected: Option<&str>) {
    let mut receipt = receipt("500.00");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    receipt.pointer_mut(parent).expect("a place")[name] = value.clone();
    let (status, answer) = post_new(sim, "/payments", &wanted_with(receipt)).await;
    let parameter = answer["parameter"].as_str().and_then(|name| name.strip_prefix("receipt."));
    assert_eq!((status == 200, parameter), (expected.is_none(), expected), "{pointer} {value}");
}

#[tokio::test]
async fn a_shop_that_registers_here_has_to_send_receipts() {
    let sim = start().await;
    sim.demand_receipts(true);
    let (status, answer) = post_new(&sim, "/payments", &wanted()).await;
    assert_eq!((status, &answer["parameter"]), (400, &json!("receipt")));
    create(&sim, &wanted_with(receipt("500.00"))).await;
    assert_eq!(get(&sim, "/me").await.1["fiscalization"]["enabled"], json!(true));
}

#[tokio::test]
async fn receipts_are_checked_even_when_they_need_not_be_sent() {
    let sim = start().await;
    check(&sim, "/customer/email", Value::Null, Some("customer.email")).await;
    check(&sim, "/customer/email", json!("no address"), Some("customer.email")).await;
    check(&sim, "/customer/phone", json!("+79000000000"), Some("customer.phone")).await;
    check(&sim, "/customer/phone", json!("79000000000"), None).await;
    check(&sim, "/items", json!([]), Some("items")).await;
    check(&sim, "/items/0/vat_code", json!(0), Some("items[0].vat_code")).await;
    check(&sim, "/items/0/vat_code", json!(13), Some("items[0].vat_code")).await;
    check(&sim, "/items/0/vat_code", json!(12), None).await;
    check(&sim, "/items/0/amount", rub("499.99"), Some("items")).await;
    check(&sim, "/items/0/quantity", json!("2.00"), Some("items")).await;
    check(&sim, "/items/0/quantity", json!("1.00"), None).await;
    check(&sim, "/items/0/description", json!("ы".repeat(129)), Some("items[0].description")).await;
    check(&sim, "/items/0/measure", Value::Null, Some("items[0].measure")).await;
    check(&sim, "/items/0/payment_mode", json!("advance"), Some("items[0].payment_mode")).await;
    check(&sim, "/items/0/payment_subject", json!("gift"), Some("items[0].payment_subject")).await;
    check(&sim, "/tax_system_code", json!(7), Some("tax_system_code")).await;
}

#[tokio::test]
async fn a_register_of_somebody_else_takes_phones_and_other_kinds_of_payment() {
    let options = YooKassaOptions { fiscal: Fiscal::Register, ..options() };
    let sim = YooKassaSim::start(options).await.expect("a free port");
    check(&sim, "/customer", json!({"phone": "79000000000"}), None).await;
    check(&sim, "/customer", json!({}), Some("customer.email")).await;
    check(&sim, "/items/0/payment_mode", json!("advance"), None).await;
    check(&sim, "/items/0/measure", Value::Null, None).await;
}

#[tokio::test]
async fn a_receipts_registration_shows_after_payment_and_moves_by_hand() {
    let sim = start().await;
    let id = create(&sim, &wanted_with(receipt("500.00"))).await;
    assert!(read(&sim, &id).await.get("receipt_registration").is_none());
    sim.pay(&id).expect("it is pending");
    assert_eq!(read(&sim, &id).await["receipt_registration"], "pending");
    for (state, word) in
        [(Registration::Succeeded, "succeeded"), (Registration::Canceled, "canceled")]
    {
        sim.set_receipt_registration(&id, state).expect("it is there");
        assert_eq!(read(&sim, &id).await["receipt_registration"], word);
    }
    sim.register_receipts_at_once(true);
    let id = create(&sim, &wanted_with(receipt("500.00"))).await;
    sim.pay(&id).expect("it is pending");
    assert_eq!(read(&sim, &id).await["receipt_registration"], "succeeded");
    assert!(read(&sim, &paid(&sim).await).await.get("receipt_registration").is_none());
}

#[tokio::test]
async fn a_partial_refund_needs_its_positions_where_receipts_are_demanded() {
    let sim = start().await;
    sim.demand_receipts(true);
    let id = create(&sim, &wanted_with(receipt("500.00"))).await;
    sim.pay(&id).expect("it is pending");
    let mut body = json!({"payment_id": id, "amount": rub("200.00")});
    assert_eq!(post_new(&sim, "/refunds", &body).await.1["parameter"], "receipt");
    body["receipt"] = receipt("200.00");
    let (status, refund) = post_new(&sim, "/refunds", &body).await;
    assert_eq!((status, &refund["receipt_registration"]), (200, &json!("pending")));
    let other = create(&sim, &wanted_with(receipt("500.00"))).await;
    sim.pay(&other).expect("it is pending");
    let whole = json!({"payment_id": other, "amount": rub("500.00")});
    let (status, refund) = post_new(&sim, "/refunds", &whole).await;
    assert_eq!((status, &refund["receipt_registration"]), (200, &json!("pending")));
}

#[tokio::test]
async fn an_offset_receipt_follows_a_prepayment() {
    let sim = start().await;
    let id = paid(&sim).await;
    let mut body = receipt("500.00");
    body["type"] = "payment".into();
    body["payment_id"] = id.as_str().into();
    body["send"] = true.into();
    body["settlements"] = json!([{"type": "prepayment", "amount": rub("500.00")}]);
    let (status, made) = post_new(&sim, "/receipts", &body).await;
    assert_eq!(
        (status, &made["status"], &made["payment_id"]),
        (200, &json!("pending"), &json!(id))
    );
    let receipt_id = made["id"].as_str().expect("an id");
    sim.set_receipt_registration(receipt_id, Registration::Succeeded).expect("it is there");
    let (_, read) = get(&sim, &format!("/receipts/{receipt_id}")).await;
    assert_eq!(
        (&read["status"], read["fiscal_document_number"].is_string()),
        (&json!("succeeded"), true)
    );
    let (_, list) = get(&sim, &format!("/receipts?payment_id={id}")).await;
    assert_eq!(list["items"], json!([read]));
    for (name, value, parameter) in [
        ("type", json!("gift"), "type"),
        ("send", json!(false), "send"),
        ("settlements", json!([]), "settlements"),
        ("settlements", json!([{"type": "prepayment", "amount": rub("1.00")}]), "receipt.items"),
    ] {
        let mut wrong = body.clone();
        wrong[name] = value;
        assert_eq!(post_new(&sim, "/receipts", &wrong).await.1["parameter"], parameter);
    }
    body["payment_id"] = "nothing".into();
    assert_eq!(post_new(&sim, "/receipts", &body).await.0, 404);
}
