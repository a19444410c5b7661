//! Updates as they come, and the seventeen that no library expects.

use serde_json::json;

use super::*;
use crate::command::Addressed;

macro_rules! odd {
    ($name:literal) => {
        decode(include_str!(concat!("../../tests/fixtures/odd/", $name, ".json")))
    };
}

fn message(incoming: Incoming) -> Message {
    match incoming {
        Incoming::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

fn callback(incoming: Incoming) -> Callback {
    match incoming {
        Incoming::Callback(callback) => callback,
        other => panic!("not a press: {other:?}"),
    }
}

const ANNA: i64 = 279_058_397;

#[test]
fn kinds_that_nobody_knows_yet_are_named_and_keep_their_chat() {
    let odd = odd!("01_unknown_kind");
    assert_eq!((odd.kind(), odd.chat(), odd.lane()), ("telepathy", Some(ChatId(ANNA)), Lane(ANNA)));
    assert_eq!(odd.customer(), Some(CustomerId(ANNA)));
    let odd = odd!("16_newest_kind");
    assert_eq!((odd.kind(), odd.chat()), ("stopped_message_generation", Some(ChatId(ANNA))));
    let odd = odd!("17_nothing_but_an_id");
    assert_eq!((odd.kind(), odd.chat(), odd.lane()), ("", None, Lane(0)));
}

#[test]
fn unknown_values_leave_the_message_readable() {
    let odd = message(odd!("02_unknown_entity_type"));
    assert_eq!((odd.text.as_deref(), odd.starts_with_command), (Some("кот в плаще"), false));
    let odd = message(odd!("03_unknown_chat_type"));
    assert_eq!((odd.chat.kind, odd.chat.id), (ChatKind::Unknown, ChatId(-77)));
    let odd = message(odd!("04_unknown_forward_origin"));
    assert!(odd.forwarded);
    assert_eq!(odd.command("reibot"), Addressed::NoCommand, "forwarded words are content");
    let odd = message(odd!("07_unknown_fields"));
    assert_eq!((odd.content, odd.text.as_deref()), (Content::Text, Some("кот")));
}

#[test]
fn unknown_contents_are_named_so_that_they_can_be_answered() {
    let content = |incoming| message(incoming).content;
    let unknown = |name: &str| Content::Unknown(name.to_owned());
    assert_eq!(content(odd!("08_unknown_service_message")), unknown("wormhole_opened"));
    assert_eq!(content(odd!("09_unknown_content")), unknown("hologram"));
    assert_eq!(content(odd!("15_rich_message")), unknown("rich_message"));
}

#[test]
fn presses_under_odd_messages_are_presses() {
    let odd = callback(odd!("05_unknown_button_kind"));
    assert_eq!((odd.id.as_str(), odd.data.as_deref()), ("9007199254740993", Some("v1:menu:-")));
    let pressed = callback(odd!("06_disabled_button")).message.expect("its message");
    assert!(pressed.accessible);
    let pressed = callback(odd!("10_inaccessible_message")).message.expect("its message");
    assert_eq!((pressed.message_id, pressed.accessible), (MessageId(4), false));
}

#[test]
fn payments_inside_telegram_are_read() {
    let expected = Payment {
        currency: "XTR".to_owned(),
        total_amount: 50,
        invoice_payload: "order-1".to_owned(),
        telegram_charge_id: "stx1".to_owned(),
    };
    let paid = message(odd!("11_stars_payment")).content;
    assert_eq!(paid, Content::SuccessfulPayment(expected.clone()));
    let refunded = message(odd!("12_refunded_payment")).content;
    assert_eq!(refunded, Content::RefundedPayment(expected));
}

#[test]
fn an_unknown_status_neither_blocks_nor_unblocks() {
    let Incoming::ChatMember(change) = odd!("13_unknown_member_status") else { panic!("a change") };
    assert_eq!(change.new_status, "guardian");
    assert!(!change.blocked() && !change.unblocked());
}

#[test]
fn wrong_types_cost_only_their_own_field() {
    let odd = message(odd!("14_wrong_types"));
    let Content::Document(document) = &odd.content else { panic!("a document: {odd:?}") };
    assert_eq!((document.file_id.as_str(), document.size_bytes), ("d1", None));
    assert!(!document.claims_image());
    assert_eq!(odd.media_group_id.as_deref(), Some("12345678901234567"));
    let from = odd.person().expect("a person");
    assert_eq!((from.first_name.as_str(), from.language()), ("", None));
    assert!(odd.reply_to.is_none() && !odd.via_bot);
}

#[test]
fn blocking_and_unblocking_are_seen_in_private_chats_only() {
    let change = |chat_type: &str, status: &str| {
        let update = json!({"my_chat_member": {
            "chat": {"id": 1, "type": chat_type}, "from": {"id": 1},
            "new_chat_member": {"status": status},
        }});
        let Incoming::ChatMember(change) = decode(&update.to_string()) else { panic!("a change") };
        (change.blocked(), change.unblocked())
    };
    assert_eq!(change("private", "kicked"), (true, false));
    assert_eq!(change("private", "member"), (false, true));
    assert_eq!(change("supergroup", "kicked"), (false, false));
}

#[test]
fn a_reply_to_a_picture_brings_the_picture() {
    let reply = |replied: Value, key: &str| {
        let update = json!({"message": {
            "message_id": 5, "chat": {"id": 1, "type": "private"}, "from": {"id": 1},
            "text": "сделай ночь", key: replied,
        }});
        message(decode(&update.to_string())).reply_to.expect("a reply")
    };
    let photo = json!({"message_id": 3, "chat": {"id": 1}, "from": {"id": 9, "is_bot": true},
        "photo": [{"file_id": "s", "width": 1, "height": 1}, {"file_id": "l", "width": 9, "height": 9}]});
    let to = reply(photo.clone(), "reply_to_message");
    assert_eq!((to.message_id, to.from_bot, to.other_chat), (Some(MessageId(3)), true, None));
    assert_eq!(to.picture.expect("a picture").file_id, "l");
    let to = reply(photo, "external_reply");
    assert_eq!((to.other_chat, to.picture.is_some()), (Some(ChatId(1)), true));
    let file =
        |mime: &str| json!({"message_id": 3, "document": {"file_id": "d", "mime_type": mime}});
    assert!(reply(file("IMAGE/PNG"), "reply_to_message").picture.is_some());
    assert!(reply(file("application/pdf"), "reply_to_message").picture.is_none());
}

#[test]
fn lanes_keep_a_private_chat_in_one_line() {
    let written = json!({"message": {"message_id": 1, "chat": {"id": 7}, "from": {"id": 7}}});
    let pressed = json!({"callback_query": {"id": "1", "from": {"id": 7}}});
    let paying = json!({"pre_checkout_query": {"id": "1", "from": {"id": 7}, "currency": "XTR",
        "total_amount": 5, "invoice_payload": "p"}});
    for update in [written, pressed, paying] {
        assert_eq!(decode(&update.to_string()).lane(), Lane(7), "{update}");
    }
}

#[test]
fn what_cannot_be_used_says_why_without_quoting_it() {
    for (json, why) in [
        ("", "not readable as json"),
        ("{\"message\":", "not readable as json"),
        ("[1]", "not an object"),
        (r#"{"message":{"message_id":1}}"#, "a message without a chat"),
        (r#"{"message":{"chat":{"id":1}}}"#, "a message without an id"),
        (r#"{"edited_message":5}"#, "a message without a chat"),
        (r#"{"callback_query":{"id":"1"}}"#, "a press without a person"),
        (r#"{"my_chat_member":{"chat":{"id":1}}}"#, "a change of membership without a status"),
    ] {
        assert_eq!(decode(json), Incoming::Malformed { why: why.to_owned() }, "{json}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_at_all_makes_decoding_fail(text in "[\\PC\n]{0,200}") {
        let _ = decode(&text);
        let quoted = Value::String(text.clone());
        for kind in ["message", "edited_message", "callback_query", "my_chat_member", "x"] {
            let _ = decode(&json!({kind: quoted}).to_string());
            let inner = json!({"chat": {"id": 1}, "message_id": 2, "from": quoted, "text": text});
            let _ = decode(&json!({kind: inner}).to_string());
        }
    }
}
