//! Every way a wire can break.

use std::time::Duration;

use rei_yookassa::{Availability, CallError, Held, Lost, ShopLimits, ShopOptions};

use super::server::{client, client_of, hasty, nobody, options, payment, raw};

fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n")
        .into_bytes()
}

fn is_unanswered(error: &CallError) -> bool {
    matches!(error, CallError::Unknown { lost: Lost::Unanswered(_), .. })
}

#[tokio::test]
async fn silence_leaves_the_result_unknown_and_is_not_repeated() {
    let silent = raw(Vec::new(), Duration::from_secs(30)).await;
    let client = hasty(silent.address);
    assert!(is_unanswered(&client.creation().await));
    assert!(is_unanswered(&client.reading().await));
    assert_eq!(silent.calls(), 2, "a read that timed out is left to the caller");
}

#[tokio::test]
async fn a_connection_that_breaks_is_repeated_once_for_a_read_alone() {
    let broken = raw(Vec::new(), Duration::ZERO).await;
    let client = client(broken.address);
    assert!(is_unanswered(&client.creation().await));
    assert_eq!(broken.calls(), 1, "a creation is one attempt");
    assert!(is_unanswered(&client.reading().await));
    assert_eq!(broken.calls(), 3);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_leaves_the_result_unknown() {
    let body = payment().to_string();
    let mut cut = head(body.len());
    cut.extend_from_slice(&body.as_bytes()[..body.len() / 2]);
    let server = raw(cut, Duration::ZERO).await;
    assert!(is_unanswered(&client(server.address).creation().await));

    let mut whole = head(body.len() / 2);
    whole.extend_from_slice(&body.as_bytes()[..body.len() / 2]);
    let server = raw(whole, Duration::ZERO).await;
    let lost = Lost::Unreadable("it ends too early");
    let error = client(server.address).creation().await;
    assert_eq!(error, CallError::Unknown { after: None, lost });
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up_in_time() {
    let server = raw(head(1000), Duration::from_secs(30)).await;
    assert!(is_unanswered(&hasty(server.address).reading().await));
}

#[tokio::test]
async fn an_endless_refusal_is_judged_by_its_status() {
    let refusal = b"HTTP/1.1 429 Too Many\r\ncontent-length: 99999999\r\n\r\n{".to_vec();
    let server = raw(refusal, Duration::ZERO).await;
    assert_eq!(client(server.address).creation().await.kind(), "not_executed");
}

#[tokio::test]
async fn where_nobody_listens_the_result_is_unknown_all_the_same() {
    let nobody = nobody();
    let error = client(nobody.address).creation().await;
    assert!(matches!(error, CallError::Unknown { lost: Lost::Unreachable(_), .. }), "{error}");
    assert!(error.is_to_be_repeated());
}

#[tokio::test]
async fn an_api_that_keeps_failing_is_left_alone_and_tried_with_one_call() {
    let broken = raw(Vec::new(), Duration::ZERO).await;
    let client = client(broken.address);
    for _ in 0..5 {
        client.creation().await;
    }
    let rest = Duration::from_secs(5);
    assert_eq!(client.shop.availability(), Availability::Resting(rest));
    let held = CallError::NotExecuted { after: Some(rest), held: Held::Resting };
    assert_eq!(client.creation().await, held);
    assert_eq!(broken.calls(), 5);
    client.clock.advance(rest);
    assert!(is_unanswered(&client.creation().await), "one trial");
    assert_eq!(broken.calls(), 6);
    assert_eq!(client.shop.availability(), Availability::Resting(Duration::from_secs(10)));
}

#[tokio::test]
async fn more_calls_than_places_are_sent_back_before_anything_leaves() {
    let silent = raw(Vec::new(), Duration::from_secs(30)).await;
    let limits = ShopLimits { concurrency: 1, ..ShopLimits::default() };
    let client = client_of(ShopOptions { limits, ..options(silent.address) });
    let shop = client.shop.clone();
    let slow = tokio::spawn(async move { shop.me().await.map(|_| ()) });
    while silent.calls() == 0 {
        tokio::task::yield_now().await;
    }
    let error = client.creation().await;
    assert!(matches!(error, CallError::NotExecuted { held: Held::NoPlace, .. }), "{error}");
    slow.abort();
    assert!(slow.await.is_err());
    assert_eq!(silent.calls(), 1);
    assert_eq!(client.shop.availability(), Availability::Up);
}
