//! A book that many schedules share, and for each schedule a payment system of its own with a house beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rei_app::payments::{PaymentRail, Payments, SenderCheck, YooKassaRail, YooKassaRules};
use rei_app::{
    CatalogInUse, Files, FirstTopupBonus, House, LedgerError, Policy, Polling, QueueRules, Tx,
};
use rei_blobs::BlobStore;
use rei_domain::catalog::Catalog;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{Clock, Timestamp};
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{PocketOrder, Rail};
use rei_domain::money::Kopecks;
use rei_domain::payment::RailRules;
use rei_providers::RetryPolicy;
use rei_sim::common::clock::SimClock;
use rei_sim::yookassa::{YooKassaOptions, YooKassaSim};
use rei_storage::testing::{EngineKind, TestBook, fresh_book};
use rei_storage::{Book, customers, ledger};
use rei_web::Web;
use rei_yookassa::authenticity::{Mode, Signer};
use rei_yookassa::{ShopOptions, YooKassa};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::till::in_the_book;

use super::draw::{Plan, Step};
use super::workers::Cuts;

/// 2026-07-05.
const START_MS: i64 = 1_783_260_309_000;
/// Longer than anything of one schedule is looked for by the next.
const BETWEEN: Duration = Duration::from_secs(27 * 3600);
/// Who refunds.
pub const BOSS: CustomerId = CustomerId(1);
const SECRET: &str = "schedules-webhook-secret-0123456789abcdef";

/// A book and the time.
pub struct Bank {
    fresh: TestBook,
    clock: SimClock,
    folder: TempDir,
}

/// One schedule at work.
pub struct Session {
    pub sim: YooKassaSim,
    pub customers: Vec<CustomerId>,
    pub cuts: Arc<Cuts>,
    pub begun: Timestamp,
    /// What stood on the clearing account and had been paid in fees before.
    pub before: i64,
    /// What each customer has spent, in kopecks.
    pub spent: Mutex<BTreeMap<CustomerId, i64>>,
    /// How often anybody wanted to.
    pub spendings: AtomicU64,
    /// Payments that are not what we asked for: another site's, or of another sum.
    pub strange: Mutex<BTreeSet<String>>,
    book: Book,
    clock: SimClock,
    blobs: BlobStore,
    seed: u64,
    process: Mutex<Process>,
}

/// A house and its door; both are gone when it dies.
struct Process {
    house: House,
    rail: Arc<YooKassaRail>,
    address: SocketAddr,
    door: JoinHandle<()>,
    is_dead: bool,
    number: u64,
}

/// The payment system's clock is the house's: both move at once.
struct OneClock(SimClock);

impl Clock for OneClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now_ms())
    }
}

impl Bank {
    pub async fn open(engine: EngineKind) -> Self {
        let fresh = tokio::task::spawn_blocking(move || fresh_book(engine)).await;
        let fresh = fresh.expect("a book can be made");
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self { fresh, clock: SimClock::manual(START_MS), folder }
    }
}

impl Session {
    pub async fn begin(bank: &Bank, plan: &Plan) -> Self {
        bank.clock.advance(BETWEEN);
        let options = YooKassaOptions { clock: bank.clock.clone(), ..YooKassaOptions::default() };
        let sim = YooKassaSim::start(options).await.expect("the payment system starts");
        let blobs = BlobStore::open(bank.folder.path().join("blobs")).expect("a store");
        let book = bank.fresh.book.clone();
        let process = Process::start(&book, &blobs, &sim, plan.seed, 0).await;
        let number = |index| i64::try_from(plan.seed * 8 + index + 100).expect("a small number");
        let customers = (0..plan.customers).map(|index| CustomerId(number(index))).collect();
        let session = Self {
            customers,
            cuts: Cuts::new(plan.seed ^ 0x5eed, plan.cuts),
            begun: Timestamp(bank.clock.now_ms()),
            before: in_the_book(&book).await,
            spent: Mutex::default(),
            spendings: AtomicU64::default(),
            strange: Mutex::default(),
            book,
            clock: bank.clock.clone(),
            blobs,
            seed: plan.seed,
            process: Mutex::new(process),
            sim,
        };
        for customer in session.customers.clone() {
            session
                .write(move |tx, _, now| {
                    customers::seen(tx, customer, "x", Some("ru"), now)?;
                    Ok(ledger::open_customer(tx, customer)?)
                })
                .await;
        }
        session
    }

    /// Everything of a step happens at the same moment; then time passes.
    pub async fn takes(&self, step: &Step) {
        self.revives().await;
        futures::future::join_all(step.deeds.iter().map(|deed| self.does(deed))).await;
        self.passes(step.pause).await;
    }

