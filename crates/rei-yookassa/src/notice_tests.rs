//! Notifications of every kind, and what strangers may send instead.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const PAYMENT: &str = "30b1f0aa-000f-5000-8000-1f2e3d4c5b6a";

/// Each event with its object, as YooKassa sends it.
fn every_event() -> Vec<(&'static str, Value)> {
    let payment = |status: &str| {
        json!({"id": PAYMENT, "status": status, "paid": status != "canceled", "test": false,
            "amount": {"value": "500.00", "currency": "RUB"},
            "recipient": {"account_id": "100500", "gateway_id": "2"},
            "payment_method": {"type": "bank_card", "card": {"last4": "4444"}},
            "created_at": "2026-01-01T00:00:00.000Z",
            "metadata": {"order_id": "o-1", "user_id": "42", "sig": "v1.46a70489.tag"}})
    };
    let refund = json!({"id": "216749f7-0016-50be-b000-078d43a63ae4", "payment_id": PAYMENT,
        "status": "succeeded", "created_at": "2026-01-01T00:00:00.000Z",
        "amount": {"value": "1.00", "currency": "RUB"}});
    vec![
        ("payment.waiting_for_capture", payment("waiting_for_capture")),
        ("payment.succeeded", payment("succeeded")),
        ("payment.canceled", payment("canceled")),
        ("refund.succeeded", refund),
        (
            "payment_method.active",
            json!({"id": "22d6d597-000f-5000-9000-145f6df21d6f", "type": "bank_card", "saved": true}),
        ),
        (
            "payout.succeeded",
            json!({"id": "po-285e5ee7-0022-5000-8000-01516a44b147", "status": "succeeded"}),
        ),
        ("deal.closed", json!({"id": "dl-285e5ee7-0022-5000-8000-01516a44b147"})),
    ]
}

fn parse(event: &str, object: Value) -> Result<Notice, NoticeError> {
    let body = json!({"type": "notification", "event": event, "object": object, "new": 1});
    Notice::parse(body.to_string().as_bytes())
}

#[test]
fn every_event_is_read_and_names_its_payment() {
    for (event, object) in every_event() {
        let notice = parse(event, object.clone()).expect("a notice");
        assert_eq!((notice.event.as_str(), notice.object.as_str()), (event, id_of(&object)));
        let about_money = event.starts_with("payment.") || event.starts_with("refund.");
        let payment = notice.payment.as_ref().map(ProviderPaymentId::as_str);
        assert_eq!(payment, about_money.then_some(PAYMENT), "{event}");
    }
}

fn id_of(object: &Value) -> &str {
    object["id"].as_str().expect("an id")
}

#[test]
fn a_paid_payment_brings_what_was_sent_along() {
    let (event, object) = every_event().swap_remove(1);
    let notice = parse(event, object).expect("a notice");
    assert_eq!(notice.event, Event::PaymentSucceeded);
    assert_eq!(notice.status.as_deref(), Some("succeeded"));
    assert_eq!(notice.metadata["sig"], "v1.46a70489.tag");
    let shown = format!("{notice:?}");
    assert!(!shown.contains("42") && !shown.contains("v1."), "{shown}");
}

#[test]
fn an_event_of_next_year_is_kept_as_it_is() {
    let notice = parse("payment.dreamt", json!({"id": PAYMENT})).expect("a notice");
    assert_eq!(notice.event, Event::Other("payment.dreamt".to_owned()));
    assert!(notice.event.is_about_payment() && notice.payment.is_some());
    let notice = parse("refund.dreamt", json!({"id": "r-1"})).expect("a notice");
    assert!(notice.event.is_about_refund() && notice.payment.is_none());
}

#[test]
fn another_shape_is_refused() {
    for (event, object) in [
        ("", json!({"id": PAYMENT})),
        ("payment succeeded", json!({"id": PAYMENT})),
        (&*"e".repeat(65), json!({"id": PAYMENT})),
        ("payment.succeeded", json!({})),
        ("payment.succeeded", json!({"id": "../x"})),
        ("payment.succeeded", json!({"id": 7})),
        ("payment.succeeded", json!(PAYMENT)),
        ("payment.succeeded", json!({"id": PAYMENT, "status": 7})),
        ("payment.succeeded", json!({"id": PAYMENT, "metadata": "x"})),
        ("refund.succeeded", json!({"id": "r-1"})),
        ("refund.succeeded", json!({"id": "r-1", "payment_id": "a b"})),
    ] {
        assert_eq!(parse(event, object.clone()), Err(NoticeError::Shape), "{event} {object}");
    }
    for body in ["7", "{}", "null", "\"x\"", r#"{"type":"error","event":"a","object":{"id":"a"}}"#]
    {
        assert_eq!(Notice::parse(body.as_bytes()), Err(NoticeError::Shape), "{body}");
    }
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let two_events = r#"{"type":"notification","event":"payment.canceled",
        "event":"payment.succeeded","object":{"id":"a"}}"#;
    let two_ids =
        r#"{"type":"notification","event":"payment.succeeded","object":{"id":"a","id":"b"}}"#;
    let two_orders = r#"{"type":"notification","event":"payment.succeeded",
        "object":{"id":"a","metadata":{"order_id":"1","order_id":"2"}}}"#;
    let escaped = two_orders.replacen("order_id", "\\u006frder_id", 1);
    for body in [two_events, two_ids, two_orders, &escaped] {
        assert_eq!(Notice::parse(body.as_bytes()), Err(NoticeError::Shape), "{body}");
    }
}

#[test]
fn what_is_no_json_text_is_refused() {
    let good = json!({"type": "notification", "event": "payment.succeeded", "object": {"id": "a"}})
        .to_string();
    let twice = format!("{good}{good}");
    let with_mark = format!("\u{feff}{good}");
    for body in ["", "<xml/>", &good[..good.len() - 1], &twice, &with_mark] {
        assert_eq!(Notice::parse(body.as_bytes()), Err(NoticeError::NotJson), "{body}");
    }
    assert_eq!(Notice::parse(b"{\"type\":\"\xff\"}"), Err(NoticeError::NotJson));
    assert!(Notice::parse(good.as_bytes()).is_ok());
}

#[test]
fn deep_nesting_neither_overflows_nor_hangs() {
    let deep = "[".repeat(100_000);
    let within = |name: &str| {
        format!(
            r#"{{"type":"notification","event":"payment.succeeded","object":{{"id":"a","{name}":{deep}"#
        )
    };
    for body in [deep.clone(), within("metadata"), within("new"), within("status")] {
        assert!(Notice::parse(body.as_bytes()).is_err());
    }
    let closed = format!(
        r#"{{"type":"notification","event":"payment.succeeded","object":{{"id":"a","new":{}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let _ = Notice::parse(closed.as_bytes());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body: Vec<u8>) {
        let _ = Notice::parse(&body);
    }

    #[test]
    fn whatever_is_read_can_be_asked_for(id in "\\PC{0,70}", event in "[a-z_.]{0,70}") {
        if let Ok(notice) = parse(&event, json!({"id": id, "payment_id": id})) {
            prop_assert!(ProviderPaymentId::parse(&notice.object).is_ok());
            prop_assert_eq!(notice.event.as_str(), event);
        }
    }
}
