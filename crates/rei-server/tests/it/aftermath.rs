//! What must hold when the load has stopped and everything has come to rest: nothing lost, nothing doubled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rei_app::payments::PAYMENTS_QUEUE;
use rei_app::{BookError, wallet_of};
use rei_domain::clock::Timestamp;
use rei_domain::ledger::{Phase, Transfer, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::payment::PaymentState;
use rei_sim::yookassa::{PaymentStatus, YooKassaSim};
use rei_storage::orders::OrderRow;
use rei_storage::{Book, inbox, jobs, ledger, orders, outbox, payments};

use crate::app::Person;
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::Fleet;
use crate::till::in_the_book;
use crate::world::World;

/// Leases end, lost messages are sent again, watches look: everything is over by then.
const REST_WITHIN: Duration = Duration::from_secs(240);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// More than any test makes.
const ROWS_MAX: i64 = 100_000;
/// How Telegram sees a process that was killed in the middle of an upload.
const CUT: &str = "Error parsing `multipart/form-data` request";
/// A picture whose answer got lost is asked for once more.
const PICTURE_CALLS_MAX: usize = 2;

/// A house after its load.
pub struct Aftermath<'a> {
    world: &'a World,
    yookassa: &'a YooKassaSim,
    people: &'a [Arc<Person>],
    book: Book,
}

/// What came of the load.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Orders that were delivered and paid.
    pub delivered: usize,
    /// Orders whose money went back.
    pub given_back: usize,
    /// Payments that were made and credited.
    pub credited: usize,
    /// Originals that came to their customer more than once.
    pub doubled: usize,
}

impl<'a> Aftermath<'a> {
    /// The house beside which the book is opened.
    pub async fn of(
        world: &'a World,
        yookassa: &'a YooKassaSim,
        people: &'a [Arc<Person>],
    ) -> Self {
        Self { world, yookassa, people, book: world.book().await }
    }

