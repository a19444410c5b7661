//! The parts put together from the settings.

mod payments;
mod redis;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rei_app::{
    CatalogInUse, Files, FirstTopupBonus, House, Policy, Polling, QueueRules, UploadMethod,
};
use rei_blobs::{BlobStore, Bucket, BucketOptions};
use rei_domain::catalog::{Carriage, Catalog, Kind};
use rei_domain::chance::SharedChance;
use rei_domain::clock::SharedClock;
use rei_domain::money::Kopecks;
use rei_domain::shared::{Alone, SharedLimits};
use rei_providers::gemini::{Gemini, GeminiOptions};
use rei_providers::kling::{Kling, KlingOptions};
use rei_providers::policy::{GateLimits, WireLimits};
use rei_providers::{Provider, RetryPolicy};
use rei_redis::Redis;
use rei_storage::{Book, PostgresOptions, SqliteOptions};
use rei_telegram::{Client, ClientOptions};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use crate::settings::{self, Database, Settings};

pub use payments::{signer, yookassa};
pub use redis::{options as redis_options, shared};

/// The catalogue that ships with the binary.
const SHIPPED_CATALOG: &str = include_str!("../../../data/catalog.toml");
/// Results wait this long for customers who blocked the bot.
const RESULT_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Pictures that one order asks for side by side.
const PICTURES_IN_ORDER_MAX: usize = 4;
/// A link for a customer works this long.
const LINK_VALID: Duration = Duration::from_secs(72 * 3600);
/// The pause before the first question about a video when nobody set one.
const POLL_FIRST: Duration = Duration::from_secs(10);
/// More queues than its models have.
const KLING_QUEUES_MAX: usize = 16;
/// Handing a video order over is a short call; its picture may be some megabytes.
const KLING_TIMEOUT: Duration = Duration::from_secs(120);
/// A video larger than this is not taken.
const VIDEO_MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// Threads that read an SQLite book side by side.
const SQLITE_READERS: usize = 2;

/// What differs between an owner's house and a simulated one.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// What a new customer is given as bonus, whatever the settings say; zero for what they say.
    pub welcome_gift: Kopecks,
    /// What the house shares with its other processes: [`shared`]; none for a process alone.
    pub redis: Option<Arc<Redis>>,
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
    owner_prices(settings, &mut catalog);
    what_cannot_work(settings, &mut catalog);
    Ok(catalog)
}

const VIDEO_KINDS: [Kind; 5] =
    [Kind::TextVideo, Kind::ImageVideo, Kind::FramesVideo, Kind::VideoVideo, Kind::Motion];

/// The price variables of the original system.
fn owner_prices(settings: &Settings, catalog: &mut Catalog) {
    if let Some(images) = &settings.images {
        if let Some(price) = images.generation_price {
            catalog.override_default_price(&[Kind::Image], Kind::Image, price);
        }
        if let Some(price) = images.edit_price {
            catalog.override_default_price(&[Kind::Edit], Kind::Edit, price);
        }
    }
    if let Some(videos) = &settings.videos {
        if let Some(factor) = videos.ten_seconds_factor_thousandths {
            catalog.ten_seconds_factor_thousandths = i64::try_from(factor).unwrap_or(2_000);
        }
        if let Some(price) = videos.five_seconds_price {
            catalog.override_default_price(&VIDEO_KINDS, Kind::TextVideo, price);
        }
    }
}

/// Rows that these settings can't serve are not sold; why is said in the log and by `rei catalog`.
fn what_cannot_work(settings: &Settings, catalog: &mut Catalog) {
    if settings.images.is_none() {
        catalog.switch_off_where(|model| !model.kind.is_video());
    }
    let Some(videos) = &settings.videos else {
        catalog.switch_off_where(|model| model.kind.is_video());
        return;
    };
    if settings.files.s3.is_none() && settings.web.public_base_url.is_none() {
        let why = "the provider takes such files by link only, and there is neither FILE_UPLOAD_METHOD=s3 nor PUBLIC_BASE_URL";
        catalog.cannot_serve(why, |model| {
            model.inputs.iter().any(|input| !input.carried.contains(&Carriage::Inline))
        });
    }
    if rei_providers::kling::is_pair(&videos.api_key) {
        let why = "KLING_API_KEY is a pair of keys, and the older API that takes it does not have this model";
        catalog.cannot_serve(why, |model| {
            model.provider == rei_providers::kling::NAME && model.model_legacy.is_none()
        });
    }
    for row in &catalog.unserved {
        tracing::warn!(sku = row.sku, reason = row.reason, "a row of the catalogue is not sold");
    }
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
    let blobs = blobs(settings)?;
    let limits: SharedLimits = match &extras.redis {
        Some(redis) => {
            book.share_bells(redis.clone());
            redis.clone()
        }
        None => Arc::new(Alone),
    };
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    if let Some(gemini) = gemini(settings, &clock, &limits)? {
        providers.push(Arc::new(gemini));
    }
    if let Some(kling) = kling(settings, &clock, &limits)? {
        providers.push(Arc::new(kling));
    }
    let telegram = Arc::new(telegram(settings)?);
    let payments = payments::payments(settings, &telegram, &clock, &limits)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let house = House {
        book,
        clock,
        chance,
        catalog: Arc::new(CatalogInUse::new(catalog(settings)?)),
        blobs,
        providers: Arc::new(providers),
        files: Arc::new(files(settings)),
        telegram: Some(telegram),
        payments: Arc::new(payments),
        policy: Arc::new(policy(settings, extras)),
        limits,
        decoding: Arc::new(Semaphore::new(cores)),
    };
    let catalog = Arc::clone(&house.catalog);
    house
        .book
        .blocking_read(move |tx| catalog.refresh(tx))
        .context("the switches can't be read")?;
    Ok(house)
}

