//! The simulators and the product that talks to them, in one process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use rei_app::House;
use rei_domain::chance::Chance;
use rei_domain::money::Kopecks;
use rei_sim::common::clock::SimClock;
use rei_sim::gemini::{GeminiOptions, GeminiSim, Latency, PictureMode};
use rei_sim::kling::{AccessKey, KlingOptions, KlingSim, Latency as KlingLatency, StageLatency};
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use rei_sim::video::VideoMode;
use rei_sim::yookassa::{YooKassaOptions, YooKassaSim};
use secrecy::ExposeSecret;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::product::{Product, RenderMetrics, Roles};
use crate::settings::Settings;
use crate::system::{SystemChance, SystemClock};
use crate::wiring::{Extras, house, open_book, shared, signer};

/// The demo's owner: whoever plays this user may use the owners' commands.
pub const ADMIN: i64 = 900_001;
/// What a new customer of the demo is given, so that he can order at once.
const DEMO_GIFT: Kopecks = Kopecks::from_rubles(300);
/// The older kind of key, which the simulated Kling takes as well: access and secret.
pub const KLING_PAIR: (&str, &str) =
    ("simulated-access-of-no-value", "simulated-secret-of-no-value");
const BOT_USERNAME: &str = "rei_demo_bot";

/// How a stage is set.
pub struct StageOptions {
    /// Where the book and the files lie.
    pub folder: PathBuf,
    /// How long Gemini takes, from and to.
    pub latency: (Duration, Duration),
    /// How Gemini draws.
    pub picture: PictureMode,
    /// How long a video takes, from and to.
    pub video_latency: (Duration, Duration),
    /// How Kling films.
    pub video: VideoMode,
    /// What Kling signs its reports with; none: they are unsigned.
    pub webhook_secret: Option<String>,
    /// What a new customer is given.
    pub gift: Kopecks,
    /// Further settings by name.
    pub settings: Vec<(String, String)>,
    /// Which parts of the product run.
    pub roles: Roles,
    /// How many products run beside the first, on the same book: each has a bot and a worker, and none a web door.
    pub beside: usize,
    /// Renders the metrics.
    pub metrics: RenderMetrics,
}

impl StageOptions {
    /// The demo's own values.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            latency: (Duration::ZERO, Duration::ZERO),
            picture: PictureMode::default(),
            video_latency: (Duration::ZERO, Duration::ZERO),
            video: VideoMode::default(),
            webhook_secret: None,
            gift: DEMO_GIFT,
            settings: Vec::new(),
            roles: Roles::ALL,
            beside: 0,
            metrics: Arc::new(String::new),
        }
    }
}

/// The simulators and the product.
pub struct Stage {
    /// Telegram and the people who write to the bot.
    pub telegram: TelegramSim,
    /// Gemini.
    pub gemini: GeminiSim,
    /// Kling.
    pub kling: KlingSim,
    /// YooKassa, whose notifications come to the product's own door.
    pub yookassa: YooKassaSim,
    settings: Settings,
    made_of: MadeOf,
    /// The one with the web door first. Empty only while they are started anew.
    products: Mutex<Vec<Product>>,
}

/// What the products are made of besides their settings.
struct MadeOf {
    roles: Roles,
    beside: usize,
    metrics: RenderMetrics,
}

impl MadeOf {
    async fn start(&self, settings: &Settings) -> anyhow::Result<Vec<Product>> {
        let mut products = vec![self.start_one(settings, self.roles).await?];
        for _ in 0..self.beside {
            let roles = Roles { web: false, ..self.roles };
            products.push(self.start_one(settings, roles).await?);
        }
        Ok(products)
    }

    async fn start_one(&self, settings: &Settings, roles: Roles) -> anyhow::Result<Product> {
        let redis = shared(settings).await?;
        let made = {
            let settings = settings.clone();
            tokio::task::spawn_blocking(move || {
                let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance));
                let extras = Extras { redis, ..Extras::default() };
                house(&settings, open_book(&settings)?, clock, chance, &extras)
            })
            .await??
        };
        Product::start(settings.clone(), made, roles, Arc::clone(&self.metrics)).await
    }
}

