//! Payments inside Telegram.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telegram::CheckoutState;
use crate::telegram::testing::Stage;

fn invoice() -> Value {
    json!({
        "chat_id": 7, "title": "50 звёзд", "description": "Пополнение", "payload": "p_1",
        "currency": "XTR", "provider_token": "", "prices": [{"label": "50", "amount": 50}],
    })
}

async fn answer(stage: &Stage, query: &str, ok: bool) -> crate::telegram::testing::Answer {
    let mut params = json!({"pre_checkout_query_id": query, "ok": ok});
    if !ok {
        params["error_message"] = "Заказ закрыт".into();
    }
    stage.call("answerPreCheckoutQuery", params).await
}

#[tokio::test]
async fn an_invoice_is_paid_and_given_back() {
    let stage = Stage::start().await;
    let sent = stage.call("sendInvoice", invoice()).await.result();
    assert_eq!(sent["reply_markup"]["inline_keyboard"][0][0]["pay"], true);
    let message_id = sent["message_id"].as_i64().expect("an id");
    let query = stage.anna.pays(message_id).expect("an invoice");
    assert_eq!(stage.anna.checkout(&query), Some(CheckoutState::Waiting));
    answer(&stage, &query, true).await.result();
    let Some(CheckoutState::Paid { charge_id }) = stage.anna.checkout(&query) else {
        panic!("paid");
    };
    assert_eq!(stage.sim.star_balance(), 50);
    let batch = stage.call("getUpdates", json!({"offset": -2})).await.result();
    assert_eq!(batch[0]["pre_checkout_query"]["total_amount"], 50);
    let payment = &batch[1]["message"]["successful_payment"];
    assert_eq!(
        (&payment["invoice_payload"], &payment["telegram_payment_charge_id"]),
        (&json!("p_1"), &json!(charge_id))
    );
    let refund = json!({"user_id": 7, "telegram_payment_charge_id": charge_id});
    stage.call("refundStarPayment", refund.clone()).await.result();
    let refused = stage.call("refundStarPayment", refund).await.refused(400);
    assert_eq!(refused, "Bad Request: CHARGE_ALREADY_REFUNDED");
    assert_eq!(stage.call("getMyStarBalance", json!({})).await.result(), json!({"amount": 0}));
    let page = stage.call("getStarTransactions", json!({"limit": 1})).await.result();
    assert_eq!(page["transactions"][0]["id"], json!(charge_id));
    assert_eq!(page["transactions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_checkout_times_out_after_ten_seconds() {
    let stage = Stage::start().await;
    let params = {
        let mut params = invoice();
        params.as_object_mut().expect("an object").remove("chat_id");
        params
    };
    let link = stage.call("createInvoiceLink", params).await.result();
    let query = stage.anna.pays_link(link.as_str().expect("a link")).expect("an invoice");
    stage.clock.advance(Duration::from_millis(10_001));
    let refused = answer(&stage, &query, true).await.refused(400);
    assert!(refused.contains("query is too old"), "{refused}");
    assert_eq!(stage.anna.checkout(&query), Some(CheckoutState::TimedOut));
    let query = stage.anna.pays_link(link.as_str().expect("a link")).expect("an invoice");
    let silent = json!({"pre_checkout_query_id": query, "ok": false});
    let refused = stage.call("answerPreCheckoutQuery", silent).await.refused(400);
    assert_eq!(refused, "Bad Request: parameter \"error_message\" is required");
    answer(&stage, &query, false).await.result();
    let message = "Заказ закрыт".to_owned();
    assert_eq!(stage.anna.checkout(&query), Some(CheckoutState::Refused { message }));
    assert_eq!(stage.sim.star_balance(), 0);
}

#[tokio::test]
async fn wrong_invoices_are_refused() {
    let stage = Stage::start().await;
    for (key, value) in [
        ("title", json!("я".repeat(33))),
        ("payload", json!("я".repeat(65))),
        ("prices", json!([])),
        ("prices", json!([{"label": "a", "amount": 1}, {"label": "b", "amount": 1}])),
        ("prices", json!([{"label": "a", "amount": 0}])),
        ("currency", json!("RUB")),
    ] {
        let mut params = invoice();
        params[key] = value;
        stage.call("sendInvoice", params).await.refused(400);
        stage.only_violation();
    }
}

async fn link(stage: &Stage) -> String {
    let mut params = invoice();
    params.as_object_mut().expect("an object").remove("chat_id");
    let link = stage.call("createInvoiceLink", params).await.result();
    link.as_str().expect("a link").to_owned()
}

#[tokio::test]
async fn a_sheet_that_is_closed_costs_nothing() {
    let stage = Stage::start().await;
    let link = link(&stage).await;
    let seen = stage.anna.sees_invoice(&link).expect("an invoice");
    assert_eq!((seen.title.as_str(), seen.total), ("50 звёзд", 50));
    let query = stage.anna.pays_link(&link).expect("an invoice");
    stage.anna.declines(&query).expect("it waits");
    let refused = answer(&stage, &query, true).await.refused(400);
    assert!(refused.contains("query is too old"), "{refused}");
    assert_eq!(stage.anna.checkout(&query), Some(CheckoutState::Declined));
    assert!(stage.anna.declines(&query).is_err(), "it does not wait any more");
    assert_eq!(stage.sim.star_transactions(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_invoice_is_paid_late_and_again_by_its_payload() {
    let stage = Stage::start().await;
    link(&stage).await;
    stage.clock.advance(Duration::from_secs(30 * 24 * 3600));
    for _ in 0..2 {
        let query = stage.anna.pays_invoice("p_1").expect("an invoice");
        answer(&stage, &query, true).await.result();
        let refused = answer(&stage, &query, true).await.refused(400);
        assert!(refused.contains("query is too old"), "{refused}");
    }
    assert_eq!(stage.sim.star_balance(), 100);
    assert!(stage.anna.pays_invoice("p_2").is_err());
}

#[tokio::test]
async fn stars_given_back_past_the_bot_are_told_and_listed() {
    let stage = Stage::start().await;
    let query = stage.anna.pays_link(&link(&stage).await).expect("an invoice");
    answer(&stage, &query, true).await.result();
    let Some(CheckoutState::Paid { charge_id }) = stage.anna.checkout(&query) else {
        panic!("paid");
    };
    stage.sim.gives_stars_back(&charge_id).expect("it was paid");
    assert!(stage.sim.gives_stars_back(&charge_id).is_err(), "only once");
    let batch = stage.call("getUpdates", json!({"offset": -1})).await.result();
    let told = &batch[0]["message"]["refunded_payment"];
    assert_eq!(told["telegram_payment_charge_id"], json!(charge_id));
    let moved = stage.sim.star_transactions();
    assert_eq!((&moved[0]["id"], &moved[1]["id"]), (&json!(charge_id), &json!(charge_id)));
    assert!(moved[0]["source"].is_object() && moved[1]["receiver"].is_object());
    let page = stage.call("getStarTransactions", json!({"offset": 2})).await.result();
    assert_eq!(page, json!({"transactions": []}));
}
