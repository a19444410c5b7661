//! Answers of a server that works.

use std::time::Duration;

use rei_providers::{Class, Reason, Submission};
use serde_json::{Value, json};

use super::server::{KEY, PNG, PROMPT, Server, client, options, picture, rejection_at};

#[tokio::test]
async fn a_picture_arrives_and_the_request_was_as_the_reference_says() {
    let server = Server::json(200, picture()).await;
    let Submission::Done(done) = client(options(server.address)).submit().await else {
        panic!("no picture")
    };
    assert_eq!(done.artifacts[0].bytes, PNG);
    assert_eq!(done.artifacts[0].mime, "image/png");
    assert_eq!((done.usage.input_tokens, done.usage.output_tokens), (7, 1120));
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].uri, "/v1beta/models/gemini-3-pro-image:generateContent");
    assert_eq!(seen[0].key.as_deref(), Some(KEY));
    assert_eq!(seen[0].content_type.as_deref(), Some("application/json"));
    let expected = json!({
        "contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
        "generationConfig": {"responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "4K"}}});
    assert_eq!(seen[0].body, expected);
}

#[tokio::test]
async fn a_blocked_prompt_is_the_customers_to_change() {
    let server =
        Server::json(200, json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})).await;
    let rejection = rejection_at(server.address).await;
    assert_eq!((rejection.class, rejection.reason), (Class::UserFault, Reason::Moderation));
}

#[tokio::test]
async fn a_quota_tells_how_long_to_wait() {
    let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"});
    let error = |details: Value| json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": details}});
    let rejection = rejection_at(Server::json(429, error(json!([info]))).await.address).await;
    assert_eq!(rejection.class, Class::Queue);
    assert_eq!(rejection.retry_after, Some(Duration::from_millis(1500)));
    let rejection = rejection_at(Server::json(429, error(json!([]))).await.address).await;
    assert_eq!((rejection.class, rejection.retry_after), (Class::Queue, None));
}

#[tokio::test]
async fn a_quota_of_zero_is_the_owners_to_mend() {
    let failure = json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaValue": "0"}]});
    let body =
        json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [failure]}});
    let rejection = rejection_at(Server::json(429, body).await.address).await;
    assert_eq!(rejection.class, Class::OwnerFault { pause: true });
}

#[tokio::test]
async fn a_page_of_a_proxy_under_500_is_a_trouble_that_may_pass() {
    let server = Server::text(500, "text/html", "<html>Server Error</html>".to_owned()).await;
    assert_eq!(rejection_at(server.address).await.class, Class::Retry { at_most: 3 });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::json(200, picture()).await;
    let to = format!("http://{}/v1beta/models/x:generateContent", target.address);
    let server = Server::answering(move || {
        let response = axum::response::Response::builder().status(307).header("location", &to);
        response.body(axum::body::Body::empty()).expect("a response")
    });
    let rejection = rejection_at(server.await.address).await;
    assert_eq!(rejection.class, Class::OwnerFault { pause: false });
    assert!(target.seen().is_empty(), "the key went to another server");
}

#[tokio::test]
async fn the_key_is_checked_for_nothing() {
    let server = Server::json(200, json!({"models": [{"name": "models/x"}]})).await;
    assert_eq!(client(options(server.address)).gemini.check_key().await, Ok(()));
    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].uri.as_str()),
        ("GET", "/v1beta/models?pageSize=1")
    );
    assert_eq!(seen[0].key.as_deref(), Some(KEY));
}

#[tokio::test]
async fn a_wrong_key_is_found_by_its_check() {
    let info =
        json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"});
    let body = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [info]}});
    let server = Server::json(400, body).await;
    let rejection = client(options(server.address)).gemini.check_key().await.expect_err("refused");
    assert_eq!(rejection.code, "API_KEY_INVALID");
    let welcome = Server::text(200, "text/html", "<html>welcome</html>".to_owned()).await;
    let rejection = client(options(welcome.address)).gemini.check_key().await.expect_err("refused");
    assert_eq!(rejection.code, "not-an-api");
}