impl Stage {
    /// Starts the simulators, then the product.
    ///
    /// # Errors
    /// Says which part can't start.
    pub async fn start(options: StageOptions) -> anyhow::Result<Self> {
        // The product's rules for settings are the demo's, too; the addresses are known only afterwards.
        let keys =
            Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", &options.folder)
                .build()
                .map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let telegram = TelegramSim::start(TelegramOptions {
            token: keys.telegram.token.expose_secret().to_owned(),
            bot_username: BOT_USERNAME.to_owned(),
            ..TelegramOptions::default()
        })
        .await
        .context("the Telegram simulator can't start")?;
        let gemini = gemini(&options, &keys).await?;
        let kling = KlingSim::start(KlingOptions {
            video: options.video,
            latency: stages(options.video_latency)?,
            webhook_secret: options.webhook_secret.clone(),
            access: Some(AccessKey {
                access_key: KLING_PAIR.0.to_owned(),
                secret_key: KLING_PAIR.1.to_owned(),
            }),
            ..KlingOptions::default()
        })
        .await
        .context("the Kling simulator can't start")?;
        let yookassa = YooKassaSim::start(YooKassaOptions::default())
            .await
            .context("the YooKassa simulator can't start")?;
        let (shop, web) = (yookassa.shop(), free_address()?);
        let mut builder =
            Settings::for_simulators(telegram.base_url(), &gemini.base_url(), &options.folder)
                .with_videos(&kling.base_url(), web)
                .with_payments(&shop.shop_id, &shop.secret_key, &yookassa.base_url())
                // The simulator is on this machine, and not at an address of YooKassa's.
                .set("YOOKASSA_IP_CHECK", "off")
                .set("WELCOME_GIFT", rubles(options.gift))
                // So that /stats can tell the margin.
                .set("USD_RATE", "90")
                .set("ADMIN_IDS", ADMIN)
                .set("RUST_LOG", "warn");
        for (name, value) in &options.settings {
            builder = builder.set(name, value);
        }
        let settings = builder.build().map_err(|problems| anyhow::anyhow!("{problems}"))?;
        if let Some(payments) = &settings.payments {
            let url = format!("http://{web}{}", signer(payments)?.webhook_path());
            yookassa.set_notify_url(Some(&url))?;
        }
        let made_of =
            MadeOf { roles: options.roles, beside: options.beside, metrics: options.metrics };
        let products = Mutex::new(made_of.start(&settings).await?);
        Ok(Self { telegram, gemini, kling, yookassa, settings, made_of, products })
    }

    /// The settings that the product got.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The product; of several, the one with the web door.
    ///
    /// # Panics
    /// When it could not be started anew: whoever asked for that was told why.
    pub async fn product(&self) -> MappedMutexGuard<'_, Product> {
        MutexGuard::map(self.products.lock().await, |products| {
            products.first_mut().expect("the product runs")
        })
    }

    /// The applications of all products.
    pub async fn houses(&self) -> Vec<House> {
        self.products.lock().await.iter().map(|product| product.house.clone()).collect()
    }

    /// Ends the workers in the middle of whatever they do, as a crash would.
    pub async fn kill_workers(&self) {
        self.products.lock().await.iter_mut().for_each(Product::kill_worker);
    }

    /// Starts the workers that do not run.
    pub async fn start_workers(&self) {
        self.products.lock().await.iter_mut().for_each(Product::start_worker);
    }

    /// Stops the product as an owner would, and starts it with the same book.
    ///
    /// # Errors
    /// Says which part can't start.
    pub async fn restart(&self) -> anyhow::Result<()> {
        let mut products = self.products.lock().await;
        for running in products.drain(..) {
            running.stop().await;
        }
        *products = self.made_of.start(&self.settings).await?;
        Ok(())
    }

    /// Stops the product, then the simulators.
    pub async fn stop(self) {
        join_all(self.products.into_inner().into_iter().map(Product::stop)).await;
        stop_simulators(&self.telegram, &self.kling, &self.yookassa);
    }

    /// Ends the product in the middle of whatever it waits for, then the simulators.
    pub async fn stop_now(self) {
        join_all(self.products.into_inner().into_iter().map(Product::crash)).await;
        stop_simulators(&self.telegram, &self.kling, &self.yookassa);
    }
}

fn stop_simulators(telegram: &TelegramSim, kling: &KlingSim, yookassa: &YooKassaSim) {
    yookassa.stop();
    kling.stop();
    telegram.stop();
}

async fn gemini(options: &StageOptions, keys: &Settings) -> anyhow::Result<GeminiSim> {
    let images = keys.images.as_ref().context("the demo sells pictures")?;
    GeminiSim::start(GeminiOptions {
        api_key: images.api_key.expose_secret().to_owned(),
        clock: SimClock::real(),
        picture: options.picture,
        latency: Latency {
            min_ms: u64::try_from(options.latency.0.as_millis())?,
            max_ms: u64::try_from(options.latency.1.as_millis())?,
        },
        ..GeminiOptions::default()
    })
    .await
    .context("the Gemini simulator can't start")
}

/// As settings want it.
fn rubles(sum: Kopecks) -> String {
    match sum.get() {
        0 => "0".to_owned(),
        kopecks => format!("{}.{:02}", kopecks / 100, kopecks % 100),
    }
}

/// Most of the time passes while the video is made.
fn stages((from, to): (Duration, Duration)) -> anyhow::Result<StageLatency> {
    let ms = |time: Duration| u64::try_from(time.as_millis());
    Ok(StageLatency {
        submitted: KlingLatency { min_ms: ms(from / 4)?, max_ms: ms(to / 4)? },
        processing: KlingLatency { min_ms: ms(from * 3 / 4)?, max_ms: ms(to * 3 / 4)? },
    })
}

/// An address that is free right now: links to our own web door have to be known before it opens. Its port lies below
/// those that the system gives to outgoing calls, so that none of them takes it in between.
fn free_address() -> anyhow::Result<SocketAddr> {
    const FIRST: u16 = 20_000;
    const PORTS: u16 = 12_000;
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let mut bytes = [0; 2];
        SystemChance.fill(&mut bytes);
        let port = FIRST + u16::from_le_bytes(bytes) % PORTS;
        if let Ok(listener) = std::net::TcpListener::bind(("127.0.0.1", port)) {
            return Ok(listener.local_addr()?);
        }
    }
    anyhow::bail!("no port is free")
}
