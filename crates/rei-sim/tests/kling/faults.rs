//! Everything that can go wrong with a right request.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn each_code_has_its_status_and_may_come_after_the_task_was_created() {
    let sim = start().await;
    let codes = [
        (401, vec![1000, 1001, 1002, 1003, 1004]),
        (429, vec![1100, 1101, 1102, 1302, 1303, 1304]),
        (403, vec![1103]),
        (400, vec![1200, 1201, 1300, 1301]),
        (404, vec![1202, 1203]),
        (500, vec![5000]),
        (503, vec![5001]),
        (504, vec![5002]),
    ];
    for (status, code) in codes.iter().flat_map(|(s, codes)| codes.iter().map(move |c| (*s, *c))) {
        for (behaviour, made) in [(Behaviour::error(code), 0), (Behaviour::error_after(code), 1)] {
            sim.next(behaviour);
            let id = format!("{code}-{made}");
            let (got, body) = create(&sim, TEXT, &words("кот", &id)).await;
            assert_eq!((got, &body["code"]), (status, &json!(code)));
            assert!(body.get("data").is_none() && body["request_id"].is_string());
            let there = task(&sim, &id).await["status"] == "succeeded";
            assert_eq!(there, made == 1, "{id}");
        }
    }
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn a_cut_line_gives_no_answer_and_the_task_may_exist() {
    let sim = start().await;
    for (created, id) in [(false, "no"), (true, "yes")] {
        sim.next(Behaviour::Cut { created });
        assert!(request(&sim, TEXT, &words("кот", id)).send().await.is_err());
        assert_eq!(task(&sim, id).await.is_object(), created);
    }
    assert_eq!(sim.creates()[0].status, None);
}

#[tokio::test]
async fn a_call_may_hang_or_be_slow_and_the_task_may_exist() {
    let clock = SimClock::manual(NOW_MS);
    let options = KlingOptions { clock: clock.clone(), ..KlingOptions::default() };
    let sim = KlingSim::start(options).await.expect("a free port");
    for (created, id) in [(false, "no"), (true, "yes")] {
        sim.next(Behaviour::Hang { created });
        let call = request(&sim, TEXT, &words("кот", id)).timeout(Duration::from_millis(100));
        assert!(call.send().await.expect_err("no answer").is_timeout());
        assert_eq!(task(&sim, id).await.is_object(), created);
    }
    sim.next(Behaviour::Slow { ms: 30_000 });
    let slow = tokio::spawn(request(&sim, TEXT, &words("кот", "slow")).send());
    while task(&sim, "slow").await.is_null() {
        tokio::task::yield_now().await;
    }
    assert!(!slow.is_finished());
    clock.advance(Duration::from_secs(30));
    let answer = slow.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn pages_and_torn_json_come_instead_of_answers() {
    let sim = start().await;
    for (status, created) in [(200, true), (502, false), (504, true)] {
        sim.next(Behaviour::Html { status, created });
        let id = format!("page-{status}");
        let answer = request(&sim, TEXT, &words("кот", &id)).send().await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert!(answer.text().await.expect("a page").contains("<html"));
        assert_eq!(task(&sim, &id).await.is_object(), created);
    }
    sim.next(Behaviour::TruncatedJson);
    let answer = request(&sim, TEXT, &words("кот", "torn")).send().await.expect("an answer");
    assert!(answer.json::<Value>().await.is_err());
    assert_eq!(task(&sim, "torn").await["status"], "succeeded");
    sim.next(Behaviour::DuplicateId);
    let (status, body) = create(&sim, TEXT, &words("кот", "twice")).await;
    assert_eq!((status, &body["code"]), (400, &json!(1201)));
    assert_eq!(task(&sim, "twice").await["status"], "succeeded");
}

#[tokio::test]
async fn a_failure_hides_behind_code_zero() {
    let sim = start().await;
    for reason in ["risk control", "pixel limits", "unreadable media"] {
        sim.next(Behaviour::fail(reason));
        create(&sim, TEXT, &words("кот", &reason[..4])).await;
        let (status, body) = get(&sim, &format!("tasks?external_task_ids={}", &reason[..4])).await;
        assert_eq!((status, &body["code"], &body["message"]), (200, &json!(0), &json!("SUCCEED")));
        let failed = &body["data"][0];
        assert_eq!((&failed["status"], &failed["message"]), (&json!("failed"), &json!(reason)));
        assert!(failed.get("billing").is_none());
    }
}

#[tokio::test]
async fn a_new_task_may_be_found_late() {
    let sim = start().await;
    sim.next(Behaviour::Hidden { polls: 2 });
    create(&sim, TEXT, &words("кот", "late")).await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(task(&sim, "late").await.is_object());
    }
    assert_eq!(found, [false, false, true]);
}

