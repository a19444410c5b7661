//! The connection to the Bot API: one pool, one deadline per call, one answer read and classified.
//!
//! Never repeats a call, never follows a redirect, never lets the token or an address out.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::classify::{Answer, classify};
use crate::error::{CallError, ClientError, Transport};
use crate::limits::REPLY_MAX_BYTES;
use crate::upload::{Attachment, form};
use crate::{redact, telemetry};

/// Idle connections kept for the next call.
const POOL_IDLE_MAX: usize = 32;
/// How long an idle connection is kept; below the minute after which the server closes it.
const POOL_IDLE_FOR: Duration = Duration::from_secs(50);

/// What a client needs to know.
pub struct ClientOptions {
    /// The Bot API server, such as `https://api.telegram.org`.
    pub base_url: String,
    /// The bot's token.
    pub token: SecretString,
    /// An http, https or socks5 proxy for all calls.
    pub proxy: Option<String>,
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may be a proxy with a password, the token is a secret: say neither.
        f.debug_struct("ClientOptions")
            .field("proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

/// How long each kind of call may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// A call without files, in all.
    pub call: Duration,
    /// What `getUpdates` gets above the time it asks the server to wait.
    pub poll_margin: Duration,
    /// What an upload gets whatever its size.
    pub upload: Duration,
    /// The slowest upload that is waited for, in bytes a second.
    pub upload_bytes_per_s: u64,
    /// A download, in all.
    pub download: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(20),
            poll_margin: Duration::from_secs(10),
            upload: Duration::from_secs(30),
            upload_bytes_per_s: 200_000,
            download: Duration::from_secs(60),
        }
    }
}

/// The Bot API for one bot. Cheap to clone; all clones share one pool of connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    base: String,
    token: SecretString,
    timeouts: Timeouts,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// A call ready to be sent.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) fields: Map<String, Value>,
    pub(crate) files: Vec<Attachment>,
    /// What the call gets above the usual time; the server holds `getUpdates` open.
    pub(crate) held_open: Option<Duration>,
}

/// The `result` of an answer, unread.
pub(crate) type Reply = Option<Box<RawValue>>;

impl Client {
    /// A client with the usual timeouts.
    ///
    /// # Errors
    /// [`ClientError`] names what is wrong with the settings.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        Self::with_timeouts(options, Timeouts::default())
    }

    /// A client with timeouts of one's own.
    ///
    /// # Errors
    /// [`ClientError`] names what is wrong with the settings.
    pub fn with_timeouts(options: ClientOptions, timeouts: Timeouts) -> Result<Self, ClientError> {
        // An error means that another part of the process has installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = checked_base(&options.base_url)?;
        check_token(options.token.expose_secret())?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("rei-bot/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(POOL_IDLE_FOR)
            .pool_max_idle_per_host(POOL_IDLE_MAX)
            // The environment's proxy is not ours: settings name the one to take.
            .no_proxy();
        let mut needs_tls = base.starts_with("https:");
        if let Some(proxy) = &options.proxy {
            needs_tls |= proxy.starts_with("https:");
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| ClientError::Proxy)?);
        }
        if !needs_tls {
            // Then no root certificates are needed, and a bare container may have none.
            builder = builder.tls_certs_only([]);
        }
        let token = options.token;
        let http = builder
            .build()
            .map_err(|error| ClientError::Http(transport(error, token.expose_secret())))?;
        Ok(Self { shared: Arc::new(Shared { http, base, token, timeouts }) })
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.shared.timeouts
    }

    /// Carries out a call and counts it.
    pub(crate) async fn call(&self, call: Call) -> Result<Reply, CallError> {
        let (method, held_open) = (call.method, call.held_open.unwrap_or_default());
        let parameters: Vec<String> =
            call.fields.keys().cloned().chain(call.files.iter().map(Attachment::name)).collect();
        let started = tokio::time::Instant::now();
        let outcome = self.exchange(call).await;
        // The time that the server was asked to hold the call open says nothing about its health.
        let took = started.elapsed().saturating_sub(held_open);
        telemetry::called(method, &parameters, &outcome, took);
        outcome
    }

    async fn exchange(&self, call: Call) -> Result<Reply, CallError> {
        let timeouts = &self.shared.timeouts;
        let request = self.shared.http.post(self.method_url(call.method)?);
        let request = if call.files.is_empty() {
            let limit = call.held_open.map_or(timeouts.call, |held| held + timeouts.poll_margin);
            request.json(&call.fields).timeout(limit)
        } else {
            let (form, size_bytes) = form(call.fields, call.files).await?;
            let seconds = size_bytes.div_ceil(timeouts.upload_bytes_per_s.max(1));
            request.multipart(form).timeout(timeouts.upload + Duration::from_secs(seconds))
        };
        let mut response = self.send(request).await?;
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let body = match self.read(&mut response).await {
            Ok(body) => body,
            // The status alone tells a refusal; after a success nothing is known.
            Err(unread) if response.status().is_success() => return Err(unread),
            Err(_) => String::new(),
        };
        let result = classify(&Answer { status, retry_after, body: &body })?;
        Ok(result.map(RawValue::to_owned))
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, CallError> {
        request.send().await.map_err(|error| {
            let unsent = error.is_connect() || error.is_builder();
            let said = self.transport(error);
            if unsent { CallError::NotSent(said) } else { CallError::Unanswered(said) }
        })
    }

    /// Reads an answer up to its limit. Broken UTF-8 is mended, so that one bad item of a batch
    /// does not take the others along.
    pub(crate) async fn read(&self, response: &mut Response) -> Result<String, CallError> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > REPLY_MAX_BYTES => {
                    let said = format!("the answer is larger than {REPLY_MAX_BYTES} bytes");
                    return Err(CallError::Unanswered(Transport(said)));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(CallError::Unanswered(self.transport(error))),
            }
        }
        Ok(String::from_utf8(body)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned()))
    }

    /// A request for the bytes of a file. `None` when the path leads out of the bot's files.
    pub(crate) fn file_request(&self, file_path: &str) -> Option<RequestBuilder> {
        let mut url = Url::parse(&format!("{}/file", self.shared.base)).ok()?;
        let bot = format!("bot{}", self.shared.token.expose_secret());
        let segments: Vec<&str> = file_path.split('/').collect();
        if segments.iter().any(|segment| ["", ".", ".."].contains(segment)) {
            return None;
        }
        url.path_segments_mut().ok()?.push(&bot).extend(segments);
        Some(self.shared.http.get(url))
    }

    /// What went wrong on the wire, without the token and without the address.
    pub(crate) fn transport(&self, error: reqwest::Error) -> Transport {
        transport(error, self.shared.token.expose_secret())
    }

    fn method_url(&self, method: &str) -> Result<Url, CallError> {
        let token = self.shared.token.expose_secret();
        Url::parse(&format!("{}/bot{token}/{method}", self.shared.base))
            .map_err(|_| CallError::NotSent(Transport("the address cannot be made".to_owned())))
    }
}

