//! One function that turns an answer of the Bot API into its result or the class of its refusal.
//!
//! The table is §8.1 of the facts sheet. Words are compared in lower case and by substring, since
//! first letters and details differ between versions of the server.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{CallError, Transport};
use crate::limits::{RETRY_AFTER_MAX_S, RETRY_AFTER_UNSAID_S};
use crate::{redact, telemetry};
use rei_domain::ids::ChatId;

/// An answer as it came.
pub(crate) struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header in seconds.
    pub retry_after: Option<u64>,
    /// The body; empty when it could not be read.
    pub body: &'a str,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error_code: Value,
    #[serde(default)]
    description: Value,
    #[serde(default)]
    parameters: Value,
}

/// The words of refusals with status 400 (and, for recipients, 403).
const REFUSALS: &[(&str, CallError)] = &[
    ("message is not modified", CallError::Done),
    ("message to delete not found", CallError::Done),
    ("query is too old", CallError::Done),
    ("charge_already_refunded", CallError::Done),
    ("chat not found", CallError::RecipientGone),
    ("bot was blocked by the user", CallError::RecipientGone),
    ("user is deactivated", CallError::RecipientGone),
    ("bot can't initiate conversation with a user", CallError::RecipientGone),
    ("bot was kicked", CallError::RecipientGone),
    ("bot is not a member", CallError::RecipientGone),
    ("message to be replied not found", CallError::ReplyTargetGone),
    ("message to reply not found", CallError::ReplyTargetGone),
    ("message thread not found", CallError::TopicGone),
    ("photo_invalid_dimensions", CallError::WrongMediaForm),
    ("image_process_failed", CallError::WrongMediaForm),
    ("too big for a photo", CallError::WrongMediaForm),
    ("wrong file_id or the file is temporarily unavailable", CallError::BadFileId),
    ("wrong remote file identifier specified", CallError::BadFileId),
    ("wrong file identifier", CallError::BadFileId),
    ("file is too big", CallError::FileTooBig),
    ("message to edit not found", CallError::EditImpossible),
    ("message can't be edited", CallError::EditImpossible),
    ("message_id_invalid", CallError::EditImpossible),
];

/// The words of refusals that are known to be our own bugs.
const OUR_BUGS: &[&str] = &[
    "button_data_invalid",
    "reply markup is too long",
    "can't parse entities",
    "can't find end",
    "is required",
    "message is too long",
    "caption is too long",
    "text is too long",
    "file must be non-empty",
];

/// The result of the call, or what its refusal means.
///
/// # Errors
/// Every class of [`CallError`] but [`CallError::NotSent`].
pub(crate) fn classify<'a>(answer: &Answer<'a>) -> Result<Option<&'a RawValue>, CallError> {
    match serde_json::from_str::<Envelope<'a>>(answer.body) {
        Ok(envelope) if envelope.ok => Ok(envelope.result),
        Ok(envelope) => Err(refusal(answer, &envelope)),
        Err(_) => Err(without_json(answer)),
    }
}

/// A refusal in the API's own form.
fn refusal(answer: &Answer<'_>, envelope: &Envelope<'_>) -> CallError {
    let code = envelope.error_code.as_u64().and_then(|code| u16::try_from(code).ok());
    // A status of 200 around a refusal means that the body knows better.
    let status = if answer.status >= 400 { answer.status } else { code.unwrap_or(answer.status) };
    let raw = envelope.description.as_str().unwrap_or_default();
    let description = redact::description(raw);
    if let Some(to) = envelope.parameters.get("migrate_to_chat_id").and_then(whole_number) {
        return CallError::Moved { to: ChatId(to) };
    }
    match status {
        400 | 403 => refused_words(status, raw, description),
        401 | 404 => CallError::Configuration { description },
        409 => CallError::Conflict { description },
        413 => CallError::WrongMediaForm,
        429 => {
            let said = envelope.parameters.get("retry_after").and_then(whole_number);
            flood(said.and_then(|seconds| u64::try_from(seconds).ok()).or(answer.retry_after))
        }
        500.. => CallError::Transient { status, description: Some(description) },
        _ => {
            telemetry::unmatched(status, raw);
            CallError::OurBug { description }
        }
    }
}

