//! What admins can rely on, on the real book and on both engines: a small house without providers and without Telegram.

mod doctor;
mod money;
mod payments;
mod people;
mod prices;
mod screens;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::catalog::{Catalog, Kind};
use rei_domain::chance::SeededChance;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::ids::{CustomerId, MessageId, OrderId, QuoteId};
use rei_domain::ledger::{
    Account, Actor, Expense, IdempotencyKey, Money, Pocket, PocketOrder, Rail, TransferKind,
};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::{Quote, Wanted};
use rei_providers::RetryPolicy;
use rei_storage::admins::{self, ActionRow};
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::testing::{EngineKind, TestBook, fresh_book};
use rei_storage::{Tx, customers, orders, outbox};
use rei_texts::Lang;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::{Caller, Reply, Role, button, command, role_of};
use crate::chats::Buttons;
use crate::orders::{PlaceOutcome, place};
use crate::{CatalogInUse, Files, House, Policy, Polling, QueueRules};

const BOSS: CustomerId = CustomerId(1);
/// The other owner of the settings.
const PARTNER: CustomerId = CustomerId(2);
const ANNA: CustomerId = CustomerId(42);
const BORIS: CustomerId = CustomerId(43);
const CATALOG: &str = include_str!("../../../../../data/catalog.toml");

/// A house of its own with its owners and two customers; Anna has 300 ₽ of cash and 50 ₽ of bonus.
struct Shop {
    house: House,
    clock: Arc<ManualClock>,
    /// The number of the latest message; every message of a test has its own.
    messages: std::cell::Cell<i64>,
    _book: TestBook,
    _folder: TempDir,
}

fn each_shop(test: impl Fn(&Shop)) {
    for engine in EngineKind::ALL {
        let shop = Shop::open(engine, |_| {});
        test(&shop);
        shop.assert_sound();
    }
}

impl Shop {
    fn open(engine: EngineKind, change: impl FnOnce(&mut Policy)) -> Self {
        let fresh = fresh_book(engine);
        let folder = TempDir::new().expect("a temporary folder can be made");
        let clock = Arc::new(ManualClock::at(Timestamp(1_795_500_000_000)));
        let mut policy = Policy {
            admins: vec![BOSS, PARTNER],
            active_orders_max: 5,
            welcome_gift: Kopecks::ZERO,
            first_topup_bonus: None,
            pockets: PocketOrder::BonusFirst,
            approval_limit: None,
            usd_rate: None,
            retry: RetryPolicy::default(),
            polling: Polling { first: Duration::from_secs(10), shown_for: Duration::from_secs(60) },
            mismatch_refund_percent: 0,
            result_kept: Duration::from_secs(3600),
            queues: QueueRules::default(),
        };
        change(&mut policy);
        let house = House {
            book: fresh.book.clone(),
            clock: clock.clone(),
            chance: Arc::new(SeededChance::new(7)),
            catalog: Arc::new(catalog()),
            blobs: BlobStore::open(folder.path()).expect("the folder can be used"),
            providers: Arc::default(),
            files: Arc::new(Files::default()),
            telegram: None,
            payments: Arc::default(),
            policy: Arc::new(policy),
            limits: Arc::new(rei_domain::shared::Alone),
            decoding: Arc::new(Semaphore::new(1)),
        };
        let messages = std::cell::Cell::new(100);
        let shop = Self { house, clock, messages, _book: fresh, _folder: folder };
        for (id, name) in [(BOSS, "Boss"), (PARTNER, "Partner"), (ANNA, "Анна"), (BORIS, "Boris")]
        {
            shop.write(move |tx, now| {
                customers::seen(tx, id, name, Some("ru"), now)?;
                Ok(ledger::open_customer(tx, id)?)
            });
        }
        shop.fill(ANNA, Pocket::Cash, 300);
        shop.fill(ANNA, Pocket::Bonus, 50);
        shop
    }

