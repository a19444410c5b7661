//! YooKassa in small: payments, refunds and receipts over its API, a page to pay on, notifications, and everything that
//! goes wrong with them.
//!
//! [`YooKassaSim`] is driven by its levers in the same process, or over HTTP under `/sim/` (see `control`). Where the
//! live service is silent, it is strict. No money moves.

mod amount;
mod calls;
mod checkout;
mod checks;
mod control;
mod delivery;
mod faults;
mod keys;
mod levers;
mod moments;
mod notices;
mod payments;
mod receipts;
mod record;
mod refunds;
mod refusals;
mod service;
mod settings;
mod shelf;
mod views;
mod world;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

pub use amount::Amount;
pub use faults::{CallKind, Fault, FaultKind};
pub use levers::{Decline, SimError};
pub use notices::{Event, Flow, HeldNotice, NoticeSettings};
pub use payments::{Cancellation, PayMethod, PaymentStatus, Registration, SimPayment};
pub use receipts::{Fiscal, SimReceipt};
pub use record::{ApiCall, Calls, SentNotice};
pub use refunds::{RefundMode, RefundStatus, SimRefund};
pub use views::Totals;

use crate::common::client::client;
use crate::common::clock::SimClock;
use crate::common::recorder::Recorder;
use crate::common::server::Server;
use calls::Caller;
use world::{Settings, World};

const VIOLATIONS_MAX: usize = 1_000;

/// A shop and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimShop {
    /// The user of Basic authentication.
    pub shop_id: String,
    /// Its password.
    pub secret_key: String,
    /// A shop for tests: `test` of its objects.
    pub test: bool,
}

/// How the service is started.
#[derive(Clone, Debug)]
pub struct YooKassaOptions {
    /// The shop that the product has.
    pub shop: SimShop,
    /// Somebody else's; neither sees what the other has.
    pub foreign: SimShop,
    /// Time of everything but of [`FaultKind::Hang`].
    pub clock: SimClock,
    /// 0: a free one.
    pub port: u16,
    /// Where notifications go.
    pub notify_url: Option<String>,
    /// How they are sent.
    pub notices: NoticeSettings,
    /// Whether receipts have to come with payments.
    pub receipts_demanded: bool,
    /// Who registers them, which decides how they have to look.
    pub fiscal: Fiscal,
    /// What becomes of refunds.
    pub refunds: RefundMode,
    /// Scheme and host of `confirmation_url`; none: this simulator's own page.
    pub confirmation_host: Option<String>,
    /// How many calls and notifications are remembered; 0 for benches.
    pub calls_max: usize,
}

impl Default for YooKassaOptions {
    fn default() -> Self {
        let shop = |shop_id: &str, secret_key: &str| SimShop {
            shop_id: shop_id.to_owned(),
            secret_key: secret_key.to_owned(),
            test: true,
        };
        Self {
            shop: shop("100500", "test_simulated-secret-key"),
            foreign: shop("200600", "test_simulated-foreign-key"),
            clock: SimClock::real(),
            port: 0,
            notify_url: None,
            notices: NoticeSettings::default(),
            receipts_demanded: false,
            fiscal: Fiscal::default(),
            refunds: RefundMode::default(),
            confirmation_host: None,
            calls_max: 10_000,
        }
    }
}

/// The running service; clones are the same one, and it stops when the last one goes.
#[derive(Clone, Debug)]
pub struct YooKassaSim {
    state: SharedState,
    running: Arc<Mutex<Option<Running>>>,
}

#[derive(Debug)]
struct Running {
    _server: Server,
    courier: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.courier.abort();
    }
}

impl YooKassaSim {
    /// Starts it on loopback.
    ///
    /// # Errors
    /// The port is taken, or notifications cannot go where they shall.
    pub async fn start(options: YooKassaOptions) -> io::Result<Self> {
        let settings = Settings {
            told_shop_id: options.shop.shop_id.clone(),
            notify_url: None,
            notices: options.notices,
            refunds: options.refunds,
            receipts_demanded: options.receipts_demanded,
            receipts_at_once: false,
            fiscal: options.fiscal,
            pages: String::new(),
        };
        let state = Arc::new(Shared {
            shop: options.shop,
            foreign: options.foreign,
            clock: options.clock,
            base_url: OnceLock::new(),
            http: client(),
            world: Mutex::new(World::new(settings)),
            changed: Notify::new(),
            idle: watch::Sender::new(0),
            is_stopped: AtomicBool::new(false),
            errors: AtomicU64::new(0),
            calls: Recorder::new(options.calls_max),
            sent: Recorder::new(options.calls_max),
            violations: Recorder::new(VIOLATIONS_MAX),
        });
        let router = control::routes().merge(checkout::routes()).fallback(service::serve);
        let server = Server::start(router.with_state(Arc::clone(&state)), options.port).await?;
        // Nobody has set it: the state was made a moment ago.
        let _set = state.base_url.set(server.base_url());
        let courier = tokio::spawn(delivery::run(Arc::clone(&state)));
        let running = Running { _server: server, courier };
        let sim = Self { state, running: Arc::new(Mutex::new(Some(running))) };
        sim.set_confirmation_host(options.confirmation_host.as_deref());
        sim.set_notify_url(options.notify_url.as_deref()).map_err(io::Error::other)?;
        Ok(sim)
    }