/// A refusal that only its words tell apart.
fn refused_words(status: u16, raw: &str, description: String) -> CallError {
    let words = raw.to_lowercase();
    let words = words
        .strip_prefix("bad request: ")
        .or_else(|| words.strip_prefix("forbidden: "))
        .unwrap_or(&words);
    if let Some((_, class)) = REFUSALS.iter().find(|(known, _)| words.contains(known)) {
        return class.clone();
    }
    if status == 403 {
        // Every "forbidden" is about whom we may write to; repeating cannot help.
        telemetry::unmatched(status, raw);
        return CallError::RecipientGone;
    }
    if !OUR_BUGS.iter().any(|known| words.contains(known)) {
        telemetry::unmatched(status, raw);
    }
    CallError::OurBug { description }
}

/// An answer that is not the API's: from a proxy, cut off, or not read at all.
fn without_json(answer: &Answer<'_>) -> CallError {
    let status = answer.status;
    match status {
        200..=299 => {
            CallError::Unanswered(Transport(format!("unreadable answer, status {status}")))
        }
        // Redirects are never followed: the token is in the address. Nobody but us can mend it.
        300..=399 | 401 | 404 => {
            CallError::Configuration { description: format!("status {status} without json") }
        }
        413 => CallError::WrongMediaForm,
        429 => flood(answer.retry_after),
        _ => CallError::Transient { status, description: None },
    }
}

fn flood(said: Option<u64>) -> CallError {
    let retry_after = said.unwrap_or(RETRY_AFTER_UNSAID_S).min(RETRY_AFTER_MAX_S);
    CallError::Flood { retry_after }
}

