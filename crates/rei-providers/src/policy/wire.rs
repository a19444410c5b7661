//! The way out: an HTTP client with a proxy and deadlines, and answers read up to a limit.
//!
//! Never repeats, never follows a redirect, never takes the environment's proxy, never lets a key or an address
//! into an error.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};

use crate::redact;

/// The largest answer that is read: a 4K picture in base64 takes tens of megabytes.
pub const ANSWER_MAX_BYTES: usize = 96 * 1024 * 1024;
/// The largest refusal that is read; nothing sensible comes after it.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;
/// Idle connections kept for the next call.
const POOL_IDLE_MAX: usize = 16;
/// How long an idle connection is kept; below what servers and gateways commonly allow.
const POOL_IDLE_FOR: Duration = Duration::from_secs(50);

/// How long and how large an exchange may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireLimits {
    /// Until the connection stands.
    pub connect_timeout: Duration,
    /// The whole exchange, to the last byte of the answer.
    pub total_timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub answer_max_bytes: usize,
}

impl Default for WireLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(300),
            answer_max_bytes: ANSWER_MAX_BYTES,
        }
    }
}

/// Why an exchange brought no answer. What is quoted is already without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// No connection: nothing was sent, so sending again is safe.
    #[error("no connection: {0}")]
    NotSent(String),
    /// Sent at least in part, and no whole answer came.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Why a client cannot be made; names the setting, never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not an address that a path can be added to.
    #[error("the base address must be an http or https URL without a query")]
    BaseUrl,
    /// Not a key that fits into a header.
    #[error("the key has characters that no key has")]
    Key,
    /// Not the address of a proxy.
    #[error("the proxy must be an http, https, socks5 or socks5h URL")]
    Proxy,
    /// The HTTP client does not start, such as without any root certificate.
    #[error("the http client cannot be made: {0}")]
    Http(String),
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The header, when it holds seconds.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

/// A client for one provider. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Wire {
    http: reqwest::Client,
    limits: WireLimits,
    /// Taken out of everything that is said about an exchange.
    secrets: Vec<SecretString>,
}

