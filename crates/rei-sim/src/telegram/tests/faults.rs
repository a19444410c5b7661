//! Faults as the bot meets them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telegram::testing::Stage;
use crate::telegram::{Fault, FaultKind};

fn text() -> Value {
    json!({"chat_id": 7, "text": "x"})
}

fn bot_messages(stage: &Stage) -> usize {
    stage.anna.messages().iter().filter(|message| message.from_bot).count()
}

#[tokio::test]
async fn a_429_says_how_long_to_wait_twice() {
    let stage = Stage::start().await;
    stage
        .sim
        .fault(Fault::next(FaultKind::TooManyRequests { retry_after: 86_400 }).on("sendMessage"));
    let answer = stage.http.post(stage.url("sendMessage")).json(&text()).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "86400");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["parameters"]["retry_after"], 86_400);
    assert_eq!(bot_messages(&stage), 0);
    stage.call("sendMessage", text()).await.result();
    let codes: Vec<u16> = stage.sim.calls().iter().map(|call| call.code).collect();
    assert_eq!(codes, [429, 200]);
}

#[tokio::test]
async fn errors_carry_any_words_and_a_gateway_speaks_html() {
    let stage = Stage::start().await;
    let gone = "Forbidden: user is deactivated".to_owned();
    stage.sim.fault(Fault::next(FaultKind::Error { code: 403, description: gone.clone() }));
    assert_eq!(stage.call("sendMessage", text()).await.refused(403), gone);
    stage.sim.fault(Fault::next(FaultKind::internal()));
    stage.call("sendMessage", text()).await.refused(500);
    stage.sim.fault(Fault::next(FaultKind::Migrated { to_chat_id: -1005 }));
    let moved = stage.call("sendMessage", text()).await;
    assert_eq!(
        (moved.status, &moved.body["parameters"]["migrate_to_chat_id"]),
        (400, &json!(-1005))
    );
    stage.sim.fault(Fault::next(FaultKind::BadGateway));
    let answer = stage.http.post(stage.url("sendMessage")).json(&text()).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.expect("a body").starts_with("<html>"));
    assert!(stage.sim.violations().is_empty());
    assert_eq!(bot_messages(&stage), 0);
}

#[tokio::test]
async fn a_cut_line_leaves_the_outcome_unknown() {
    let stage = Stage::start().await;
    for (kind, messages) in [(FaultKind::CutBefore, 0), (FaultKind::CutAfter, 1)] {
        stage.sim.fault(Fault::next(kind));
        let answer = stage.http.post(stage.url("sendMessage")).json(&text()).send().await;
        assert!(answer.is_err());
        assert_eq!(bot_messages(&stage), messages);
    }
    assert!(stage.sim.calls().iter().all(|call| call.code == 0));
}

#[tokio::test]
async fn a_slow_answer_comes_by_the_clock_and_a_hung_one_never() {
    let stage = Stage::start().await;
    stage.sim.fault(Fault::next(FaultKind::slow(Duration::from_secs(9))));
    let slow = tokio::spawn(stage.http.post(stage.url("sendMessage")).json(&text()).send());
    let mut changes = stage.sim.changes();
    changes.wait_for(|_| bot_messages(&stage) == 1).await.expect("it is done at once");
    assert!(!slow.is_finished());
    // The answer waits on the clock only after it was done, so one more push may be needed.
    while !slow.is_finished() {
        stage.clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.await.expect("no panic").expect("an answer").status(), 200);
    stage.sim.fault(Fault::next(FaultKind::Hang));
    let short = Duration::from_millis(50);
    let hung = stage.http.post(stage.url("sendMessage")).json(&text()).timeout(short).send().await;
    assert!(hung.expect_err("no answer").is_timeout());
    assert_eq!(bot_messages(&stage), 1);
}

#[tokio::test]
async fn a_fault_can_be_for_one_chat() {
    let stage = Stage::start().await;
    let boris = stage.sim.user(8, "Борис", "ru");
    boris.says("/start").expect("he can write");
    stage.sim.fault(Fault::next(FaultKind::internal()).in_chat(8).always());
    stage.call("sendMessage", text()).await.result();
    for _ in 0..3 {
        stage.call("sendMessage", json!({"chat_id": 8, "text": "x"})).await.refused(500);
    }
    assert_eq!(stage.sim.faults().len(), 1);
    stage.sim.clear_faults();
    stage.call("sendMessage", json!({"chat_id": 8, "text": "x"})).await.result();
}

#[tokio::test]
async fn a_download_can_break_in_the_middle() {
    let stage = Stage::start().await;
    stage.anna.sends_document(vec![7; 10_000], "a.bin", "application/zip", "").expect("a file");
    let id = stage.anna.messages().pop().and_then(|m| m.document).expect("a document").file_id;
    let file = stage.call("getFile", json!({"file_id": id})).await.result();
    let path = file["file_path"].as_str().expect("a path");
    let url = format!("{}/file/bot{}/{path}", stage.sim.base_url(), stage.sim.token());
    stage.sim.fault(Fault::next(FaultKind::CutAfter).on("downloadFile"));
    let answer = stage.http.get(&url).send().await;
    let whole = match answer {
        Ok(answer) => answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole);
    let again = stage.http.get(&url).send().await.expect("an answer");
    assert_eq!(again.bytes().await.expect("whole").len(), 10_000);
}
