//! The older generation of the API, for a pair of keys.

use rei_providers::{Class, Found, Provider, RemoteFile, Submission, SubmitRequest, TaskState};
use serde_json::{Value, json};

use super::server::{
    PROMPT, Server, answer, bad, client, declined, good, options, request, task, with_pair,
};

fn finished(id: &str) -> Value {
    json!({"task_id": id, "task_status": "succeed", "task_info": {"external_task_id": "job-42"},
        "task_result": {"videos": [{"id": "v", "url": "https://cdn.example/v.mp4", "duration": "5"}]}})
}

fn succeeded() -> TaskState {
    let url = "https://cdn.example/v.mp4".to_owned();
    TaskState::Succeeded(vec![RemoteFile { url, duration_ms: Some(5000) }])
}

#[tokio::test]
async fn a_task_is_taken_and_carries_its_endpoint() {
    let created = json!({"task_id": "893", "task_status": "submitted"});
    let server = Server::json(200, good(created)).await;
    let submission = client(with_pair(server.address)).submit().await;
    assert_eq!(submission, Submission::Accepted { task: task("text2video/893") });
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].uri.as_str()), ("POST", "/v1/videos/text2video"));
    let expected = json!({"model_name": "kling-v3", "prompt": PROMPT, "duration": "5",
        "mode": "std", "aspect_ratio": "16:9", "external_task_id": "job-42"});
    assert_eq!(seen[0].body, expected);
}

#[tokio::test]
async fn a_model_that_is_not_there_costs_no_call() {
    let server = Server::json(200, good(json!({}))).await;
    let request = SubmitRequest { model_legacy: None, ..request() };
    let Submission::Rejected(rejection) =
        client(with_pair(server.address)).kling.submit(&request).await
    else {
        panic!("it is not there")
    };
    assert_eq!(
        (rejection.class, rejection.code.as_str()),
        (Class::OwnerFault { pause: false }, "no-legacy-model")
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn tasks_are_asked_for_one_by_one_where_they_were_created() {
    let server = Server::answering(|seen| match seen.uri.as_str() {
        "/v1/videos/text2video/1" => answer(200, &good(finished("1"))),
        "/v1/videos/omni-video/2" => {
            answer(200, &good(json!({"task_id": "2", "task_status": "processing"})))
        }
        _ => answer(400, &bad(1201, "Task not found")),
    })
    .await;
    let tasks = ["text2video/1", "omni-video/2", "image2video/3"].map(task);
    // An opaque key may ask both generations.
    for options in [with_pair(server.address), options(server.address)] {
        let states = client(options).kling.poll(&tasks).await.expect("an answer");
        assert_eq!(states.len(), 2, "{states:?}");
        assert_eq!(states[&tasks[0]], succeeded());
        assert_eq!(states[&tasks[1]], TaskState::Running);
        assert_eq!(server.seen().len(), 3);
    }
}

#[tokio::test]
async fn an_odd_answer_does_not_make_a_task_missing() {
    for odd in [json!({}), json!({"task_id": "2", "task_status": "failed"}), json!([])] {
        let server = Server::json(200, good(odd.clone())).await;
        let polled = client(with_pair(server.address)).kling.poll(&[task("text2video/1")]).await;
        assert_eq!(declined(polled).code, "answer-unreadable", "{odd}");
    }
}

#[tokio::test]
async fn a_task_of_the_other_key_is_left_to_its_deadline() {
    let server = Server::json(401, bad(1002, "auth failed")).await;
    let tasks = [task("893")];
    let states = client(with_pair(server.address)).kling.poll(&tasks).await.expect("an answer");
    assert_eq!(states[&tasks[0]], TaskState::Running);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_lost_task_is_found_by_its_key_at_the_endpoint_of_its_model() {
    let server = Server::json(200, good(finished("893"))).await;
    let client = client(with_pair(server.address));
    let found = client.kling.lookup("image-to-video/kling-3.0", "job-42").await;
    assert_eq!(found, Ok(Found::Task(task("image2video/893"), succeeded())));
    assert_eq!(server.seen()[0].uri, "/v1/videos/image2video/job-42");
}

#[tokio::test]
async fn a_key_that_was_never_seen_is_nothing() {
    let server = Server::json(400, bad(1201, "Task not found")).await;
    assert_eq!(client(with_pair(server.address)).lookup().await, Ok(Found::Nothing));
}

#[tokio::test]
async fn a_key_that_was_used_before_leads_to_the_task_of_then() {
    let server = Server::answering(|seen| match seen.method.as_str() {
        "POST" => answer(400, &bad(1201, "external_task_id already exists")),
        _ => answer(200, &good(finished("893"))),
    })
    .await;
    let submission = client(with_pair(server.address)).submit().await;
    assert_eq!(submission, Submission::Accepted { task: task("text2video/893") });
}
