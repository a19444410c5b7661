//! The table of HTTP errors: what a refused request means.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{Refused, is_word};
use crate::policy::wire::Answer;
use crate::rejection::{Reason, Rejection};

/// Repeats after the provider's own troubles, by the facts of its reference.
const INTERNAL_REPEATS_MAX: u32 = 3;
const DEADLINE_REPEATS_MAX: u32 = 2;
const GATEWAY_REPEATS_MAX: u32 = 2;

#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: ErrorBody,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    status: Value,
    message: Value,
    details: Value,
}

/// Reads a refusal; a body that is not the API's own (a proxy's page) is judged by its status alone.
pub(super) fn classify(answer: &Answer) -> Refused {
    let error =
        serde_json::from_slice::<Envelope>(&answer.body).ok().map(|envelope| envelope.error);
    let error = error.unwrap_or_default();
    let status = error.status.as_str().filter(|status| is_word(status)).unwrap_or_default();
    let message = error.message.as_str().unwrap_or_default();
    let details = error.details.as_array().map_or(&[][..], Vec::as_slice);
    let wait = retry_delay(details).or(answer.retry_after);
    let rejection = by_status(answer.status, status, message, details).after(wait);
    Refused { rejection, said: said(message, details, &answer.body) }
}

fn by_status(http: u16, status: &str, message: &str, details: &[Value]) -> Rejection {
    let code = if status.is_empty() { format!("HTTP_{http}") } else { status.to_owned() };
    match (http, status) {
        (400 | 401, _) if is_wrong_key(message, details) => {
            Rejection::owner_fault_for_all("API_KEY_INVALID")
        }
        // The country is not served, or billing is off.
        (400, "FAILED_PRECONDITION") => Rejection::owner_fault_for_all(&code),
        // Not the API's own words: the request did not get as far as its contents.
        (400, "") => Rejection::owner_fault(&code),
        (400 | 422, _) => Rejection::user_fault(&code, Reason::BadInput),
        (401..=403 | 407, _) => Rejection::owner_fault_for_all(&code),
        (404, "NOT_FOUND") => Rejection::model_gone(&code),
        // Somebody else's 404: the address is wrong, not the model.
        (404, _) => Rejection::owner_fault_for_all(&code),
        (408 | 502, _) => Rejection::retry(&code, GATEWAY_REPEATS_MAX),
        (413, _) => Rejection::user_fault(&code, Reason::BadInput),
        (429, _) if never_heals(message, details) => {
            Rejection::owner_fault_for_all("QUOTA_IS_ZERO")
        }
        (429, _) => Rejection::queue(&code, None),
        // Somebody on the way hung up; the work may have been done.
        (499, _) => Rejection::unknown(&code),
        (503, _) => Rejection::queue(&code, None),
        (504, _) => Rejection::retry(&code, DEADLINE_REPEATS_MAX),
        (500..=599, "UNIMPLEMENTED") | (501, _) => Rejection::owner_fault(&code),
        (500..=599, _) => Rejection::retry(&code, INTERNAL_REPEATS_MAX),
        _ => Rejection::owner_fault(&code),
    }
}

/// A wrong key is a 400, told from a wrong field by its details.
fn is_wrong_key(message: &str, details: &[Value]) -> bool {
    let named = of_type(details, "ErrorInfo").any(|info| text(info, "reason") == "API_KEY_INVALID");
    named || message.starts_with("API key not valid") || message.starts_with("API key expired")
}

/// A quota of zero: a key of a project without billing. Waiting does not help.
fn never_heals(message: &str, details: &[Value]) -> bool {
    let is_zero = |violation: &Value| match &violation["quotaValue"] {
        Value::String(value) => value == "0",
        value => value.as_u64() == Some(0),
    };
    let mut failures =
        of_type(details, "QuotaFailure").filter_map(|it| it["violations"].as_array());
    failures.any(|violations| violations.iter().any(is_zero)) || says_limit_zero(message)
}

fn says_limit_zero(message: &str) -> bool {
    message
        .split("limit: 0")
        .skip(1)
        .any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
}

/// The wait that the provider asks for, whole or fractional seconds: `37s`, `1.5s`.
fn retry_delay(details: &[Value]) -> Option<Duration> {
    of_type(details, "RetryInfo").find_map(|info| seconds(text(info, "retryDelay")))
}

/// Reads a duration of the API without a detour over floating point.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = match text.strip_suffix('s')?.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text.strip_suffix('s')?, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(Duration::new(whole.parse().ok()?, nanos.parse().ok()?))
}

/// Details of a type, whatever its prefix.
fn of_type<'a>(details: &'a [Value], name: &str) -> impl Iterator<Item = &'a Value> {
    details.iter().filter(move |detail| {
        text(detail, "@type").rsplit(['.', '/']).next().is_some_and(|found| found == name)
    })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// What the log is told: the message, and which fields were wrong.
fn said(message: &str, details: &[Value], body: &[u8]) -> String {
    let violations =
        of_type(details, "BadRequest").filter_map(|it| it["fieldViolations"].as_array());
    let fields: Vec<&str> =
        violations.flatten().map(|violation| text(violation, "field")).collect();
    if message.is_empty() {
        return format!("not the API's words, {} bytes", body.len());
    }
    if fields.is_empty() {
        message.to_owned()
    } else {
        format!("{message} [{}]", fields.join(", "))
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
