//! What each call sends.

use axum::body::Bytes;
use rei_domain::clock::Timestamp;
use rei_yookassa::bodies::full_capture;
use rei_yookassa::objects::ProviderRefundId;
use rei_yookassa::{CallError, ListWindow, RefundQuery};
use serde_json::json;

use super::server::{LOGIN, PAYMENT, Server, client, payment, payment_id, refund};

#[tokio::test]
async fn a_payment_is_created_with_our_bytes_our_key_and_our_login() {
    let server = Server::json(200, payment()).await;
    let body = Bytes::from_static(b"{\"stored\": \"as it is\"}");
    let shop = client(server.address).shop;
    let first = shop.create_payment("key-1", body.clone()).await.expect("a payment");
    let again = shop.create_payment("key-1", body.clone()).await.expect("the same payment");
    assert_eq!(first, again);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert_eq!((request.method.as_str(), request.uri.as_str()), ("POST", "/v3/payments"));
        assert_eq!(request.header("idempotence-key"), Some("key-1"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("authorization"), Some(LOGIN));
        assert_eq!(request.body, body);
    }
}

#[tokio::test]
async fn each_call_goes_to_its_address() {
    let server = Server::json(200, payment()).await;
    let (shop, id) = (client(server.address).shop, payment_id());
    shop.payment(&id).await.expect("a payment");
    shop.capture(&id, "key-2", full_capture().into()).await.expect("a payment");
    shop.cancel(&id, "key-3").await.expect("a payment");
    let seen: Vec<_> = server
        .seen()
        .into_iter()
        .map(|it| format!("{} {} {:?}", it.method, it.uri, it.header("idempotence-key")))
        .collect();
    assert_eq!(
        seen,
        [
            format!("GET /v3/payments/{PAYMENT} None"),
            format!("POST /v3/payments/{PAYMENT}/capture Some(\"key-2\")"),
            format!("POST /v3/payments/{PAYMENT}/cancel Some(\"key-3\")"),
        ]
    );
}

#[tokio::test]
async fn refunds_and_receipts_go_to_theirs() {
    let server = Server::json(200, refund()).await;
    let shop = client(server.address).shop;
    let created = shop.create_refund("key-1", Bytes::from_static(b"{}")).await.expect("a refund");
    let id = ProviderRefundId::parse("216749f7-0016-50be-b000-078d43a63ae4").expect("an id");
    assert_eq!(shop.refund(&id).await.expect("a refund"), created);
    shop.create_receipt("key-2", Bytes::from_static(b"{}")).await.expect("a receipt");
    let seen: Vec<_> = server.seen().into_iter().map(|it| it.uri).collect();
    assert_eq!(
        seen,
        ["/v3/refunds".to_owned(), format!("/v3/refunds/{id}"), "/v3/receipts".to_owned()]
    );
}

#[tokio::test]
async fn the_shop_is_asked_who_it_is() {
    let answer = json!({"account_id": "100500", "status": "enabled", "test": true});
    let server = Server::json(200, answer).await;
    let profile = client(server.address).shop.me().await.expect("a profile");
    assert_eq!((profile.account_id.as_str(), profile.test), ("100500", Some(true)));
    assert_eq!(server.seen()[0].uri, "/v3/me");
}

#[tokio::test]
async fn a_list_is_asked_for_by_time_and_page() {
    let page = json!({"type": "list", "items": [payment(), {"id": "odd"}], "next_cursor": "c/2"});
    let server = Server::json(200, page).await;
    let mut window = ListWindow {
        created_gte: Timestamp(1_767_225_600_000),
        created_lt: Timestamp(1_767_312_000_000),
        cursor: None,
    };
    let shop = client(server.address).shop;
    let page = shop.payments(&window).await.expect("a page");
    assert_eq!((page.items.len(), page.unreadable), (1, 1));
    window.cursor = page.next;
    shop.payments(&window).await.expect("a page");
    let seen: Vec<_> = server.seen().into_iter().map(|it| it.uri).collect();
    let first = "/v3/payments?limit=100&created_at.gte=2026-01-01T00%3A00%3A00.000Z\
                 &created_at.lt=2026-01-02T00%3A00%3A00.000Z";
    assert_eq!(seen, [first.to_owned(), format!("{first}&cursor=c%2F2")]);
}

#[tokio::test]
async fn refunds_are_listed_by_time_or_by_payment() {
    let server = Server::json(200, json!({"type": "list", "items": [refund()]})).await;
    let shop = client(server.address).shop;
    let query = RefundQuery::OfPayment { payment: payment_id(), cursor: Some("c".to_owned()) };
    assert_eq!(shop.refunds(&query).await.expect("a page").items.len(), 1);
    let (from, to) = (Timestamp(0), Timestamp(1));
    let window = ListWindow { created_gte: from, created_lt: to, cursor: None };
    shop.refunds(&RefundQuery::Window(window)).await.expect("a page");
    let seen: Vec<_> = server.seen().into_iter().map(|it| it.uri).collect();
    assert_eq!(seen[0], format!("/v3/refunds?limit=100&payment_id={PAYMENT}&cursor=c"));
    assert!(seen[1].starts_with("/v3/refunds?limit=100&created_at.gte=1970-01-01T"), "{}", seen[1]);
}

#[tokio::test]
async fn a_key_that_no_header_takes_is_our_bug_and_nothing_is_sent() {
    let server = Server::json(200, payment()).await;
    let shop = client(server.address).shop;
    for key in ["", "a b", "a\nb", "ключ", &"k".repeat(65)] {
        let error = shop.cancel(&payment_id(), key).await.expect_err("refused");
        assert!(matches!(error, CallError::Bug(_)), "{key:?}: {error}");
    }
    assert!(server.seen().is_empty());
    shop.cancel(&payment_id(), &"k".repeat(64)).await.expect("64 letters are taken");
}
