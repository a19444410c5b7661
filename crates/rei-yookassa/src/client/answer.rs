//! Reads an answer: an object, or what its absence means. Only YooKassa's own words make a refusal definite; a page of
//! a gateway under the same status leaves the result unknown.

use std::time::Duration;

use serde::Deserialize;
use serde_json::error::Category;

use super::errors::{CallError, Complaint, Held, Lost};
use super::wire::Answer;
use crate::redact;

/// The longest pause that is believed.
const PAUSE_MAX: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
struct RawComplaint {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
    code: Option<String>,
    description: Option<String>,
    parameter: Option<String>,
    retry_after: Option<u64>,
}

/// What a body without an object says.
#[derive(Default)]
struct Said {
    complaint: Option<Complaint>,
    retry_after: Option<Duration>,
}

/// The object of an answer.
pub(super) fn read<T>(
    answer: &Answer,
    object: impl Fn(&[u8]) -> serde_json::Result<T>,
    secrets: &[&str],
) -> Result<T, CallError> {
    match answer.status {
        200 | 201 => object(&answer.body).map_err(|error| unreadable(&error)),
        _ => Err(refusal(answer, secrets)),
    }
}

fn unreadable(error: &serde_json::Error) -> CallError {
    // The library quotes values, which may be a person's.
    let what = match error.classify() {
        Category::Data => WRONG_SHAPE,
        Category::Eof => "it ends too early",
        Category::Io | Category::Syntax => "it is not json",
    };
    CallError::Unknown { after: None, lost: Lost::Unreadable(what) }
}

/// Said of an answer that is whole, but is not what was asked for: YooKassa is in good health then.
pub(super) const WRONG_SHAPE: &str = "a field is missing or malformed";

fn refusal(answer: &Answer, secrets: &[&str]) -> CallError {
    let said = said(&answer.body, secrets);
    let after = said.retry_after.or(answer.retry_after).map(|pause| pause.min(PAUSE_MAX));
    let status = answer.status;
    // The status alone is clear enough for these.
    let or_ours = |complaint: Option<Complaint>, code| complaint.unwrap_or(Complaint::ours(code));
    match (status, said.complaint) {
        (202, _) => CallError::Processing { after },
        (401, complaint) => CallError::Credentials(or_ours(complaint, "http_401")),
        (405, complaint) => CallError::Bug(or_ours(complaint, "http_405")),
        (415, complaint) => CallError::Bug(or_ours(complaint, "http_415")),
        (429, _) => CallError::NotExecuted { after, held: Held::TooMany },
        (403, Some(complaint)) => CallError::Forbidden(complaint),
        (404, Some(complaint)) => CallError::NotFound(complaint),
        (410, Some(complaint)) => CallError::Gone(complaint),
        (408 | 425 | 499, complaint) => unknown(status, after, complaint),
        (400..=499, Some(complaint)) => CallError::Refused(complaint),
        (_, complaint) => unknown(status, after, complaint),
    }
}

fn unknown(status: u16, after: Option<Duration>, complaint: Option<Complaint>) -> CallError {
    CallError::Unknown { after, lost: Lost::Server { status, complaint: complaint.map(Box::new) } }
}

