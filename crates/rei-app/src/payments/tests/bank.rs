//! A house with a book of its own and the payment system in memory, and what a test does with them.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::catalog::Catalog;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{Clock, ManualClock, Timestamp};
use rei_domain::ids::{CustomerId, PaymentId};
use rei_domain::ledger::{Account, Actor, IdempotencyKey, PocketOrder, Rail, TransferKind, Wallet};
use rei_domain::money::Kopecks;
use rei_providers::RetryPolicy;
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::{self, NewTransfer};
use rei_storage::payments::{self, NewPayment, PaymentRow, RefundRow};
use rei_storage::testing::{EngineKind, fresh_book};
use rei_storage::{Tx, customers, inbox, jobs, outbox};
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::rail::{FakeRail, RefundThere, There};
use crate::happenings::Happening;
use crate::payments::*;
use crate::{
    CatalogInUse, Files, FirstTopupBonus, House, LedgerError, Policy, Polling, QueueRules,
};

/// 2026-07-05.
pub const START: Timestamp = Timestamp(1_783_260_309_000);
pub const BOSS: CustomerId = CustomerId(1);
pub const ANNA: CustomerId = CustomerId(42);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);
/// More than any test needs.
const JOBS_MAX: usize = 200;

pub const fn rubles(sum: i64) -> Kopecks {
    Kopecks::from_rubles(sum)
}

pub struct Bank {
    pub house: House,
    pub rail: Arc<FakeRail>,
    clock: Arc<ManualClock>,
    sent: Mutex<Vec<(i64, String)>>,
    _folder: TempDir,
}

/// Runs a test on a fresh book of each engine and audits the book afterwards.
pub fn on_each<F: Future<Output = Bank>>(test: impl Fn(Bank) -> F) {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let folder = TempDir::new().expect("a temporary folder can be made");
        let rail = Arc::new(FakeRail::default());
        let clock = Arc::new(ManualClock::at(START));
        let house = house(fresh.book.clone(), &folder, &rail, &clock);
        rail.state().now = START;
        let bank = Bank { house, rail, clock, sent: Mutex::default(), _folder: folder };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let bank = runtime.block_on(async {
            bank.meets(ANNA).await;
            bank.meets(BOSS).await;
            test(bank).await
        });
        let report = fresh.book.blocking_read(ledger::audit).expect("the book is readable");
        assert_eq!(report.findings.kept, [], "{engine:?}");
        assert!(report.trial.is_zero(), "{engine:?}: {}", report.trial);
        drop(bank);
    }
}

fn house(
    book: rei_storage::Book,
    folder: &TempDir,
    rail: &Arc<FakeRail>,
    clock: &Arc<ManualClock>,
) -> House {
    let catalog = include_str!("../../../../../data/catalog.toml");
    let rail: Arc<dyn PaymentRail> = rail.clone();
    House {
        book,
        clock: clock.clone(),
        chance: Arc::new(SeededChance::new(7)),
        catalog: Arc::new(CatalogInUse::new(Catalog::parse(catalog).expect("it is right"))),
        blobs: BlobStore::open(folder.path().join("blobs")).expect("a store"),
        providers: Arc::new(Vec::new()),
        files: Arc::new(Files::default()),
        telegram: None,
        payments: Arc::new(Payments { rails: vec![rail], new_per_hour: 10, ..Payments::default() }),
        policy: Arc::new(Policy {
            admins: vec![BOSS],
            active_orders_max: 5,
            welcome_gift: Kopecks::ZERO,
            first_topup_bonus: Some(FirstTopupBonus { percent: 20, max: rubles(1_000) }),
            pockets: PocketOrder::BonusFirst,
            approval_limit: None,
            usd_rate: None,
            retry: RetryPolicy::default(),
            polling: Polling { first: MINUTE, shown_for: HOUR },
            mismatch_refund_percent: 0,
            result_kept: HOUR,
            queues: QueueRules::default(),
        }),
        limits: Arc::new(rei_domain::shared::Alone),
        decoding: Arc::new(Semaphore::new(1)),
    }
}

