//! Google's Gemini API: pictures from words and pictures ("Nano Banana").
//!
//! Synchronous: the picture is in the answer to the request. There is no task, no idempotency key and nothing to
//! look up, so "sent, no answer" may be repeated once, at the owner's cost.
//!
//! Files travel inside the request, the largest ones ahead of it when they are too many. A picture that the model
//! made before is sent back as its own turn of the conversation, with the signature that came with it; when that is
//! not taken, the rejection says so ([`Reason::NO_SIGNATURE_CODE`](crate::Reason::NO_SIGNATURE_CODE)).
//!
//! Source: Gemini API reference, `models.generateContent` and `models.list` (read 2026-11-22).

mod blame;
mod carriage;
mod errors;
mod finish;
mod reply;
mod request;
mod upload;

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use rei_domain::clock::SharedClock;
use rei_domain::shared::SharedLimits;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};

use blame::Attached;
use carriage::Load;

use crate::answer::RawAnswer;
use crate::policy::wire::{Answer, Wire, checked_base};
use crate::policy::{Gate, GateLimits, WireError, WireLimits};
use crate::provider::{Availability, Done, Provider, Submission, SubmitRequest};
use crate::rejection::Rejection;
use crate::telemetry;

pub use crate::policy::wire::ClientError;

/// The name in the catalogue.
pub const NAME: &str = "gemini";

/// How long the free check of the key may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);

/// What a client needs to know.
pub struct GeminiOptions {
    /// The address, such as `https://generativelanguage.googleapis.com`.
    pub base_url: String,
    /// The key; travels in a header alone.
    pub api_key: SecretString,
    /// An http, https or socks5 proxy for all calls.
    pub proxy: Option<SecretString>,
    /// Timeouts and sizes.
    pub wire: WireLimits,
    /// Concurrency, rate and breaker.
    pub limits: GateLimits,
}

impl fmt::Debug for GeminiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeminiOptions")
            .field("proxy", &self.proxy.is_some())
            .field("wire", &self.wire)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The Gemini API for one key. Cheap to clone; clones share connections and limits.
#[derive(Clone)]
pub struct Gemini {
    wire: Wire,
    gate: Gate,
    base: Url,
    key: HeaderValue,
}

impl fmt::Debug for Gemini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gemini").finish_non_exhaustive()
    }
}

impl Gemini {
    /// A client. `limits`: what it keeps together with the other processes.
    ///
    /// # Errors
    /// [`ClientError`] names what is wrong with the settings.
    pub fn new(
        options: GeminiOptions,
        clock: SharedClock,
        limits: SharedLimits,
    ) -> Result<Self, ClientError> {
        let base = checked_base(&options.base_url)?;
        let mut key = HeaderValue::from_str(options.api_key.expose_secret())
            .ok()
            .filter(|key| !key.is_empty())
            .ok_or(ClientError::Key)?;
        key.set_sensitive(true);
        let plain = base.scheme() == "http";
        let secrets = vec![options.api_key];
        let wire = Wire::new(options.wire, options.proxy.as_ref(), plain, secrets)?;
        let gate = Gate::new(NAME, options.limits, clock, limits);
        Ok(Self { wire, gate, base, key })
    }

