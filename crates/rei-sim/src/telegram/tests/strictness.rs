//! What the live server forgives and the double does not.

use serde_json::{Value, json};

use crate::telegram::testing::Stage;

#[tokio::test]
async fn an_unknown_method_is_404_and_a_violation() {
    let stage = Stage::start().await;
    let refused = stage.call("sendMesage", json!({"chat_id": 7, "text": "x"})).await.refused(404);
    assert_eq!(refused, "Not Found: method not found");
    assert_eq!(stage.only_violation(), refused);
}

#[tokio::test]
async fn method_names_are_matched_without_regard_to_case() {
    let stage = Stage::start().await;
    assert_eq!(stage.call("GETME", json!({})).await.result()["username"], "rei_sim_bot");
    assert!(stage.sim.violations().is_empty());
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_and_a_violation() {
    let stage = Stage::start().await;
    let params = json!({"chat_id": 7, "text": "x", "disable_web_page_preview": true});
    stage.call("sendMessage", params).await.refused(400);
    let what = stage.only_violation();
    assert_eq!(what, "Bad Request: unknown parameter \"disable_web_page_preview\"");
    assert_eq!(stage.anna.last_bot_message(), None);
}

#[tokio::test]
async fn missing_parameters_are_refused() {
    let stage = Stage::start().await;
    for (method, params, words) in [
        ("sendMessage", json!({"text": "x"}), "chat_id is empty"),
        ("sendMessage", json!({"chat_id": 7}), "message text is empty"),
        ("sendMessage", json!({"chat_id": 7, "text": " \n"}), "message text is empty"),
        ("sendPhoto", json!({"chat_id": 7}), "there is no photo in the request"),
        ("editMessageText", json!({"text": "x"}), "chat_id is empty"),
        (
            "editMessageText",
            json!({"chat_id": 7, "text": "x"}),
            "parameter \"message_id\" is required",
        ),
        ("answerCallbackQuery", json!({}), "parameter \"callback_query_id\" is required"),
        ("sendMessageDraft", json!({"chat_id": 7, "draft_id": 0}), "draft_id must be non-zero"),
        (
            "sendChatAction",
            json!({"chat_id": 7, "action": "dance"}),
            "wrong parameter action in request",
        ),
    ] {
        let refused = stage.call(method, params).await.refused(400);
        assert_eq!(refused, format!("Bad Request: {words}"), "{method}");
        stage.only_violation();
    }
}

#[tokio::test]
async fn a_wrong_token_is_401() {
    let stage = Stage::start().await;
    let ask = async |bot: &str| {
        let url = format!("{}/{bot}/getMe", stage.sim.base_url());
        stage.ask(stage.http.get(url)).await
    };
    assert_eq!(ask("bot1000000:other").await.refused(401), "Unauthorized");
    assert_eq!(ask("botjunk").await.refused(401), "Unauthorized: invalid token specified");
    ask("1000000:simulated").await.refused(404);
    assert_eq!(stage.sim.take_violations().len(), 3);
}

#[tokio::test]
async fn json_form_query_and_multipart_are_read_alike() {
    let stage = Stage::start().await;
    let url = stage.url("sendMessage");
    let keyboard = json!({"inline_keyboard": [[{"text": "да", "callback_data": "v1:yes"}]]});
    let pairs = [
        ("chat_id", "7".to_owned()),
        ("text", "<b>раз</b>".to_owned()),
        ("parse_mode", "HTML".to_owned()),
        ("protect_content", "true".to_owned()),
        ("reply_markup", keyboard.to_string()),
    ];
    let mut parts = reqwest::multipart::Form::new();
    for (name, value) in pairs.clone() {
        parts = parts.text(name, value);
    }
    let as_json = json!({
        "chat_id": 7, "text": "<b>раз</b>", "parse_mode": "HTML", "protect_content": true,
        "reply_markup": keyboard,
    });
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let query = query.join("&");
    let form = stage
        .http
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(query.clone());
    let mut answers = Vec::new();
    for request in [
        stage.http.post(&url).json(&as_json),
        stage.http.post(&url).multipart(parts),
        stage.http.get(format!("{url}?{query}")),
        form,
    ] {
        let mut message = stage.ask(request).await.result();
        message.as_object_mut().expect("an object").remove("message_id");
        answers.push(message);
    }
    assert!(answers.iter().all(|message| *message == answers[0]), "{answers:?}");
    assert_eq!(answers[0]["text"], "раз");
    assert_eq!(answers[0]["entities"], json!([{"type": "bold", "offset": 0, "length": 3}]));
    assert_eq!(answers[0]["reply_markup"], keyboard);
    assert!(stage.sim.violations().is_empty());
}

/// Percent-encodes what must be in a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect()
}

#[tokio::test]
async fn broken_markup_is_refused_in_the_servers_words() {
    let stage = Stage::start().await;
    let params = json!({"chat_id": 7, "text": "цена <b>50", "parse_mode": "HTML"});
    let refused = stage.call("sendMessage", params).await.refused(400);
    let words = "Can't find end tag corresponding to start tag \"b\"";
    assert_eq!(refused, format!("Bad Request: can't parse entities: {words}"));
    stage.only_violation();
    let params = json!({"chat_id": 7, "text": "*x*", "parse_mode": "MarkdownV2"});
    stage.call("sendMessage", params).await.refused(400);
}

