//! The people's side: what they send, tap and see.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telegram::testing::{Stage, png};
use crate::telegram::{NewVideo, Tap, TelegramOptions, TelegramSim};
use crate::video::{sample_clip, sample_mov};

async fn pending(stage: &Stage) -> Vec<Value> {
    stage.clock.advance(Duration::from_secs(1));
    let batch = stage.call("getUpdates", json!({})).await.result();
    batch.as_array().expect("a list").clone()
}

#[tokio::test]
async fn every_kind_of_message_arrives() {
    let stage = Stage::start().await;
    let anna = &stage.anna;
    anna.sends_photo(png(200, 100), "что это?").expect("a photo");
    anna.sends_video(vec![0; 10], "").expect("a video");
    anna.sends_voice(vec![0; 10]).expect("a voice message");
    anna.sends_sticker("😀").expect("a sticker");
    anna.sends_raw_message(json!({"dice": {"emoji": "🎲", "value": 4}})).expect("anything");
    anna.sends_album([(png(10, 10), "пара"), (png(20, 20), "")]).expect("an album");
    anna.replies(2, "про это").expect("it is there");
    let batch = pending(&stage).await;
    let message = |n: usize| &batch[n]["message"];
    assert_eq!(message(1)["caption"], "что это?");
    assert_eq!(message(1)["photo"].as_array().map(Vec::len), Some(2));
    assert_eq!(message(2)["video"]["duration"], 5);
    assert_eq!(message(3)["voice"]["mime_type"], "audio/ogg");
    assert_eq!(message(4)["sticker"]["emoji"], "😀");
    assert_eq!(message(5)["dice"]["value"], 4);
    assert_eq!(message(6)["media_group_id"], message(7)["media_group_id"]);
    assert_eq!((&message(6)["caption"], message(7).get("caption")), (&json!("пара"), None));
    assert_eq!(message(8)["reply_to_message"]["message_id"], 2);
    assert!(message(8)["reply_to_message"]["photo"].is_array());
    assert!(anna.sends_photo(vec![1, 2, 3], "").is_err());
    assert!(anna.replies(99, "x").is_err());
    assert!(anna.says(" ").is_err());
}

#[tokio::test]
async fn a_video_comes_with_what_its_file_says_or_what_the_person_says() {
    let stage = Stage::start().await;
    let anna = &stage.anna;
    anna.sends_video(sample_clip(320, 180, 2_000), "оживи").expect("a video");
    anna.sends_video(sample_mov(180, 320, 1_000), "").expect("a video");
    let told = NewVideo {
        file_name: None,
        duration_s: 61,
        width: 4_000,
        ..NewVideo::of(sample_clip(64, 64, 100))
    };
    anna.sends_video_as(told, "").expect("a video");
    let batch = pending(&stage).await;
    let video = |n: usize| &batch[n]["message"]["video"];
    assert_eq!((&video(1)["width"], &video(1)["duration"]), (&json!(320), &json!(2)));
    assert_eq!(
        (&video(2)["mime_type"], &video(2)["height"]),
        (&json!("video/quicktime"), &json!(320))
    );
    assert_eq!((&video(3)["duration"], video(3).get("file_name")), (&json!(61), None));
    assert_eq!(anna.messages()[3].video.as_ref().map(|video| video.width), Some(4_000));
}

#[tokio::test]
async fn an_album_arrives_part_by_part_and_may_hold_videos() {
    let stage = Stage::start().await;
    let group = stage.anna.begins_album();
    stage.anna.sends_album_part(&group, png(10, 10), "пара").expect("a part");
    assert_eq!(pending(&stage).await.len(), 2);
    stage.clock.advance(Duration::from_secs(2));
    let video = NewVideo::of(sample_clip(64, 64, 100));
    stage.anna.sends_album_video(&group, video, "").expect("a part");
    let batch = pending(&stage).await;
    assert_eq!(batch[2]["message"]["media_group_id"], json!(group));
    assert_eq!(batch[2]["message"]["video"]["width"], 64);
}