/// The owner's rules.
fn policy(settings: &Settings, extras: &Extras) -> Policy {
    let images = settings.images.as_ref();
    let gift = Some(extras.welcome_gift).filter(|gift| gift.is_positive());
    Policy {
        admins: settings.admins.clone(),
        active_orders_max: settings.queues.orders_per_customer,
        welcome_gift: gift.unwrap_or(settings.wallet.welcome_gift),
        first_topup_bonus: settings
            .wallet
            .first_top_up
            .map(|bonus| FirstTopupBonus { percent: bonus.percent, max: bonus.max }),
        pockets: settings.wallet.pockets,
        approval_limit: settings.house_rules.approval_limit,
        usd_rate: settings.house_rules.usd_rate,
        retry: RetryPolicy {
            attempts: settings.retry.attempts_max,
            base_delay: settings.retry.base_delay,
            max_delay: settings.retry.max_delay,
        },
        polling: polling(settings),
        mismatch_refund_percent: images.map_or(0, |images| images.mismatch_refund_percent),
        result_kept: RESULT_KEPT,
        queues: QueueRules {
            places: settings.videos.as_ref().map_or(1, |videos| videos.concurrency),
            workers: settings.worker_concurrency,
            waiting_max: settings.queues.waiting_max,
        },
    }
}

/// Where results and customers' files are kept.
///
/// # Errors
/// When the folder or the bucket's settings can't be used.
pub fn blobs(settings: &Settings) -> anyhow::Result<BlobStore> {
    let folder = settings.files.data_dir.join("blobs");
    let Some(s3) = &settings.files.s3 else {
        return BlobStore::open(folder).context("DATA_DIR can't be used");
    };
    let bucket = Bucket::new(BucketOptions {
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        access_key: s3.access_key.clone(),
        secret_key: s3.secret_key.clone(),
        path_style: s3.path_style,
        presigned_url_expiry: s3.presigned_url_expiry,
        proxy: None,
    })
    .context("the S3 settings can't be used")?;
    BlobStore::open_with_bucket(folder, bucket).context("DATA_DIR can't be used")
}

fn files(settings: &Settings) -> Files {
    let public_base_url = settings.web.public_base_url.clone();
    Files {
        method: match settings.files.upload_method {
            settings::UploadMethod::Multipart => UploadMethod::Multipart,
            settings::UploadMethod::S3 => UploadMethod::S3,
        },
        callbacks: settings.videos.is_some() && public_base_url.is_some(),
        callback_secret: settings.videos.as_ref().and_then(|videos| videos.webhook_secret.clone()),
        public_base_url,
        link_valid: LINK_VALID,
    }
}

fn polling(settings: &Settings) -> Polling {
    let Some(videos) = &settings.videos else {
        return Polling { first: POLL_FIRST, shown_for: POLL_FIRST * 360 };
    };
    let first = videos.poll_interval;
    Polling { first, shown_for: first.saturating_mul(videos.poll_attempts_max) }
}

/// The Kling client, unless videos are off.
///
/// # Errors
/// When the address, the key or the proxy can't be used.
pub fn kling(
    settings: &Settings,
    clock: &SharedClock,
    limits: &SharedLimits,
) -> anyhow::Result<Option<Kling>> {
    let Some(videos) = &settings.videos else { return Ok(None) };
    let options = KlingOptions {
        base_url: videos.base_url.clone(),
        api_key: videos.api_key.clone(),
        proxy: settings.outbound_proxy.clone(),
        wire: WireLimits { total_timeout: KLING_TIMEOUT, ..WireLimits::default() },
        // Its own limits are places held from the call to the end of the video: they are counted in the book. Calls go
        // out side by side for each model, and one whose files are slow must not hold up another.
        limits: GateLimits {
            concurrency: settings.worker_concurrency.max(1) * KLING_QUEUES_MAX,
            per_minute: None,
            ..GateLimits::default()
        },
        file_max_bytes: VIDEO_MAX_BYTES,
    };
    Kling::new(options, clock.clone(), limits.clone())
        .map(Some)
        .context("the Kling client can't be made")
}

/// The Gemini client, unless pictures are off.
///
/// # Errors
/// When the address, the key or the proxy can't be used.
pub fn gemini(
    settings: &Settings,
    clock: &SharedClock,
    limits: &SharedLimits,
) -> anyhow::Result<Option<Gemini>> {
    let Some(images) = &settings.images else { return Ok(None) };
    let options = GeminiOptions {
        base_url: images.base_url.clone(),
        api_key: images.api_key.clone(),
        proxy: settings.outbound_proxy.clone(),
        wire: WireLimits::default(),
        // As many calls as the workers' orders can ask for; where the owner tells no more, Google says itself when to pause.
        limits: GateLimits {
            concurrency: settings.worker_concurrency.max(1) * PICTURES_IN_ORDER_MAX,
            total: images.concurrency,
            per_minute: images.per_minute,
            ..GateLimits::default()
        },
    };
    Gemini::new(options, clock.clone(), limits.clone())
        .map(Some)
        .context("the Gemini client can't be made")
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
