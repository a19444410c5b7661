//! Long polling: a batch survives whatever is in it.

use rei_domain::ids::UpdateId;
use rei_telegram::{CallError, GetUpdates, Incoming, decode};
use serde_json::json;

use crate::server::{Server, plain};

fn poll() -> GetUpdates {
    GetUpdates {
        offset: Some(UpdateId(1001)),
        limit: 100,
        timeout_s: 0,
        allowed_updates: vec!["message".to_owned(), "callback_query".to_owned()],
    }
}

fn odd_updates() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/odd");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a fixture")).collect()
}

#[tokio::test]
async fn seventeen_odd_updates_in_one_answer_all_arrive() {
    let odd = odd_updates();
    assert_eq!(odd.len(), 17);
    let body = format!("{{\"ok\":true,\"result\":[{}]}}", odd.join(","));
    let (server, client) = Server::answering(move |_| plain(200, body.clone())).await;
    let updates = client.get_updates(&poll()).await.expect("updates");
    let ids: Vec<i64> = updates.iter().map(|update| update.update_id.0).collect();
    assert_eq!(ids, (1001..=1017).collect::<Vec<i64>>());
    for (update, sent) in updates.iter().zip(&odd) {
        assert_eq!(update.json.trim(), sent.trim(), "stored as it came");
        let understood = decode(&update.json);
        assert!(!matches!(understood, Incoming::Malformed { .. }), "{sent}: {understood:?}");
    }
    let asked = server.asked_once();
    assert_eq!(asked.method(), "getUpdates");
    assert_eq!(
        asked.json(),
        json!({"offset": 1001, "limit": 100, "timeout": 0,
            "allowed_updates": ["message", "callback_query"]})
    );
}

#[tokio::test]
async fn an_item_without_an_id_does_not_take_the_others_along() {
    let mut body = br#"{"ok":true,"result":[{"update_id":3,"message":{"text":""#.to_vec();
    body.extend_from_slice(&[0xff, 0xfe]);
    body.extend_from_slice(
        br#""}},null,{"message":{}},{"update_id":"4"},{"update_id":2},{"update_id":1,"#,
    );
    body.extend_from_slice(br#""message":{"text":"\ud83d"}}]}"#);
    let (_server, client) = Server::answering(move |_| {
        axum::response::IntoResponse::into_response((axum::http::StatusCode::OK, body.clone()))
    })
    .await;
    let updates = client.get_updates(&poll()).await.expect("updates");
    let ids: Vec<i64> = updates.iter().map(|update| update.update_id.0).collect();
    assert_eq!(ids, [1, 2, 3], "in order, the broken ones left out");
    assert!(matches!(decode(&updates[0].json), Incoming::Malformed { .. }));
}

#[tokio::test]
async fn a_second_poller_is_a_conflict() {
    let (_server, client) = Server::answering(|_| {
        let body = json!({"ok": false, "error_code": 409,
            "description": "Conflict: terminated by other getUpdates request"});
        plain(409, body.to_string())
    })
    .await;
    let error = client.get_updates(&poll()).await.expect_err("a conflict");
    assert!(matches!(error, CallError::Conflict { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_a_list_is_not_taken_for_no_updates() {
    let (_server, client) = Server::with_result(json!({"update_id": 5})).await;
    assert!(matches!(client.get_updates(&poll()).await, Err(CallError::Unanswered(_))));
    let (_server, client) = Server::with_result(json!([])).await;
    assert_eq!(client.get_updates(&poll()).await, Ok(Vec::new()));
}