fn said(body: &[u8], secrets: &[&str]) -> Said {
    let Ok(raw) = serde_json::from_slice::<RawComplaint>(body) else { return Said::default() };
    let retry_after = raw.retry_after.map(Duration::from_millis);
    let identifier = |text: Option<String>| redact::identifier(&text?, secrets);
    let code = identifier(raw.code);
    let complaint = code.filter(|_| raw.kind.as_deref() == Some("error")).map(|code| Complaint {
        id: identifier(raw.id),
        code,
        parameter: identifier(raw.parameter),
        description: raw
            .description
            .map(|text| redact::words(&text, secrets))
            .filter(|text| !text.is_empty()),
    });
    Said { complaint, retry_after }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, retry_after: None, body: body.into().into() }
    }

    fn refused(status: u16, body: &str) -> CallError {
        let read = read(&answer(status, body), |_| Ok(()), &["test_SECRET"]);
        read.expect_err("it is refused")
    }

    fn complaint(code: &str, parameter: Option<&str>) -> String {
        json!({"type": "error", "id": "ab5a11cd-13cc", "code": code, "parameter": parameter,
            "description": "It is wrong", "retry_after": 1800, "new": [1]})
        .to_string()
    }

    #[test]
    fn each_row_of_the_facts_sheet_says_what_to_do_next() {
        let after = Some(Duration::from_millis(1800));
        for (status, code, kind, pause) in [
            (400, "invalid_request", "refused", None),
            (401, "invalid_credentials", "credentials", None),
            (403, "forbidden", "forbidden", None),
            (404, "not_found", "not_found", None),
            (405, "method_not_allowed", "bug", None),
            (410, "gone", "gone", None),
            (415, "unsupported_media_type", "bug", None),
            (422, "unprocessable", "refused", None),
            (429, "too_many_requests", "not_executed", after),
            (500, "internal_server_error", "unknown", after),
            (502, "bad_gateway", "unknown", after),
            (503, "unavailable", "unknown", after),
        ] {
            let error = refused(status, &complaint(code, None));
            assert_eq!((error.kind(), error.after()), (kind, pause), "{status}");
        }
        let processing = refused(202, r#"{"type":"processing","retry_after":1800}"#);
        assert_eq!(processing, CallError::Processing { after });
    }

    #[test]
    fn words_that_are_not_yookassas_make_nothing_definite() {
        for (status, kind) in [
            (204, "unknown"),
            (302, "unknown"),
            (400, "unknown"),
            (401, "credentials"),
            (403, "unknown"),
            (404, "unknown"),
            (405, "bug"),
            (408, "unknown"),
            (410, "unknown"),
            (413, "unknown"),
            (415, "bug"),
            (429, "not_executed"),
            (502, "unknown"),
        ] {
            let cut = complaint("invalid_request", None);
            for body in ["<html>Bad</html>", "", "[]", r#"{"code":"x"}"#, &cut[..cut.len() - 1]] {
                assert_eq!(refused(status, body).kind(), kind, "{status} {body}");
            }
        }
    }

    #[test]
    fn a_used_key_is_no_failed_payment() {
        let error = refused(400, &complaint("invalid_request", Some("Idempotence-Key")));
        assert!(error.is_key_conflict() && !error.is_to_be_repeated());
        let other = refused(400, &complaint("invalid_request", Some("amount.value")));
        assert!(!other.is_key_conflict());
        assert_eq!(
            other.to_string(),
            "yookassa refused the request: invalid_request, parameter amount.value, \
             id ab5a11cd-13cc (It is wrong)"
        );
    }

    #[test]
    fn a_refusal_quotes_neither_a_key_nor_a_person() {
        let body = json!({"type": "error", "id": "test_SECRET", "code": "invalid_request",
            "parameter": "anna@example.com", "description": "anna@example.com used test_SECRET"});
        let error = refused(400, &body.to_string());
        assert_eq!(error.to_string(), "yookassa refused the request: invalid_request (… used …)");
    }

    #[test]
    fn an_answer_that_is_no_object_leaves_the_result_unknown() {
        let object = |body: &[u8]| serde_json::from_slice::<(u8,)>(body);
        for (body, what) in [
            ("[1", "it ends too early"),
            ("", "it ends too early"),
            ("<html>", "it is not json"),
            ("[\"anna\"]", WRONG_SHAPE),
        ] {
            let error = read(&answer(200, body), object, &[]).expect_err("unreadable");
            assert_eq!(error, CallError::Unknown { after: None, lost: Lost::Unreadable(what) });
        }
    }

    #[test]
    fn the_longest_pause_is_an_hour() {
        let body = json!({"type": "error", "code": "too_many_requests", "retry_after": u64::MAX});
        assert_eq!(refused(429, &body.to_string()).after(), Some(PAUSE_MAX));
    }

    proptest! {
        #[test]
        fn any_bytes_under_any_status_are_answered(status in 100_u16..1000, body: Vec<u8>) {
            let object = |body: &[u8]| serde_json::from_slice::<Value>(body);
            if let Err(error) = read(&answer(status, body), object, &[]) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
