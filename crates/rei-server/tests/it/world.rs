//! Simulators in this process, and the real binary beside it, set by its environment alone.

mod process;

use std::fs::File;
use std::net::TcpListener;
use std::process::{Output, Stdio};
use std::time::Duration;

use rand::Rng;
use rei_redis::testing::RedisServer;

use rei_sim::gemini::{GeminiOptions, GeminiSim, PictureMode};
use rei_sim::kling::{KlingOptions, KlingSim};
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use rei_sim::yookassa::{YooKassaOptions, YooKassaSim};
use rei_storage::testing::{EngineKind, fresh_database};
use rei_storage::{Book, PostgresOptions, SqliteOptions};
use rei_yookassa::authenticity::{Mode, Signer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::app::Person;

pub use process::Process;

/// The owner.
pub const ADMIN: i64 = 900_001;
/// The bot's token; a word that can be looked for.
pub const TOKEN: &str = "100000001:planted-token-AAbbCCddEEffGGhhIIjjKK0";
/// Gemini's key, likewise.
pub const KEY: &str = "AIzaPlantedKeyOfNoValueAtAll0123456789";
/// Kling's key, likewise.
pub const KLING_KEY: &str = "api-key-planted-kling-0123456789abcdef";
/// What Telegram sends along to the webhook, likewise.
pub const WEBHOOK_SECRET: &str = "planted-webhook-secret-0123456789abcdef";
/// What addresses and orders are signed with at YooKassa.
pub const NOTICE_SECRET: &str = "planted-notice-secret-0123456789abcdef";
/// Crashes are noticed by leases, which take their time; nothing takes longer than this.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// What providers remember: more calls than the longest test makes.
const CALLS_MAX: usize = 20_000;

/// The simulators and what the binary is told.
pub struct World {
    pub telegram: TelegramSim,
    pub gemini: GeminiSim,
    pub kling: KlingSim,
    pub folder: TempDir,
    /// `DATABASE_URL`.
    pub database: String,
    settings: Vec<(String, String)>,
}

impl World {
    pub async fn start(engine: EngineKind) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let telegram = TelegramSim::start(TelegramOptions {
            token: TOKEN.to_owned(),
            ..TelegramOptions::default()
        })
        .await
        .expect("Telegram starts");
        let gemini = GeminiSim::start(GeminiOptions {
            api_key: KEY.to_owned(),
            picture: PictureMode::Tiny,
            calls_max: CALLS_MAX,
            ..GeminiOptions::default()
        })
        .await
        .expect("Gemini starts");
        let kling = KlingSim::start(KlingOptions {
            api_key: KLING_KEY.to_owned(),
            calls_max: CALLS_MAX,
            ..KlingOptions::default()
        })
        .await
        .expect("Kling starts");
        let database = match engine {
            EngineKind::Sqlite => format!("sqlite://{}", folder.path().join("rei.db").display()),
            EngineKind::Postgres => {
                tokio::task::spawn_blocking(fresh_database).await.expect("a database can be made")
            }
        };
        let settings = [
            ("BOT_TOKEN", TOKEN.to_owned()),
            ("TELEGRAM_BASE_URL", telegram.base_url().to_owned()),
            ("TELEGRAM_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("NANO_BANANA_API_KEY", KEY.to_owned()),
            ("NANO_BANANA_BASE_URL", gemini.base_url()),
            ("ENABLE_VIDEOS", "0".to_owned()),
            ("ENABLE_PAYMENTS", "0".to_owned()),
            ("HTTP_BIND", "127.0.0.1:0".to_owned()),
            ("DATABASE_URL", database.clone()),
            ("DATA_DIR", folder.path().display().to_string()),
            ("ADMIN_IDS", ADMIN.to_string()),
            ("RUST_LOG", "warn".to_owned()),
            ("API_RETRY_BASE_DELAY", "0.05".to_owned()),
        ];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { telegram, gemini, kling, folder, database, settings }
    }

    /// Tells the binary something else from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// The binary sells videos, too, from now on; it asks for them soon and has no address for reports.
    pub fn sell_videos(&mut self) {
        let kling = self.kling.base_url();
        self.set("ENABLE_VIDEOS", "1");
        self.set("KLING_API_KEY", KLING_KEY);
        self.set("KLING_BASE_URL", &kling);
        self.set("KLING_POLL_INTERVAL", "1");
    }

    /// The binary takes payments, too, from now on; what YooKassa reports comes to the binary's own door.
    pub async fn take_payments(&mut self) -> YooKassaSim {
        let sim = YooKassaSim::start(YooKassaOptions::default()).await.expect("YooKassa starts");
        let (shop, base_url, door) = (sim.shop().clone(), sim.base_url(), free_address());
        let path = notice_path(&sim);
        sim.set_notify_url(Some(&format!("http://{door}{path}"))).expect("it is on this machine");
        self.set("ENABLE_PAYMENTS", "1");
        self.set("YOOKASSA_SHOP_ID", &shop.shop_id);
        self.set("YOOKASSA_SECRET_KEY", &shop.secret_key);
        self.set("YOOKASSA_BASE_URL", &base_url);
        self.set("YOOKASSA_WEBHOOK_SECRET", NOTICE_SECRET);
        self.set("YOOKASSA_IP_CHECK", "off");
        self.set("HTTP_BIND", &door);
        sim
    }

    /// The binary sells pictures and videos, takes payments without terms, gives so much to everybody who comes, and sends
    /// messages as fast as it can: for tests in which many customers do much.
    pub async fn open_wide(&mut self, gift_rubles: u32) -> YooKassaSim {
        self.sell_videos();
        let yookassa = self.take_payments().await;
        for (name, value) in [
            ("TERMS_VERSION", "0"),
            ("TOPUPS_PER_HOUR", "1000"),
            ("TELEGRAM_PACING", "0"),
            ("WELCOME_GIFT", &gift_rubles.to_string()),
            ("PUBLIC_BASE_URL", &format!("http://{}", self.door())),
        ] {
            self.set(name, value);
        }
        yookassa
    }

    /// The binary's processes share a Redis from now on.
    pub async fn share_redis(&mut self) -> RedisServer {
        let server = tokio::task::spawn_blocking(RedisServer::start).await.expect("it starts");
        self.set("REDIS_URL", &server.url());
        server
    }

    /// Telegram brings updates to the binary's own door from now on.
    pub fn use_webhook(&mut self) {
        if self.door().ends_with(":0") {
            self.set("HTTP_BIND", &free_address());
        }
        let door = self.door().to_owned();
        self.set("TELEGRAM_MODE", "webhook");
        self.set("PUBLIC_BASE_URL", &format!("http://{door}"));
    }

    /// Where the binary listens.
    pub fn door(&self) -> &str {
        let found = self.settings.iter().find(|(name, _)| name == "HTTP_BIND");
        found.map(|(_, value)| value.as_str()).expect("it is set")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rei"));
        command.args(args).env_clear().current_dir(self.folder.path());
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts a command that goes on until it is stopped.
    pub fn spawn(&self, name: &str, args: &[&str], more: &[(&str, &str)]) -> Process {
        let log = self.folder.path().join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let mut command = self.command(args);
        command.envs(more.iter().copied());
        command.stdout(file.try_clone().expect("a second handle")).stderr(file);
        Process::new(command.spawn().expect("the binary starts"), log)
    }

    /// Runs a command to its end.
    pub async fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().await.expect("the binary runs")
    }

    /// A person who has not written yet.
    pub fn person(&self, id: i64, name: &str) -> Person {
        Person::of(self.telegram.user(id, name, "ru"))
    }

    /// The book that the binary uses, opened beside it.
    pub async fn book(&self) -> Book {
        let url = self.database.clone();
        let opened = tokio::task::spawn_blocking(move || match url.strip_prefix("sqlite://") {
            Some(path) => Book::open_sqlite(SqliteOptions { path: path.into(), readers: 1 }),
            None => Book::open_postgres(PostgresOptions { url, connections: 2 }),
        });
        opened.await.expect("no panic").expect("the book opens")
    }

    /// The customer greets the bot, and the owner gives him money.
    pub async fn greets_and_gets(&self, person: &Person, rubles: u32) {
        person.says("/start");
        self.sees(person, "На балансе").await;
        let owner = self.person(ADMIN, "Владелец");
        owner.says(&format!("/add {} {rubles} подарок", person.id.0));
        self.sees(&owner, "Причина: подарок").await;
        owner.taps("Подтвердить").await;
        self.sees(person, &format!("Вам зачислено {rubles} ₽")).await;
    }

    /// Waits for words as long as a crash may make it take.
    pub async fn sees(&self, person: &Person, words: &str) {
        let found = person
            .user
            .waits_for(0, PATIENCE, |message| crate::app::flat(&message.text).contains(words))
            .await;
        found.unwrap_or_else(|error| panic!("`{words}`: {error}"));
    }
}

/// Everything that a command has printed.
pub fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

/// The way of the address that YooKassa reports to.
pub fn notice_path(yookassa: &YooKassaSim) -> String {
    let shop = yookassa.shop();
    let mode = Mode::of_shop(shop.test);
    let signer = Signer::new(&shop.shop_id, mode, &NOTICE_SECRET.into(), None);
    signer.expect("the secret is long enough").webhook_path()
}

/// A port that nobody listened on a moment ago. It lies below those that the system gives to outgoing calls, so that a
/// process that starts again finds it free.
pub fn free_address() -> String {
    let mut ports = (0..100).map(|_| rand::rng().random_range(20_000..32_000));
    let free = ports.find_map(|port: u16| TcpListener::bind(("127.0.0.1", port)).ok());
    free.expect("a free port").local_addr().expect("an address").to_string()
}

/// A request as simple as can be; the answer's status and body, or 0 when nobody listens.
pub async fn http(
    address: &str,
    method: &str,
    path: &str,
    head: &str,
    body: &str,
) -> (u16, String) {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{head}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let Ok(answer) = asked.await else { return (0, String::new()) };
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status, body.unwrap_or_default())
}

/// Waits until the door answers 200.
pub async fn answers(address: &str, path: &str) -> String {
    for _ in 0..300 {
        let (status, body) = http(address, "GET", path, "", "").await;
        if status == 200 {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path} does not answer");
}
