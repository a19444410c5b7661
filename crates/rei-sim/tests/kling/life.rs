//! How a task goes on.

use std::time::Duration;

use rei_sim::kling::{Billing, Latency, Role, StageLatency};

use super::*;

fn minute(clock: &SimClock) -> KlingOptions {
    let latency =
        StageLatency { submitted: Latency::exactly(10_000), processing: Latency::exactly(50_000) };
    KlingOptions { clock: clock.clone(), latency, ..KlingOptions::default() }
}

#[tokio::test]
async fn a_task_goes_through_its_stages_as_the_clock_goes() {
    let clock = SimClock::manual(NOW_MS);
    let sim = KlingSim::start(minute(&clock)).await.expect("a free port");
    let (_, created) = create(&sim, TEXT, &words("кот", "job-1")).await;
    let data = &created["data"];
    assert_eq!((&data["status"], &data["external_id"]), (&json!("submitted"), &json!("job-1")));
    assert_eq!((&data["create_time"], &data["update_time"]), (&json!(NOW_MS), &json!(NOW_MS)));
    let mut seen = Vec::new();
    for seconds in [0, 9, 1, 49, 1] {
        clock.advance(Duration::from_secs(seconds));
        seen.push(task(&sim, "job-1").await["status"].clone());
    }
    assert_eq!(seen, ["submitted", "submitted", "processing", "processing", "succeeded"]);
    let done = task(&sim, "job-1").await;
    assert_eq!(done["update_time"], json!(NOW_MS + 60_000));
    assert_eq!(done["outputs"][0]["type"], "video");
    assert_eq!(done["outputs"][0]["duration"], "3.041");
    let bill = json!([{"charge_type": "unit", "package_type": "video", "amount": "2.4"}]);
    assert_eq!(done["billing"], bill);
    let by_id = get(&sim, &format!("tasks?task_ids={}", data["id"].as_str().expect("an id"))).await;
    assert_eq!(by_id.1["data"][0], done);
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn an_external_id_makes_one_task_only() {
    let sim = start().await;
    sim.next(Behaviour::error(1303));
    assert_eq!(create(&sim, TEXT, &words("кот", "job-1")).await.0, 429);
    assert_eq!(create(&sim, TEXT, &words("кот", "job-1")).await.0, 200);
    let (status, answer) = create(&sim, TEXT, &words("кот", "job-1")).await;
    assert_eq!((status, &answer["code"]), (400, &json!(1201)));
    assert!(answer["message"].as_str().is_some_and(|words| words.contains("already exists")));
    assert_eq!((sim.tasks_made(), sim.creates_total(), sim.violations().len()), (1, 3, 0));
}

#[tokio::test]
async fn several_tasks_are_asked_for_at_once_and_unknown_ones_are_left_out() {
    let sim = start().await;
    for id in ["a", "b"] {
        create(&sim, TEXT, &words("кот", id)).await;
    }
    let (_, body) = get(&sim, "tasks?external_task_ids=b,none,a").await;
    let found: Vec<&Value> =
        body["data"].as_array().into_iter().flatten().map(|task| &task["external_id"]).collect();
    assert_eq!(found, ["b", "a"]);
    assert_eq!(sim.polls()[0].ids, ["b", "none", "a"]);
    assert!(sim.polls()[0].by_external_id);
}

#[tokio::test]
async fn a_stuck_task_is_ended_by_time_or_by_hand() {
    let clock = SimClock::manual(NOW_MS);
    let options = KlingOptions { clock: clock.clone(), ..KlingOptions::default() };
    let sim = KlingSim::start(options).await.expect("a free port");
    sim.next(Behaviour::Stuck { ms: Some(3_600_000) });
    sim.next_n(2, Behaviour::stuck());
    for id in ["hour", "good", "bad"] {
        create(&sim, TEXT, &words("кот", id)).await;
    }
    clock.advance(Duration::from_secs(3_599));
    for id in ["hour", "good", "bad"] {
        assert_eq!(task(&sim, id).await["status"], "processing");
    }
    clock.advance(Duration::from_secs(1));
    assert_eq!(task(&sim, "hour").await["status"], "succeeded");
    assert!(sim.finish("good") && sim.fail("bad", "risk control") && !sim.finish("none"));
    assert_eq!(task(&sim, "good").await["status"], "succeeded");
    let bad = task(&sim, "bad").await;
    assert_eq!((&bad["status"], &bad["message"]), (&json!("failed"), &json!("risk control")));
    assert!(!sim.fail("good", "late") && !sim.fail("hour", "late"), "they have ended");
}

#[tokio::test]
async fn what_was_ordered_is_remembered() {
    let sim = start().await;
    let body = json!({
        "contents": [
            {"type": "prompt", "text": "кот оживает"},
            {"type": "first_frame", "url": inline_png()},
        ],
        "settings": {"duration": 5},
        "options": {"external_task_id": "job-7"},
    });
    create(&sim, "image-to-video/kling-2.5-turbo", &body).await;
    let record = sim.creates().remove(0);
    assert_eq!(record.path, "/image-to-video/kling-2.5-turbo");
    assert_eq!((record.model.as_str(), record.prompt.as_str()), ("kling-2.5-turbo", "кот оживает"));
    assert_eq!(record.external_id.as_deref(), Some("job-7"));
    assert_eq!((record.behaviour.clone(), record.status), (Some(Behaviour::Ok), Some(200)));
    assert!(record.task_id.is_some() && record.has(Role::FirstFrame));
    assert_eq!(record.inputs[0].inline_bytes, Some(png(400, 300).len()));
    assert_eq!(record.body["settings"], json!({"duration": 5}));
}

#[tokio::test]
async fn a_bill_may_be_in_money() {
    let options = KlingOptions { billing: Billing::Cash, ..KlingOptions::default() };
    let sim = KlingSim::start(options).await.expect("a free port");
    create(&sim, TEXT, &words("кот", "a")).await;
    let bill = task(&sim, "a").await["billing"][0].clone();
    assert_eq!(bill["charge_type"], "cash");
    assert_eq!((&bill["amount"], &bill["currency"]), (&json!("0.336"), &json!("USD")));
}

#[tokio::test]
async fn packs_are_told_when_there_are_any() {
    let sim = start().await;
    let (_, body) = get(&sim, "account/costs?start_time=1&end_time=2").await;
    assert!(body["data"].get("resource_pack_subscribe_infos").is_none());
    sim.set_packs(vec![json!({"status": "online", "remaining_quantity": 12})]);
    let (_, body) = get(&sim, "account/costs?start_time=1&end_time=2").await;
    assert_eq!(body["data"]["resource_pack_subscribe_infos"][0]["remaining_quantity"], 12);
}

#[tokio::test]
async fn a_stopped_service_answers_nobody() {
    let sim = start().await;
    let http = client();
    let ask = async || {
        let request = http.get(format!("{}/tasks?task_ids=1", sim.base_url()));
        request.bearer_auth(KEY).send().await
    };
    assert!(ask().await.is_ok());
    sim.clone().stop();
    assert!(ask().await.is_err());
}

#[tokio::test]
async fn tasks_at_once_are_counted_by_version_from_the_call_to_the_end() {
    let clock = SimClock::manual(NOW_MS);
    let sim = KlingSim::start(minute(&clock)).await.expect("a free port");
    for id in ["a", "b"] {
        create(&sim, TEXT, &words("кот", id)).await;
    }
    clock.advance(Duration::from_secs(59));
    assert!(sim.finish("a"));
    create(&sim, TEXT, &words("кот", "c")).await;
    clock.advance(Duration::from_secs(1));
    create(&sim, TEXT, &words("кот", "d")).await;
    assert_eq!(sim.most_at_once().into_iter().collect::<Vec<_>>(), [("kling-3.0-turbo", 2)]);
    create(&sim, TEXT, &words("кот", "e")).await;
    assert_eq!(sim.most_at_once().get("kling-3.0-turbo"), Some(&3));
}