#[tokio::test]
async fn a_reply_brings_along_the_own_photo_or_the_bots_result() {
    let stage = Stage::start().await;
    let photo = stage.anna.sends_photo(png(200, 100), "").expect("a photo");
    let form = reqwest::multipart::Form::new()
        .text("chat_id", "7")
        .part("document", reqwest::multipart::Part::stream(png(9, 9)).file_name("кот.png"));
    let sent = stage.ask(stage.http.post(stage.url("sendDocument")).multipart(form)).await;
    let result = sent.result()["message_id"].as_i64().expect("an id");
    stage.anna.replies(photo, "в стиле аниме").expect("it is there");
    stage.anna.replies(result, "добавь шляпу").expect("it is there");
    let batch = pending(&stage).await;
    assert!(batch[2]["message"]["reply_to_message"]["photo"].is_array());
    let answered = &batch[3]["message"]["reply_to_message"];
    assert_eq!(answered["document"]["file_name"], "кот.png");
    assert_eq!(answered["from"]["is_bot"], true);
    assert_eq!(stage.anna.messages().last().and_then(|message| message.reply_to), Some(result));
}

#[tokio::test]
async fn edits_and_blocks_are_updates() {
    let stage = Stage::start().await;
    let id = stage.anna.says("котт").expect("she can write");
    stage.anna.edits(id, "кот").expect("her own");
    stage.anna.blocks_bot().expect("once");
    assert!(stage.anna.blocks_bot().is_err());
    assert!(stage.anna.says("x").is_err(), "first unblock");
    stage.anna.unblocks_bot().expect("it was blocked");
    let batch = pending(&stage).await;
    assert_eq!(batch[2]["edited_message"]["text"], "кот");
    assert_eq!(batch[2]["edited_message"]["message_id"], id);
    assert_eq!(batch[3]["my_chat_member"]["new_chat_member"]["status"], "kicked");
    assert_eq!(batch[4]["my_chat_member"]["new_chat_member"]["status"], "member");
    let bots = stage.send("моё").await;
    assert!(stage.anna.edits(bots, "чужое").is_err());
}

#[tokio::test]
async fn a_tap_finds_the_newest_button_and_then_the_keyboard() {
    let stage = Stage::start().await;
    let send = async |text: &str, markup: Value| {
        let params = json!({"chat_id": 7, "text": text, "reply_markup": markup});
        stage.call("sendMessage", params).await.result()["message_id"].clone()
    };
    let inline = |text: &str, data: &str| {
        json!({"inline_keyboard": [
            [{"text": text, "callback_data": data}],
            [{"text": "Сайт", "url": "https://example.org"}, {"text": "Скоро", "disabled": true}],
        ]})
    };
    send("меню", json!({"keyboard": [["💰 Баланс"], ["🎨 Создать изображение"]]})).await;
    send("старое", inline("Создать за 50\u{202f}₽", "v1:old")).await;
    let newest = send("новое", inline("Создать за 60\u{202f}₽", "v1:new")).await;
    let Tap::Pressed { query_id } = stage.anna.taps("Создать").expect("a button") else {
        panic!("an inline button comes first");
    };
    let Tap::Said { message_id } = stage.anna.taps("Баланс").expect("a button") else {
        panic!("the keyboard says its label");
    };
    assert_eq!(stage.anna.message(message_id).expect("said").text, "💰 Баланс");
    assert_eq!(stage.anna.taps("Сайт"), Ok(Tap::Opened { url: "https://example.org".to_owned() }));
    assert!(stage.anna.taps("Скоро").is_err());
    let refused = stage.anna.taps("Удалить").expect_err("no such button").to_string();
    assert!(refused.contains("💰 Баланс"), "{refused}");
    let batch = pending(&stage).await;
    let query = &batch[1]["callback_query"];
    assert_eq!((&query["id"], &query["data"]), (&json!(query_id), &json!("v1:new")));
    assert_eq!(query["message"]["message_id"], newest);
}

