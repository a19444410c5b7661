//! New tasks: what is sent, and what comes of it.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_domain::catalog::Slot;
use rei_providers::{Class, InputContent, Provider, Reason, Submission, SubmitRequest};
use serde_json::json;

use super::server::{
    KEY, PROMPT, Server, answer, bad, client, good, input, options, page, request, taken, task,
};

#[tokio::test]
async fn a_task_is_taken_and_the_request_was_as_the_reference_says() {
    let server = Server::json(200, good(taken("893"))).await;
    let submission = client(options(server.address)).submit().await;
    assert_eq!(submission, Submission::Accepted { task: task("893") });
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].method.as_str(), seen[0].uri.as_str()),
        ("POST", "/text-to-video/kling-3.0")
    );
    assert_eq!(seen[0].authorization, Some(format!("Bearer {KEY}")));
    assert_eq!(seen[0].content_type.as_deref(), Some("application/json"));
    let expected = json!({
        "prompt": PROMPT,
        "settings": {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5},
        "options": {"external_task_id": "job-42"}});
    assert_eq!(seen[0].body, expected);
}

struct Picture(PathBuf);

impl Drop for Picture {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn picture(name: &str, bytes: &[u8]) -> (Picture, SubmitRequest) {
    let path = std::env::temp_dir().join(format!("rei-kling-it-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("a file");
    let size_bytes = u64::try_from(bytes.len()).expect("small");
    let content = InputContent::File { path: path.clone(), size_bytes };
    let request = SubmitRequest {
        model: "image-to-video/kling-3.0".to_owned(),
        inputs: vec![input(Slot::FirstFrame, content)],
        ..request()
    };
    (Picture(path), request)
}

#[tokio::test]
async fn a_picture_travels_in_base64_and_a_retry_carries_the_same_bytes() {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|i| (i / 7).to_le_bytes()[0]).collect();
    let (_picture, request) = picture("whole.png", &bytes);
    let server = Server::json(200, good(taken("893"))).await;
    let client = client(options(server.address));
    for _ in 0..2 {
        assert!(matches!(client.kling.submit(&request).await, Submission::Accepted { .. }));
    }
    let seen = server.seen();
    assert!(seen[0].body["contents"][1]["url"] == STANDARD.encode(&bytes));
    assert!(seen[0].bytes == seen[1].bytes);
}

#[tokio::test]
async fn a_picture_that_went_away_costs_no_call() {
    let (picture, request) = picture("gone.png", b"12345");
    drop(picture);
    let server = Server::json(200, good(taken("893"))).await;
    let Submission::Rejected(rejection) =
        client(options(server.address)).kling.submit(&request).await
    else {
        panic!("nothing to send")
    };
    assert_eq!(
        (rejection.class, rejection.code.as_str()),
        (Class::OwnerFault { pause: false }, "input-unreadable")
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_key_that_was_used_before_leads_to_the_task_of_then() {
    let server = Server::answering(|seen| match seen.method.as_str() {
        "POST" => answer(400, &bad(1201, "external_task_id already exists")),
        _ => answer(200, &good(json!([taken("893")]))),
    })
    .await;
    let submission = client(options(server.address)).submit().await;
    assert_eq!(submission, Submission::Accepted { task: task("893") });
    let seen = server.seen();
    assert_eq!(seen.len(), 2, "one look, no second task");
    assert_eq!(seen[1].uri, "/tasks?external_task_ids=job-42");
}

#[tokio::test]
async fn a_former_task_that_cannot_be_found_leaves_the_outcome_unknown() {
    for found in [(200, good(json!([]))), (500, bad(5000, "server error"))] {
        let duplicate = (400, bad(1201, "external_task_id already exists"));
        let server = Server::in_turn(vec![duplicate, found]).await;
        let rejection = client(options(server.address)).rejection().await;
        assert_eq!(
            (rejection.class, rejection.code.as_str()),
            (Class::Unknown, "duplicate-unseen")
        );
    }
}

#[tokio::test]
async fn refusals_arrive_with_their_class() {
    let rows = [
        (401, 1002, Class::OwnerFault { pause: true }),
        (429, 1102, Class::OutOfFunds),
        (403, 1103, Class::ModelGone),
        (400, 1201, Class::UserFault),
        (400, 1301, Class::UserFault),
        (429, 1303, Class::Queue),
        (504, 5002, Class::Unknown),
    ];
    for (status, code, class) in rows {
        let server = Server::json(status, bad(code, "no")).await;
        let rejection = client(options(server.address)).rejection().await;
        assert_eq!((rejection.class, rejection.code), (class, code.to_string()));
        assert_eq!(server.seen().len(), 1, "never repeated in here");
    }
}

#[tokio::test]
async fn an_empty_account_rests_the_provider_and_a_full_pack_does_not() {
    let empty = Server::json(429, bad(1102, "Account balance not enough")).await;
    let client_of_empty = client(options(empty.address));
    assert_eq!(client_of_empty.rejection().await.reason, Reason::OurFault);
    assert!(client_of_empty.kling.availability().is_down());
    let full = Server::json(429, bad(1303, "parallel task over resource pack limit")).await;
    let client_of_full = client(options(full.address));
    for _ in 0..20 {
        let rejection = client_of_full.rejection().await;
        assert_eq!(rejection.retry_after, Some(Duration::from_secs(15)));
    }
    assert!(!client_of_full.kling.availability().is_down(), "the menu must not call it down");
}

#[tokio::test]
async fn a_page_instead_of_an_answer_leaves_the_outcome_unknown() {
    for (status, class) in [(200, Class::Unknown), (502, Class::Unknown), (503, Class::Queue)] {
        let html = move || page(status, "text/html", "<html>hello</html>");
        let server = Server::answering(move |_| html()).await;
        assert_eq!(client(options(server.address)).rejection().await.class, class, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::json(200, good(taken("893"))).await;
    let to = format!("http://{}/text-to-video/kling-3.0", target.address);
    let server = Server::answering(move |_| {
        let mut response = page(307, "text/plain", "");
        response.headers_mut().insert("location", to.parse().expect("a header"));
        response
    })
    .await;
    let rejection = client(options(server.address)).rejection().await;
    assert_eq!(rejection.class, Class::OwnerFault { pause: false });
    assert!(target.seen().is_empty(), "the key went to another server");
}