#[tokio::test]
async fn queries_go_wrong_too() {
    let sim = start().await;
    create(&sim, TEXT, &words("кот", "a")).await;
    sim.next_poll(Behaviour::error(5000));
    assert_eq!(get(&sim, "tasks?external_task_ids=a").await.0, 500);
    sim.next_poll(Behaviour::Hidden { polls: 1 });
    assert!(task(&sim, "a").await.is_null());
    sim.next_poll(Behaviour::Cut { created: false });
    let call = client().get(format!("{}/tasks?external_task_ids=a", sim.base_url()));
    assert!(call.bearer_auth(KEY).send().await.is_err());
    assert_eq!(task(&sim, "a").await["status"], "succeeded");
}

#[tokio::test]
async fn the_whole_service_can_be_switched() {
    let sim = start().await;
    sim.down(true);
    let answer = request(&sim, TEXT, &words("кот", "a")).send().await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.expect("a page").contains("<html"));
    sim.down(false);
    sim.garbage(true);
    let answer = request(&sim, TEXT, &words("кот", "a")).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(answer.json::<Value>().await.is_err());
    assert_eq!(sim.tasks_made(), 0);
    sim.garbage(false);
    sim.cut_bodies(true);
    let answer = request(&sim, TEXT, &words("кот", "a")).send().await.expect("a head");
    assert!(answer.bytes().await.is_err());
    assert_eq!(sim.tasks_made(), 1);
    sim.clear();
    sim.slow(5);
    assert_eq!(task(&sim, "a").await["status"], "succeeded");
}

#[tokio::test]
async fn rules_follow_the_prompt_and_the_levers_work_over_http_too() {
    let sim = start().await;
    sim.when_prompt_contains("Пёс", Behaviour::error(1301));
    assert_eq!(create(&sim, TEXT, &words("рыжий пёс", "a")).await.1["code"], 1301);
    assert_eq!(create(&sim, TEXT, &words("кот", "a")).await.1["code"], 0);
    let post = async |path: &str, body: Value| {
        let call = client().post(format!("{}/sim/{path}", sim.base_url())).json(&body);
        call.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };
    post("next", json!({"behaviour": {"kind": "error", "code": 1302, "created": false}})).await;
    assert_eq!(create(&sim, TEXT, &words("кот", "b")).await.1["code"], 1302);
    post("next", json!({"behaviour": {"kind": "stuck", "ms": null}, "times": 1})).await;
    create(&sim, TEXT, &words("кот", "b")).await;
    assert_eq!(post("end", json!({"id": "b", "reason": "x"})).await, json!({"found": true}));
    assert_eq!(task(&sim, "b").await["status"], "failed");
    let state = post("switches", json!({"down": true, "slow_ms": 1})).await;
    assert_eq!(
        (&state["down"], &state["slow_ms"], &state["tasks_made"]),
        (&json!(true), &json!(1), &json!(2))
    );
    post("switches", json!({"down": false})).await;
    assert!(sim.violations().is_empty());
}
