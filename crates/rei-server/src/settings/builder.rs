//! Settings for the demo and for tests: made of the same variables and judged by the same rules as an owner's.

use std::net::SocketAddr;
use std::path::Path;

use super::model::Settings;
use super::problems::Problems;

/// Variables that will become settings; nothing is read from the environment.
#[derive(Clone, Debug)]
pub struct Builder {
    pairs: Vec<(String, String)>,
}

impl Builder {
    /// Sets a variable; the last value counts.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.pairs.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sells videos as well, through a simulated Kling at this base URL that reaches our own web door on loopback.
    #[must_use]
    pub fn with_videos(self, kling: &str, web: SocketAddr) -> Self {
        self.set("ENABLE_VIDEOS", "1")
            .set("KLING_API_KEY", "api-key-kling-simulated")
            .set("KLING_BASE_URL", kling)
            .set("HTTP_BIND", web)
            .set("PUBLIC_BASE_URL", format!("http://{web}"))
    }

    /// Takes payments as well, through a simulated YooKassa at this base URL.
    #[must_use]
    pub fn with_payments(self, shop_id: &str, secret_key: &str, yookassa: &str) -> Self {
        self.set("ENABLE_PAYMENTS", "1")
            .set("YOOKASSA_SHOP_ID", shop_id)
            .set("YOOKASSA_SECRET_KEY", secret_key)
            .set("YOOKASSA_BASE_URL", yookassa)
    }

    /// The settings.
    ///
    /// # Errors
    /// What an owner would be told about the same variables.
    pub fn build(self) -> Result<Settings, Problems> {
        super::load(self.pairs.into_iter(), None)
    }
}

impl Settings {
    /// Settings with invented keys, for a product whose Telegram and Gemini are simulators at these base URLs and
    /// whose book and files lie in `data_dir`. Videos are off until [`Builder::with_videos`], payments until
    /// [`Builder::with_payments`]; the web door takes any free port.
    pub fn for_simulators(telegram: &str, gemini: &str, data_dir: &Path) -> Builder {
        let database = format!("sqlite://{}", data_dir.join("rei.db").display());
        Builder { pairs: Vec::new() }
            .set("BOT_TOKEN", "100000001:simulated-token-of-no-value-at-all0")
            .set("TELEGRAM_BASE_URL", telegram)
            .set("NANO_BANANA_API_KEY", "simulated-key-of-no-value")
            .set("NANO_BANANA_BASE_URL", gemini)
            .set("ENABLE_VIDEOS", "0")
            .set("ENABLE_PAYMENTS", "0")
            .set("HTTP_BIND", "127.0.0.1:0")
            .set("DATABASE_URL", database)
            .set("DATA_DIR", data_dir.display())
    }
}
