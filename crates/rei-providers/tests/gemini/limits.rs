//! The gate in front of the wire: who is sent back to the queue without a call.

use std::time::Duration;

use rei_providers::gemini::GeminiOptions;
use rei_providers::policy::GateLimits;
use rei_providers::{Availability, Class, Provider, Submission};
use serde_json::json;

use super::server::{Server, client, hasty, options, picture, raw};

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_and_tried_again_later() {
    let server = Server::json(503, json!({"error": {"status": "UNAVAILABLE"}})).await;
    let client = client(options(server.address));
    for _ in 0..5 {
        assert_eq!(client.rejection().await.code, "UNAVAILABLE");
    }
    assert!(client.gemini.availability().is_down());
    let rejection = client.rejection().await;
    assert_eq!((rejection.class, rejection.code.as_str()), (Class::Queue, "breaker-open"));
    assert_eq!(server.seen().len(), 5, "the sixth call must not go out");
    client.clock.advance(rejection.retry_after.expect("a time to come again"));
    assert_eq!(client.gemini.availability(), Availability::Up);
    assert_eq!(client.rejection().await.code, "UNAVAILABLE");
    assert_eq!(server.seen().len(), 1, "one trial");
    assert!(client.gemini.availability().is_down());
}

#[tokio::test]
async fn more_calls_than_places_are_sent_back_at_once() {
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    let limits = GateLimits { concurrency: 1, per_minute: None, ..GateLimits::default() };
    let client = client(GeminiOptions { limits, ..hasty(silent) });
    let (first, second) = tokio::join!(client.rejection(), client.rejection());
    assert_eq!(first.class, Class::Unknown);
    assert_eq!((second.class, second.code.as_str()), (Class::Queue, "all-places-taken"));
}

#[tokio::test]
async fn a_call_that_is_given_up_frees_its_place() {
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    let limits = GateLimits { concurrency: 1, per_minute: None, ..GateLimits::default() };
    let client = client(GeminiOptions { limits, ..hasty(silent) });
    let given_up = tokio::time::timeout(Duration::from_millis(50), client.submit()).await;
    assert!(given_up.is_err());
    assert_eq!(client.rejection().await.code, "unanswered");
}

#[tokio::test]
async fn the_minute_is_counted_by_the_clock_that_was_given() {
    let server = Server::json(200, picture()).await;
    let limits = GateLimits { per_minute: Some(2), ..GateLimits::default() };
    let client = client(GeminiOptions { limits, ..options(server.address) });
    assert!(matches!(client.submit().await, Submission::Done(_)));
    assert!(matches!(client.submit().await, Submission::Done(_)));
    let rejection = client.rejection().await;
    assert_eq!(rejection.retry_after, Some(Duration::from_secs(60)));
    client.clock.advance(Duration::from_secs(60));
    assert!(matches!(client.submit().await, Submission::Done(_)));
}
