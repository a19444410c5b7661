//! The people's side over HTTP.

use serde_json::{Value, json};

use crate::telegram::testing::{Stage, png};

struct Hand<'a>(&'a Stage);

impl Hand<'_> {
    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/sim/{path}", self.0.sim.base_url());
        let answer = self.0.http.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/sim/{path}", self.0.sim.base_url());
        let answer = self.0.http.post(url).json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }
}

#[tokio::test]
async fn a_script_can_do_what_a_person_can() {
    let stage = Stage::start().await;
    let hand = Hand(&stage);
    assert_eq!(hand.post("users", json!({"id": 9, "first_name": "Вера"})).await.0, 200);
    assert_eq!(
        hand.post("users/9/say", json!({"text": "/start"})).await.1,
        json!({"message_id": 1})
    );
    let photo =
        format!("{}/sim/users/9/photo?caption=%D1%84%D0%BE%D1%82%D0%BE", stage.sim.base_url());
    let sent = stage.http.post(photo).body(png(20, 20)).send().await.expect("an answer");
    assert_eq!(sent.status(), 200);
    let keyboard = json!({"inline_keyboard": [[{"text": "Да", "callback_data": "v1:yes"}]]});
    let params = json!({"chat_id": 9, "text": "Берём?", "reply_markup": keyboard});
    stage.call("sendMessage", params).await.result();
    let seen = hand.get("users/9/messages").await;
    let texts: Vec<&Value> =
        seen["messages"].as_array().expect("a list").iter().map(|m| &m["text"]).collect();
    assert_eq!(texts, ["/start", "фото", "Берём?"]);
    let file = seen["messages"][1]["photo"].as_str().expect("a photo");
    let url = format!("{}/sim/files/{file}", stage.sim.base_url());
    let answer = stage.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "image/png");
    let (status, tap) = hand.post("users/9/tap", json!({"label": "Да"})).await;
    assert_eq!((status, &tap["tap"]), (200, &json!("pressed")));
    let (status, error) = hand.post("users/9/tap", json!({"label": "Нет"})).await;
    assert_eq!(status, 409);
    assert!(error["error"].as_str().expect("words").contains("Да"));
    assert_eq!(hand.post("users/404/say", json!({"text": "x"})).await.0, 409);
    assert_eq!(hand.get("state").await["users"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_page_waits_for_what_is_new_edited_or_deleted() {
    let stage = Stage::start().await;
    let hand = Hand(&stage);
    let id = stage.send("раз").await;
    let since = hand.get("users/7/messages").await["revision"].as_u64().expect("a number");
    let path = format!("users/7/messages?since={since}&wait_ms=10000");
    let deleting = stage.call("deleteMessage", json!({"chat_id": 7, "message_id": id}));
    let (seen, _) = tokio::join!(hand.get(&path), deleting);
    assert_eq!(
        (&seen["messages"][0]["id"], &seen["messages"][0]["deleted"]),
        (&json!(id), &json!(true))
    );
    let since = seen["revision"].as_u64().expect("a number");
    let nothing = hand.get(&format!("users/7/messages?since={since}")).await;
    assert_eq!(nothing["messages"], json!([]));
}

#[tokio::test]
async fn faults_updates_and_the_clock_are_at_hand() {
    let stage = Stage::start().await;
    let hand = Hand(&stage);
    let fault = json!({"kind": "too_many_requests", "retry_after": 2, "chat_id": 7});
    hand.post("faults", fault).await;
    assert_eq!(hand.get("faults").await[0]["kind"], "too_many_requests");
    stage.call("sendMessage", json!({"chat_id": 7, "text": "x"})).await.refused(429);
    assert_eq!(hand.get("faults").await, json!([]));
    let (_, injected) = hand.post("updates", json!({"hologram": {}})).await;
    assert!(injected["update_id"].is_i64());
    let before = hand.get("clock").await["now_ms"].as_i64().expect("a number");
    let (_, after) = hand.post("clock", json!({"advance_ms": 1500})).await;
    assert_eq!(after["now_ms"], before + 1500);
    stage.call("sendMessage", json!({"chat_id": 7, "oops": 1})).await.refused(400);
    assert_eq!(hand.get("violations").await[0]["method"], "sendMessage");
    assert_eq!(hand.get("calls").await[0]["code"], 429);
}

#[tokio::test]
async fn a_script_pays_declines_and_gives_back() {
    let stage = Stage::start().await;
    let hand = Hand(&stage);
    let invoice = json!({
        "title": "50 звёзд", "description": "Пополнение", "payload": "p_1", "currency": "XTR",
        "prices": [{"label": "50", "amount": 50}],
    });
    let link = stage.call("createInvoiceLink", invoice).await.result();
    let behind = link.as_str().expect("a link").replace('$', "%24");
    let seen = hand.get(&format!("users/7/invoice?link={behind}")).await;
    assert_eq!((&seen["total"], &seen["description"]), (&json!(50), &json!("Пополнение")));
    let (_, begun) = hand.post("users/7/pay", json!({"payload": "p_1"})).await;
    let query = begun["query_id"].as_str().expect("an id").to_owned();
    let decline = format!("users/7/checkouts/{query}/decline");
    assert_eq!(hand.post(&decline, json!({})).await.0, 200);
    assert_eq!(hand.post(&decline, json!({})).await.0, 409);
    let (_, begun) = hand.post("users/7/pay", json!({"link": link})).await;
    let query = begun["query_id"].as_str().expect("an id").to_owned();
    let yes = json!({"pre_checkout_query_id": query, "ok": true});
    stage.call("answerPreCheckoutQuery", yes).await.result();
    let state = hand.get(&format!("users/7/checkouts/{query}")).await;
    assert_eq!(state["state"], "paid");
    let back = json!({"charge_id": state["charge_id"]});
    assert_eq!(hand.post("stars/refund", back).await.0, 200);
    let stars = hand.get("stars").await;
    assert_eq!((&stars["balance"], &stars["transactions"][1]["amount"]), (&json!(0), &json!(50)));
}
