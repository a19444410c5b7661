//! What every use case is handed: the book, the clock, chance, the catalogue, the outside clients, the rules.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::chance::SharedChance;
use rei_domain::clock::{SharedClock, Timestamp};
use rei_domain::ids::CustomerId;
use rei_domain::ledger::PocketOrder;
use rei_domain::money::Kopecks;
use rei_domain::shared::SharedLimits;
use rei_providers::{Provider, RetryPolicy};
use rei_storage::Book;
use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::CatalogInUse;
use crate::payments::Payments;

/// Everything a use case may need besides its transaction. Cheap to clone.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub book: Book,
    /// Tells the time.
    pub clock: SharedClock,
    /// Where ids and jitter come from.
    pub chance: SharedChance,
    /// What is sold right now.
    pub catalog: Arc<CatalogInUse>,
    /// Where results are kept.
    pub blobs: BlobStore,
    /// The providers by name.
    pub providers: Arc<Vec<Arc<dyn Provider>>>,
    /// How files reach providers and customers, where Telegram doesn't carry them.
    pub files: Arc<Files>,
    /// Fetches what customers send; none in processes without a bot.
    pub telegram: Option<Arc<rei_telegram::Client>>,
    /// The ways to pay.
    pub payments: Arc<Payments>,
    /// The owner's rules.
    pub policy: Arc<Policy>,
    /// What all processes of the house keep to together.
    pub limits: SharedLimits,
    /// Places for decoding pictures: one a core, because each takes tens of megabytes and nothing but the core.
    pub decoding: Arc<Semaphore>,
}

/// The owner's rules, from the settings.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The owners.
    pub admins: Vec<CustomerId>,
    /// How many orders a customer may have at work.
    pub active_orders_max: usize,
    /// What a new customer is given as bonus; zero for nothing.
    pub welcome_gift: Kopecks,
    /// What is given along with a customer's first payment; none for nothing.
    pub first_topup_bonus: Option<FirstTopupBonus>,
    /// Which pocket pays first.
    pub pockets: PocketOrder,
    /// What an admin may move alone; none for any sum.
    pub approval_limit: Option<Kopecks>,
    /// What a US dollar costs the owner, for the margin alone; none when not told.
    pub usd_rate: Option<Kopecks>,
    /// How calls to providers are repeated.
    pub retry: RetryPolicy,
    /// How tasks at providers are asked about.
    pub polling: Polling,
    /// What goes back when a picture comes in another ratio than ordered, in percent of its price.
    pub mismatch_refund_percent: u8,
    /// How long a result waits for a customer who blocked the bot.
    pub result_kept: Duration,
    /// What may be in the queues of orders.
    pub queues: QueueRules,
}

/// What may be in the queues of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRules {
    /// Tasks of one concurrency group that the provider works on at once.
    pub places: usize,
    /// Jobs of a queue without such a group that one process works on at once.
    pub workers: usize,
    /// Orders that may wait in one queue before new ones are refused; none for any number.
    pub waiting_max: Option<usize>,
}

impl Default for QueueRules {
    fn default() -> Self {
        Self { places: 5, workers: 8, waiting_max: Some(2_000) }
    }
}

/// What is given along with a customer's first payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstTopupBonus {
    /// In percent of the payment.
    pub percent: u8,
    /// The most.
    pub max: Kopecks,
}

/// How files reach providers and customers, where Telegram doesn't carry them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// How a customer's file reaches a provider.
    pub method: UploadMethod,
    /// Our own address, without a slash at its end, under which files may be fetched for a while.
    pub public_base_url: Option<String>,
    /// Whether providers may report progress to our address.
    pub callbacks: bool,
    /// What their reports are signed with; none: they are not signed.
    pub callback_secret: Option<SecretString>,
    /// How long a link for a customer works.
    pub link_valid: Duration,
}

/// How a customer's file reaches a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UploadMethod {
    /// As bytes, or by a link to ourselves where the provider takes nothing else.
    #[default]
    Multipart,
    /// By a link into the bucket wherever the provider follows links.
    S3,
}

/// How tasks at providers are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// The pause before the first question; later ones follow from it.
    pub first: Duration,
    /// For so long the customer is told how it goes.
    pub shown_for: Duration,
}

impl Polling {
    /// The pause before the next question about a task of this age: half of the first, then one and a half, then
    /// three times it. With ten seconds: 5, 15, 30.
    pub fn pause(&self, age: Duration) -> Duration {
        const SOON: Duration = Duration::from_secs(2 * 60);
        const LATE: Duration = Duration::from_secs(10 * 60);
        match age {
            age if age < SOON => self.first / 2,
            age if age < LATE => self.first * 3 / 2,
            _ => self.first * 3,
        }
    }
}

impl House {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The providers that refuse calls right now, or whose sales are stopped: no hold should be taken for them.
    pub fn providers_down(&self) -> BTreeSet<String> {
        let resting = self.providers.iter().filter(|provider| provider.availability().is_down());
        let mut down: BTreeSet<String> =
            resting.map(|provider| provider.name().to_owned()).collect();
        down.extend(self.catalog.paused());
        down
    }

    /// The provider with this name.
    pub fn provider(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.name() == name)
    }
}
