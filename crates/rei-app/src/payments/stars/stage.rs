//! A house that takes Stars, Telegram in small, and Anna, who pays.

use std::sync::Arc;
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::catalog::Catalog;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::ids::{CustomerId, UpdateId};
use rei_domain::ledger::{PocketOrder, Rail};
use rei_domain::money::Kopecks;
use rei_domain::payment::RailRules;
use rei_providers::RetryPolicy;
use rei_queue::Verdict;
use rei_sim::common::clock::SimClock;
use rei_sim::telegram::{CheckoutState, TelegramOptions, TelegramSim, User};
use rei_storage::payments::{self, PaymentRow};
use rei_storage::testing::{TestBook, temp_sqlite};
use rei_storage::{Tx, jobs, ledger};
use rei_telegram::{Client, ClientOptions, Content, GetUpdates, Incoming};
use tokio::sync::Semaphore;

use super::super::{
    LOOK_JOB, OPEN_JOB, Opening, PAYMENTS_QUEUE, PaymentRail, Payments, REFUND_JOB,
    REFUND_SEEN_JOB, SWEEP_JOB, Settled, Wish, look, open, open_payment, refund_seen, send_refund,
    settle, sweep,
};
use super::StarsRail;
use crate::chats::{Sender, SenderOptions};
use crate::{
    CatalogInUse, Files, House, LedgerError, Policy, Polling, QueueRules, Visitor, updates,
};

const START_MS: i64 = 1_790_000_000_000;
pub const ANNA: CustomerId = CustomerId(7);
pub const BORIS: CustomerId = CustomerId(8);
const OWNER: CustomerId = CustomerId(1);
/// What a star is credited as.
pub const UNIT: Kopecks = Kopecks::new(130);

pub struct Stage {
    pub sim: TelegramSim,
    pub anna: User,
    pub boris: User,
    pub house: House,
    pub rail: Arc<StarsRail>,
    pub sender: Sender,
    pub client: Arc<Client>,
    sim_clock: SimClock,
    clock: Arc<ManualClock>,
    _book: TestBook,
    _folder: tempfile::TempDir,
}

pub fn rules(unit: Kopecks) -> RailRules {
    let max = Kopecks::from_rubles(13_000);
    RailRules { rail: Rail::Stars, min: unit, max, unit: Some(unit) }
}

impl Stage {
    pub async fn start() -> Self {
        let sim_clock = SimClock::manual(START_MS);
        let options = TelegramOptions { clock: sim_clock.clone(), ..TelegramOptions::default() };
        let sim = TelegramSim::start(options).await.expect("a free port");
        let (anna, boris) = (sim.user(ANNA.0, "Anna", "ru"), sim.user(BORIS.0, "Boris", "en"));
        sim.user(OWNER.0, "Owner", "ru").says("/start").expect("the owner can write");
        let options = ClientOptions {
            base_url: sim.base_url().to_owned(),
            token: sim.token().to_owned().into(),
            proxy: None,
        };
        let client = Arc::new(Client::new(options).expect("a client"));
        let clock = Arc::new(ManualClock::at(Timestamp(START_MS)));
        let shared = Arc::clone(&client);
        let rail = Arc::new(StarsRail::new(shared, rules(UNIT), true, Arc::clone(&clock) as _));
        let folder = tempfile::tempdir().expect("a folder");
        let book = temp_sqlite();
        let catalog =
            Catalog::parse(include_str!("../../../../../data/catalog.toml")).expect("a catalogue");
        let payments = Payments {
            rails: vec![Arc::clone(&rail) as Arc<dyn PaymentRail>],
            new_per_hour: 10,
            ..Payments::default()
        };
        let house = House {
            book: book.book.clone(),
            clock: Arc::clone(&clock) as _,
            chance: Arc::new(SeededChance::new(7)),
            catalog: Arc::new(CatalogInUse::new(catalog)),
            blobs: BlobStore::open(folder.path()).expect("a store"),
            providers: Arc::default(),
            files: Arc::new(Files::default()),
            telegram: Some(Arc::clone(&client)),
            payments: Arc::new(payments),
            policy: Arc::new(policy()),
            limits: Arc::new(rei_domain::shared::Alone),
            decoding: Arc::new(Semaphore::new(1)),
        };
        let on_configuration = Arc::new(|_| {});
        let options = SenderOptions { paced: false, ..SenderOptions::default() };
        let sender = Sender::new(house.clone(), Arc::clone(&client), options, on_configuration);
        let stage = Self {
            sim,
            anna,
            boris,
            house,
            rail,
            sender,
            client,
            sim_clock,
            clock,
            _book: book,
            _folder: folder,
        };
        for user in [&stage.anna, &stage.boris] {
            user.says("/start").expect("they can write");
        }
        stage.receive().await;
        stage.serve().await;
        stage
    }

