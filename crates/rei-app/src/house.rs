//! What every use case is handed: the book, the clock, chance, the catalogue, the outside clients, the rules.

use std::sync::Arc;
use std::time::Duration;

use rei_blobs::BlobStore;
use rei_domain::catalog::Kind;
use rei_domain::chance::SharedChance;
use rei_domain::clock::{SharedClock, Timestamp};
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_providers::{Provider, RetryPolicy};
use rei_storage::Book;
use tokio::sync::Semaphore;

use crate::CatalogInUse;

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
    /// The owner's rules.
    pub policy: Arc<Policy>,
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
    /// How calls to providers are repeated.
    pub retry: RetryPolicy,
    /// How long a result waits for a customer who blocked the bot.
    pub result_kept: Duration,
}

impl House {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the provider of the default picture refuses calls right now, so that no hold should be taken.
    pub fn pictures_unavailable(&self) -> bool {
        let catalog = self.catalog.current();
        let provider =
            catalog.default_model(Kind::Image).and_then(|model| self.provider(&model.provider));
        provider.is_some_and(|provider| provider.availability().is_down())
    }

    /// The provider with this name.
    pub fn provider(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.name() == name)
    }
}