impl Bank {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.rail.state().now = self.now();
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>, &House, Timestamp) -> Result<T, LedgerError> + Send + 'static,
    ) -> T {
        let (house, now) = (self.house.clone(), self.now());
        self.house.book.write(move |tx| work(tx, &house, now)).await.expect("the book works")
    }

    pub async fn meets(&self, customer: CustomerId) {
        self.write(move |tx, _, now| {
            customers::seen(tx, customer, "x", Some("ru"), now)?;
            Ok(ledger::open_customer(tx, customer)?)
        })
        .await;
    }

    /// A payment that is in the book; the payment system has not answered yet.
    pub async fn asks(&self, sum: i64) -> PaymentRow {
        let id = PaymentId::new(self.now(), self.house.chance.as_ref());
        let is_prepaid = self.rail.receipts() == Receipts::Prepayment;
        let number = self
            .write(move |tx, _, now| {
                let new = NewPayment {
                    id,
                    customer: ANNA,
                    rail: Rail::YooKassa,
                    amount: rubles(sum),
                    units: None,
                    quote: None,
                    key: id.to_string(),
                    is_test: true,
                };
                let number = payments::create(tx, &new, now)?;
                payments::set_request(tx, id, b"{}")?;
                if is_prepaid {
                    payments::set_prepaid(tx, id)?;
                }
                payments::sent(tx, id, now)?;
                Ok(number)
            })
            .await;
        self.payment(number).await
    }

    /// A payment that was asked for and not made.
    pub async fn opens(&self, name: &str, sum: i64) -> PaymentRow {
        let asked = self.asks(sum).await;
        let (id, stored) = (asked.id, name.to_owned());
        self.write(move |tx, _, now| Ok(payments::opened(tx, id, Some(&stored), None, now)?)).await;
        self.there(name, sum, Some(id), false);
        self.payment(asked.number).await
    }

    /// A payment at the payment system.
    pub fn there(&self, name: &str, sum: i64, ours: Option<PaymentId>, is_done: bool) {
        let there = There { amount: rubles(sum), ours, is_done, receipt: None, at: self.now() };
        self.rail.state().payments.insert(name.to_owned(), there);
    }

    /// A payment that was made and credited.
    pub async fn pays(&self, name: &str, sum: i64) -> PaymentRow {
        let row = self.opens(name, sum).await;
        self.pay(name);
        let rail = self.rail.clone();
        let looked = rail.look(&row, None).await.expect("it answers");
        let id = row.id;
        self.write(move |tx, house, now| settle(tx, house, id, &looked, now)).await;
        self.payment(row.number).await
    }

    /// The customer pays.
    pub fn pay(&self, name: &str) {
        self.rail.state().payments.get_mut(name).expect("it is there").is_done = true;
    }

    /// Somebody refunds in the merchant's profile.
    pub fn refunded_by_hand(&self, name: &str, payment: &str, sum: i64) {
        let there = RefundThere {
            payment: payment.to_owned(),
            amount: rubles(sum),
            ours: None,
            status: "succeeded",
            at: self.now(),
        };
        self.rail.state().refunds.insert(name.to_owned(), there);
    }

    /// The payment system decides about all refunds that are on their way.
    pub fn decides(&self, status: &'static str) {
        for refund in self.rail.state().refunds.values_mut() {
            if refund.status == "pending" {
                refund.status = status;
            }
        }
    }

    /// Anna spends some of her cash.
    pub async fn spends(&self, sum: i64, key: &'static str) {
        self.write(move |tx, _, now| {
            ledger::post(
                tx,
                &NewTransfer {
                    kind: TransferKind::Adjust,
                    debit: Account::cash(ANNA),
                    credit: Account::Adjust,
                    amount: rubles(sum).into(),
                    key: IdempotencyKey::new(key)?,
                    order: None,
                    payment: None,
                    actor: Actor::System,
                    memo: None,
                    at: now,
                },
            )
        })
        .await;
    }

    pub async fn refund(&self, number: i64, sum: Option<i64>) -> RefundStarted {
        self.write(move |tx, house, now| {
            refund(tx, house, number, sum.map(rubles), BOSS, "asked for", now)
        })
        .await
    }

    pub async fn payment(&self, number: i64) -> PaymentRow {
        self.write(move |tx, _, _| Ok(payments::find_number(tx, number)?))
            .await
            .expect("it is there")
    }

    pub async fn refunds(&self, payment: &PaymentRow) -> Vec<RefundRow> {
        let id = payment.id;
        self.write(move |tx, _, _| Ok(payments::refunds_of(tx, id)?)).await
    }

    pub async fn wallet(&self) -> Wallet {
        self.write(|tx, _, _| Ok(ledger::balances(tx, ANNA)?)).await
    }

    pub async fn account(&self, account: Account) -> i64 {
        self.write(move |tx, _, _| {
            let trial = ledger::trial_balance(tx)?;
            let name = account.to_string();
            let mut lines = trial.lines.iter();
            Ok(lines.find(|line| line.account == name).map_or(0, |line| line.balance))
        })
        .await
    }

    /// What Anna's conversation was told about refunds and credits, oldest first.
    pub async fn told(&self) -> Vec<Happening> {
        let rows = self
            .write(|tx, _, now| {
                let mut rows = Vec::new();
                while let Some(row) = inbox::next_of_lane(tx, ANNA.0, now)? {
                    inbox::done(tx, row.update_id)?;
                    rows.push(row.raw);
                }
                Ok(rows)
            })
            .await;
        rows.iter().filter_map(|raw| crate::happenings::read(raw)).map(|(_, it)| it).collect()
    }

    /// All that was written to a chat so far.
    pub async fn messages(&self, chat: CustomerId) -> Vec<String> {
        let rows = self
            .write(|tx, _, now| {
                let mut all = Vec::new();
                loop {
                    let rows = outbox::claim(tx, now, now.plus(HOUR), 50)?;
                    if rows.is_empty() {
                        return Ok(all);
                    }
                    for row in rows {
                        outbox::sent(tx, &row, None)?;
                        all.push((row.chat.0, row.payload));
                    }
                }
            })
            .await;
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.extend(rows);
        sent.iter().filter(|(to, _)| *to == chat.0).map(|(_, text)| text.clone()).collect()
    }

    /// Runs every job that is due, and those that they make due; returns their kinds.
    pub async fn runs(&self) -> Vec<String> {
        let mut ran = Vec::new();
        while let Some(claim) = self.claim().await {
            assert!(ran.len() < JOBS_MAX, "jobs without end: {ran:?}");
            ran.push(claim.kind.clone());
            let verdict = self.run(claim.clone()).await;
            self.end(claim, verdict).await;
        }
        ran
    }

    async fn claim(&self) -> Option<Claim> {
        self.write(|tx, _, now| {
            Ok(jobs::claim(tx, "test", PAYMENTS_QUEUE, 1, now, now.plus(HOUR))?)
        })
        .await
        .pop()
    }

    async fn run(&self, claim: Claim) -> Verdict {
        let house = &self.house;
        let verdict = match claim.kind.as_str() {
            OPEN_JOB => open(house, claim).await,
            LOOK_JOB => look(house, claim).await,
            REFUND_JOB => send_refund(house, claim).await,
            REFUND_SEEN_JOB => refund_seen(house, claim).await,
            OFFSET_JOB => send_offset(house, claim).await,
            SWEEP_JOB => sweep(house, claim).await,
            RECONCILE_JOB => run_reconcile(house, claim).await,
            other => panic!("nobody knows jobs of the kind {other}"),
        };
        verdict.expect("the book works")
    }

    async fn end(&self, claim: Claim, verdict: Verdict) {
        self.write(move |tx, _, now| {
            match &verdict {
                Verdict::Finished => {}
                Verdict::Snooze(after) => jobs::snooze(tx, &claim, now.plus(*after))?,
                Verdict::Retry(why) => {
                    let _ = jobs::fail(tx, &claim, why, now.plus(MINUTE), now)?;
                }
                Verdict::Discard(why) => jobs::poison(tx, &claim, why, now)?,
            }
            Ok(())
        })
        .await;
    }

    pub async fn sweeps(&self) -> Vec<String> {
        enqueue_sweep(&self.house).await.expect("the book works");
        self.runs().await
    }
}