    /// Asks for the list of models, which costs nothing: whether the key, the address and the way there are right.
    ///
    /// # Errors
    /// The rejection that a real call would have met.
    pub async fn check_key(&self) -> Result<(), Rejection> {
        let mut url = self.url(&["v1beta", "models"])?;
        url.set_query(Some("pageSize=1"));
        let request = self.keyed(self.wire.get(url));
        let exchange = tokio::time::timeout(CHECK_TIMEOUT, self.wire.exchange(request));
        let answer = match exchange.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(lost(&error)),
            Err(_) => return Err(Rejection::unknown("unanswered")),
        };
        if !is_success(answer.status) {
            return Err(errors::classify(&answer).rejection);
        }
        // A gateway's welcome page is a success as well.
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&answer.body)
            .map(|_| ())
            .map_err(|_| Rejection::owner_fault_for_all("not-an-api"))
    }

    async fn generate(&self, request: &SubmitRequest) -> Result<Done, Refused> {
        let url = self.url(&["v1beta", "models", &format!("{}:generateContent", request.model)])?;
        let load = carriage::load(request)?;
        let attached = Attached::of(&load);
        let uris = self.send_ahead(&load).await?;
        let body = write(request.clone(), load, uris).await?;
        let http = self
            .keyed(self.wire.post(url))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        match self.wire.exchange(http).await {
            Ok(answer) if is_success(answer.status) => {
                read(answer).await.map_err(|refused| attached.judge(refused))
            }
            Ok(answer) => {
                let Refused { rejection, said } = attached.judge(errors::classify(&answer));
                Err(Refused { rejection, said: format!("HTTP {}: {said}", answer.status) })
            }
            Err(error) => Err(Refused { rejection: lost(&error), said: error.to_string() }),
        }
    }

    async fn submit_once(&self, request: &SubmitRequest) -> Submission {
        let pass = match self.gate.enter().await {
            Ok(pass) => pass,
            Err(rejection) => return Submission::Rejected(rejection),
        };
        let mut submission = match self.generate(request).await {
            Ok(done) => Submission::Done(done),
            Err(Refused { rejection, said }) => {
                let said =
                    self.wire.redacted(&without_former_words(request, said), &request.prompt);
                telemetry::rejected(NAME, request, &rejection, &said);
                Submission::Rejected(rejection)
            }
        };
        pass.end(&mut submission);
        submission
    }

    /// The same request with the key; its address is always on the host of the settings.
    fn keyed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(api_key_header(), self.key.clone())
    }

    /// The base address with these segments, each encoded as far as it needs.
    fn url(&self, segments: &[&str]) -> Result<Url, Rejection> {
        let mut url = self.base.clone();
        // Checked when the client was made.
        let mut path = url.path_segments_mut().map_err(|()| Rejection::owner_fault("base-url"))?;
        path.extend(segments);
        drop(path);
        Ok(url)
    }
}

impl Provider for Gemini {
    fn name(&self) -> &str {
        NAME
    }

    fn submit<'a>(&'a self, request: &'a SubmitRequest) -> BoxFuture<'a, Submission> {
        Box::pin(async move {
            let started = tokio::time::Instant::now();
            let submission = self.submit_once(request).await;
            telemetry::submitted(NAME, request, &submission, started.elapsed());
            submission
        })
    }

    fn availability(&self) -> Availability {
        self.gate.availability()
    }
}

/// What an answer of `:generateContent` to plain words means.
pub fn read_answer(answer: RawAnswer<'_>) -> Submission {
    let answer = Answer::from(answer);
    let read = match is_success(answer.status) {
        true => reply::read(&answer.body),
        false => Err(errors::classify(&answer)),
    };
    match read {
        Ok(done) => Submission::Done(done),
        Err(refused) => Submission::Rejected(refused.rejection),
    }
}

/// A refusal, and what was said about it, for the log alone: still to be redacted.
struct Refused {
    rejection: Rejection,
    said: String,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, said: String::new() }
    }
}

/// Writes the request away from the async threads: megabytes are read from the disk and put into base64.
async fn write(request: SubmitRequest, load: Load, uris: Vec<String>) -> Result<Vec<u8>, Refused> {
    let writing = tokio::task::spawn_blocking(move || request::body(&request, &load, &uris));
    writing.await.unwrap_or_else(|panic| {
        let said = format!("writing the request panicked: {panic}");
        Err(Refused { rejection: Rejection::owner_fault("request-writer-panicked"), said })
    })
}

/// Reads an answer away from the async threads: a 4K picture takes tens of milliseconds.
async fn read(answer: Answer) -> Result<Done, Refused> {
    let reading = tokio::task::spawn_blocking(move || reply::read(&answer.body));
    reading.await.unwrap_or_else(|panic| {
        let said = format!("reading the answer panicked: {panic}");
        Err(Refused { rejection: Rejection::owner_fault("answer-reader-panicked"), said })
    })
}

