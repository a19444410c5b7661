//! One shop at YooKassa's API.
//!
//! A call is one attempt: its key and bytes are stored by the caller before, and repeated by a job of the book after.
//! Only a read whose connection broke is sent once more here.
//!
//! Source: YooKassa API v3 reference and its OpenAPI file (facts sheet `api/yookassa.md`).

mod answer;
mod calls;
mod errors;
mod gate;
mod lists;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rei_domain::clock::SharedClock;
use rei_domain::shared::SharedLimits;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use self::gate::Gate;
use self::wire::Wire;
use crate::confirmation::AllowedHosts;

pub use errors::{CallError, Complaint, Held, Lost};
pub use gate::{Availability, ShopLimits};
pub use lists::{ListWindow, Page, RefundQuery};
pub(crate) use wire::is_loopback;

/// What the key of a test shop starts with.
const TEST_PREFIX: &str = "test_";

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// A whole call that changes something: YooKassa itself gives up after about 30 s.
    pub post: Duration,
    /// A whole read.
    pub get: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            post: Duration::from_secs(35),
            get: Duration::from_secs(10),
        }
    }
}

/// What a client needs to know.
pub struct ShopOptions {
    /// The shop's number.
    pub shop_id: String,
    /// The shop's secret key; a test shop's starts with `test_`.
    pub secret_key: SecretString,
    /// The address, such as [`ShopOptions::BASE_URL`]; without TLS only on this machine.
    pub base_url: String,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// Calls at once, and when to leave the API alone.
    pub limits: ShopLimits,
}

/// Why a client cannot be made; names the setting, never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// Not an address that a path can be added to.
    #[error("the base address must be an https URL without a password and a query")]
    BaseUrl,
    /// A key must not travel in the open.
    #[error("the base address may be an http URL only on this machine")]
    PlainHttp,
    /// Not a shop's number.
    #[error("the shop id must be letters, digits, `-` or `_`")]
    ShopId,
    /// Not a key that fits into a header.
    #[error("the secret key is empty or has characters that no key has")]
    Key,
    /// The HTTP client does not start, such as without any root certificate.
    #[error("the http client cannot be made: {0}")]
    Http(String),
}

/// The API for one shop. Cheap to clone; clones share connections and limits.
#[derive(Clone)]
pub struct YooKassa {
    shared: Arc<Shared>,
}

struct Shared {
    shop_id: String,
    is_test: bool,
    base: Url,
    wire: Wire,
    gate: Gate,
}

/// Whether a key belongs to a test shop.
pub fn is_test_key(key: &SecretString) -> bool {
    key.expose_secret().trim().starts_with(TEST_PREFIX)
}

impl ShopOptions {
    /// YooKassa's own address.
    pub const BASE_URL: &str = "https://api.yookassa.ru/v3";

    /// A shop at YooKassa's own address with the usual limits.
    pub fn new(shop_id: impl Into<String>, secret_key: SecretString) -> Self {
        Self {
            shop_id: shop_id.into(),
            secret_key,
            base_url: Self::BASE_URL.to_owned(),
            timeouts: Timeouts::default(),
            limits: ShopLimits::default(),
        }
    }
}

impl YooKassa {
    /// A client. `limits`: what it keeps together with the other processes.
    ///
    /// # Errors
    /// [`ShopError`] names what is wrong with the settings.
    pub fn new(
        options: ShopOptions,
        clock: SharedClock,
        limits: SharedLimits,
    ) -> Result<Self, ShopError> {
        let base = wire::checked_base(&options.base_url)?;
        let shop_id = options.shop_id.trim();
        let is_shop_id = (1..=64).contains(&shop_id.len())
            && shop_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_shop_id {
            return Err(ShopError::ShopId);
        }
        let key = options.secret_key.expose_secret().trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ShopError::Key);
        }
        let key = SecretString::from(key.to_owned());
        let wire = Wire::new(shop_id, &key, options.timeouts, base.scheme() == "http")?;
        let shared = Shared {
            shop_id: shop_id.to_owned(),
            is_test: is_test_key(&key),
            base,
            wire,
            gate: Gate::new(options.limits, clock, limits),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The shop's number, as [`crate::objects::Payment::account_id`] must name it.
    pub fn shop_id(&self) -> &str {
        &self.shared.shop_id
    }

    /// Whether every object must say `test: true`: the key is a test shop's.
    pub fn expects_test(&self) -> bool {
        self.shared.is_test
    }

    /// Whether calls are let out now; for the menu, before a customer is promised a link.
    pub fn availability(&self) -> Availability {
        self.shared.gate.availability()
    }

    /// Where a customer may be sent to pay.
    pub fn allowed_hosts(&self) -> AllowedHosts {
        AllowedHosts::for_api(&self.shared.base)
    }
}

impl fmt::Debug for ShopOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShopOptions")
            .field("shop_id", &self.shop_id)
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for YooKassa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YooKassa")
            .field("shop_id", &self.shared.shop_id)
            .field("expects_test", &self.shared.is_test)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::clock::{ManualClock, Timestamp};
    use rei_domain::shared::Alone;

    use super::*;

    fn client(shop_id: &str, key: &str) -> Result<YooKassa, ShopError> {
        let base_url = "http://127.0.0.1:9/v3".to_owned();
        let options = ShopOptions { base_url, ..ShopOptions::new(shop_id, key.to_owned().into()) };
        YooKassa::new(options, Arc::new(ManualClock::at(Timestamp(0))), Arc::new(Alone))
    }

    #[test]
    fn the_mode_is_read_off_the_key() {
        assert!(client("100500", " test_invented\n").expect("a client").expects_test());
        assert!(!client("100500", "live_invented").expect("a client").expects_test());
    }

    #[test]
    fn settings_that_cannot_work_are_named_without_their_values() {
        for shop_id in ["", "100:500", "100 500", "сто"] {
            assert_eq!(client(shop_id, "test_x").err(), Some(ShopError::ShopId), "{shop_id}");
        }
        for key in ["", " ", "test_\nx", "тест"] {
            assert_eq!(client("100500", key).err(), Some(ShopError::Key), "{key}");
        }
    }

    #[test]
    fn nothing_that_is_printed_holds_the_key() {
        let options = ShopOptions::new("100500", "test_SECRET".to_owned().into());
        let client = client("100500", "test_SECRET").expect("a client");
        assert!(!format!("{options:?} {client:?}").contains("SECRET"));
    }
}
