//! Edits, deletions, copies, reactions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::telegram::testing::{Stage, png};

const NOT_MODIFIED: &str = "message is not modified";

#[tokio::test]
async fn an_edit_that_changes_nothing_is_refused() {
    let stage = Stage::start().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Отменить", "callback_data": "v1:no"}]]});
    let mut params =
        json!({"chat_id": 7, "text": "<b>раз</b>", "parse_mode": "HTML", "reply_markup": keyboard});
    let id = stage.call("sendMessage", params.clone()).await.result()["message_id"].clone();
    params["message_id"] = id.clone();
    let refused = stage.call("editMessageText", params.clone()).await.refused(400);
    assert!(refused.contains(NOT_MODIFIED), "{refused}");
    params["text"] = "раз".into();
    let edited = stage.call("editMessageText", params.clone()).await.result();
    assert_eq!((&edited["entities"], &edited["edit_date"]), (&Value::Null, &edited["date"]));
    assert!(stage.sim.violations().is_empty());
    let message = stage.anna.last_bot_message().expect("it is there");
    assert_eq!((message.edited, message.labels()), (1, vec!["Отменить"]));
}

#[tokio::test]
async fn an_edit_without_a_keyboard_takes_the_keyboard_away() {
    let stage = Stage::start().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Да", "callback_data": "a"}]]});
    let params = json!({"chat_id": 7, "text": "раз", "reply_markup": keyboard});
    let id = stage.call("sendMessage", params).await.result()["message_id"].clone();
    let edit = json!({"chat_id": 7, "message_id": id, "text": "раз"});
    stage.call("editMessageText", edit).await.result();
    assert!(stage.anna.last_bot_message().expect("it is there").buttons.is_empty());
    let markup = json!({"chat_id": 7, "message_id": id});
    let refused = stage.call("editMessageReplyMarkup", markup).await.refused(400);
    assert!(refused.contains(NOT_MODIFIED), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_edited() {
    let stage = Stage::start().await;
    let edit = async |id: Value| {
        let params = json!({"chat_id": 7, "message_id": id, "text": "два"});
        stage.call("editMessageText", params).await.refused(400)
    };
    assert_eq!(edit(json!(99)).await, "Bad Request: message to edit not found");
    assert_eq!(edit(json!(1)).await, "Bad Request: message can't be edited", "it is Anna's");
    let params = json!({"chat_id": 7, "text": "x", "reply_markup": {"keyboard": [["меню"]]}});
    let id = stage.call("sendMessage", params).await.result()["message_id"].clone();
    assert_eq!(edit(id).await, "Bad Request: message can't be edited", "it brought a keyboard");
    let inline = json!({"inline_message_id": "x", "text": "два"});
    let refused = stage.call("editMessageText", inline).await.refused(400);
    assert_eq!(refused, "Bad Request: MESSAGE_ID_INVALID");
    assert!(stage.sim.violations().is_empty());
    let id = stage.send("раз").await;
    let markup = json!({"keyboard": [["меню"]]});
    let params = json!({"chat_id": 7, "message_id": id, "text": "два", "reply_markup": markup});
    let refused = stage.call("editMessageText", params).await.refused(400);
    assert_eq!(refused, "Bad Request: inline keyboard expected");
}

#[tokio::test]
async fn a_text_becomes_a_photo_and_never_a_text_again() {
    let stage = Stage::start().await;
    let id = stage.send("рисую").await;
    let form = reqwest::multipart::Form::new()
        .text("chat_id", "7")
        .text("message_id", id.to_string())
        .text("media", r#"{"type": "photo", "media": "attach://preview", "caption": "готово"}"#)
        .part("preview", reqwest::multipart::Part::stream(png(40, 30)).file_name("p.png"));
    stage.ask(stage.http.post(stage.url("editMessageMedia")).multipart(form)).await.result();
    let message = stage.anna.message(id).expect("it is there");
    assert_eq!(message.text, "готово");
    assert_eq!(stage.sim.file(&message.photo.expect("a photo")).expect("kept"), png(40, 30));
    let edit = json!({"chat_id": 7, "message_id": id, "text": "снова текст"});
    let refused = stage.call("editMessageText", edit).await.refused(400);
    assert_eq!(refused, "Bad Request: there is no text in the message to edit");
    let caption =
        json!({"chat_id": 7, "message_id": id, "caption": "<i>иначе</i>", "parse_mode": "HTML"});
    let edited = stage.call("editMessageCaption", caption.clone()).await.result();
    assert_eq!(edited["caption"], "иначе");
    assert!(stage.call("editMessageCaption", caption).await.refused(400).contains(NOT_MODIFIED));
    let text = stage.send("текст").await;
    let caption = json!({"chat_id": 7, "message_id": text, "caption": "x"});
    let refused = stage.call("editMessageCaption", caption).await.refused(400);
    assert_eq!(refused, "Bad Request: there is no caption in the message to edit");
}

#[tokio::test]
async fn messages_can_be_deleted_for_48_hours() {
    let stage = Stage::start().await;
    let (first, second) = (stage.send("раз").await, stage.send("два").await);
    let delete =
        async |id: i64| stage.call("deleteMessage", json!({"chat_id": 7, "message_id": id})).await;
    delete(first).await.result();
    assert_eq!(delete(first).await.refused(400), "Bad Request: message to delete not found");
    delete(1).await.result();
    stage.clock.advance(Duration::from_secs(48 * 3600 + 1));
    let refused = delete(second).await.refused(400);
    assert_eq!(refused, "Bad Request: message can't be deleted for everyone");
    let third = stage.send("три").await;
    let ids = json!({"chat_id": 7, "message_ids": [third, 999]});
    stage.call("deleteMessages", ids).await.result();
    let left: Vec<i64> = stage.anna.messages().iter().map(|message| message.id).collect();
    assert_eq!(left, [second]);
    stage.call("deleteMessages", json!({"chat_id": 7, "message_ids": []})).await.refused(400);
}

#[tokio::test]
async fn a_copy_has_the_content_and_a_new_id() {
    let stage = Stage::start().await;
    let id = stage.anna.sends_photo(png(30, 30), "моё").expect("a photo");
    let params = json!({"chat_id": 7, "from_chat_id": 7, "message_id": id, "caption": "копия"});
    let copied = stage.call("copyMessage", params).await.result();
    let copy = stage.anna.last_bot_message().expect("it is there");
    assert_eq!(copied, json!({"message_id": copy.id}));
    assert_eq!((copy.text.as_str(), copy.photo.is_some()), ("копия", true));
    let params = json!({"chat_id": 7, "from_chat_id": 7, "message_id": 999});
    let refused = stage.call("copyMessage", params).await.refused(400);
    assert_eq!(refused, "Bad Request: message to copy not found");
}

#[tokio::test]
async fn one_reaction_at_most() {
    let stage = Stage::start().await;
    let react = async |message_id: i64, reaction: Value| {
        let params = json!({"chat_id": 7, "message_id": message_id, "reaction": reaction});
        stage.call("setMessageReaction", params).await
    };
    let heart = json!({"type": "emoji", "emoji": "❤"});
    react(1, json!([heart])).await.result();
    assert_eq!(stage.anna.messages()[0].reactions, std::slice::from_ref(&heart));
    react(1, json!([heart, heart])).await.refused(400);
    react(1, json!([{"type": "smile"}])).await.refused(400);
    let refused = react(99, json!([heart])).await.refused(400);
    assert_eq!(refused, "Bad Request: message to react not found");
    react(1, json!([])).await.result();
    assert!(stage.anna.messages()[0].reactions.is_empty());
}