/// A whole number, also one written as text.
fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class_of(status: u16, header: Option<u64>, body: &str) -> Result<(), CallError> {
        classify(&Answer { status, retry_after: header, body }).map(|_| ())
    }

    fn words(code: u16, description: &str) -> CallError {
        let body = json!({"ok": false, "error_code": code, "description": description});
        class_of(code, None, &body.to_string()).expect_err("a refusal")
    }

    #[test]
    fn each_row_of_the_table_has_its_class() {
        use CallError as E;
        let rows: &[(u16, &str, CallError)] = &[
            (400, "Bad Request: message is not modified: specified new message content…", E::Done),
            (400, "Bad Request: message to delete not found", E::Done),
            (400, "Bad Request: query is too old and response timeout expired", E::Done),
            (400, "Bad Request: CHARGE_ALREADY_REFUNDED", E::Done),
            (400, "Bad Request: chat not found", E::RecipientGone),
            (403, "Forbidden: bot was blocked by the user", E::RecipientGone),
            (403, "Forbidden: user is deactivated", E::RecipientGone),
            (403, "Forbidden: bot can't initiate conversation with a user", E::RecipientGone),
            (403, "Forbidden: bot was kicked from the group chat", E::RecipientGone),
            (403, "Forbidden: bot is not a member of the channel chat", E::RecipientGone),
            (403, "Forbidden: a reason nobody has seen yet", E::RecipientGone),
            (400, "Bad Request: message to be replied not found", E::ReplyTargetGone),
            (400, "Bad Request: message thread not found", E::TopicGone),
            (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", E::WrongMediaForm),
            (400, "Bad Request: IMAGE_PROCESS_FAILED", E::WrongMediaForm),
            (400, "Bad Request: File of size 11 is too big for a photo", E::WrongMediaForm),
            (413, "Request Entity Too Large", E::WrongMediaForm),
            (
                400,
                "Bad Request: wrong file_id or the file is temporarily unavailable",
                E::BadFileId,
            ),
            (400, "Bad Request: wrong remote file identifier specified: x", E::BadFileId),
            (400, "Bad Request: file is too big", E::FileTooBig),
            (400, "Bad Request: message to edit not found", E::EditImpossible),
            (400, "Bad Request: Message can't be edited", E::EditImpossible),
            (400, "Bad Request: MESSAGE_ID_INVALID", E::EditImpossible),
        ];
        for (code, description, expected) in rows {
            assert_eq!(&words(*code, description), expected, "{code} {description}");
        }
    }

    #[test]
    fn what_telegram_finds_malformed_is_our_bug() {
        for description in [
            "Bad Request: BUTTON_DATA_INVALID",
            "Bad Request: reply markup is too long",
            "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
            "Bad Request: Parameter \"chat_id\" is required",
            "Bad Request: something new",
        ] {
            let class = words(400, description);
            assert!(matches!(class, CallError::OurBug { .. }), "{description}: {class:?}");
            assert_eq!(class.is_broken_markup(), description.contains("parse"), "{description}");
        }
    }

    #[test]
    fn token_and_consumer_troubles_are_told_apart() {
        assert_eq!(words(401, "Unauthorized").class(), "configuration");
        assert_eq!(words(404, "Not Found: method not found").class(), "configuration");
        assert_eq!(words(409, "Conflict: terminated by other getUpdates").class(), "conflict");
        assert_eq!(class_of(302, None, "").expect_err("moved").class(), "configuration");
    }

    #[test]
    fn a_moved_chat_names_its_new_id() {
        let body =
            r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded
            to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}"#
                .replace('\n', " ");
        let to = ChatId(-1_001_234_567_890);
        assert_eq!(class_of(400, None, &body), Err(CallError::Moved { to }));
    }

    #[test]
    fn the_wait_is_taken_from_the_body_then_the_header_then_a_default() {
        let flood = |seconds| Err(CallError::Flood { retry_after: seconds });
        let body = |wait: &str| {
            format!(r#"{{"ok":false,"error_code":429,"parameters":{{"retry_after":{wait}}}}}"#)
        };
        assert_eq!(class_of(429, Some(3), &body("245")), flood(245));
        assert_eq!(class_of(429, None, &body("86400")), flood(86_400));
        assert_eq!(class_of(429, None, &body("9999999999")), flood(86_400));
        assert_eq!(class_of(429, None, &body("\"7\"")), flood(7));
        assert_eq!(class_of(429, Some(3), &body("-1")), flood(3));
        assert_eq!(class_of(429, Some(3), "<html>slow down</html>"), flood(3));
        assert_eq!(class_of(429, None, ""), flood(RETRY_AFTER_UNSAID_S));
        assert_eq!(class_of(200, None, &body("4")), flood(4), "the body knows better than a 200");
    }

    #[test]
    fn an_answer_of_a_proxy_leaves_the_outcome_open() {
        for (status, body) in [(502, "<html>502</html>"), (504, ""), (400, "nope"), (403, "<p>")] {
            let class = class_of(status, None, body).expect_err("refused");
            assert_eq!(class, CallError::Transient { status, description: None });
            assert!(class.may_have_happened());
        }
        let own = words(500, "Internal Server Error: restart");
        assert_eq!(own.class(), "transient");
        assert!(!own.may_have_happened());
        assert_eq!(class_of(413, None, "<html>").expect_err("big"), CallError::WrongMediaForm);
    }

    #[test]
    fn a_success_that_cannot_be_read_is_an_open_outcome_not_a_refusal() {
        for body in ["", "<html>", "{\"ok\":true,\"result\":{\"message_id\":", "[]", "{}"] {
            let class = class_of(200, None, body).expect_err("unreadable");
            assert_eq!(class.class(), "unanswered", "{body}");
        }
    }

    #[test]
    fn odd_envelopes_of_a_success_are_success() {
        for body in [
            r#"{"ok":true,"result":true}"#,
            r#"{"ok":true}"#,
            r#"{"ok":true,"result":null,"description":"Webhook was set","new_field":{"a":[1]}}"#,
            r#"{"ok":true,"error_code":"zero","parameters":7,"description":9,"result":[]}"#,
        ] {
            assert_eq!(class_of(200, None, body), Ok(()), "{body}");
        }
    }
}
