//! The table of errors: what a refused request for a new task means. The API's number decides, then the HTTP status.

use std::time::Duration;

use super::reply::Reply;
use crate::rejection::{Reason, Rejection};

/// The least wait after too many calls in a second.
const RATE_WAIT: Duration = Duration::from_secs(1);
/// The wait for a place among the tasks that our pack may have at once; a task takes minutes.
const PLACE_WAIT: Duration = Duration::from_secs(15);
/// The wait while the provider is being serviced.
const SERVICE_WAIT: Duration = Duration::from_secs(60);

/// What the refusal of a new task means.
pub(super) fn classify(reply: &Reply) -> Rejection {
    match reply.code().and_then(|code| by_code(code, reply)) {
        Some(rejection) => rejection,
        None => by_status(reply),
    }
}

/// Whether we were sent away because our own share is in use. The provider is well then.
pub(super) fn is_our_share(rejection: &Rejection) -> bool {
    matches!(rejection.code.as_str(), "1302" | "1303")
}

/// What the log is told, still to be redacted.
pub(super) fn said(reply: &Reply) -> String {
    match &reply.envelope {
        Some(envelope) => envelope.message.clone(),
        None => format!("not the API's words, {} bytes", reply.size_bytes),
    }
}

/// The API's numbers; none for one that this version does not know.
fn by_code(number: i64, reply: &Reply) -> Option<Rejection> {
    let code = &number.to_string();
    let queue = |least: Duration| {
        Rejection::queue(code, Some(reply.retry_after.map_or(least, |asked| asked.max(least))))
    };
    Some(match number {
        // No key, a wrong key, a clock that is wrong, an account or an address that is shut out.
        1000..=1004 | 1100 | 1304 => Rejection::owner_fault_for_all(code),
        1101 | 1102 => Rejection::out_of_funds(code),
        1103 | 1202 | 1203 => Rejection::model_gone(code),
        1200 | 1201 => Rejection::user_fault(code, Reason::BadInput),
        1300 | 1301 => Rejection::user_fault(code, Reason::Moderation),
        1302 => queue(RATE_WAIT),
        1303 => queue(PLACE_WAIT),
        5001 => queue(SERVICE_WAIT),
        // The task may have been created all the same.
        5000 | 5002 => Rejection::unknown(code),
        _ => return None,
    })
}

