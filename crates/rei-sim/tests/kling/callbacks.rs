//! What the customer's server is told.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use rei_sim::common::recorder::Recorder;
use rei_sim::common::server::Server;
use rei_sim::kling::CallbackFault;

use super::*;

type Heard = Arc<Recorder<(HeaderMap, Value)>>;

/// A server that hears callbacks.
async fn listener() -> (Server, Heard) {
    let heard: Heard = Arc::new(Recorder::new(100));
    let kept = Arc::clone(&heard);
    let hear = async move |headers: HeaderMap, body: String| {
        kept.record((headers, serde_json::from_str(&body).expect("JSON")));
    };
    let router = Router::new().route("/kling/cb", post(hear));
    (Server::start(router, 0).await.expect("a free port"), heard)
}

/// Orders a clip and waits for this many callbacks.
async fn hear(options: KlingOptions, behaviour: Behaviour, count: u64) -> Vec<(HeaderMap, Value)> {
    let (server, heard) = listener().await;
    let sim = KlingSim::start(options).await.expect("a free port");
    sim.next(behaviour);
    let mut body = words("кот", "job");
    body["options"]["callback_url"] = format!("{}/kling/cb", server.base_url()).into();
    create(&sim, TEXT, &body).await;
    while heard.total() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(sim.callbacks().iter().all(|callback| callback.url.ends_with("/kling/cb")));
    heard.all()
}

fn statuses(heard: &[(HeaderMap, Value)]) -> Vec<&str> {
    heard.iter().map(|(_, body)| body["status"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn every_change_is_told_without_an_envelope() {
    let heard = hear(KlingOptions::default(), Behaviour::Ok, 2).await;
    assert_eq!(statuses(&heard), ["processing", "succeeded"]);
    assert!(heard[1].1["outputs"][0]["url"].is_string());
    assert!(!heard[1].0.contains_key("webhook-signature"));
}

#[tokio::test]
async fn callbacks_come_twice_or_in_the_wrong_order() {
    let twice = Behaviour::callbacks(CallbackFault::Repeated);
    let heard = hear(KlingOptions::default(), twice, 4).await;
    assert_eq!(statuses(&heard), ["processing", "processing", "succeeded", "succeeded"]);
    let swapped = Behaviour::callbacks(CallbackFault::OutOfOrder);
    let heard = hear(KlingOptions::default(), swapped, 2).await;
    assert_eq!(statuses(&heard), ["succeeded", "processing"]);
}

#[tokio::test]
async fn with_a_secret_callbacks_are_signed() {
    let secret = "whsec_cmVpLWJvdC10ZXN0LXdlYmhvb2stc2VjcmV0LTAwMDE=".to_owned();
    let clock = SimClock::manual(NOW_MS);
    let options = KlingOptions { webhook_secret: Some(secret), clock, ..KlingOptions::default() };
    let heard = hear(options, Behaviour::fail("risk control"), 2).await;
    assert_eq!(statuses(&heard), ["processing", "failed"]);
    let headers = &heard[1].0;
    assert_eq!(headers["webhook-timestamp"], "1790000000");
    assert!(headers["webhook-signature"].to_str().is_ok_and(|text| text.starts_with("v1,")));
    assert_ne!(heard[0].0["webhook-id"], headers["webhook-id"]);
}

#[tokio::test]
async fn a_task_that_is_ended_by_hand_is_told_of_and_silence_can_be_ordered() {
    let (server, heard) = listener().await;
    let sim = start().await;
    for (behaviour, id) in
        [(Behaviour::callbacks(CallbackFault::None), "silent"), (Behaviour::stuck(), "stuck")]
    {
        sim.next(behaviour);
        let mut body = words("кот", id);
        body["options"]["callback_url"] = format!("{}/kling/cb", server.base_url()).into();
        create(&sim, TEXT, &body).await;
    }
    sim.finish("stuck");
    while heard.total() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(heard.all().iter().all(|(_, body)| body["external_id"] == "stuck"));
}
