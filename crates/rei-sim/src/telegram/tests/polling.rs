//! getUpdates: offsets, long polling, conflicts, lifetimes, odd updates.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telegram::testing::Stage;

async fn updates(stage: &Stage, params: Value) -> Vec<Value> {
    let result = stage.call("getUpdates", params).await.result();
    result.as_array().expect("a list").clone()
}

fn ids(updates: &[Value]) -> Vec<i64> {
    updates.iter().map(|update| update["update_id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn an_offset_confirms_what_is_below_it() {
    let stage = Stage::start().await;
    stage.anna.says("два").expect("she can write");
    let first = updates(&stage, json!({})).await;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0]["message"]["text"], "/start");
    assert_eq!(first[0]["message"]["entities"][0]["type"], "bot_command");
    assert_eq!(first[0]["message"]["from"]["language_code"], "ru");
    let ids = ids(&first);
    assert_eq!(ids[1], ids[0] + 1);
    let rest = updates(&stage, json!({"offset": ids[1]})).await;
    assert_eq!(rest, first[1..]);
    assert_eq!(stage.sim.pending_updates(), 1);
    stage.anna.says("три").expect("she can write");
    let last = updates(&stage, json!({"offset": -1})).await;
    assert_eq!(last[0]["message"]["text"], "три");
    assert_eq!(stage.sim.pending_updates(), 1, "a negative offset forgets older ones");
}

#[tokio::test]
async fn a_waiting_poll_wakes_when_somebody_writes() {
    let stage = Stage::start().await;
    let seen = updates(&stage, json!({})).await;
    let next = json!({"offset": ids(&seen)[0] + 1, "timeout": 50});
    let writing = async {
        while stage.sim.pending_updates() > 0 {
            tokio::task::yield_now().await;
        }
        stage.anna.says("привет").expect("she can write")
    };
    let (new, _) = tokio::join!(updates(&stage, next), writing);
    assert_eq!(new[0]["message"]["text"], "привет");
}

#[tokio::test]
async fn a_poll_ends_empty_when_its_time_is_over() {
    let stage = Stage::start().await;
    let seen = updates(&stage, json!({})).await;
    let poll = updates(&stage, json!({"offset": ids(&seen)[0] + 1, "timeout": 50}));
    let passing = async {
        while stage.sim.pending_updates() > 0 {
            tokio::task::yield_now().await;
        }
        stage.clock.advance(Duration::from_secs(50));
    };
    assert!(tokio::join!(poll, passing).0.is_empty());
}

#[tokio::test]
async fn the_older_of_two_pollers_is_sent_away() {
    let stage = Stage::start().await;
    let seen = updates(&stage, json!({})).await;
    let next = json!({"offset": ids(&seen)[0] + 1, "timeout": 50});
    let older = stage.call("getUpdates", next.clone());
    let newer = async {
        while stage.sim.pending_updates() > 0 {
            tokio::task::yield_now().await;
        }
        let answer = stage.call("getUpdates", next);
        let writing = async {
            while stage.sim.call_count("getUpdates") < 2 {
                tokio::task::yield_now().await;
            }
            stage.anna.says("кому?").expect("she can write");
        };
        tokio::join!(answer, writing).0
    };
    let (older, newer) = tokio::join!(older, newer);
    assert!(older.refused(409).starts_with("Conflict: terminated by other getUpdates request"));
    assert_eq!(newer.result()[0]["message"]["text"], "кому?");
}

#[tokio::test]
async fn a_webhook_and_polling_exclude_each_other() {
    let stage = Stage::start().await;
    let hook = json!({"url": "https://127.0.0.1:1/hook"});
    stage.call("setWebhook", hook).await.result();
    let refused = stage.call("getUpdates", json!({})).await.refused(409);
    assert!(refused.starts_with("Conflict: can't use getUpdates method while webhook is active"));
    stage.call("deleteWebhook", json!({})).await.result();
    assert_eq!(updates(&stage, json!({})).await.len(), 1, "what waited is still there");
}

#[tokio::test]
async fn allowed_updates_act_on_what_comes_later() {
    let stage = Stage::start().await;
    let wanted = json!({"allowed_updates": ["callback_query"], "limit": 1});
    assert_eq!(updates(&stage, wanted).await.len(), 1, "the message was there before");
    stage.anna.says("не придёт").expect("she can write");
    stage.anna.taps_data(1, "v1:x").expect("any data");
    let new = updates(&stage, json!({"offset": -1})).await;
    assert_eq!(new[0]["callback_query"]["data"], "v1:x");
    assert_eq!(stage.sim.pending_updates(), 1);
    stage.call("getUpdates", json!({"allowed_updates": ["mesage"]})).await.refused(400);
    stage.only_violation();
}

#[tokio::test]
async fn what_is_not_fetched_in_time_is_gone() {
    let stage = Stage::start().await;
    stage.anna.taps_data(1, "v1:x").expect("any data");
    stage.clock.advance(Duration::from_secs(150));
    let left = updates(&stage, json!({})).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].get("message").is_some());
    stage.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(stage.sim.pending_updates(), 0);
}

#[tokio::test]
async fn a_hasty_repeat_gets_one_update() {
    let stage = Stage::start().await;
    stage.anna.says("два").expect("she can write");
    assert_eq!(updates(&stage, json!({})).await.len(), 2);
    assert_eq!(updates(&stage, json!({})).await.len(), 1);
    stage.clock.advance(Duration::from_millis(500));
    assert_eq!(updates(&stage, json!({})).await.len(), 2);
}

#[tokio::test]
async fn updates_can_come_twice_backwards_and_in_any_shape() {
    let stage = Stage::start().await;
    stage.sim.duplicate_updates(1);
    stage.anna.says("дважды").expect("she can write");
    let batch = updates(&stage, json!({})).await;
    let found = ids(&batch);
    assert_eq!((found.len(), found[1]), (3, found[2]));
    stage.sim.reorder_updates(2);
    stage.anna.says("раз").expect("she can write");
    assert_eq!(stage.sim.pending_updates(), 2, "held back");
    stage.anna.says("два").expect("she can write");
    let batch = updates(&stage, json!({"offset": found[1] + 1})).await;
    let texts: Vec<&Value> = batch.iter().map(|update| &update["message"]["text"]).collect();
    assert_eq!(texts, ["два", "раз"]);
    let id = stage.sim.inject_update(json!({"hologram": {"depth": 3}}));
    let batch = updates(&stage, json!({"offset": -1})).await;
    assert_eq!(batch, [json!({"update_id": id, "hologram": {"depth": 3}})]);
}

#[tokio::test]
async fn a_message_that_is_gone_arrives_as_inaccessible() {
    let stage = Stage::start().await;
    stage.anna.deletes(1).expect("it is there");
    stage.anna.taps_data(1, "v1:x").expect("any data");
    let batch = updates(&stage, json!({"offset": -1})).await;
    let message = &batch[0]["callback_query"]["message"];
    assert_eq!((&message["date"], &message["message_id"]), (&json!(0), &json!(1)));
    assert_eq!(message.get("text"), None);
}
