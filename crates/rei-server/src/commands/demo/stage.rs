//! The simulators and the product that talks to them, in one process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rei_domain::chance::Chance;
use rei_domain::money::Kopecks;
use rei_sim::common::clock::SimClock;
use rei_sim::gemini::{GeminiOptions, GeminiSim, Latency, PictureMode};
use rei_sim::kling::{AccessKey, KlingOptions, KlingSim, Latency as KlingLatency, StageLatency};
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use rei_sim::video::VideoMode;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, MutexGuard};

use crate::product::{Product, RenderMetrics, Roles};
use crate::settings::Settings;
use crate::system::{SystemChance, SystemClock};
use crate::wiring::{Extras, house, open_book};

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
    settings: Settings,
    product: Mutex<Product>,
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
        let images = keys.images.as_ref().context("the demo sells pictures")?;
        let gemini = GeminiSim::start(GeminiOptions {
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
        .context("the Gemini simulator can't start")?;
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
        let mut builder =
            Settings::for_simulators(telegram.base_url(), &gemini.base_url(), &options.folder)
                .with_videos(&kling.base_url(), free_address()?)
                .set("ADMIN_IDS", ADMIN)
                .set("RUST_LOG", "warn");
        for (name, value) in &options.settings {
            builder = builder.set(name, value);
        }
        let settings = builder.build().map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let made = {
            let (settings, gift) = (settings.clone(), options.gift);
            tokio::task::spawn_blocking(move || {
                let extras = Extras { welcome_gift: gift };
                let book = open_book(&settings)?;
                house(&settings, book, Arc::new(SystemClock), Arc::new(SystemChance), &extras)
            })
            .await??
        };
        let product =
            Product::start(settings.clone(), made, options.roles, options.metrics).await?;
        Ok(Self { telegram, gemini, kling, settings, product: Mutex::new(product) })
    }

    /// The settings that the product got.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The product.
    pub async fn product(&self) -> MutexGuard<'_, Product> {
        self.product.lock().await
    }

    /// Stops the product, then the simulators.
    pub async fn stop(self) {
        self.product.into_inner().stop().await;
        self.kling.stop();
        self.telegram.stop();
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
