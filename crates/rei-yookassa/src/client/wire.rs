//! The way out: an HTTP client of its own with deadlines, and answers read up to a limit.
//!
//! Never repeats a POST, never follows a redirect, never takes a proxy, never lets the key into an error.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use url::Host;

use super::errors::Lost;
use super::{ShopError, Timeouts};
use crate::redact;

/// The header of the key, spelt as YooKassa spells it.
const KEY_HEADER: &str = "Idempotence-Key";
/// The largest refusal that is read.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;
/// Idle connections kept for the next call.
const POOL_IDLE_MAX: usize = 4;
/// How long an idle connection is kept; below what servers and gateways commonly allow.
const POOL_IDLE_FOR: Duration = Duration::from_secs(50);

/// One request, kept so that a read can be sent again.
pub(super) enum Call<'a> {
    Get(Url),
    Post { url: Url, key: &'a str, body: Bytes },
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The header, when it holds seconds.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Bytes,
}

pub(super) struct Wire {
    http: reqwest::Client,
    timeouts: Timeouts,
    login: HeaderValue,
    /// Taken out of everything that is said about an exchange.
    secrets: Vec<SecretString>,
}

impl Wire {
    pub(super) fn new(
        shop_id: &str,
        key: &SecretString,
        timeouts: Timeouts,
        is_plain: bool,
    ) -> Result<Self, ShopError> {
        // An error means that another part of the process has installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("rei-bot/", env!("CARGO_PKG_VERSION")))
            // One call, one connection: a broken connection then leaves one outcome unknown, not all of them.
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(POOL_IDLE_FOR)
            .pool_max_idle_per_host(POOL_IDLE_MAX)
            .no_proxy();
        if is_plain {
            // Without TLS no root certificates are needed, and a bare container may have none.
            builder = builder.tls_certs_only([]);
        }
        let pair = STANDARD.encode(format!("{shop_id}:{}", key.expose_secret()));
        let mut login =
            HeaderValue::from_str(&format!("Basic {pair}")).map_err(|_| ShopError::Key)?;
        login.set_sensitive(true);
        let secrets = vec![key.clone(), SecretString::from(pair)];
        let quoted: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        let http =
            builder.build().map_err(|error| ShopError::Http(redact::chain(error, &quoted)))?;
        Ok(Self { http, timeouts, login, secrets })
    }

    /// What must never be quoted.
    pub(super) fn secrets(&self) -> Vec<&str> {
        self.secrets.iter().map(ExposeSecret::expose_secret).collect()
    }

    /// Sends a request and reads its answer. A read whose connection broke before it answered is sent once more.
    pub(super) async fn exchange(
        &self,
        call: &Call<'_>,
        limit_bytes: usize,
    ) -> Result<Answer, Lost> {
        match (self.send(call).await, call) {
            (Err(error), Call::Get(_)) if !error.is_timeout() => match self.send(call).await {
                Ok(response) => self.read(response, limit_bytes).await,
                Err(error) => Err(self.lost(error)),
            },
            (Ok(response), _) => self.read(response, limit_bytes).await,
            (Err(error), _) => Err(self.lost(error)),
        }
    }

    async fn send(&self, call: &Call<'_>) -> reqwest::Result<reqwest::Response> {
        let request = match call {
            Call::Get(url) => self.http.get(url.clone()).timeout(self.timeouts.get),
            Call::Post { url, key, body } => self
                .http
                .post(url.clone())
                .timeout(self.timeouts.post)
                .header(KEY_HEADER, *key)
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.clone()),
        };
        request.header(AUTHORIZATION, self.login.clone()).send().await
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        limit_bytes: usize,
    ) -> Result<Answer, Lost> {
        let (status, retry_after) = (response.status(), retry_after(response.headers()));
        let body = if status.is_success() {
            self.body(&mut response, limit_bytes).await?
        } else {
            // Words that were cut off are not YooKassa's; the status alone is judged then.
            let limit_bytes = limit_bytes.min(REFUSAL_MAX_BYTES);
            self.body(&mut response, limit_bytes).await.unwrap_or_default()
        };
        Ok(Answer { status: status.as_u16(), retry_after, body })
    }

    async fn body(
        &self,
        response: &mut reqwest::Response,
        limit_bytes: usize,
    ) -> Result<Bytes, Lost> {
        const TOO_LARGE: Lost = Lost::Unreadable("it is too large");
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > limit_bytes) {
            return Err(TOO_LARGE);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(error))? {
            if body.len() + chunk.len() > limit_bytes {
                return Err(TOO_LARGE);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn lost(&self, error: reqwest::Error) -> Lost {
        let is_unsent = error.is_connect() || error.is_builder();
        let said = redact::chain(error, &self.secrets());
        if is_unsent { Lost::Unreachable(said) } else { Lost::Unanswered(said) }
    }
}

/// A base address with its closing slash taken off; without TLS only on this machine.
pub(super) fn checked_base(base: &str) -> Result<Url, ShopError> {
    let mut url = Url::parse(base.trim()).map_err(|_| ShopError::BaseUrl)?;
    let is_bare = url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.scheme() {
        "https" if is_bare => {}
        "http" if is_bare && is_loopback(&url) => {}
        "http" if is_bare => return Err(ShopError::PlainHttp),
        _ => return Err(ShopError::BaseUrl),
    }
    url.path_segments_mut().map_err(|()| ShopError::BaseUrl)?.pop_if_empty();
    Ok(url)
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The header's seconds; its other form, a date, is not worth a calendar.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_tls_is_taken_on_this_machine_alone() {
        let base = |text| checked_base(text).map(|url| url.to_string());
        assert_eq!(
            base("https://api.yookassa.ru/v3/"),
            Ok("https://api.yookassa.ru/v3".to_owned())
        );
        for local in ["http://127.0.0.1:81/v3", "http://[::1]:81/v3", "http://localhost/v3"] {
            assert_eq!(base(local), Ok(local.to_owned()));
        }
        for plain in ["http://api.yookassa.ru/v3", "http://10.0.0.1", "http://localhost.example"] {
            assert_eq!(base(plain), Err(ShopError::PlainHttp), "{plain}");
        }
        for wrong in ["", "api", "ftp://h", "https://u:p@h", "https://h/?a=1", "https://h#a"] {
            assert_eq!(base(wrong), Err(ShopError::BaseUrl), "{wrong}");
        }
    }
}
