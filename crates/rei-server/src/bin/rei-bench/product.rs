//! The product as processes of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use rei_server::settings::Settings;
use rei_sim::gemini::{GeminiOptions, GeminiSim, PictureMode};
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::system;

/// What each customer may spend.
const GIFT_RUBLES: &str = "1000000";
const ADMIN: i64 = 900_001;
/// Messages that the simulator keeps of each chat: the flows of an hour would fill its memory.
const HISTORY: usize = 40;

/// Telegram and Gemini, and a folder for the product.
pub(crate) struct Outside {
    pub(crate) telegram: TelegramSim,
    pub(crate) gemini: GeminiSim,
    pub(crate) folder: TempDir,
}

impl Outside {
    /// Simulators that remember as little as they can.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let keys = keys(folder.path())?;
        let telegram = TelegramSim::start(TelegramOptions {
            token: keys.telegram.token.expose_secret().to_owned(),
            keep_log: false,
            history_per_chat: HISTORY,
            ..TelegramOptions::default()
        })
        .await?;
        let images = keys.images.context("pictures are on")?;
        let gemini = GeminiSim::start(GeminiOptions {
            api_key: images.api_key.expose_secret().to_owned(),
            // The product decodes every picture; full-size ones would measure the decoder.
            picture: PictureMode::Tiny,
            calls_max: 0,
            ..GeminiOptions::default()
        })
        .await?;
        Ok(Self { telegram, gemini, folder })
    }

    /// The address of an SQLite book in the folder.
    pub(crate) fn sqlite(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("rei.db").display())
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.telegram.stop();
    }
}

/// Processes of one house; killed when dropped.
pub(crate) struct Product(Vec<Child>);

impl Product {
    /// Starts the parts of a house on one book; `more` are settings besides.
    pub(crate) fn start(
        outside: &Outside,
        parts: &[&str],
        database: &str,
        more: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut product = Self(Vec::new());
        for part in parts {
            let mut command = command(outside, database)?;
            command.arg(part).envs(more.iter().map(|(name, value)| (*name, value.as_str())));
            product.0.push(command.spawn()?);
        }
        Ok(product)
    }

    /// CPU time of all processes, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> f64 {
        self.processes().map(system::cpu_ms).sum()
    }

    /// Resident memory of all processes, in KiB.
    pub(crate) fn rss_kib(&self) -> u64 {
        self.processes().map(|process| system::memory_kib(process, "VmRSS:")).sum()
    }

    /// The highest resident memory since [`Self::forget_peak`], in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.processes().map(|process| system::memory_kib(process, "VmHWM:")).sum()
    }

    /// The highest memory is noted anew from now on.
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        self.processes().try_for_each(system::forget_peak)
    }

    /// Tells all processes to end and waits for it: one that is killed keeps its roles until their leases have ended.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        for process in self.processes() {
            Command::new("kill").args(["-TERM", &process.to_string()]).status()?;
        }
        for child in &mut self.0 {
            child.wait()?;
        }
        Ok(())
    }

    fn processes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(Child::id)
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Nothing is left to do for a process that is gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn command(outside: &Outside, database: &str) -> anyhow::Result<Command> {
    let program = std::env::current_exe()?.with_file_name("rei");
    ensure!(program.exists(), "{} is not built", program.display());
    let keys = keys(outside.folder.path())?;
    let images = keys.images.context("pictures are on")?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("BOT_TOKEN", keys.telegram.token.expose_secret())
        .env("TELEGRAM_BASE_URL", outside.telegram.base_url())
        .env("TELEGRAM_PACING", "0")
        .env("NANO_BANANA_API_KEY", images.api_key.expose_secret())
        .env("NANO_BANANA_BASE_URL", outside.gemini.base_url())
        .env("ENABLE_VIDEOS", "0")
        .env("ENABLE_PAYMENTS", "0")
        .env("ADMIN_IDS", ADMIN.to_string())
        .env("HTTP_BIND", "127.0.0.1:0")
        .env("DATABASE_URL", database)
        .env("DATA_DIR", outside.folder.path())
        .env("WORKER_CONCURRENCY", "64")
        .env("WELCOME_GIFT", GIFT_RUBLES)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Ok(command)
}

fn keys(folder: &Path) -> anyhow::Result<Settings> {
    let nowhere = "http://127.0.0.1:1";
    let keys = Settings::for_simulators(nowhere, nowhere, folder).build();
    keys.map_err(|problems| anyhow::anyhow!("{problems}"))
}
