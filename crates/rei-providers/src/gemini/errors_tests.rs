use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::rejection::Class;

fn refused(status: u16, body: impl Into<Bytes>) -> Rejection {
    classify(&Answer { status, retry_after: None, body: body.into() }).rejection
}

fn error(http: u16, status: &str, details: Value) -> Rejection {
    let body =
        json!({"error": {"code": http, "message": "m", "status": status, "details": details}});
    refused(http, body.to_string())
}

fn quota(value: Value) -> Value {
    json!([{"@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{"quotaMetric": "m", "quotaId": "q", "quotaValue": value}]}])
}

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

#[test]
fn every_http_error_has_its_outcome() {
    let none = || json!([]);
    let wrong_key = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                            "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]);
    let all = Class::OwnerFault { pause: true };
    let one = Class::OwnerFault { pause: false };
    let retry = |at_most| Class::Retry { at_most };
    let rows = [
        (400, "INVALID_ARGUMENT", none(), Class::UserFault, Reason::BadInput, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", wrong_key, all, Reason::OurFault, "API_KEY_INVALID"),
        (400, "FAILED_PRECONDITION", none(), all, Reason::OurFault, "FAILED_PRECONDITION"),
        (401, "UNAUTHENTICATED", none(), all, Reason::OurFault, "UNAUTHENTICATED"),
        (402, "", none(), all, Reason::OurFault, "HTTP_402"),
        (403, "PERMISSION_DENIED", none(), all, Reason::OurFault, "PERMISSION_DENIED"),
        (404, "NOT_FOUND", none(), Class::ModelGone, Reason::OurFault, "NOT_FOUND"),
        (408, "", none(), retry(2), Reason::Overloaded, "HTTP_408"),
        (409, "ABORTED", none(), one, Reason::OurFault, "ABORTED"),
        (413, "", none(), Class::UserFault, Reason::BadInput, "HTTP_413"),
        (413, "INVALID_ARGUMENT", none(), Class::UserFault, Reason::BadInput, "INVALID_ARGUMENT"),
        (413, "OUT_OF_RANGE", none(), Class::UserFault, Reason::BadInput, "OUT_OF_RANGE"),
        (429, "RESOURCE_EXHAUSTED", none(), Class::Queue, Reason::Overloaded, "RESOURCE_EXHAUSTED"),
        (
            429,
            "RESOURCE_EXHAUSTED",
            quota(json!("20")),
            Class::Queue,
            Reason::Overloaded,
            "RESOURCE_EXHAUSTED",
        ),
        (429, "RESOURCE_EXHAUSTED", quota(json!("0")), all, Reason::OurFault, "QUOTA_IS_ZERO"),
        (429, "RESOURCE_EXHAUSTED", quota(json!(0)), all, Reason::OurFault, "QUOTA_IS_ZERO"),
        (499, "CANCELLED", none(), Class::Unknown, Reason::Overloaded, "CANCELLED"),
        (500, "INTERNAL", none(), retry(3), Reason::Overloaded, "INTERNAL"),
        (501, "UNIMPLEMENTED", none(), one, Reason::OurFault, "UNIMPLEMENTED"),
        (502, "", none(), retry(2), Reason::Overloaded, "HTTP_502"),
        (503, "UNAVAILABLE", none(), Class::Queue, Reason::Overloaded, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED", none(), retry(2), Reason::Overloaded, "DEADLINE_EXCEEDED"),
        (599, "", none(), retry(3), Reason::Overloaded, "HTTP_599"),
        (302, "", none(), one, Reason::OurFault, "HTTP_302"),
    ];
    for (http, status, details, class, reason, code) in rows {
        let rejection = error(http, status, details);
        assert_eq!((rejection.class, rejection.reason), (class, reason), "{http} {status}");
        assert_eq!(rejection.code, code);
    }
}

#[test]
fn a_page_of_a_proxy_is_judged_by_its_status() {
    let html = "<html>Bad gateway: key=x</html>";
    assert_eq!(refused(500, html).class, Class::Retry { at_most: 3 });
    assert_eq!(refused(503, "").class, Class::Queue);
    assert_eq!(refused(429, html).class, Class::Queue);
    assert_eq!(refused(400, html).class, Class::OwnerFault { pause: false });
    assert_eq!(refused(403, html).class, Class::OwnerFault { pause: true });
    // The model is not to blame for a wrong address.
    assert_eq!(refused(404, html).class, Class::OwnerFault { pause: true });
    let answer = Answer { status: 500, retry_after: None, body: html.into() };
    assert_eq!(classify(&answer).said, "not the API's words, 31 bytes");
}

#[test]
fn a_wrong_key_and_a_zero_quota_are_known_by_their_words_as_well() {
    let said = |http: u16, message: &str| {
        let body = json!({"error": {"message": message, "status": "S"}});
        refused(http, body.to_string()).code
    };
    assert_eq!(said(400, "API key not valid. Please pass a valid API key."), "API_KEY_INVALID");
    assert_eq!(said(400, "API key expired. Please renew the API key."), "API_KEY_INVALID");
    assert_eq!(said(429, "Quota exceeded for metric: x, limit: 0, model: y"), "QUOTA_IS_ZERO");
    assert_eq!(said(429, "limit: 0"), "QUOTA_IS_ZERO");
    assert_eq!(said(429, "limit: 10, limit: 0.5"), "S");
}

#[test]
fn the_wait_is_read_with_its_fraction() {
    let wait = |delay: &str| {
        let details = json!([{"@type": "x"}, {"@type": RETRY_INFO, "retryDelay": delay}]);
        error(429, "RESOURCE_EXHAUSTED", details).retry_after
    };
    assert_eq!(wait("37s"), Some(Duration::from_secs(37)));
    assert_eq!(wait("1.5s"), Some(Duration::from_millis(1500)));
    assert_eq!(wait("0.000000001s"), Some(Duration::from_nanos(1)));
    assert_eq!(wait("12.34567890123s"), Some(Duration::new(12, 345_678_901)));
    for broken in ["", "s", "1", "-1s", "1.s5", ".5s", "1e3s", "99999999999999999999s", "1 s"] {
        assert_eq!(wait(broken), None, "{broken}");
    }
}

#[test]
fn without_the_apis_word_the_header_says_how_long() {
    let header = Some(Duration::from_secs(9));
    let answer = |body: String| Answer { status: 503, retry_after: header, body: body.into() };
    assert_eq!(classify(&answer(String::new())).rejection.retry_after, header);
    let own = json!({"error": {"details": [{"@type": RETRY_INFO, "retryDelay": "2s"}]}});
    let own = classify(&answer(own.to_string())).rejection.retry_after;
    assert_eq!(own, Some(Duration::from_secs(2)));
}

#[test]
fn the_log_names_the_fields_that_were_wrong() {
    let body = json!({"error": {"message": "bad", "status": "INVALID_ARGUMENT", "details": [
        {"@type": "type.googleapis.com/google.rpc.BadRequest",
         "fieldViolations": [{"field": "generation_config.image_config", "description": "d"}]}]}});
    let answer = Answer { status: 400, retry_after: None, body: body.to_string().into() };
    assert_eq!(classify(&answer).said, "bad [generation_config.image_config]");
}

#[test]
fn odd_types_in_the_body_do_not_hide_the_status() {
    let odd = json!({"error": {"status": 7, "message": [], "details": "none", "more": null}});
    assert_eq!(refused(503, odd.to_string()).class, Class::Queue);
    assert_eq!(refused(404, "{\"error\":\"nope\"}").class, Class::OwnerFault { pause: true });
}

proptest! {
    #[test]
    fn any_bytes_under_any_status_give_an_outcome(status in 300_u16..1000, body: Vec<u8>) {
        prop_assert!(!refused(status, body).code.is_empty());
    }
}
