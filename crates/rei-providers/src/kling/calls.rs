//! One exchange with the API: the address, the key, and a stale token signed anew.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use super::reply::Reply;
use super::{Kling, NAME, errors, lost};
use crate::policy::WireError;
use crate::provider::{AskError, InputContent, SubmitRequest};
use crate::rejection::Rejection;
use crate::telemetry;

/// How long a question may take; it can be repeated, so there is no use in patience.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest word that is quoted in the log; longer ones are codes, contents or parts of addresses.
const WORD_MAX: usize = 64;

/// A request, kept so that it can be sent again with the same bytes.
pub(super) enum Call {
    Get(Url),
    Post(Url, Bytes),
}

impl Kling {
    /// Sends a request. A token that is stale for the provider's clock is signed anew and the request sent once more:
    /// whoever was not let in has not created anything.
    pub(super) async fn call(&self, call: &Call) -> Result<Reply, WireError> {
        let reply = self.send(call).await?;
        if reply.has_stale_token() && self.auth.renew() {
            return self.send(call).await;
        }
        Ok(reply)
    }

    /// Asks something that changes nothing. An answer either grants it, or says that the task is not there.
    pub(super) async fn ask(&self, question: &'static str, url: Url) -> Result<Reply, AskError> {
        let call = Call::Get(url);
        let asked = tokio::time::timeout(QUESTION_TIMEOUT, self.call(&call));
        let (rejection, said) = match asked.await {
            Ok(Ok(reply)) if reply.granted().is_some() || reply.says_missing() => return Ok(reply),
            Ok(Ok(reply)) => {
                let said = self.said(&errors::said(&reply), None);
                (errors::classify(&reply), format!("HTTP {}: {said}", reply.status))
            }
            Ok(Err(error)) => (lost(&error), error.to_string()),
            Err(_) => (Rejection::unknown("unanswered"), String::new()),
        };
        Err(unanswered(question, &rejection, &said))
    }

    /// The base address with these segments, each encoded as far as it needs.
    pub(super) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("checked when the client was made").extend(segments);
        url
    }

    /// The provider's words without our keys, the customer's words and any address.
    pub(super) fn said(&self, text: &str, request: Option<&SubmitRequest>) -> String {
        let text = match request {
            None => self.wire.redacted_all(text, &[]),
            Some(request) => {
                let hidden = hidden(request);
                let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
                self.wire.redacted_all(text, &hidden)
            }
        };
        let plain = |word: &&str| !word.contains("://") && word.chars().count() <= WORD_MAX;
        let words = text.split(' ').map(|word| if plain(&word) { word } else { "…" });
        words.collect::<Vec<_>>().join(" ")
    }

    async fn send(&self, call: &Call) -> Result<Reply, WireError> {
        let request = match call {
            Call::Get(url) => self.wire.get(url.clone()),
            Call::Post(url, body) => self
                .wire
                .post(url.clone())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.clone()),
        };
        let request = request.header(AUTHORIZATION, self.auth.header());
        Ok(Reply::read(&self.wire.exchange(request).await?))
    }
}

/// Notes a question without an answer. Whatever the trouble, the task goes on, so asking again is all that is due.
pub(super) fn unanswered(question: &'static str, rejection: &Rejection, said: &str) -> AskError {
    telemetry::unanswered(NAME, question, &rejection.code, said);
    AskError::Rejected(Rejection::retry(&rejection.code, u32::MAX).after(rejection.retry_after))
}

/// What the provider may quote of a request, and the log must not.
fn hidden(request: &SubmitRequest) -> Vec<String> {
    let links = request.inputs.iter().filter_map(|input| match &input.content {
        InputContent::Url(url) => Some(url.as_str()),
        InputContent::File { .. } => None,
    });
    let mut hidden = vec![request.prompt.clone()];
    for link in links.chain(request.callback_url.as_deref()) {
        hidden.push(link.to_owned());
        // Quoted without its host, a path is as good as the whole link.
        let path = Url::parse(link).ok().map(|url| url.path().to_owned());
        hidden.extend(path.filter(|path| path.len() > 1));
    }
    hidden
}
