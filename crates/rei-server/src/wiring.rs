//! The parts put together from the settings.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rei_app::{CatalogInUse, House, Policy};
use rei_blobs::BlobStore;
use rei_domain::catalog::{Catalog, Kind};
use rei_domain::chance::SharedChance;
use rei_domain::clock::SharedClock;
use rei_domain::money::Kopecks;
use rei_providers::gemini::{Gemini, GeminiOptions};
use rei_providers::policy::{GateLimits, WireLimits};
use rei_providers::{Provider, RetryPolicy};
use rei_storage::{Book, PostgresOptions, SqliteOptions};
use rei_telegram::{Client, ClientOptions};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use crate::settings::{Database, Settings};

/// The catalogue that ships with the binary.
const SHIPPED_CATALOG: &str = include_str!("../../../data/catalog.toml");
/// Orders that one customer may have at work.
const ACTIVE_ORDERS_MAX: usize = 5;
/// Results wait this long for customers who blocked the bot.
const RESULT_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Threads that read an SQLite book side by side.
const SQLITE_READERS: usize = 2;

/// What differs between an owner's house and a simulated one.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// What a new customer is given as bonus.
    pub welcome_gift: Kopecks,
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// Says what can't be opened.
pub fn open_book(settings: &Settings) -> anyhow::Result<Book> {
    let book = match &settings.database {
        Database::Sqlite { path } => {
            Book::open_sqlite(SqliteOptions { path: path.clone(), readers: SQLITE_READERS })
        }
        Database::Postgres { url } => Book::open_postgres(PostgresOptions {
            url: url.expose_secret().to_owned(),
            connections: settings.database_connections,
        }),
    }
    .context("the database can't be opened")?;
    book.migrate().context("the database can't be brought up to date")?;
    Ok(book)
}

/// Reads the catalogue and applies the owner's prices.
///
/// # Errors
/// When the file can't be read at all; broken rows are only set aside.
pub fn catalog(settings: &Settings) -> anyhow::Result<Catalog> {
    let text = match &settings.catalog_path {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("the catalogue {} can't be read", path.display()))?,
        None => SHIPPED_CATALOG.to_owned(),
    };
    let mut catalog = Catalog::parse(&text)?;
    for broken in &catalog.broken {
        tracing::error!(
            sku = broken.sku,
            reason = broken.reason,
            "a row of the catalogue is not sold"
        );
    }
    if let Some(price) = settings.images.as_ref().and_then(|images| images.generation_price) {
        catalog.override_default_price(Kind::Image, price);
    }
    if settings.images.is_none() {
        catalog.switch_off_kind(Kind::Image);
    }
    Ok(catalog)
}

/// Puts the house together.
///
/// # Errors
/// Says which part can't be made.
pub fn house(
    settings: &Settings,
    book: Book,
    clock: SharedClock,
    chance: SharedChance,
    extras: &Extras,
) -> anyhow::Result<House> {
    let blobs =
        BlobStore::open(settings.files.data_dir.join("blobs")).context("DATA_DIR can't be used")?;
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    if let Some(gemini) = gemini(settings, &clock)? {
        providers.push(Arc::new(gemini));
    }
    let policy = Policy {
        admins: settings.admins.clone(),
        active_orders_max: ACTIVE_ORDERS_MAX,
        welcome_gift: extras.welcome_gift,
        retry: RetryPolicy {
            attempts: settings.retry.attempts_max,
            base_delay: settings.retry.base_delay,
            max_delay: settings.retry.max_delay,
        },
        result_kept: RESULT_KEPT,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let house = House {
        book,
        clock,
        chance,
        catalog: Arc::new(CatalogInUse::new(catalog(settings)?)),
        blobs,
        providers: Arc::new(providers),
        policy: Arc::new(policy),
        decoding: Arc::new(Semaphore::new(cores)),
    };
    let catalog = Arc::clone(&house.catalog);
    house
        .book
        .blocking_read(move |tx| catalog.refresh(tx))
        .context("the switches can't be read")?;
    Ok(house)
}

/// The Gemini client, unless pictures are off.
///
/// # Errors
/// When the address, the key or the proxy can't be used.
pub fn gemini(settings: &Settings, clock: &SharedClock) -> anyhow::Result<Option<Gemini>> {
    let Some(images) = &settings.images else { return Ok(None) };
    let options = GeminiOptions {
        base_url: images.base_url.clone(),
        api_key: images.api_key.clone(),
        proxy: settings.outbound_proxy.clone(),
        wire: WireLimits::default(),
        // As many calls as there are workers; a rate that Google wants kept it says itself, with a pause.
        limits: GateLimits {
            concurrency: settings.worker_concurrency.max(1),
            per_minute: None,
            ..GateLimits::default()
        },
    };
    Gemini::new(options, clock.clone()).map(Some).context("the Gemini client can't be made")
}

/// Telegram's client.
///
/// # Errors
/// When the address or the token can't be used.
pub fn telegram(settings: &Settings) -> anyhow::Result<Client> {
    let options = ClientOptions {
        base_url: settings.telegram.base_url.clone(),
        token: settings.telegram.token.clone(),
        proxy: None,
    };
    Client::new(options).context("the Telegram client can't be made")
}