    pub fn now(&self) -> Timestamp {
        self.house.now()
    }

    pub fn advance(&self, by: Duration) {
        self.sim_clock.advance(by);
        self.clock.advance(by);
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>, &House) -> Result<T, LedgerError> + Send + 'static,
    ) -> T {
        let house = self.house.clone();
        self.house.book.write(move |tx| work(tx, &house)).await.expect("the book takes it")
    }

    /// Anna's payment of so many Stars, as it is stored.
    pub async fn wishes(&self, stars: i64) -> PaymentRow {
        let now = self.now();
        let opening = self
            .write(move |tx, house| {
                let amount = Kopecks::new(UNIT.get() * stars);
                let wish = Wish { amount, rail: Rail::Stars, quote: None, return_url: "" };
                open_payment(tx, house, ANNA, &wish, now)
            })
            .await;
        match opening {
            Opening::Stored(row) => *row,
            Opening::Refused(why) => panic!("{why:?}"),
        }
    }

    /// The same with its link.
    pub async fn opens(&self, stars: i64) -> (PaymentRow, String) {
        let row = self.wishes(stars).await;
        let looked = self.rail.open(&row).await.expect("a link");
        let (id, now) = (row.id, self.now());
        let settled = self.write(move |tx, house| settle(tx, house, id, &looked, now)).await;
        assert_eq!(settled, Settled::Waits);
        let row = self.row(&row).await;
        let link = row.link.clone().expect("a link");
        (row, link)
    }

    /// Looks a payment up and books what is found.
    pub async fn looks(&self, row: &PaymentRow) -> Settled {
        let looked = self.rail.look(row, None).await.expect("a list");
        let (id, now) = (row.id, self.now());
        self.write(move |tx, house| settle(tx, house, id, &looked, now)).await
    }

    /// Anna pays through a link; the charge.
    pub async fn pays(&self, link: &str) -> String {
        let query = self.anna.pays_link(link).expect("an invoice");
        self.receive().await;
        self.sender.drain().await.expect("the book answers");
        match self.anna.checkout(&query) {
            Some(CheckoutState::Paid { charge_id }) => charge_id,
            other => panic!("not paid: {other:?}"),
        }
    }

    /// Stores what Telegram has for us.
    pub async fn receive(&self) -> usize {
        let mut received = 0;
        let mut request = GetUpdates {
            offset: None,
            limit: 100,
            timeout_s: 0,
            allowed_updates: ["message", "pre_checkout_query"].map(str::to_owned).to_vec(),
        };
        loop {
            let batch = self.client.get_updates(&request).await.expect("updates");
            let Some(last) = batch.last() else { return received };
            request.offset = Some(UpdateId(last.update_id.0 + 1));
            let raws = batch.into_iter().map(|update| update.json).collect();
            received += updates::accept(&self.house, raws).await.expect("they are stored");
        }
    }

    /// Serves everything that waits, as the door does.
    pub async fn serve(&self) {
        loop {
            let waiting = updates::waiting(&self.house, 100).await.expect("the book answers");
            if waiting.is_empty() {
                return;
            }
            for update in waiting {
                let served = updates::serve(&self.house, update, |desk, raw| {
                    let message = match rei_telegram::decode(raw) {
                        Incoming::PreCheckout(query) => {
                            return Ok(desk.precheckout(&query).map(drop)?);
                        }
                        Incoming::Message(message) => message,
                        _ => return Ok(()),
                    };
                    let from = message.from.as_ref().expect("a person");
                    desk.meet(Visitor {
                        id: from.id,
                        name: &from.first_name,
                        username: None,
                        language: from.language_code.as_deref(),
                    })?;
                    match &message.content {
                        Content::SuccessfulPayment(paid) => {
                            desk.stars_paid(from.id, paid).map(drop)
                        }
                        Content::RefundedPayment(back) => desk.stars_refunded(back),
                        _ => Ok(()),
                    }
                });
                served.await.expect("it is served");
            }
        }
    }

    /// Runs every job that is due.
    pub async fn runs(&self) -> Vec<String> {
        let mut ran = Vec::new();
        loop {
            let (now, lease) = (self.now(), self.now().plus(Duration::from_secs(60)));
            let claim = move |tx: &mut Tx<'_>, _: &House| {
                Ok(jobs::claim(tx, "test", PAYMENTS_QUEUE, 1, now, lease)?)
            };
            let Some(claim) = self.write(claim).await.pop() else { return ran };
            ran.push(claim.kind.clone());
            let (house, mine) = (&self.house, claim.clone());
            let verdict = match claim.kind.as_str() {
                OPEN_JOB => open(house, mine).await,
                LOOK_JOB => look(house, mine).await,
                REFUND_JOB => send_refund(house, mine).await,
                REFUND_SEEN_JOB => refund_seen(house, mine).await,
                SWEEP_JOB => sweep(house, mine).await,
                other => panic!("nobody knows jobs of the kind {other}"),
            };
            match verdict.expect("the book works") {
                Verdict::Finished => {}
                Verdict::Snooze(after) => {
                    let due = now.plus(after);
                    self.write(move |tx, _| Ok(jobs::snooze(tx, &claim, due)?)).await;
                }
                other => panic!("{}: {other:?}", claim.kind),
            }
        }
    }

    pub async fn row(&self, row: &PaymentRow) -> PaymentRow {
        let id = row.id;
        let found = self.write(move |tx, _| Ok(payments::find(tx, id)?)).await;
        found.expect("the payment is there")
    }

    pub async fn balance(&self, customer: CustomerId) -> Kopecks {
        self.write(move |tx, _| Ok(ledger::balances(tx, customer)?.cash.free)).await
    }

    /// Money that is nobody's: (charge, sum, note).
    pub async fn suspense(&self) -> Vec<(String, Kopecks, String)> {
        let rows = self.write(|tx, _| Ok(payments::open_suspense(tx, 10)?)).await;
        rows.into_iter().map(|row| (row.provider_id, row.amount, row.note)).collect()
    }

    /// The owner's newest alert.
    pub async fn alert(&self) -> String {
        self.sender.drain().await.expect("the book answers");
        let owner = self.sim.known_user(OWNER.0).expect("the owner");
        owner.last_bot_message().map(|message| message.text).unwrap_or_default()
    }
}

fn policy() -> Policy {
    Policy {
        admins: vec![OWNER],
        active_orders_max: 3,
        welcome_gift: Kopecks::ZERO,
        first_topup_bonus: None,
        pockets: PocketOrder::BonusFirst,
        approval_limit: None,
        usd_rate: None,
        retry: RetryPolicy {
            attempts: 3,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(2),
        },
        polling: Polling { first: Duration::from_secs(10), shown_for: Duration::from_secs(60) },
        mismatch_refund_percent: 0,
        result_kept: Duration::from_secs(60),
        queues: QueueRules::default(),
    }
}