#[tokio::test]
async fn text_and_caption_have_their_limits() {
    let stage = Stage::start().await;
    let send =
        async |text: String| stage.call("sendMessage", json!({"chat_id": 7, "text": text})).await;
    send("я".repeat(4096)).await.result();
    assert_eq!(send("я".repeat(4097)).await.refused(400), "Bad Request: message is too long");
    assert_eq!(send("x".repeat(32_769)).await.refused(400), "Bad Request: Text is too long");
}

#[tokio::test]
async fn keyboards_are_checked() {
    let stage = Stage::start().await;
    let send = async |markup: Value| {
        let params = json!({"chat_id": 7, "text": "x", "reply_markup": markup});
        stage.call("sendMessage", params).await
    };
    let data = "д".repeat(33);
    let button = json!({"inline_keyboard": [[{"text": "x", "callback_data": data}]]});
    assert_eq!(send(button).await.refused(400), "Bad Request: BUTTON_DATA_INVALID");
    send(json!({"keyboard": [["a"]], "resize": true})).await.refused(400);
    send(json!({"keyboard": [["a"], ["b"]], "resize_keyboard": true})).await.result();
    let labels: Vec<String> = stage.anna.keyboard().concat().into_iter().map(|b| b.text).collect();
    assert_eq!(labels, ["a", "b"]);
    send(json!({"remove_keyboard": true})).await.result();
    assert!(stage.anna.keyboard().is_empty());
}

#[tokio::test]
async fn chats_that_cannot_be_written_to() {
    let stage = Stage::start().await;
    stage.sim.user(8, "Борис", "");
    let send =
        async |chat: Value| stage.call("sendMessage", json!({"chat_id": chat, "text": "x"})).await;
    assert_eq!(send(json!(8)).await.refused(400), "Bad Request: chat not found");
    assert_eq!(send(json!("@boris")).await.refused(400), "Bad Request: chat not found");
    stage.anna.blocks_bot().expect("once");
    let blocked = "Forbidden: bot was blocked by the user";
    assert_eq!(send(json!(7)).await.refused(403), blocked);
    stage.anna.unblocks_bot().expect("it was blocked");
    send(json!("7")).await.result();
    assert!(stage.sim.violations().is_empty(), "none of this is the bot's fault");
}

#[tokio::test]
async fn a_reply_to_a_missing_message_needs_leave() {
    let stage = Stage::start().await;
    let send = async |reply: Value| {
        let params = json!({"chat_id": 7, "text": "x", "reply_parameters": reply});
        stage.call("sendMessage", params).await
    };
    let sent = send(json!({"message_id": 1})).await.result();
    assert_eq!(sent["reply_to_message"]["text"], "/start");
    stage.anna.deletes(1).expect("it is there");
    let refused = send(json!({"message_id": 1})).await.refused(400);
    assert_eq!(refused, "Bad Request: message to be replied not found");
    let sent = send(json!({"message_id": 1, "allow_sending_without_reply": true})).await.result();
    assert_eq!(sent.get("reply_to_message"), None);
    send(json!({"message_id": 2, "allow_without": true})).await.refused(400);
}

#[tokio::test]
async fn a_topic_must_exist() {
    let stage = Stage::start().await;
    let params = json!({"chat_id": 7, "text": "x", "message_thread_id": 3});
    let refused = stage.call("sendMessage", params.clone()).await.refused(400);
    assert_eq!(refused, "Bad Request: message thread not found");
    let message = json!({"text": "в теме", "message_thread_id": 3, "is_topic_message": true});
    stage.anna.sends_raw_message(message).expect("any message");
    assert_eq!(stage.call("sendMessage", params).await.result()["message_thread_id"], 3);
}

#[tokio::test]
async fn a_callback_is_answered_once_and_not_late() {
    let stage = Stage::start().await;
    let params = json!({
        "chat_id": 7, "text": "x",
        "reply_markup": {"inline_keyboard": [[{"text": "Да", "callback_data": "v1:yes"}]]},
    });
    stage.call("sendMessage", params).await.result();
    let crate::telegram::Tap::Pressed { query_id } = stage.anna.taps("Да").expect("a button")
    else {
        panic!("a callback button");
    };
    let answer = async |id: &str, text: String| {
        let params = json!({"callback_query_id": id, "text": text});
        stage.call("answerCallbackQuery", params).await
    };
    answer(&query_id, "я".repeat(201)).await.refused(400);
    stage.only_violation();
    assert_eq!(stage.sim.unanswered_taps(), 1);
    answer(&query_id, "готово".to_owned()).await.result();
    assert_eq!(stage.anna.callback_answers()[0].text.as_deref(), Some("готово"));
    let too_old =
        "Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert_eq!(answer(&query_id, String::new()).await.refused(400), too_old);
    let late = stage.anna.taps_data(2, "v1:yes").expect("any data");
    stage.clock.advance(std::time::Duration::from_secs(151));
    assert_eq!(answer(&late, String::new()).await.refused(400), too_old);
    assert!(stage.sim.violations().is_empty());
}

#[tokio::test]
async fn after_log_out_nothing_works() {
    let stage = Stage::start().await;
    stage.call("close", json!({})).await.result();
    stage.call("logOut", json!({})).await.result();
    assert_eq!(stage.call("getMe", json!({})).await.refused(400), "Logged out");
}
