//! What several processes promise that serve and send from one book, on both engines.

use std::sync::Arc;
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::catalog::Catalog;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::ids::{CustomerId, UpdateId};
use rei_domain::ledger::PocketOrder;
use rei_domain::money::Kopecks;
use rei_providers::RetryPolicy;
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use rei_storage::outbox::OutboxClass;
use rei_storage::testing::{Belfry, EngineKind, TestBook, fresh_book};
use rei_storage::{Book, customers, inbox, outbox};
use rei_telegram::{Client, ClientOptions};
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::chats::{Buttons, Outgoing, Sender, SenderOptions, Target, put};
use crate::payments::Payments;
use crate::updates::{self, Served};
use crate::{CatalogInUse, Duty, Files, House, Policy, Polling, QueueRules};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
/// No promise here takes this long to keep.
const SOON: Duration = Duration::from_secs(60);
const CHATS: [CustomerId; 3] = [CustomerId(1_001), CustomerId(1_002), CustomerId(1_003)];
const EACH: usize = 25;

/// Two processes on one book that share their bells.
struct Processes {
    houses: [House; 2],
    clock: Arc<ManualClock>,
    _files: TestBook,
    _folder: TempDir,
}

impl Processes {
    fn on(engine: EngineKind) -> Self {
        let (files, belfry) = (fresh_book(engine), Arc::new(Belfry::default()));
        let clock = Arc::new(ManualClock::at(NOW));
        let folder = tempfile::tempdir().expect("a folder");
        let houses = [files.book.clone(), files.another_process()].map(|book| {
            book.share_bells(belfry.clone());
            house(book, Arc::clone(&clock), &folder)
        });
        Self { houses, clock, _files: files, _folder: folder }
    }

    /// A duty, as one of the processes sees it.
    fn duty(&self, process: usize) -> Duty {
        Duty::new(self.houses[process].clone(), "a duty", process.to_string())
    }

    /// Waits for something that other tasks bring about.
    async fn until<F: Future<Output = bool>>(&self, reached: impl Fn() -> F) {
        let reached = async {
            while !reached().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, reached).await.expect("it happens soon");
    }
}

fn house(book: Book, clock: Arc<ManualClock>, folder: &TempDir) -> House {
    let catalog = Catalog::parse(include_str!("../../../data/catalog.toml")).expect("a catalogue");
    let policy = Policy {
        admins: Vec::new(),
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
    };
    House {
        book,
        clock,
        chance: Arc::new(SeededChance::new(7)),
        catalog: Arc::new(CatalogInUse::new(catalog)),
        blobs: BlobStore::open(folder.path()).expect("a store"),
        providers: Arc::default(),
        files: Arc::new(Files::default()),
        telegram: None,
        payments: Arc::new(Payments::default()),
        policy: Arc::new(policy),
        limits: Arc::new(rei_domain::shared::Alone),
        decoding: Arc::new(Semaphore::new(1)),
    }
}

/// Runs a test on each engine.
fn on_each_engine<F: Future<Output = ()>>(test: impl Fn(Processes) -> F) {
    for engine in EngineKind::ALL {
        let processes = Processes::on(engine);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(async {
            tokio::time::timeout(SOON * 2, test(processes)).await.expect("it ends");
        });
    }
}

