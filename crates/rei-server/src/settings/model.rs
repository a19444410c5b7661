//! The settings as the rest of the program sees them: typed, checked, secrets wrapped.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use secrecy::SecretString;

use super::notes::Note;
use super::payments_model::*;
use super::report::Row;

/// All settings. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The owners.
    pub admins: Vec<CustomerId>,
    /// The door to Telegram.
    pub telegram: Telegram,
    /// Our own web door.
    pub web: Web,
    /// Pictures; `None` when they are switched off.
    pub images: Option<Images>,
    /// Videos; `None` when they are switched off.
    pub videos: Option<Videos>,
    /// YooKassa; `None` when payments are switched off.
    pub payments: Option<Payments>,
    /// Telegram Stars; `None` when they are switched off.
    pub stars: Option<Stars>,
    /// Whether Stars alone are offered; payments that were begun at YooKassa are still credited.
    pub stars_only: bool,
    /// What may be paid in.
    pub top_ups: TopUps,
    /// What the owner gives away, and which pocket pays first.
    pub wallet: WalletRules,
    /// What concerns money and people at once.
    pub house_rules: HouseRules,
    /// Where the book is.
    pub database: Database,
    /// PostgreSQL connections, or readers of the SQLite file.
    pub database_connections: usize,
    /// The bell between machines; may hold a password.
    pub redis_url: Option<SecretString>,
    /// Where pictures and videos are kept.
    pub files: Files,
    /// The owner's own catalogue; `None`: the embedded one.
    pub catalog_path: Option<PathBuf>,
    /// Proxy for provider calls; may hold a password.
    pub outbound_proxy: Option<SecretString>,
    /// Jobs that one process works on at once.
    pub worker_concurrency: usize,
    /// What may be in the queues of orders.
    pub queues: Queues,
    /// How outside calls are repeated.
    pub retry: Retry,
    /// Logs and traces.
    pub log: Log,
    pub(super) notes: Vec<Note>,
    pub(super) rows: Vec<Row>,
}

/// The door to Telegram.
#[derive(Clone, Debug)]
pub struct Telegram {
    /// `digits:letters`.
    pub token: SecretString,
    /// Without a slash at its end.
    pub base_url: String,
    /// How updates come in.
    pub mode: TelegramMode,
    /// What Telegram must send along with each update; set or derived from the token.
    pub webhook_secret: SecretString,
    /// Whether messages are paced as Telegram's limits want it.
    pub pacing: bool,
}

/// How updates come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelegramMode {
    /// We ask.
    Polling,
    /// Telegram calls `PUBLIC_BASE_URL`, which is then set.
    Webhook,
}

/// Our own web door.
#[derive(Clone, Debug)]
pub struct Web {
    /// Where it listens.
    pub bind: SocketAddr,
    /// How the outside reaches it, without a slash at its end.
    pub public_base_url: Option<String>,
    /// Who may say for whom they forward.
    pub trusted_proxies: Vec<Network>,
}

/// An address with the number of its leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Any address of the network.
    pub address: IpAddr,
    /// 0 to 32, or 0 to 128.
    pub prefix: u8,
}

/// Pictures through the Gemini API.
#[derive(Clone, Debug)]
pub struct Images {
    /// Key of the Gemini API.
    pub api_key: SecretString,
    /// Without a slash at its end.
    pub base_url: String,
    /// Calls at once over all processes; `None`: each process is limited by its workers alone.
    pub concurrency: Option<u32>,
    /// Calls in any minute over all processes; `None`: as many as Google takes.
    pub per_minute: Option<u32>,
    /// Overrides the catalogue's price of a picture from text.
    pub generation_price: Option<Kopecks>,
    /// Overrides the catalogue's price of an edit.
    pub edit_price: Option<Kopecks>,
    /// What goes back when a picture comes in another ratio than ordered, in percent of its price.
    pub mismatch_refund_percent: u8,
}

/// Videos through the Kling API.
#[derive(Clone, Debug)]
pub struct Videos {
    /// One key, or `access:secret`.
    pub api_key: SecretString,
    /// Without a slash at its end.
    pub base_url: String,
    /// What Kling signs its reports with; `None`: they are unsigned and only hints.
    pub webhook_secret: Option<SecretString>,
    /// Videos of one model that Kling makes at once.
    pub concurrency: usize,
    /// Pause between two questions about one task.
    pub poll_interval: Duration,
    /// How often one task is asked about at most.
    pub poll_attempts_max: u32,
    /// Overrides the catalogue's price of five seconds.
    pub five_seconds_price: Option<Kopecks>,
    /// Price of ten seconds in thousandths of that of five.
    pub ten_seconds_factor_thousandths: Option<u64>,
}

/// Where the book is.
#[derive(Clone, Debug)]
pub enum Database {
    /// One file.
    Sqlite {
        /// Relative to the working folder, or absolute.
        path: PathBuf,
    },
    /// A server.
    Postgres {
        /// May hold a password.
        url: SecretString,
    },
}

/// Where pictures and videos are kept, and how they reach a provider.
#[derive(Clone, Debug)]
pub struct Files {
    /// The folder, when there is no bucket.
    pub data_dir: PathBuf,
    /// How a customer's file reaches a provider.
    pub upload_method: UploadMethod,
    /// The bucket; set whenever the upload method is S3.
    pub s3: Option<S3>,
}

/// How a customer's file reaches a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadMethod {
    /// As bytes.
    Multipart,
    /// As a link into the bucket.
    S3,
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct S3 {
    /// `None`: Amazon's for the region.
    pub endpoint: Option<String>,
    /// Part of every signature.
    pub region: String,
    /// Its name.
    pub bucket: String,
    /// Who signs.
    pub access_key: SecretString,
    /// What it is signed with.
    pub secret_key: SecretString,
    /// How long a link lives.
    pub presigned_url_expiry: Duration,
    /// Bucket in the path instead of the host name.
    pub path_style: bool,
}

/// What may be in the queues of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queues {
    /// Orders of one customer that are at work at once.
    pub orders_per_customer: usize,
    /// Orders that wait in one queue before new ones are refused; `None` for any number.
    pub waiting_max: Option<usize>,
}

/// How outside calls are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all, the first included.
    pub attempts_max: u32,
    /// Pause after the first failure.
    pub base_delay: Duration,
    /// Longest pause; never less than the first.
    pub max_delay: Duration,
}

/// Logs and traces.
#[derive(Clone, Debug)]
pub struct Log {
    /// Directives of tracing-subscriber.
    pub filter: String,
    /// Lines for people or for collectors.
    pub format: LogFormat,
    /// OTLP over HTTP, without a slash at its end; `None`: no traces leave.
    pub otlp_endpoint: Option<String>,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}