    /// Waits until nothing waits or runs.
    ///
    /// # Errors
    /// Says what still does when the patience is over.
    pub async fn rests(&self) -> Result<(), String> {
        let mut seen = String::new();
        for _ in 0..REST_WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            tokio::time::sleep(LOOK_EVERY).await;
            seen = self.at_work().await;
            if seen.is_empty() {
                return Ok(());
            }
        }
        Err(format!("still not at rest: {seen}"))
    }

    /// What waits or runs; empty at rest.
    async fn at_work(&self) -> String {
        let told = self.world.telegram.pending_updates();
        let looked = self.book.read(|tx| {
            let depths = jobs::depths(tx)?;
            // A payment that nobody pays is watched for an hour: that is rest.
            let watched = |it: &&jobs::QueueDepth| {
                it.state != "dead" && !(it.state == "scheduled" && it.queue == PAYMENTS_QUEUE)
            };
            let busy: Vec<_> = depths.iter().filter(watched).cloned().collect();
            let open = orders::recent(tx, ROWS_MAX)?;
            let open: Vec<_> = open.iter().filter(|it| !it.state.is_final()).collect();
            let open: Vec<_> = open.iter().map(|it| (it.number, it.state)).collect();
            let waiting = (inbox::count_waiting(tx)?, outbox::count_live(tx)?);
            Ok::<_, BookError>((waiting, busy, open, payments::recent(tx, ROWS_MAX)?))
        });
        let (waiting, busy, open, rows) = looked.await.expect("the book is readable");
        let mut unpaid = self.paid_there();
        for row in rows.iter().filter(|row| row.state == PaymentState::Paid) {
            row.provider_id.as_ref().map(|id| unpaid.remove(id));
        }
        if told == 0 && waiting == (0, 0) && busy.is_empty() && open.is_empty() && unpaid.is_empty()
        {
            return String::new();
        }
        format!(
            "{told} updates not fetched, (inbox, outbox) {waiting:?}, jobs {busy:?}, orders {open:?}, not credited {unpaid:?}"
        )
    }

    /// By the payment system's name, in kopecks.
    fn paid_there(&self) -> BTreeMap<String, i64> {
        let payments = self.yookassa.payments().into_iter();
        let paid = payments.filter(|it| it.status == PaymentStatus::Succeeded);
        paid.map(|it| (it.id, it.amount.kopecks)).collect()
    }

    /// Everything that must hold at rest.
    ///
    /// # Panics
    /// When it does not.
    pub async fn is_sound(&self) -> Outcome {
        let report = self.book.read(ledger::audit).await.expect("the book is readable");
        assert!(report.is_sound(), "the audit found {:?}", report.findings);
        assert!(report.trial.is_zero());
        let far = Timestamp(i64::MAX);
        let open = self.book.read(move |tx| ledger::open_holds_older_than(tx, far, 10)).await;
        assert_eq!(open.expect("the book is readable"), [], "a hold is open at rest");

        let mut outcome = Outcome::default();
        let mut credits = Vec::new();
        for person in self.people {
            credits.extend(self.a_wallet_is_right(person, &mut outcome).await);
        }
        self.payments_are_credited_once(credits, &mut outcome).await;
        self.providers_were_asked_once();
        let mut violations = self.world.telegram.violations();
        violations.retain(|one| !one.what.contains(CUT));
        assert_eq!(violations, [], "Telegram was asked wrongly");
        let violations = [self.world.gemini.violations(), self.world.kling.violations()].concat();
        assert_eq!(violations, Vec::<String>::new(), "a provider was asked wrongly");
        assert_eq!(self.yookassa.violations(), Vec::<String>::new());
        outcome
    }

    /// A wallet is what was given and paid less what was delivered; returns the top-ups.
    async fn a_wallet_is_right(&self, person: &Person, outcome: &mut Outcome) -> Vec<Transfer> {
        let id = person.id;
        let looked = self.book.read(move |tx| {
            let filter = orders::HistoryFilter::All;
            let rows = orders::history(tx, id, filter, 0, ROWS_MAX)?;
            let mut transfers = Vec::new();
            let mut page = None;
            loop {
                let more = ledger::statement(tx, id, page, 1_000)?;
                transfers.extend(more.transfers);
                page = more.next;
                if page.is_none() {
                    break;
                }
            }
            Ok::<_, BookError>((wallet_of(tx, id)?, rows, transfers))
        });
        let (wallet, rows, transfers) = looked.await.expect("the book is readable");
        assert_eq!(wallet.held, Kopecks::ZERO, "customer {id}: something is on hold");
        assert!(wallet.free() >= Kopecks::ZERO, "customer {id} owes {}", wallet.free());
        let mut charged = 0;
        for row in &rows {
            charged += self.an_order_is_paid_once_or_not_at_all(row, &transfers);
            self.a_result_arrived(person, row, outcome);
        }
        let topups: Vec<_> =
            transfers.into_iter().filter(|it| it.kind == TransferKind::Topup).collect();
        let paid: i64 = topups.iter().map(|it| it.amount.minor()).sum();
        let gift = Kopecks::from_rubles(GIFT_RUBLES.into()).get();
        assert_eq!(wallet.free().get(), gift + paid - charged, "customer {id}");
        topups
    }

    /// What was captured for it, in kopecks.
    fn an_order_is_paid_once_or_not_at_all(&self, row: &OrderRow, transfers: &[Transfer]) -> i64 {
        let captured = transfers
            .iter()
            .filter(|it| it.phase == Phase::Capture && it.order == Some(row.id))
            .map(|it| it.amount.minor())
            .sum();
        let due = match row.state {
            OrderState::Delivered => row.price.get(),
            _ => 0,
        };
        assert_eq!(captured, due, "order {} is {}", row.number, row.state);
        captured
    }

    fn a_result_arrived(&self, person: &Person, row: &OrderRow, outcome: &mut Outcome) {
        if row.state != OrderState::Delivered {
            outcome.given_back += 1;
            return;
        }
        outcome.delivered += 1;
        let name = format!("rei-{}.", row.number);
        let messages = person.user.messages();
        let arrived = messages.iter().filter(|message| {
            let document = message.document.as_ref().and_then(|it| it.file_name.as_deref());
            let video = message.video.as_ref().and_then(|it| it.file_name.as_deref());
            document.or(video).is_some_and(|file| file.starts_with(&name))
        });
        let arrived = arrived.count();
        assert!(arrived > 0, "order {} is delivered and did not arrive", row.number);
        outcome.doubled += usize::from(arrived > 1);
    }

    async fn payments_are_credited_once(&self, credits: Vec<Transfer>, outcome: &mut Outcome) {
        let paid = self.paid_there();
        outcome.credited = paid.len();
        assert_eq!(credits.len(), paid.len(), "credits and paid payments");
        for (id, kopecks) in &paid {
            let found: Vec<_> = credits.iter().filter(|it| it.key.contains(id.as_str())).collect();
            let sums: Vec<_> = found.iter().map(|it| it.amount.minor()).collect();
            assert_eq!(sums, [*kopecks], "the payment {id}");
        }
        let here = in_the_book(&self.book).await;
        assert_eq!(here, self.yookassa.totals().net_kopecks, "the book and YooKassa differ");
    }

    /// "Sent, no answer" is looked up where that is possible, and repeated once where it is not.
    fn providers_were_asked_once(&self) {
        let mut calls = BTreeMap::new();
        for call in self.world.gemini.generate_calls() {
            *calls.entry(call.prompt).or_insert(0) += 1;
        }
        calls.retain(|_, count| *count > PICTURE_CALLS_MAX);
        assert!(calls.is_empty(), "pictures were asked for again and again: {calls:?}");
        let mut tasks = BTreeMap::new();
        for create in self.world.kling.creates().into_iter().filter(|it| it.task_id.is_some()) {
            *tasks.entry(create.prompt).or_insert(0) += 1;
        }
        tasks.retain(|_, count| *count > 1);
        assert!(tasks.is_empty(), "videos were made twice: {tasks:?}");
    }
}

/// The crowd goes home, and everything comes to rest; how many things were done, and the house then.
///
/// # Panics
/// When something does not come, with what the processes said last.
pub async fn comes_to_rest<'a>(
    world: &'a World,
    yookassa: &'a YooKassaSim,
    fleet: &Fleet,
    crowd: &'a mut Crowd,
) -> (u64, Aftermath<'a>) {
    let done =
        crowd.goes_home().await.unwrap_or_else(|what| panic!("{what}\n{}", fleet.said_last()));
    let aftermath = Aftermath::of(world, yookassa, crowd.people()).await;
    aftermath.rests().await.unwrap_or_else(|what| panic!("{what}\n{}", fleet.said_last()));
    (done, aftermath)
}

/// `rei audit` on a book that nobody uses says that it is sound.
pub async fn the_audit_agrees(world: &World) {
    let audit = world.run(&["audit", "--json"]).await;
    let words = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.status.success(), "{words}");
    assert!(words.contains(r#""sound":true"#), "{words}");
    assert!(words.contains(r#""trial_balance":{"RUB":0,"USD":0}"#), "{words}");
}
