//! Files and replies as the conversation hears of them.

use rei_domain::ids::MessageId;
use serde_json::{Value, json};

use super::*;

/// The event of a message in Anna's private chat with these fields.
fn event(fields: &Value) -> Event {
    let mut message = json!({
        "message_id": 7,
        "date": 1,
        "chat": {"id": 42, "type": "private", "first_name": "Anna"},
        "from": {"id": 42, "is_bot": false, "first_name": "Anna"},
    });
    for (name, value) in fields.as_object().expect("fields are an object") {
        message[name] = value.clone();
    }
    let raw = json!({"update_id": 1, "message": message}).to_string();
    let bot = BotIdentity { id: 1, username: "rei_bot".to_owned() };
    match translate(rei_telegram::decode(&raw), &bot) {
        Said::Privately { event, .. } => *event,
        other => panic!("{other:?}"),
    }
}

fn content(fields: &Value) -> Content {
    match event(fields) {
        Event::Sent { content, .. } => content,
        other => panic!("{other:?}"),
    }
}

fn file(file_id: &str, size_bytes: Option<u64>) -> FileRef {
    FileRef { file_id: file_id.to_owned(), unique_id: Some(format!("u-{file_id}")), size_bytes }
}

fn sent(file_id: &str, mime_type: Option<&str>) -> Value {
    json!({
        "file_id": file_id, "file_unique_id": format!("u-{file_id}"), "file_size": 1000,
        "mime_type": mime_type, "width": 90, "height": 90, "duration": 3,
    })
}

#[test]
fn the_largest_size_of_a_photo_is_the_file_and_keeps_its_album() {
    let small = json!({"file_id": "s", "file_unique_id": "u-s", "width": 9, "height": 9});
    let photo = json!({"photo": [small, sent("l", None)], "media_group_id": "55"});
    let expected = Content::Picture { file: file("l", Some(1000)), album: Some("55".to_owned()) };
    assert_eq!(content(&photo), expected);
}

#[test]
fn a_document_is_what_it_claims_to_be() {
    let document = |mime| content(&json!({"document": sent("d", Some(mime))}));
    let file = file("d", Some(1000));
    assert_eq!(document("image/webp"), Content::Picture { file: file.clone(), album: None });
    assert_eq!(document("Video/QuickTime"), Content::Video { file: file.clone(), album: None });
    assert_eq!(document("application/zip"), Content::File { file });
}

#[test]
fn clips_and_animations_are_videos_and_round_ones_are_voices() {
    let video = Content::Video { file: file("v", Some(1000)), album: None };
    assert_eq!(content(&json!({"video": sent("v", None)})), video);
    assert_eq!(content(&json!({"animation": sent("v", None), "document": sent("v", None)})), video);
    assert_eq!(content(&json!({"video_note": sent("v", None)})), Content::Voice);
}

#[test]
fn a_reply_names_the_message_and_its_picture() {
    let replied = json!({
        "message_id": 5, "date": 1, "chat": {"id": 42, "type": "private"},
        "photo": [sent("p", None)],
    });
    let Event::Typed(typed) = event(&json!({"text": "ярче", "reply_to_message": replied}))
    else {
        panic!("words are typed")
    };
    let expected =
        Reply { message: Some(MessageId(5)), picture: Some(file("p", Some(1000))), video: None };
    assert_eq!(typed.origin.reply, Some(expected));
}

#[test]
fn a_message_of_another_chat_has_no_number_here() {
    let replied = json!({
        "message_id": 5, "chat": {"id": -7, "type": "channel"}, "photo": [sent("p", None)],
        "origin": {"type": "hidden_user"},
    });
    let Event::Typed(typed) = event(&json!({"text": "ярче", "external_reply": replied})) else {
        panic!("words are typed")
    };
    let reply = typed.origin.reply.expect("it is a reply");
    assert_eq!((reply.message, reply.picture), (None, Some(file("p", Some(1000)))));
}

fn stars(charge: &str) -> Value {
    json!({
        "currency": "XTR", "total_amount": 50, "invoice_payload": "p",
        "telegram_payment_charge_id": charge, "provider_payment_charge_id": "1",
    })
}

/// What a message of Anna's in a chat of this kind means.
fn said_in(kind: &str, field: &str, value: &Value) -> Said {
    let raw = json!({"update_id": 1, "message": {
        "message_id": 7, "date": 1, "chat": {"id": -5, "type": kind},
        "from": {"id": 42, "is_bot": false, "first_name": "Anna"}, field: value,
    }});
    let bot = BotIdentity { id: 1, username: "rei_bot".to_owned() };
    translate(rei_telegram::decode(&raw.to_string()), &bot)
}

#[test]
fn a_question_before_a_payment_is_no_word_of_a_chat() {
    let raw = json!({"update_id": 1, "pre_checkout_query": {
        "id": "9", "from": {"id": 42, "is_bot": false, "first_name": "Anna"}, "currency": "XTR",
        "total_amount": 50, "invoice_payload": "p"}});
    let bot = BotIdentity { id: 1, username: "rei_bot".to_owned() };
    let Said::Checkout(query) = translate(rei_telegram::decode(&raw.to_string()), &bot) else {
        panic!("it is a question")
    };
    assert_eq!((query.id.as_str(), query.total_amount, query.from.id), ("9", 50, CustomerId(42)));
}

#[test]
fn money_counts_in_every_kind_of_chat() {
    for kind in ["private", "group", "supergroup"] {
        let Said::StarsPaid { person, payment } =
            said_in(kind, "successful_payment", &stars("stx1"))
        else {
            panic!("Stars came in a {kind}")
        };
        assert_eq!((person.id, payment.telegram_charge_id.as_str()), (CustomerId(42), "stx1"));
        let Said::StarsRefunded(payment) = said_in(kind, "refunded_payment", &stars("stx1")) else {
            panic!("Stars went back in a {kind}")
        };
        assert_eq!((payment.total_amount, payment.invoice_payload.as_str()), (50, "p"));
    }
}
