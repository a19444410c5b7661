//! The key: its free check, and tokens that have to be signed anew.

use std::time::Duration;

use rei_providers::{Class, Submission};
use serde_json::json;

use super::server::{Server, bad, client, good, options, page, taken, task, with_pair};

#[tokio::test]
async fn the_key_is_checked_for_nothing() {
    for body in [good(json!([])), bad(1201, "Task not found"), bad(1203, "no such resource")] {
        let server = Server::json(200, body).await;
        assert_eq!(client(options(server.address)).kling.check_key().await, Ok(()));
        let seen = server.seen();
        assert_eq!((seen[0].method.as_str(), seen[0].uri.as_str()), ("GET", "/tasks?task_ids=0"));
    }
    let server = Server::json(200, good(json!([]))).await;
    assert_eq!(client(with_pair(server.address)).kling.check_key().await, Ok(()));
    assert_eq!(server.seen()[0].uri, "/v1/videos/text2video?pageNum=1&pageSize=1");
}

#[tokio::test]
async fn a_wrong_key_is_found_by_its_check() {
    let server = Server::json(401, bad(1002, "access key not found")).await;
    let rejection = client(options(server.address)).kling.check_key().await.expect_err("refused");
    assert_eq!(
        (rejection.class, rejection.code.as_str()),
        (Class::OwnerFault { pause: true }, "1002")
    );
    let welcome = Server::answering(|_| page(200, "text/html", "<html>welcome</html>")).await;
    let rejection = client(options(welcome.address)).kling.check_key().await.expect_err("refused");
    assert_eq!(rejection.code, "not-an-api");
}

#[tokio::test]
async fn a_stale_token_is_signed_anew_and_the_same_request_sent_once_more() {
    for code in [1003, 1004] {
        let created = good(json!({"task_id": "893", "task_status": "submitted"}));
        let server = Server::in_turn(vec![(401, bad(code, "token")), (200, created)]).await;
        let submission = client(with_pair(server.address)).submit().await;
        assert_eq!(submission, Submission::Accepted { task: task("text2video/893") });
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].bytes, seen[1].bytes);
    }
}

#[tokio::test]
async fn a_clock_that_stays_wrong_is_the_owners_to_mend() {
    let server = Server::json(401, bad(1004, "token expired")).await;
    let rejection = client(with_pair(server.address)).rejection().await;
    assert_eq!(rejection.class, Class::OwnerFault { pause: true });
    assert_eq!(server.seen().len(), 2, "once more, not again and again");
    // With an opaque key there is nothing to sign.
    assert_eq!(client(options(server.address)).rejection().await.code, "1004");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_token_is_kept_and_signed_anew_by_the_clock_that_was_given() {
    let server = Server::json(200, good(taken("893"))).await;
    let client = client(with_pair(server.address));
    for minutes in [0, 20, 10] {
        client.clock.advance(Duration::from_secs(minutes * 60));
        let _ = client.submit().await;
    }
    let tokens: Vec<_> = server.seen().into_iter().map(|seen| seen.authorization).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
    assert!(tokens.iter().flatten().all(|token| token.starts_with("Bearer eyJ")));
}