/// A number of next year, or somebody else's page.
fn by_status(reply: &Reply) -> Rejection {
    let code = match reply.code() {
        Some(code) if code != 0 => code.to_string(),
        _ => format!("HTTP_{}", reply.status),
    };
    match reply.status {
        // Torn, foreign, or an error among the successes: the task may have been created.
        200..=299 if reply.code().is_none() => Rejection::unknown("answer-unreadable"),
        200..=299 => Rejection::unknown(&code),
        401 | 407 => Rejection::owner_fault_for_all(&code),
        408 | 499 => Rejection::unknown(&code),
        413 => Rejection::user_fault(&code, Reason::BadInput),
        429 | 503 => Rejection::queue(&code, reply.retry_after),
        500..=599 => Rejection::unknown(&code),
        _ => Rejection::owner_fault(&code),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::reply::tests::reply;
    use super::*;
    use crate::rejection::Class;

    const ALL: Class = Class::OwnerFault { pause: true };
    const ONE: Class = Class::OwnerFault { pause: false };

    fn refused(status: u16, code: i64) -> Rejection {
        let body = json!({"code": code, "message": "m", "request_id": "r"});
        classify(&reply(status, body.to_string()))
    }

    #[test]
    fn every_number_has_its_outcome() {
        use Reason as R;
        let rows = [
            (401, 1000, "auth failed", ALL, R::OurFault, None),
            (401, 1001, "no auth header", ALL, R::OurFault, None),
            (401, 1002, "wrong key", ALL, R::OurFault, None),
            (401, 1003, "token not valid yet", ALL, R::OurFault, None),
            (401, 1004, "token expired", ALL, R::OurFault, None),
            (429, 1100, "account abnormal", ALL, R::OurFault, None),
            (429, 1101, "arrears", Class::OutOfFunds, R::OurFault, None),
            (429, 1102, "pack used up", Class::OutOfFunds, R::OurFault, None),
            (403, 1103, "no right to the model", Class::ModelGone, R::OurFault, None),
            (400, 1200, "bad parameters", Class::UserFault, R::BadInput, None),
            (400, 1201, "bad parameter", Class::UserFault, R::BadInput, None),
            (404, 1202, "wrong method", Class::ModelGone, R::OurFault, None),
            (404, 1203, "no such model", Class::ModelGone, R::OurFault, None),
            (400, 1300, "platform policy", Class::UserFault, R::Moderation, None),
            (400, 1301, "content safety", Class::UserFault, R::Moderation, None),
            (429, 1302, "rate limit", Class::Queue, R::Overloaded, Some(1)),
            (429, 1303, "all places of the pack", Class::Queue, R::Overloaded, Some(15)),
            (429, 1304, "address not on the list", ALL, R::OurFault, None),
            (500, 5000, "server error", Class::Unknown, R::Overloaded, None),
            (503, 5001, "maintenance", Class::Queue, R::Overloaded, Some(60)),
            (504, 5002, "server timeout", Class::Unknown, R::Overloaded, None),
        ];
        for (status, code, row, class, reason, wait_s) in rows {
            // The number counts, whatever the status.
            for status in [status, 200, 429, 500] {
                let rejection = refused(status, code);
                assert_eq!((rejection.class, rejection.reason), (class, reason), "{row}");
                assert_eq!(rejection.code, code.to_string(), "{row}");
                assert_eq!(rejection.retry_after, wait_s.map(Duration::from_secs), "{row}");
            }
        }
    }

    #[test]
    fn a_number_of_next_year_is_judged_by_its_status() {
        let rows = [
            (200, 1999, "error among successes", Class::Unknown),
            (400, 1299, "new bad parameter", ONE),
            (401, 1099, "new auth trouble", ALL),
            (403, 1199, "new ban", ONE),
            (429, 1399, "new limit", Class::Queue),
            (500, 5999, "new server trouble", Class::Unknown),
            (503, 5999, "new maintenance", Class::Queue),
        ];
        for (status, code, row, class) in rows {
            let rejection = refused(status, code);
            assert_eq!((rejection.class, rejection.code), (class, code.to_string()), "{row}");
        }
    }

    #[test]
    fn a_page_of_a_gateway_is_judged_by_its_status() {
        let rows = [
            (200, "welcome page", Class::Unknown, "answer-unreadable"),
            (302, "redirect", ONE, "HTTP_302"),
            (400, "bad request", ONE, "HTTP_400"),
            (401, "login wall", ALL, "HTTP_401"),
            (403, "firewall", ONE, "HTTP_403"),
            (404, "wrong address", ONE, "HTTP_404"),
            (407, "proxy login", ALL, "HTTP_407"),
            (408, "timeout", Class::Unknown, "HTTP_408"),
            (413, "too large", Class::UserFault, "HTTP_413"),
            (429, "too many", Class::Queue, "HTTP_429"),
            (499, "hung up", Class::Unknown, "HTTP_499"),
            (500, "server error", Class::Unknown, "HTTP_500"),
            (502, "bad gateway", Class::Unknown, "HTTP_502"),
            (503, "unavailable", Class::Queue, "HTTP_503"),
            (504, "gateway timeout", Class::Unknown, "HTTP_504"),
            (522, "no origin", Class::Unknown, "HTTP_522"),
        ];
        for (status, row, class, code) in rows {
            let rejection = classify(&reply(status, "<html>words</html>"));
            assert_eq!((rejection.class, rejection.code.as_str()), (class, code), "{row}");
        }
        assert_eq!(said(&reply(500, "<html>words</html>")), "not the API's words, 18 bytes");
    }

    #[test]
    fn a_success_without_a_task_leaves_the_outcome_unknown() {
        for body in [r#"{"code":0,"data":{}}"#, r#"{"code":0}"#, "{\"code\":0,\"da", "[]", ""] {
            assert_eq!(classify(&reply(200, body)).class, Class::Unknown, "{body}");
        }
    }

    #[test]
    fn a_longer_wait_that_is_asked_for_is_kept() {
        let mut reply = reply(429, r#"{"code":1302,"message":"slow down"}"#);
        reply.retry_after = Some(Duration::from_secs(7));
        assert_eq!(classify(&reply).retry_after, Some(Duration::from_secs(7)));
        reply.retry_after = Some(Duration::ZERO);
        assert_eq!(classify(&reply).retry_after, Some(RATE_WAIT));
    }

    #[test]
    fn only_our_own_share_is_no_trouble_of_the_provider() {
        assert!(is_our_share(&refused(429, 1302)) && is_our_share(&refused(429, 1303)));
        assert!(!is_our_share(&refused(503, 5001)) && !is_our_share(&refused(429, 1399)));
    }

    proptest! {
        #[test]
        fn any_bytes_under_any_status_give_an_outcome(status in 100_u16..1000, body: Vec<u8>) {
            prop_assert!(!classify(&reply(status, body)).code.is_empty());
        }
    }
}