    /// A handle for those inside, which keeps nothing running.
    fn around(state: SharedState) -> Self {
        Self { state, running: Arc::default() }
    }

    /// `http://127.0.0.1:PORT/v3`, to be used instead of YooKassa's.
    pub fn base_url(&self) -> String {
        format!("{}/v3", self.state.base_url())
    }

    /// `http://127.0.0.1:PORT`, under which the pages and `/sim/` are.
    pub fn site_url(&self) -> String {
        self.state.base_url().to_owned()
    }

    /// The shop that the product has.
    pub fn shop(&self) -> &SimShop {
        &self.state.shop
    }

    /// Somebody else's.
    pub fn foreign_shop(&self) -> &SimShop {
        &self.state.foreign
    }

    /// Time of everything here.
    pub fn clock(&self) -> &SimClock {
        &self.state.clock
    }

    /// Moves a manual clock and stops at every moment at which something happens by itself, until its notifications are
    /// answered. Whoever moves the clock itself calls [`YooKassaSim::settled`] afterwards.
    pub async fn advance(&self, by: Duration) {
        let until_ms =
            self.clock().now_ms() + i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2);
        loop {
            self.settled().await;
            let now_ms = self.clock().now_ms();
            let next_ms = self.state.with(|world| world.next_ms()).unwrap_or(until_ms);
            let left_ms = next_ms.min(until_ms) - now_ms;
            let Ok(left_ms @ 1..) = u64::try_from(left_ms) else { return };
            self.clock().advance(Duration::from_millis(left_ms));
            if self.clock().now_ms() == now_ms {
                // A real clock cannot be moved.
                return;
            }
        }
    }

    /// Waits until every notification that is due has been answered or has failed.
    pub async fn settled(&self) {
        delivery::settled(&self.state).await;
    }

    /// Stops it for all its clones; open lines break at their next request.
    pub fn stop(&self) {
        self.state.is_stopped.store(true, Ordering::SeqCst);
        drop(self.running.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Arranges that calls go wrong.
    pub fn fault(&self, fault: Fault) {
        self.state.with(|world| world.faults.add(fault));
    }

    /// No more of that.
    pub fn clear_faults(&self) {
        self.state.with(|world| world.faults.clear());
    }

    /// Those that still wait for their calls.
    pub fn faults(&self) -> Vec<Fault> {
        self.state.with(|world| world.faults.waiting())
    }

    /// The newest calls of the API, oldest first.
    pub fn calls(&self) -> Calls {
        Calls(self.state.calls.all())
    }

    /// How many there have been.
    pub fn calls_total(&self) -> u64 {
        self.state.calls.total()
    }

    /// Forgets the calls, so that a test sees its own.
    pub fn forget_calls(&self) {
        self.state.calls.forget();
    }

    /// The newest attempts to deliver a notification, oldest first.
    pub fn sent_notices(&self) -> Vec<SentNotice> {
        self.state.sent.all()
    }

    /// What was refused because the request was wrong; arranged errors and 404 for an object are not among them.
    pub fn violations(&self) -> Vec<String> {
        self.state.violations.all()
    }

    /// Forgets the violations, for a test that makes one on purpose.
    pub fn forget_violations(&self) {
        self.state.violations.forget();
    }
}

type SharedState = Arc<Shared>;

#[derive(Debug)]
struct Shared {
    shop: SimShop,
    foreign: SimShop,
    clock: SimClock,
    base_url: OnceLock<String>,
    http: reqwest::Client,
    world: Mutex<World>,
    /// Rung when something may be due.
    changed: Notify,
    /// Counts the courier's turns.
    idle: watch::Sender<u64>,
    is_stopped: AtomicBool,
    errors: AtomicU64,
    calls: Recorder<ApiCall>,
    sent: Recorder<SentNotice>,
    violations: Recorder<String>,
}

impl Shared {
    fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        work(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whose credentials these are.
    fn caller(&self, headers: &HeaderMap) -> Option<Caller<'_>> {
        let (shop_id, secret_key) = service::credentials(headers)?;
        let is_his = |shop: &&SimShop| shop.shop_id == shop_id && shop.secret_key == secret_key;
        let shop = [&self.shop, &self.foreign].into_iter().find(is_his)?;
        Some(Caller { shop_id: &shop.shop_id, test: shop.test, now_ms: self.clock.now_ms() })
    }

    /// `id` of an error, which support would ask for.
    fn error_id(&self) -> String {
        let number = self.errors.fetch_add(1, Ordering::Relaxed);
        moments::id(self.clock.now_ms(), u64::MAX - number)
    }

    fn violation(&self, text: String) {
        tracing::warn!(violation = text, "the simulated YooKassa was called wrongly");
        self.violations.record(text);
    }
}