/// Serves whatever waits until nothing does, as slowly as it takes two to meet: each update is added to what its
/// customer's session says.
async fn serve_all(house: House, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        for update in updates::waiting(&house, 100).await.expect("it reads") {
            let customer = CustomerId(update.lane);
            let served = updates::serve(&house, update, move |desk, raw| {
                let before = customers::find(desk.tx, customer)?.expect("a customer").session;
                std::thread::sleep(Duration::from_millis(1));
                Ok(customers::save_session(desk.tx, customer, &format!("{before} {raw}"))?)
            });
            assert!(matches!(served.await.expect("it commits"), Served::Here | Served::Elsewhere));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn updates_of_a_chat_are_served_one_after_the_other_and_once_by_two_processes() {
    on_each_engine(|processes| async move {
        let book = &processes.houses[0].book;
        let known = book.write(|tx| {
            CHATS.iter().try_for_each(|id| customers::seen(tx, *id, "Анна", None, NOW).map(|_| ()))
        });
        known.await.expect("it commits");
        let (stop, stopped) = watch::channel(false);
        let mut serving = JoinSet::new();
        for house in processes.houses.iter().chain(&processes.houses) {
            serving.spawn(serve_all(house.clone(), stopped.clone()));
        }
        let mut id = 0;
        for n in 0..EACH {
            for chat in CHATS {
                id += 1;
                let stored = book
                    .write(move |tx| inbox::store(tx, UpdateId(id), chat.0, &n.to_string(), NOW));
                assert!(stored.await.expect("it commits"));
            }
            // What happens inside the house goes ahead of what waits, and never beside it.
            if n % 5 == 0 {
                let happened =
                    book.write(move |tx| inbox::happened(tx, CHATS[0].0, "house", 0, NOW));
                happened.await.expect("it commits");
            }
        }
        processes
            .until(|| async { book.read(inbox::count_waiting).await.expect("it reads") == 0 })
            .await;
        stop.send_replace(true);
        while let Some(served) = serving.join_next().await {
            served.expect("no panic");
        }
        for chat in CHATS {
            let row = book.read(move |tx| customers::find(tx, chat)).await.expect("it reads");
            let session = row.expect("a customer").session;
            let (house, told): (Vec<&str>, Vec<&str>) =
                session.split_whitespace().partition(|word| *word == "house");
            let in_order: Vec<String> = (0..EACH).map(|n| n.to_string()).collect();
            assert_eq!(told, in_order);
            assert_eq!(house.len(), if chat == CHATS[0] { EACH.div_ceil(5) } else { 0 });
        }
    });
}

#[test]
fn messages_of_a_chat_arrive_once_and_in_order_whoever_sends_them() {
    on_each_engine(|processes| async move {
        let sim = TelegramSim::start(TelegramOptions::default()).await.expect("a free port");
        let users = CHATS.map(|chat| sim.user(chat.0, "Анна", "ru"));
        for user in &users {
            user.says("/start").expect("they can write");
        }
        let (stop, stopped) = watch::channel(false);
        let mut sending = JoinSet::new();
        for house in &processes.houses {
            let options = ClientOptions {
                base_url: sim.base_url().to_owned(),
                token: sim.token().to_owned().into(),
                proxy: None,
            };
            let client = Arc::new(Client::new(options).expect("a client"));
            let options = SenderOptions { paced: false, ..SenderOptions::default() };
            let sender = Sender::new(house.clone(), client, options, Arc::new(|_| {}));
            sending.spawn(sender.run(stopped.clone()));
        }
        for n in 0..EACH {
            let said = processes.houses[n % 2].book.write(move |tx| {
                CHATS.iter().try_for_each(|chat| {
                    let html = format!("message {n}");
                    let words =
                        Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
                    put(tx, *chat, OutboxClass::Answer, &words, None, None, NOW)
                })
            });
            said.await.expect("it commits");
        }
        let book = &processes.houses[0].book;
        processes
            .until(|| async { book.read(outbox::count_live).await.expect("it reads") == 0 })
            .await;
        stop.send_replace(true);
        while let Some(sent) = sending.join_next().await {
            sent.expect("no panic");
        }
        let in_order: Vec<String> = (0..EACH).map(|n| format!("message {n}")).collect();
        for user in &users {
            let heard = user.messages().into_iter().map(|message| message.text);
            let heard: Vec<String> = heard.filter(|text| text.starts_with("message")).collect();
            assert_eq!(heard, in_order);
        }
    });
}

#[test]
fn a_duty_moves_when_its_process_vanishes_and_at_once_when_it_is_given_up() {
    on_each_engine(|processes| async move {
        let (one, two) = (processes.duty(0), processes.duty(1));
        let until = one.begin().await;
        let waiting = {
            let two = two.clone();
            tokio::spawn(async move { two.begin().await })
        };
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!waiting.is_finished(), "another process has it");
        // The first one is frozen; the second looks every second.
        processes.clock.advance(Duration::from_secs(28));
        tokio::time::timeout(SOON, waiting).await.expect("it moves").expect("it begins");
        tokio::time::timeout(SOON, one.keep(until)).await.expect("the first one learns of it");
        one.end().await;
        let book = &processes.houses[0].book;
        let held = book.read(|tx| rei_storage::jobs::role(tx, "a duty", "1", NOW)).await;
        assert!(
            matches!(held, Ok(rei_storage::jobs::Role::Mine(_))),
            "only its holder gives it up"
        );
        two.end().await;
        tokio::time::timeout(SOON, one.begin()).await.expect("it is free at once");
    });
}

#[test]
fn a_duty_that_can_not_be_kept_ends_before_its_lease_does() {
    on_each_engine(|processes| async move {
        let duty = processes.duty(0);
        let until = duty.begin().await;
        let house = processes.houses[0].clone();
        tokio::task::spawn_blocking(move || house.book.close()).await.expect("it closes");
        // Four of fifteen seconds are left: at its next look it might be too late.
        processes.clock.advance(Duration::from_secs(11));
        tokio::time::timeout(SOON, duty.keep(until)).await.expect("it ends in time");
    });
}
