//! What the bucket's server said, as an error for our callers and in words for the owner.
//!
//! A server's own text may quote the key and what was signed: only its code is taken over.

use std::error::Error;
use std::time::Duration;

use object_store::client::{HttpError, HttpErrorKind};

use crate::error::BlobError;

/// The longest code that is taken for one.
const CODE_MAX: usize = 64;

/// Sorts an error of the library; `None` when there is just no such object.
pub(super) fn sort(error: &object_store::Error) -> Option<BlobError> {
    if let Some(lost) = http_error(error) {
        return Some(BlobError::BucketDown(lost_words(lost)));
    }
    let text = chain(error);
    let status = status(&text);
    let code = code(&text);
    if let object_store::Error::NotFound { .. } = error
        && code != Some("NoSuchBucket")
    {
        return None;
    }
    Some(refusal(status, code))
}

/// An answer that is no success, by its status and the server's code.
pub(super) fn refusal(status: Option<u16>, code: Option<&str>) -> BlobError {
    let words = words(code).map_or_else(
        || match (status, code) {
            (Some(status), Some(code)) => format!("status {status}, {code}"),
            (Some(status), None) => format!("status {status}"),
            (None, Some(code)) => code.to_owned(),
            (None, None) => "an answer that nobody can read".to_owned(),
        },
        |words| match code {
            Some(code) => format!("{words} ({code})"),
            None => words.to_owned(),
        },
    );
    match status {
        Some(300..=407 | 409..=428 | 430..=499) => BlobError::BucketRefused(words),
        None if code.is_some() => BlobError::BucketRefused(words),
        _ => BlobError::BucketDown(words),
    }
}

/// Time was up.
pub(super) fn too_slow(after: Duration) -> BlobError {
    BlobError::BucketDown(format!("it took more than {} s", after.as_secs()))
}

/// A request without an answer.
pub(super) fn unanswered(error: &reqwest::Error) -> BlobError {
    let what = match error {
        error if error.is_timeout() => "no answer in time",
        error if error.is_connect() => "no connection",
        _ => "the connection broke",
    };
    BlobError::BucketDown(with_root(what, error))
}

fn lost_words(error: &HttpError) -> String {
    let what = match error.kind() {
        HttpErrorKind::Connect => "no connection",
        HttpErrorKind::Timeout => "no answer in time",
        _ => "the connection broke",
    };
    with_root(what, error)
}

/// The deepest cause is the system's or TLS's word; those above it may quote addresses.
fn with_root(what: &str, error: &(dyn Error + 'static)) -> String {
    match causes(error).skip(1).last() {
        Some(root) => format!("{what}: {root}"),
        None => what.to_owned(),
    }
}

fn words(code: Option<&str>) -> Option<&'static str> {
    Some(match code? {
        "InvalidAccessKeyId" | "NotSignedUp" => "it does not know this access key",
        "SignatureDoesNotMatch" => "the secret key is wrong",
        "AccessDenied" | "AllAccessDisabled" => "the key has no right to do this",
        "NoSuchBucket" => "there is no such bucket",
        "InvalidBucketName" => "this is no bucket's name",
        "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IncorrectEndpoint" => {
            "the region or the endpoint is wrong"
        }
        "RequestTimeTooSkewed" => "this machine's clock is wrong",
        "ExpiredToken" | "InvalidToken" => "the key has expired",
        _ => return None,
    })
}

fn http_error(error: &object_store::Error) -> Option<&HttpError> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

fn chain(error: &object_store::Error) -> String {
    let texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    texts.join(": ")
}

/// The library keeps the status to itself but for its text.
fn status(text: &str) -> Option<u16> {
    if text.contains("redirect without LOCATION") {
        return Some(301);
    }
    text.split_once("status code: ")?.1.get(..3)?.parse().ok()
}

/// What stands between `<Code>` and `</Code>` of the server's answer.
pub(super) fn code(text: &str) -> Option<&str> {
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    let is_code = code.len() <= CODE_MAX && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_reads_what_to_mend_and_nothing_secret() {
        let said = |status, code| refusal(status, code).to_string();
        assert_eq!(
            said(Some(403), Some("SignatureDoesNotMatch")),
            "the bucket refuses: the secret key is wrong (SignatureDoesNotMatch)"
        );
        assert_eq!(said(Some(418), Some("Teapot")), "the bucket refuses: status 418, Teapot");
        assert_eq!(said(Some(503), None), "the bucket cannot be used now (status 503)");
        assert_eq!(said(Some(429), None), "the bucket cannot be used now (status 429)");
        let body = "<Error><Code>AccessDenied</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>";
        assert_eq!(code(body), Some("AccessDenied"));
        assert_eq!(code("<Code>key AKIA is bad</Code>"), None);
    }
}
