//! A bucket that speaks S3: where files last when several machines share them, or when a provider fetches them itself.
//!
//! Knows nothing of the folder. Its keys, its links and its server's words never get into a log.

mod check;
mod client;
mod fault;
mod link;
mod objects;
mod transfer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

use crate::error::BlobError;

pub(crate) use transfer::in_time;

/// How often a request is repeated before it counts as failed.
const RETRIES_MAX: usize = 4;
/// The first wait before a repetition; each later one is up to twice as long.
const WAIT_FIRST: Duration = Duration::from_millis(100);
/// The longest wait before a repetition.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// No repetition after this long.
const RETRY_FOR: Duration = Duration::from_secs(60);
/// What SigV4 allows for a link.
const LINK_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a bucket needs to be reached.
#[derive(Clone, Debug)]
pub struct BucketOptions {
    /// The server, such as `https://storage.yandexcloud.net`; Amazon's own without one.
    pub endpoint: Option<String>,
    /// The region that signatures name.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// The public half of the key.
    pub access_key: SecretString,
    /// The secret half of the key.
    pub secret_key: SecretString,
    /// `https://server/bucket/…` instead of `https://bucket.server/…`.
    pub path_style: bool,
    /// How long links hold at least; 7 days at most.
    pub presigned_url_expiry: Duration,
    /// An http, https or socks5 proxy for all requests.
    pub proxy: Option<SecretString>,
}

/// A bucket. Cheap to clone; all clones share one pool of connections.
#[derive(Clone)]
pub struct Bucket {
    shared: Arc<Shared>,
}

struct Shared {
    store: AmazonS3,
    /// Carries no credentials: sees what a stranger with the link sees.
    stranger: reqwest::Client,
    link_valid_for: Duration,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").finish_non_exhaustive()
    }
}

impl Bucket {
    /// Prepares the connection; asks nothing yet.
    ///
    /// # Errors
    /// [`BlobError::BucketSettings`] names what cannot be right.
    pub fn new(options: BucketOptions) -> Result<Self, BlobError> {
        check_names(&options)?;
        let endpoint = client::address(&options)?;
        let is_plain = endpoint.as_deref().is_some_and(|address| address.starts_with("http:"));
        let proxy = options.proxy.as_ref();
        let clients = client::Clients::new(proxy, is_plain)?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(options.bucket)
            .with_region(options.region)
            .with_access_key_id(options.access_key.expose_secret())
            .with_secret_access_key(options.secret_key.expose_secret())
            .with_virtual_hosted_style_request(!options.path_style)
            .with_allow_http(is_plain)
            // Not every server that speaks S3 can delete many at once.
            .with_disable_bulk_delete(true)
            .with_retry(retries())
            .with_http_connector(clients.owner);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(|_| BlobError::BucketSettings("they do not fit"))?;
        let link_valid_for = options.presigned_url_expiry;
        let shared = Shared { store, stranger: clients.stranger, link_valid_for };
        Ok(Self { shared: Arc::new(shared) })
    }
}

/// Names and times that could never work, whatever the server.
fn check_names(options: &BucketOptions) -> Result<(), BlobError> {
    let is_name = |name: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !name.is_empty() && name.bytes().all(is_letter)
    };
    let is_key = |key: &SecretString| {
        let key = key.expose_secret();
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let wrong = if !is_name(&options.bucket) {
        "the bucket's name must be letters, digits, dots and dashes"
    } else if !is_name(&options.region) {
        "the region must be a name such as us-east-1"
    } else if !is_key(&options.access_key) {
        "the access key has characters that no key has"
    } else if !is_key(&options.secret_key) {
        "the secret key has characters that no key has"
    } else if options.presigned_url_expiry < Duration::from_secs(1) {
        "links must hold for a second at least"
    } else if options.presigned_url_expiry > LINK_MAX {
        "links cannot hold for more than 7 days"
    } else {
        return Ok(());
    };
    Err(BlobError::BucketSettings(wrong))
}

fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { init_backoff: WAIT_FIRST, max_backoff: WAIT_MAX, base: 2.0 },
        max_retries: RETRIES_MAX,
        retry_timeout: RETRY_FOR,
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