    /// Time passes, and reports that are due come meanwhile.
    pub async fn passes(&self, time: Duration) {
        self.sim.advance(time).await;
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_ms())
    }

    pub fn house(&self) -> House {
        lock(&self.process).house.clone()
    }

    pub fn rail(&self) -> Arc<YooKassaRail> {
        Arc::clone(&lock(&self.process).rail)
    }

    /// Where reports come to.
    pub fn door(&self) -> String {
        lock(&self.process).address.to_string()
    }

    /// The process is gone; nobody answers its door.
    pub fn dies(&self) {
        let mut process = lock(&self.process);
        process.door.abort();
        process.is_dead = true;
    }

    /// Another process begins over the same book, if the last one died.
    pub async fn revives(&self) {
        let number = {
            let process = lock(&self.process);
            if !process.is_dead {
                return;
            }
            process.number + 1
        };
        let next = Process::start(&self.book, &self.blobs, &self.sim, self.seed, number).await;
        *lock(&self.process) = next;
    }

    /// Writes as a use case does.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>, &House, Timestamp) -> Result<T, LedgerError> + Send + 'static,
    ) -> T {
        let (house, now) = (self.house(), self.now());
        self.book.write(move |tx| work(tx, &house, now)).await.expect("the book works")
    }

    /// What the book has of the payment system's money.
    pub async fn in_the_book(&self) -> i64 {
        in_the_book(&self.book).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        lock(&self.process).door.abort();
        self.sim.stop();
    }
}

impl Process {
    async fn start(
        book: &Book,
        blobs: &BlobStore,
        sim: &YooKassaSim,
        seed: u64,
        number: u64,
    ) -> Self {
        let rail = Arc::new(rail(sim));
        let chance = SeededChance::new(seed.wrapping_mul(1_000).wrapping_add(number));
        let house = house(book, blobs, sim, &rail, chance);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let web = Web {
            house: house.clone(),
            telegram_secret: None,
            readiness: Arc::default(),
            metrics: Arc::new(String::new),
        };
        let service = rei_web::router(web).into_make_service_with_connect_info::<SocketAddr>();
        let door = tokio::spawn(async move {
            // It ends by being aborted alone.
            let _ended = axum::serve(listener, service).await;
        });
        let url = format!("http://{address}{}", rail.webhook_path());
        sim.set_notify_url(Some(&url)).expect("it is on this machine");
        Self { house, rail, address, door, is_dead: false, number }
    }
}

fn rail(sim: &YooKassaSim) -> YooKassaRail {
    let (shop, clock) = (sim.shop(), Arc::new(OneClock(sim.clock().clone())));
    let options = ShopOptions {
        base_url: sim.base_url(),
        ..ShopOptions::new(shop.shop_id.clone(), shop.secret_key.clone().into())
    };
    let client =
        YooKassa::new(options, clock, Arc::new(rei_domain::shared::Alone)).expect("a client");
    let signer = Signer::new(&shop.shop_id, Mode::Test, &SECRET.into(), None).expect("a signer");
    let rules = YooKassaRules {
        limits: RailRules {
            rail: Rail::YooKassa,
            min: Kopecks::from_rubles(10),
            max: Kopecks::from_rubles(15_000),
            unit: None,
        },
        receipts: None,
        return_url: None,
        wants_address: true,
        relay: None,
        sender_check: SenderCheck::Off,
        trusted_proxies: Vec::new(),
    };
    YooKassaRail::new(client, signer, rules, true)
}

fn house(
    book: &Book,
    blobs: &BlobStore,
    sim: &YooKassaSim,
    yookassa: &Arc<YooKassaRail>,
    chance: SeededChance,
) -> House {
    let catalog = include_str!("../../../../../data/catalog.toml");
    let rail: Arc<dyn PaymentRail> = yookassa.clone();
    let payments = Payments {
        rails: vec![rail],
        yookassa: Some(Arc::clone(yookassa)),
        new_per_hour: 10,
        ..Payments::default()
    };
    House {
        book: book.clone(),
        clock: Arc::new(OneClock(sim.clock().clone())),
        chance: Arc::new(chance),
        catalog: Arc::new(CatalogInUse::new(Catalog::parse(catalog).expect("it is right"))),
        blobs: blobs.clone(),
        providers: Arc::new(Vec::new()),
        files: Arc::new(Files::default()),
        telegram: None,
        payments: Arc::new(payments),
        policy: Arc::new(Policy {
            admins: vec![BOSS],
            active_orders_max: 5,
            welcome_gift: Kopecks::ZERO,
            first_topup_bonus: Some(FirstTopupBonus { percent: 20, max: Kopecks::from_rubles(50) }),
            pockets: PocketOrder::BonusFirst,
            approval_limit: None,
            usd_rate: None,
            retry: RetryPolicy::default(),
            polling: Polling {
                first: Duration::from_secs(60),
                shown_for: Duration::from_secs(3600),
            },
            mismatch_refund_percent: 0,
            result_kept: Duration::from_secs(3600),
            queues: QueueRules::default(),
        }),
        limits: Arc::new(rei_domain::shared::Alone),
        decoding: Arc::new(Semaphore::new(1)),
    }
}

pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