#[tokio::test]
async fn a_person_sees_text_entities_and_what_changed() {
    let stage = Stage::start().await;
    let html = "<b>Цена:</b> 50\u{202f}₽ &amp; всё";
    let params = json!({"chat_id": 7, "text": html, "parse_mode": "HTML"});
    let id = stage.call("sendMessage", params).await.result()["message_id"].as_i64();
    let message = stage.anna.last_bot_message().expect("it is there");
    assert_eq!(message.text, "Цена: 50\u{202f}₽ & всё");
    assert_eq!(message.html.as_deref(), Some(html));
    assert_eq!(message.entities[0]["type"], "bold");
    let since = stage.sim.revision();
    assert!(stage.anna.messages_since(since).is_empty());
    let wait = stage.anna.waits_for(since, Duration::from_secs(5), |m| m.text.contains("готово"));
    let edit = json!({"chat_id": 7, "message_id": id, "text": "готово"});
    let (seen, _) = tokio::join!(wait, stage.call("editMessageText", edit));
    let seen = seen.expect("edited in time");
    assert_eq!((Some(seen.id), seen.edited), (id, 1));
    let brief = Duration::from_millis(5);
    let missed = stage.anna.waits_for(since, brief, |m| m.text == "иное").await;
    assert!(missed.expect_err("it never comes").to_string().contains("готово"));
}

#[tokio::test]
async fn actions_and_drafts_are_seen_until_they_fade() {
    let stage = Stage::start().await;
    let act = json!({"chat_id": 7, "action": "upload_photo"});
    stage.call("sendChatAction", act.clone()).await.result();
    assert_eq!(stage.anna.chat_action().as_deref(), Some("upload_photo"));
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.anna.chat_action(), None);
    stage.call("sendChatAction", act).await.result();
    let draft = json!({"chat_id": 7, "draft_id": 1, "text": "пишу"});
    stage.call("sendMessageDraft", draft).await.result();
    assert_eq!(stage.anna.draft().as_deref(), Some("пишу"));
    stage.send("вот").await;
    assert_eq!((stage.anna.chat_action(), stage.anna.draft()), (None, None));
    assert_eq!(stage.sim.max_calls_per_second_per_chat(), 1);
}

#[tokio::test]
async fn memory_is_bounded_when_asked() {
    let options =
        TelegramOptions { keep_log: false, history_per_chat: 3, ..TelegramOptions::default() };
    let sim = TelegramSim::start(options).await.expect("a free port");
    let anna = sim.user(7, "Анна", "ru");
    for n in 0..10 {
        anna.says(&format!("{n}")).expect("she can write");
    }
    let texts: Vec<String> = anna.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["7", "8", "9"]);
    let url = format!("{}/bot{}/getMe", sim.base_url(), sim.token());
    crate::common::client::client().get(url).send().await.expect("an answer");
    assert!(sim.calls().is_empty());
    assert_eq!(sim.call_count("getMe"), 1);
}

#[tokio::test]
async fn a_stopped_simulator_answers_nobody() {
    let stage = Stage::start().await;
    let url = stage.url("getUpdates");
    let seen = pending(&stage).await;
    let next = json!({"offset": seen[0]["update_id"].as_i64().expect("an id") + 1, "timeout": 50});
    let poll = stage.http.post(url).json(&next).send();
    let stopping = async {
        while stage.sim.pending_updates() > 0 {
            tokio::task::yield_now().await;
        }
        stage.sim.stop();
    };
    let (polled, ()) = tokio::join!(poll, stopping);
    assert!(polled.is_ok_and(|answer| answer.status() == 500));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let fresh = crate::common::client::client();
    assert!(fresh.get(stage.url("getMe")).send().await.is_err());
}