    fn now(&self) -> Timestamp {
        self.house.now()
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>, Timestamp) -> Result<T, LedgerError> + Send + 'static,
    ) -> T {
        let now = self.now();
        self.house.book.blocking_write(move |tx| work(tx, now)).expect("the book takes it")
    }

    fn fill(&self, customer: CustomerId, pocket: Pocket, rubles: i64) {
        self.write(move |tx, now| {
            let (kind, debit) = match pocket {
                Pocket::Cash => (TransferKind::Topup, Account::Clearing(Rail::YooKassa)),
                Pocket::Bonus => (TransferKind::Gift, Account::Expense(Expense::Promo)),
            };
            let new = NewTransfer {
                kind,
                debit,
                credit: Account::Customer(customer, pocket),
                amount: Money::Rub(Kopecks::from_rubles(rubles)),
                key: IdempotencyKey::new(format!("start:{customer}:{}", pocket.as_str()))?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: None,
                at: now,
            };
            ledger::post(tx, &new).map(|_| ())
        });
    }

    /// The caller as the desk finds him: with the role that the book and the settings give him.
    fn caller(&self, id: CustomerId) -> Caller {
        let house = self.house.clone();
        let role = self.write(move |tx, _| Ok(role_of(tx, &house, id)?));
        Caller { id, role: role.expect("an admin"), lang: Lang::Ru }
    }

    /// A new message.
    fn says(&self, who: CustomerId, words: &str) -> Reply {
        self.messages.set(self.messages.get() + 1);
        self.brings(who, self.messages.get(), words)
    }

    /// A message, perhaps one that came before.
    fn brings(&self, who: CustomerId, message: i64, words: &str) -> Reply {
        let (house, caller) = (self.house.clone(), self.caller(who));
        let words = words.trim_start_matches('/').to_owned();
        self.write(move |tx, now| {
            let (name, args) = words.split_once(' ').unwrap_or((&words, ""));
            command(tx, &house, &caller, name, args, MessageId(message), None, now)
        })
    }

    fn presses(&self, who: CustomerId, data: &str) -> Reply {
        // No two changes of one moment, so that the audit has an order.
        self.clock.advance(Duration::from_millis(1));
        let (house, caller, data) = (self.house.clone(), self.caller(who), data.to_owned());
        self.write(move |tx, now| press(tx, &house, &caller, &data, now))
    }

    /// Says something and confirms it.
    fn does(&self, who: CustomerId, words: &str) -> Reply {
        let preview = self.says(who, words);
        self.presses(who, &data(&preview, "ok"))
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Cash and bonus that a customer can spend, in kopecks.
    fn pockets(&self, customer: CustomerId) -> [i64; 2] {
        let wallet = self.write(move |tx, _| Ok(ledger::balances(tx, customer)?));
        [wallet.cash.free.get(), wallet.bonus.free.get()]
    }

    /// What admins did, the oldest first.
    fn audit(&self) -> Vec<ActionRow> {
        let mut rows = self.write(|tx, _| Ok(admins::actions(tx, None, 0, 100)?));
        rows.reverse();
        rows
    }

    /// Everything on its way to chats, in one text.
    fn told(&self) -> String {
        let rows = self.write(|tx, _| Ok(outbox::recent(tx, 100)?));
        flat(&rows.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n"))
    }

    /// Orders the default picture; it waits for a worker.
    fn orders(&self, customer: CustomerId) -> (OrderId, i64) {
        let (quote, house) = (self.offer(), self.house.clone());
        self.write(move |tx, now| {
            let catalog = house.catalog.current();
            match place(tx, &house, &catalog, customer, &quote, now)? {
                PlaceOutcome::Placed { order, number, .. } => Ok((order, number)),
                other => panic!("{other:?}"),
            }
        })
    }

    /// An offer of the default picture.
    fn offer(&self) -> Quote {
        let catalog = self.house.catalog.current();
        let model = catalog.default_model(Kind::Image).expect("pictures are sold");
        let wanted = Wanted {
            prompt: "кот".to_owned(),
            choices: model.default_choices(),
            inputs: Vec::new(),
            length_ms: None,
        };
        let id = QuoteId::new(self.now(), self.house.chance.as_ref());
        Quote::make(&catalog, wanted, id, self.now()).expect("it is on sale")
    }

    /// Orders the default picture and charges this much of its price.
    fn buys(&self, customer: CustomerId, charged: Kopecks) -> (OrderId, i64) {
        let (order, number) = self.orders(customer);
        self.write(move |tx, now| {
            use OrderState::{Queued, Ready, Submitting};
            orders::move_state(tx, order, Queued, Submitting, None, now)?;
            orders::move_with_result(tx, order, Submitting, Ready, "a.png", Some(charged), now)?;
            ledger::capture_order(tx, order, charged, Actor::System, now).map(|_| ())
        });
        (order, number)
    }

    fn assert_sound(&self) {
        let report = self.write(|tx, _| Ok(ledger::audit_ledger(tx)?));
        assert_eq!(report.findings.kept, []);
        assert!(report.trial.is_zero(), "{}", report.trial);
    }
}

fn catalog() -> CatalogInUse {
    CatalogInUse::new(Catalog::parse(CATALOG).expect("the catalogue is readable"))
}

fn press(
    tx: &mut Tx<'_>,
    house: &House,
    caller: &Caller,
    data: &str,
    now: Timestamp,
) -> Result<Reply, LedgerError> {
    let mut parts = data.splitn(4, ':');
    assert_eq!(parts.next(), Some("v1"));
    let act = parts.next().and_then(|act| act.strip_prefix("adm-")).expect("an admin's button");
    let id = parts.next().expect("an id");
    button(tx, house, caller, act, id, parts.next(), now)
}

/// The buttons under a reply.
fn buttons(reply: &Reply) -> Vec<(String, String)> {
    match &reply.buttons {
        Buttons::Inline(rows) => rows.iter().flatten().cloned().collect(),
        Buttons::None => Vec::new(),
        Buttons::Main(_) => panic!("admins keep their keyboard"),
    }
}

/// The acts of the buttons under a reply.
fn acts(reply: &Reply) -> BTreeSet<String> {
    let act = |(_, data): &(String, String)| data.split(':').nth(1).map(str::to_owned);
    let acts = buttons(reply);
    acts.iter().filter_map(act).map(|act| act.replace("adm-", "")).collect()
}

/// The data of the button with this act.
fn data(reply: &Reply, act: &str) -> String {
    let start = format!("v1:adm-{act}:");
    let found = buttons(reply).into_iter().find(|(_, data)| data.starts_with(&start));
    found.unwrap_or_else(|| panic!("no button `{act}` under: {}", reply.html)).1
}

/// Words with ordinary spaces.
fn flat(words: &str) -> String {
    words.replace('\u{202f}', " ")
}

fn html(reply: &Reply) -> String {
    flat(&reply.html)
}

/// What was said in passing.
fn toast(reply: &Reply) -> String {
    assert!(reply.html.is_empty(), "the message under the button stays: {}", reply.html);
    flat(reply.toast.as_deref().unwrap_or_default())
}