/// The words of former turns are the customer's as well.
fn without_former_words(request: &SubmitRequest, said: String) -> String {
    let turns = request.inputs.iter().filter_map(|input| input.former_turn.as_ref());
    let words = turns.map(|turn| turn.prompt.as_str()).filter(|words| !words.is_empty());
    words.fold(said, |said, words| said.replace(words, "…"))
}

/// What a broken exchange means.
fn lost(error: &WireError) -> Rejection {
    match error {
        // Nothing was sent, so nothing was billed; how often is for the settings to say.
        WireError::NotSent(_) => Rejection::retry("unreachable", u32::MAX),
        WireError::Unanswered(_) => Rejection::unknown("unanswered"),
        WireError::TooLarge(_) => Rejection::unknown("answer-too-large"),
    }
}

/// Whether a text is one of the API's words, which may be logged and counted; not something it quotes.
fn is_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !text.is_empty() && text.bytes().all(allowed)
}

const fn api_key_header() -> HeaderName {
    HeaderName::from_static("x-goog-api-key")
}

const fn is_success(status: u16) -> bool {
    status >= 200 && status < 300
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rei_domain::clock::{ManualClock, Timestamp};
    use rei_domain::shared::Alone;

    use super::*;

    fn options(base_url: &str, key: &str, proxy: Option<&str>) -> GeminiOptions {
        GeminiOptions {
            base_url: base_url.to_owned(),
            api_key: key.to_owned().into(),
            proxy: proxy.map(|proxy| proxy.to_owned().into()),
            wire: WireLimits::default(),
            limits: GateLimits::default(),
        }
    }

    fn client(options: GeminiOptions) -> Result<Gemini, ClientError> {
        Gemini::new(options, Arc::new(ManualClock::at(Timestamp(0))), Arc::new(Alone))
    }

    #[test]
    fn wrong_settings_are_named() {
        let error =
            |base, key, proxy| client(options(base, key, proxy)).map(|_| ()).expect_err("refused");
        assert_eq!(error("h", "k", None), ClientError::BaseUrl);
        assert_eq!(error("http://h", "", None), ClientError::Key);
        assert_eq!(error("http://h", "k\nx: y", None), ClientError::Key);
        assert_eq!(error("http://h", "k", Some("nowhere")), ClientError::Proxy);
    }

    #[test]
    fn debug_output_says_nothing_secret() {
        let options = options("http://h", "AIza-SECRET", Some("http://u:SECRET@p:1"));
        let shown = format!("{options:?}");
        let shown = format!("{shown} {:?}", client(options));
        assert!(!shown.contains("SECRET"), "{shown}");
    }

    #[test]
    fn a_model_id_cannot_leave_its_place_in_the_path() {
        let gemini = client(options("http://h/gateway/", "k", None)).expect("a client");
        let url =
            |model: &str| gemini.url(&["v1beta", "models", model]).expect("a URL").to_string();
        assert_eq!(
            url("gemini-3-pro-image:generateContent"),
            "http://h/gateway/v1beta/models/gemini-3-pro-image:generateContent"
        );
        assert_eq!(url("../x?key=1#"), "http://h/gateway/v1beta/models/..%2Fx%3Fkey=1%23");
    }

    #[tokio::test]
    async fn it_has_no_tasks_and_says_so() {
        let gemini = client(options("http://h", "k", None)).expect("a client");
        assert_eq!(gemini.poll(&[]).await, Err(crate::AskError::NotSupported));
        assert_eq!(gemini.lookup("model", "key").await, Err(crate::AskError::NotSupported));
        let file = crate::RemoteFile { url: "http://h/file".to_owned(), duration_ms: None };
        assert!(matches!(gemini.fetch(&file).await, Err(crate::AskError::NotSupported)));
    }
}
