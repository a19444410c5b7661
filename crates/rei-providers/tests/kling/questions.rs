//! Questions about tasks: how they stand, whether one exists.

use std::collections::BTreeMap;

use rei_providers::{Class, Found, Provider, Reason, RemoteFile, TaskRef, TaskState};
use serde_json::{Value, json};

use super::server::{
    Seen, Server, answer, bad, client, declined, good, options, page, taken, task,
};

fn finished(id: &str) -> Value {
    json!({"id": id, "status": "succeeded", "message": "", "external_id": "job-42",
        "outputs": [{"type": "video", "id": "v1", "url": "https://cdn.example/v.mp4",
                     "watermark_url": "", "duration": "5.041"}]})
}

fn file() -> RemoteFile {
    RemoteFile { url: "https://cdn.example/v.mp4".to_owned(), duration_ms: Some(5041) }
}

/// The ids that a request asks for.
fn asked(seen: &Seen) -> Vec<String> {
    let ids = seen.uri.strip_prefix("/tasks?task_ids=").expect("a question about tasks");
    ids.split(',').map(str::to_owned).collect()
}

async fn states(server: &Server, tasks: &[TaskRef]) -> BTreeMap<TaskRef, TaskState> {
    client(options(server.address)).kling.poll(tasks).await.expect("an answer")
}

#[tokio::test]
async fn each_task_is_told_how_it_stands_and_strangers_are_left_out() {
    let server = Server::json(
        200,
        good(json!([
            taken("1"),
            {"id": "2", "status": "processing"},
            finished("3"),
            {"id": "4", "status": "failed", "message": "Failure to pass the risk control system"},
            {"id": "5", "status": "a word of next year"},
            {"id": "7", "status": "succeeded"},
        ])),
    )
    .await;
    let tasks: Vec<_> = ["1", "2", "3", "4", "5", "6"].map(task).into();
    let states = states(&server, &tasks).await;
    assert_eq!(states.len(), 5, "neither the unknown 6 nor the unasked 7: {states:?}");
    for running in ["1", "2", "5"] {
        assert_eq!(states[&task(running)], TaskState::Running);
    }
    assert_eq!(states[&task("3")], TaskState::Succeeded(vec![file()]));
    let TaskState::Failed(rejection) = &states[&task("4")] else { panic!("it failed") };
    assert_eq!((rejection.class, rejection.reason), (Class::UserFault, Reason::Moderation));
    assert_eq!(server.seen()[0].uri, "/tasks?task_ids=1,2,3,4,5,6");
}

#[tokio::test]
async fn twenty_tasks_are_one_question_and_45_are_three() {
    for (count, questions) in [(20, vec![20]), (45, vec![20, 20, 5])] {
        let server = Server::answering(|seen| {
            let tasks: Vec<Value> = asked(seen).iter().map(|id| taken(id)).collect();
            answer(200, &good(json!(tasks)))
        })
        .await;
        let tasks: Vec<_> = (0..count).map(|number| task(&format!("t-{number}"))).collect();
        assert_eq!(states(&server, &tasks).await.len(), tasks.len());
        let sizes: Vec<_> = server.seen().iter().map(|seen| asked(seen).len()).collect();
        assert_eq!(sizes, questions);
    }
}

#[tokio::test]
async fn no_tasks_are_no_question() {
    let server = Server::json(200, good(json!([]))).await;
    assert!(states(&server, &[]).await.is_empty());
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn one_stranger_does_not_hide_the_others() {
    let server = Server::answering(|seen| {
        let ids = asked(seen);
        if ids.iter().any(|id| id == "lost") {
            return answer(400, &bad(1201, "Task not found"));
        }
        answer(200, &good(json!(ids.iter().map(|id| taken(id)).collect::<Vec<_>>())))
    })
    .await;
    let states = states(&server, &[task("1"), task("lost"), task("2")]).await;
    assert_eq!(states.into_keys().collect::<Vec<_>>(), [task("1"), task("2")]);
}

#[tokio::test]
async fn a_question_that_is_declined_harms_nobody() {
    for (status, body) in [
        (401, bad(1002, "auth failed")),
        (429, bad(1102, "balance")),
        (429, bad(1302, "rate")),
        (500, bad(5000, "server error")),
        (404, bad(1203, "no such resource")),
        (200, good(Value::Null)),
        (200, json!({"message": "SUCCEED"})),
    ] {
        let server = Server::json(status, body.clone()).await;
        let client = client(options(server.address));
        let polled = declined(client.kling.poll(&[task("1")]).await);
        let found = declined(client.lookup().await);
        for rejection in [polled, found] {
            assert!(matches!(rejection.class, Class::Retry { at_most: 1.. }), "{body}");
        }
        assert!(!client.kling.availability().is_down());
    }
    let server = Server::answering(|_| page(502, "text/html", "<html>")).await;
    let rejection = declined(client(options(server.address)).lookup().await);
    assert_eq!(rejection.code, "HTTP_502");
}

#[tokio::test]
async fn a_lost_task_is_found_by_its_key() {
    let server = Server::json(200, good(json!([finished("893")]))).await;
    let found = client(options(server.address)).lookup().await;
    assert_eq!(found, Ok(Found::Task(task("893"), TaskState::Succeeded(vec![file()]))));
    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].uri.as_str()),
        ("GET", "/tasks?external_task_ids=job-42")
    );
}

#[tokio::test]
async fn a_key_that_was_never_seen_is_told_from_an_odd_answer() {
    for nothing in [(200, good(json!([]))), (400, bad(1201, "Task not found"))] {
        let server = Server::json(nothing.0, nothing.1).await;
        assert_eq!(client(options(server.address)).lookup().await, Ok(Found::Nothing));
    }
    let other = json!([{"id": "7", "status": "submitted", "external_id": "job-43"}]);
    for odd in [other, json!({}), json!([{"status": "submitted"}]), json!("x")] {
        let server = Server::json(200, good(odd.clone())).await;
        let rejection = declined(client(options(server.address)).lookup().await);
        assert_eq!(rejection.code, "answer-unreadable", "{odd}");
    }
}
