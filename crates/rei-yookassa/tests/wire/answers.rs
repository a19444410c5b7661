//! What answers mean.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use rei_domain::money::Kopecks;
use rei_yookassa::confirmation::safe_confirmation;
use rei_yookassa::objects::PaymentStatus;
use rei_yookassa::{Availability, CallError, Held, Lost};
use serde_json::json;

use super::server::{PAYMENT, SHOP, Server, client, payment, payment_id, refusal};

#[tokio::test]
async fn a_payment_is_read_with_fields_and_values_of_next_year() {
    let mut object = payment();
    object["payment_method"] = json!({"type": "telepathy", "saved": "perhaps"});
    object["cancellation_details"] = json!({"party": "the_moon", "reason": "full"});
    let server = Server::json(200, object).await;
    let shop = client(server.address).shop;
    let payment = shop.payment(&payment_id()).await.expect("a payment");
    assert_eq!((payment.id.as_str(), payment.status), (PAYMENT, PaymentStatus::Pending));
    assert_eq!((payment.amount, payment.currency.as_str()), (Kopecks::from_rubles(500), "RUB"));
    assert_eq!((payment.test, payment.account_id.as_deref()), (shop.expects_test(), Some(SHOP)));
    assert_eq!(payment.method.as_deref(), Some("telepathy"));
    let link = payment.confirmation_url.expect("a link");
    assert!(safe_confirmation(&link, &shop.allowed_hosts()).is_ok());
    let local = format!("http://{}/pay/x", server.address);
    assert!(safe_confirmation(&local, &shop.allowed_hosts()).is_ok(), "the machine of the API");
}

#[tokio::test]
async fn refusals_say_what_to_do_next() {
    for (status, code, kind) in [
        (400, "invalid_request", "refused"),
        (401, "invalid_credentials", "credentials"),
        (403, "forbidden", "forbidden"),
        (404, "not_found", "not_found"),
        (405, "method_not_allowed", "bug"),
        (410, "gone", "gone"),
        (415, "unsupported_media_type", "bug"),
        (500, "internal_server_error", "unknown"),
    ] {
        let server = Server::json(status, refusal(code, None)).await;
        let client = client(server.address);
        let error = client.creation().await;
        assert_eq!(error.kind(), kind);
        let complaint = error.complaint().expect("a complaint");
        assert_eq!(complaint.code, code);
        assert_eq!(complaint.id.as_deref(), Some("ab5a11cd-13cc-4e33-af8b-75a74e18dd09"));
        assert_eq!(server.seen().len(), 1, "{status}: one attempt");
    }
}

#[tokio::test]
async fn a_key_used_for_other_bytes_is_told_from_other_refusals() {
    let body = refusal("invalid_request", Some("Idempotence-Key"));
    let server = Server::json(400, body).await;
    assert!(client(server.address).creation().await.is_key_conflict());
    let server = Server::json(400, refusal("invalid_request", Some("amount"))).await;
    assert!(!client(server.address).creation().await.is_key_conflict());
}

#[tokio::test]
async fn pauses_that_are_asked_for_are_handed_on() {
    let after = Some(Duration::from_millis(1800));
    let body = json!({"type": "processing", "description": "wait", "retry_after": 1800});
    let server = Server::json(202, body).await;
    assert_eq!(client(server.address).creation().await, CallError::Processing { after });

    let mut body = refusal("too_many_requests", None);
    body["retry_after"] = json!(1800);
    let server = Server::json(429, body).await;
    let held = Held::TooMany;
    assert_eq!(client(server.address).creation().await, CallError::NotExecuted { after, held });

    let server = Server::answering(|| {
        let response = Response::builder().status(503).header("retry-after", "7");
        response.body(Body::from("maintenance")).expect("a response")
    })
    .await;
    let error = client(server.address).reading().await;
    assert_eq!((error.kind(), error.after()), ("unknown", Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn a_page_of_a_gateway_leaves_the_result_unknown() {
    for status in [200, 302, 400, 403, 404, 502, 504] {
        let server = Server::text(status, "text/html", "<html>Bad</html>".to_owned()).await;
        let client = client(server.address);
        assert_eq!(client.creation().await.kind(), "unknown", "{status}");
        assert_eq!(client.reading().await.kind(), "unknown", "{status}");
    }
}

#[tokio::test]
async fn an_answer_larger_than_an_object_is_given_up() {
    let mut large = payment();
    large["filler"] = json!("x".repeat(256 * 1024));
    let server = Server::json(200, large).await;
    let lost = Lost::Unreadable("it is too large");
    assert_eq!(client(server.address).reading().await, CallError::Unknown { after: None, lost });
}

#[tokio::test]
async fn a_wrong_key_stops_all_calls_for_a_while() {
    let server = Server::json(401, refusal("invalid_credentials", None)).await;
    let client = client(server.address);
    assert_eq!(client.creation().await.kind(), "credentials");
    let lock = Duration::from_secs(300);
    assert_eq!(client.shop.availability(), Availability::Locked(lock));
    let held = CallError::NotExecuted { after: Some(lock), held: Held::Locked };
    assert_eq!(client.reading().await, held);
    assert_eq!(server.seen().len(), 1, "the second call was not sent");
    client.clock.advance(lock);
    assert_eq!(client.reading().await.kind(), "credentials", "one trial");
    assert_eq!(client.reading().await, held);
}
