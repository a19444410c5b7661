//! What the calls around Stars ask, and how their answers are read.

use rei_domain::ids::CustomerId;
use rei_telegram::{AnswerPreCheckoutQuery, CallError, CreateInvoiceLink, StarDirection};
use serde_json::json;

use crate::server::{Server, plain};

const ANNA: CustomerId = CustomerId(42);

fn refusal(description: &str) -> axum::response::Response {
    let body = json!({"ok": false, "error_code": 400, "description": description});
    plain(400, body.to_string())
}

#[tokio::test]
async fn an_invoice_in_stars_has_one_price_and_no_token_of_a_provider() {
    let (server, client) = Server::with_result(json!("https://t.me/$abc")).await;
    let invoice =
        CreateInvoiceLink::in_stars("50 ⭐".to_owned(), "Баланс".to_owned(), "p".to_owned(), 50);
    let link = client.create_invoice_link(&invoice).await.expect("a link");
    assert_eq!(link, "https://t.me/$abc");
    let asked = server.asked_once();
    assert_eq!(asked.method(), "createInvoiceLink");
    assert_eq!(
        asked.json(),
        json!({"title": "50 ⭐", "description": "Баланс", "payload": "p", "provider_token": "",
            "currency": "XTR", "prices": [{"label": "50 ⭐", "amount": 50}]})
    );
    let (_server, client) = Server::with_result(json!(true)).await;
    let unread = client.create_invoice_link(&invoice).await;
    assert!(matches!(unread, Err(CallError::Unanswered(_))), "{unread:?}");
}

#[tokio::test]
async fn a_checkout_is_answered_with_a_reason_only_when_it_is_a_no() {
    for (ok, error_message) in [(true, None), (false, Some("Счёт закрыт".to_owned()))] {
        let (server, client) = Server::with_result(json!(true)).await;
        let pre_checkout_query_id = "9".to_owned();
        let answer = AnswerPreCheckoutQuery { pre_checkout_query_id, ok, error_message };
        client.answer_pre_checkout_query(&answer).await.expect("a success");
        let asked = server.asked_once().json();
        assert_eq!(asked["ok"], ok);
        assert_eq!(asked.get("error_message").is_some(), !ok);
    }
}

#[tokio::test]
async fn what_was_done_before_is_success() {
    let (_server, client) =
        Server::answering(|_| refusal("Bad Request: CHARGE_ALREADY_REFUNDED")).await;
    assert_eq!(client.refund_star_payment(ANNA, "stx1").await, Ok(()));
    let (server, client) = Server::with_result(json!(true)).await;
    assert_eq!(client.refund_star_payment(ANNA, "stx1").await, Ok(()));
    let expected = json!({"user_id": 42, "telegram_payment_charge_id": "stx1"});
    assert_eq!(server.asked_once().json(), expected);
    let (_server, client) = Server::answering(|_| {
        refusal("Bad Request: query is too old and response timeout expired or query ID is invalid")
    })
    .await;
    let answer = AnswerPreCheckoutQuery {
        pre_checkout_query_id: "9".to_owned(),
        ok: true,
        error_message: None,
    };
    assert_eq!(client.answer_pre_checkout_query(&answer).await, Ok(()));
}

#[tokio::test]
async fn a_page_says_how_many_it_held_also_those_that_can_t_be_read() {
    let paid = json!({"id": "stx1", "amount": 50, "date": 7, "source": {"type": "user",
        "transaction_type": "invoice_payment", "user": {"id": 42}, "invoice_payload": "p"}});
    let (server, client) =
        Server::with_result(json!({"transactions": [paid, {"id": 5}, "odd"]})).await;
    let page = client.get_star_transactions(200, 255).await.expect("a page");
    assert_eq!((page.held, page.transactions.len()), (3, 1));
    assert_eq!(page.transactions[0].direction, StarDirection::In);
    assert_eq!(server.asked_once().json(), json!({"offset": 200, "limit": 100}));
    let (_server, client) = Server::with_result(json!({})).await;
    let unread = client.get_star_transactions(0, 1).await;
    assert!(matches!(unread, Err(CallError::Unanswered(_))), "an odd answer is no end of the list");
}

#[tokio::test]
async fn the_balance_is_in_whole_stars() {
    let (_server, client) = Server::with_result(json!({"amount": 7, "nanostar_amount": 5})).await;
    assert_eq!(client.get_my_star_balance().await, Ok(7));
}