/// The header's seconds; its other form, a date, is never sent by Telegram.
pub(crate) fn retry_after(response: &Response) -> Option<u64> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn checked_base(base: &str) -> Result<String, ClientError> {
    let url = Url::parse(base).map_err(|_| ClientError::BaseUrl)?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if usable {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(ClientError::BaseUrl)
    }
}

fn check_token(token: &str) -> Result<(), ClientError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
    if !token.is_empty() && token.bytes().all(allowed) { Ok(()) } else { Err(ClientError::Token) }
}

fn transport(error: reqwest::Error, token: &str) -> Transport {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    Transport(redact::without_token(&said, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(base: &str, token: &str, proxy: Option<&str>) -> ClientOptions {
        ClientOptions {
            base_url: base.to_owned(),
            token: token.to_owned().into(),
            proxy: proxy.map(str::to_owned),
        }
    }

    #[test]
    fn wrong_settings_are_named_without_their_values() {
        let check = |base, token, proxy| {
            Client::new(options(base, token, proxy)).map(|_| ()).expect_err("refused")
        };
        assert_eq!(check("ftp://x", "1:A", None), ClientError::BaseUrl);
        assert_eq!(check("api.telegram.org", "1:A", None), ClientError::BaseUrl);
        assert_eq!(check("http://x/?a=1", "1:A", None), ClientError::BaseUrl);
        assert_eq!(check("http://x", "", None), ClientError::Token);
        assert_eq!(check("http://x", "1:A/../2", None), ClientError::Token);
        let proxy = check("http://x", "1:A", Some("::hidden::"));
        assert_eq!(proxy, ClientError::Proxy);
        assert!(!proxy.to_string().contains("hidden"));
    }

    #[test]
    fn debug_output_says_nothing_secret() {
        let options = options("http://user:pw@h", "1:SECRET", Some("http://u:pw@p:1"));
        let shown = format!("{options:?}") + &format!("{:?}", Client::new(options));
        assert!(!shown.contains("SECRET") && !shown.contains("pw"), "{shown}");
    }

    #[test]
    fn a_file_path_stays_inside_the_bots_files() {
        let client = Client::new(options("http://h/api/", "1:A", None)).expect("a client");
        let url = |path| {
            let request = client.file_request(path)?.build().expect("a request");
            Some(request.url().to_string())
        };
        assert_eq!(
            url("photos/a b?.jpg").as_deref(),
            Some("http://h/api/file/bot1:A/photos/a%20b%3F.jpg")
        );
        assert_eq!(url("../bot2/getMe"), None);
        assert_eq!(url("/etc/passwd"), None);
        assert_eq!(url(""), None);
    }
}
