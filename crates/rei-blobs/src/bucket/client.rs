//! The HTTP clients of a bucket, and the address they talk to.

use std::time::Duration;

use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::BucketOptions;
use crate::error::BlobError;

/// Until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may be silent, and how long a part of an upload may take.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// What a stranger's look at a link may take in all.
const LOOK_TIMEOUT: Duration = Duration::from_secs(20);
/// Idle connections kept for the next request.
const POOL_IDLE_MAX: usize = 16;
/// How long an idle connection is kept.
const POOL_IDLE_FOR: Duration = Duration::from_secs(50);

/// Two clients, so that what one may send never gets into the other's requests.
pub(super) struct Clients {
    pub(super) owner: Connector,
    pub(super) stranger: reqwest::Client,
}

/// Hands our own client to the library; the library's would listen to the environment's proxies.
pub(super) struct Connector(reqwest::Client);

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client knows the proxy and its password.
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

impl Clients {
    pub(super) fn new(proxy: Option<&SecretString>, is_plain: bool) -> Result<Self, BlobError> {
        // An error means that another part of the process has installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|_| BlobError::BucketSettings("the http client does not start"))
        };
        let owner = builder(proxy, is_plain)?.read_timeout(SILENCE_MAX);
        // A look ends after the first piece, and a connection cut like that is of no further use.
        let stranger = builder(proxy, is_plain)?.timeout(LOOK_TIMEOUT).pool_max_idle_per_host(0);
        Ok(Self { owner: Connector(build(owner)?), stranger: build(stranger)? })
    }
}

fn builder(
    proxy: Option<&SecretString>,
    is_plain: bool,
) -> Result<reqwest::ClientBuilder, BlobError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("rei-bot/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_FOR)
        .pool_max_idle_per_host(POOL_IDLE_MAX)
        // Files are stored as they are: a length must mean the file's.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        // The environment's proxy is not ours: settings name the one to take.
        .no_proxy();
    match proxy {
        Some(proxy) => Ok(builder.proxy(checked_proxy(proxy.expose_secret())?)),
        // Without TLS no root certificates are needed, and a bare container may have none.
        None if is_plain => Ok(builder.tls_certs_only([])),
        None => Ok(builder),
    }
}

/// The HTTP client would take any scheme and not use the proxy then.
fn checked_proxy(proxy: &str) -> Result<reqwest::Proxy, BlobError> {
    const WRONG: BlobError =
        BlobError::BucketSettings("the proxy must be an http, https or socks5 URL");
    let url = Url::parse(proxy).map_err(|_| WRONG)?;
    match url.scheme() {
        "http" | "https" | "socks5" | "socks5h" => reqwest::Proxy::all(url).map_err(|_| WRONG),
        _ => Err(WRONG),
    }
}

/// The server's address as the library wants it: with the bucket's name in front unless it belongs into the path.
pub(super) fn address(options: &BucketOptions) -> Result<Option<String>, BlobError> {
    const WRONG: BlobError = BlobError::BucketSettings(
        "the endpoint must be an http or https URL of a server, without a path, a query or a password",
    );
    let Some(endpoint) = &options.endpoint else { return Ok(None) };
    let mut url = Url::parse(endpoint).map_err(|_| WRONG)?;
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !is_bare {
        return Err(WRONG);
    }
    let Some(host) = url.domain().map(str::to_owned) else {
        return match options.path_style {
            true => Ok(Some(bare(&url))),
            false => Err(BlobError::BucketSettings(
                "an endpoint that is a number needs the path style (S3_PATH_STYLE=1)",
            )),
        };
    };
    let in_front = format!("{}.", options.bucket);
    if !options.path_style && !host.starts_with(&in_front) {
        url.set_host(Some(&format!("{in_front}{host}"))).map_err(|_| WRONG)?;
    }
    Ok(Some(bare(&url)))
}

fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