impl Wire {
    /// `secrets`: what must never be quoted. `plain`: the address has no TLS.
    pub(crate) fn new(
        limits: WireLimits,
        proxy: Option<&SecretString>,
        plain: bool,
        mut secrets: Vec<SecretString>,
    ) -> Result<Self, ClientError> {
        // An error means that another part of the process has installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("rei-bot/", env!("CARGO_PKG_VERSION")))
            // One call, one connection: a broken connection then leaves one outcome unknown, not all of them.
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect_timeout)
            .pool_idle_timeout(POOL_IDLE_FOR)
            .pool_max_idle_per_host(POOL_IDLE_MAX)
            // The environment's proxy is not ours: settings name the one to take.
            .no_proxy();
        if let Some(proxy) = proxy {
            builder = builder.proxy(checked_proxy(proxy.expose_secret())?);
            secrets.extend(password_of(proxy.expose_secret()));
        } else if plain {
            // Without TLS no root certificates are needed, and a bare container may have none.
            builder = builder.tls_certs_only([]);
        }
        let quoted: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        let http =
            builder.build().map_err(|error| ClientError::Http(redact::chain(error, &quoted)))?;
        Ok(Self { http, limits, secrets })
    }

    pub(crate) fn get(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        self.http.get(url)
    }

    pub(crate) fn post(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        self.http.post(url)
    }

    /// Sends a request and reads its answer within the deadline and the limit.
    pub(crate) async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, WireError> {
        self.exchange_with_headers(request).await.map(|(_, answer)| answer)
    }

    /// The same, for protocols that answer in headers too.
    pub(crate) async fn exchange_with_headers(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(HeaderMap, Answer), WireError> {
        let sent = request.timeout(self.limits.total_timeout).send().await;
        let mut response = sent.map_err(|error| self.unanswered(error))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let retry_after = retry_after(&headers);
        let body = if status.is_success() {
            self.read(&mut response, self.limits.answer_max_bytes).await?
        } else {
            // The status alone tells a refusal, however its body ends.
            let limit = self.limits.answer_max_bytes.min(REFUSAL_MAX_BYTES);
            self.read(&mut response, limit).await.unwrap_or_default()
        };
        Ok((headers, Answer { status: status.as_u16(), retry_after, body }))
    }

    /// Sends a request and hands over its answer unread. The deadlines are the caller's; [`WireLimits`] bound the
    /// connection alone.
    pub(crate) async fn open(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, WireError> {
        request.send().await.map_err(|error| self.unanswered(error))
    }

    /// Words of the provider without our secrets and without `also`.
    pub(crate) fn redacted(&self, text: &str, also: &str) -> String {
        self.redacted_all(text, &[also])
    }

    /// The same for several things at once.
    pub(crate) fn redacted_all(&self, text: &str, also: &[&str]) -> String {
        let mut secrets: Vec<&str> = self.secrets.iter().map(ExposeSecret::expose_secret).collect();
        secrets.extend(also);
        redact::words(text, &secrets)
    }

    async fn read(
        &self,
        response: &mut reqwest::Response,
        limit: usize,
    ) -> Result<Bytes, WireError> {
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(WireError::TooLarge(limit));
        }
        // Reserved once, so that a large picture is not moved about while it arrives.
        let mut body = BytesMut::with_capacity(announced.unwrap_or_default());
        while let Some(chunk) =
            response.chunk().await.map_err(|error| WireError::Unanswered(self.said(error)))?
        {
            if body.len() + chunk.len() > limit {
                return Err(WireError::TooLarge(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn unanswered(&self, error: reqwest::Error) -> WireError {
        let unsent = error.is_connect() || error.is_builder();
        let said = self.said(error);
        if unsent { WireError::NotSent(said) } else { WireError::Unanswered(said) }
    }

    fn said(&self, error: reqwest::Error) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(ExposeSecret::expose_secret).collect();
        redact::chain(error, &secrets)
    }
}

/// A base address with its closing slash taken off.
pub(crate) fn checked_base(base: &str) -> Result<reqwest::Url, ClientError> {
    let mut url = reqwest::Url::parse(base.trim()).map_err(|_| ClientError::BaseUrl)?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if !usable {
        return Err(ClientError::BaseUrl);
    }
    url.path_segments_mut().map_err(|()| ClientError::BaseUrl)?.pop_if_empty();
    Ok(url)
}

fn checked_proxy(proxy: &str) -> Result<reqwest::Proxy, ClientError> {
    let url = reqwest::Url::parse(proxy).map_err(|_| ClientError::Proxy)?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || !url.has_host() {
        return Err(ClientError::Proxy);
    }
    reqwest::Proxy::all(url).map_err(|_| ClientError::Proxy)
}

fn password_of(proxy: &str) -> Option<SecretString> {
    let url = reqwest::Url::parse(proxy).ok()?;
    url.password().map(|password| SecretString::from(password.to_owned()))
}

/// The header's seconds; its other form, a date, is not worth a calendar.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers.get(RETRY_AFTER)?.to_str().ok()?)
}

pub(crate) fn seconds(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_addresses_are_named_without_their_values() {
        let base = |text| checked_base(text).map(|url| url.to_string());
        assert_eq!(base("https://h/api/"), Ok("https://h/api".to_owned()));
        assert_eq!(base("http://h:1"), Ok("http://h:1/".to_owned()));
        for wrong in ["ftp://h", "h", "https://h/?key=1", "data:text/plain,x", ""] {
            assert_eq!(base(wrong), Err(ClientError::BaseUrl), "{wrong}");
        }
        for wrong in ["::hidden::", "ftp://h:1", "socks4://h:1"] {
            let error = checked_proxy(wrong).map(|_| ()).expect_err("refused");
            assert!(!error.to_string().contains("hidden"));
        }
        assert!(checked_proxy("socks5h://user:pw@h:1080").is_ok());
    }
}
