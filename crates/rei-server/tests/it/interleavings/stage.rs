//! The whole house with its simulators in one thread, on one clock: a fresh one for each seed.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rei_app::House;
use rei_domain::chance::SeededChance;
use rei_domain::clock::{Clock, Timestamp};
use rei_domain::money::Kopecks;
use rei_providers::Provider;
use rei_server::settings::Settings;
use rei_server::wiring::{Extras, house};
use rei_sim::common::clock::SimClock;
use rei_sim::gemini::{GeminiOptions, GeminiSim, PictureMode};
use rei_sim::kling::{KlingOptions, KlingSim};
use rei_sim::telegram::{TelegramOptions, TelegramSim};
use rei_sim::yookassa::{Flow, NoticeSettings, YooKassaOptions, YooKassaSim};
use rei_storage::testing::{EngineKind, TestBook, fresh_book};
use rei_storage::{Book, SqliteOptions};
use tempfile::TempDir;

use super::hall::{Door, Hall};
use super::people::Person;
use super::provider::Behind;

/// 2026-07-05.
const START_MS: i64 = 1_783_260_309_000;
/// What a new customer is given.
pub const GIFT: Kopecks = Kopecks::from_rubles(300);
const TOKEN: &str = "100000001:simulated-token-of-no-value-at-all0";
const GEMINI_KEY: &str = "simulated-key-of-no-value";
/// Where files need not outlive the machine, if there is such a place.
const MEMORY: &str = "/dev/shm";

/// The world of one seed.
pub struct Stage {
    pub telegram: TelegramSim,
    pub gemini: GeminiSim,
    pub kling: KlingSim,
    pub yookassa: YooKassaSim,
    pub clock: SimClock,
    /// How far the house's clock is off.
    pub skew: Arc<AtomicI64>,
    /// The house without a turnstile: for looking at it, and for the end.
    pub house: House,
    pub hall: Arc<Hall>,
    pub people: Vec<Person>,
    pub post: Arc<Mutex<Post>>,
    _book: Kept,
    _folder: TempDir,
}

/// The updates on their way to the house.
#[derive(Default)]
pub struct Post {
    /// Every update that there was.
    pub all: Vec<String>,
    /// Those that the house has not said it has.
    pub waiting: Vec<String>,
}

/// What goes with the book.
enum Kept {
    Folder,
    Database { _database: TestBook },
}

/// The simulators' clock as the house reads it.
struct HouseClock {
    clock: SimClock,
    skew: Arc<AtomicI64>,
}

impl Clock for HouseClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now_ms() + self.skew.load(Ordering::SeqCst))
    }
}

impl Stage {
    pub async fn set(engine: EngineKind, seed: u64, customers: u64) -> Self {
        let folder = fast_folder();
        let clock = SimClock::manual(START_MS);
        let telegram = TelegramOptions {
            token: TOKEN.to_owned(),
            clock: clock.clone(),
            ..TelegramOptions::default()
        };
        let telegram = TelegramSim::start(telegram).await.expect("Telegram starts");
        let gemini = GeminiOptions {
            api_key: GEMINI_KEY.to_owned(),
            picture: PictureMode::Tiny,
            clock: clock.clone(),
            ..GeminiOptions::default()
        };
        let gemini = GeminiSim::start(gemini).await.expect("Gemini starts");
        let kling = KlingOptions { clock: clock.clone(), ..KlingOptions::default() };
        let kling = KlingSim::start(kling).await.expect("Kling starts");
        let yookassa = YooKassaOptions {
            clock: clock.clone(),
            // Reports are carried by the schedule.
            notices: NoticeSettings { flow: Flow::Dropped, ..NoticeSettings::default() },
            confirmation_host: Some("https://pay.example.org".to_owned()),
            ..YooKassaOptions::default()
        };
        let yookassa = YooKassaSim::start(yookassa).await.expect("YooKassa starts");
        let settings = settings(&telegram, &gemini, &kling, &yookassa, &folder);
        let skew = Arc::new(AtomicI64::new(0));
        let house_clock = Arc::new(HouseClock { clock: clock.clone(), skew: Arc::clone(&skew) });
        let path = folder.path().join("rei.db");
        let made = tokio::task::spawn_blocking(move || {
            let (book, kept) = open(engine, path);
            let chance = Arc::new(SeededChance::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            let extras = Extras { welcome_gift: GIFT, ..Extras::default() };
            (house(&settings, book, house_clock, chance, &extras), kept)
        });
        let (house, kept) = made.await.expect("the house is put together");
        let people = (0..customers).map(|number| Person::of(&telegram, number)).collect();
        Self {
            telegram,
            gemini,
            kling,
            yookassa,
            clock,
            skew,
            house: house.expect("the settings are right"),
            hall: Arc::default(),
            people,
            post: Arc::default(),
            _book: kept,
            _folder: folder,
        }
    }

    /// The house as somebody reaches it who stands at turnstiles.
    pub fn house_behind(&self, door: &Door) -> House {
        let behind = |provider: &Arc<dyn Provider>| {
            let (provider, door) = (Arc::clone(provider), door.clone());
            Arc::new(Behind { provider, door }) as Arc<dyn Provider>
        };
        House {
            book: self.house.book.through(Arc::new(door.clone())),
            providers: Arc::new(self.house.providers.iter().map(behind).collect()),
            ..self.house.clone()
        }
    }

    /// Time passes for everybody.
    pub async fn passes(&self, time: Duration) {
        self.clock.advance(time);
        self.yookassa.settled().await;
    }

    /// What people have just done is on its way to the house.
    pub fn collects(&self) {
        let new = self.telegram.take_updates();
        let mut post = self.post.lock().expect("nobody panics with it");
        post.all.extend(new.iter().cloned());
        post.waiting.extend(new);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.yookassa.stop();
        self.kling.stop();
        self.telegram.stop();
    }
}

fn settings(
    telegram: &TelegramSim,
    gemini: &GeminiSim,
    kling: &KlingSim,
    yookassa: &YooKassaSim,
    folder: &TempDir,
) -> Settings {
    let shop = yookassa.shop();
    Settings::for_simulators(telegram.base_url(), &gemini.base_url(), folder.path())
        .set("ENABLE_VIDEOS", "1")
        .set("KLING_API_KEY", KlingOptions::default().api_key)
        .set("KLING_BASE_URL", kling.base_url())
        .with_payments(&shop.shop_id, &shop.secret_key, &yookassa.base_url())
        .set("YOOKASSA_IP_CHECK", "off")
        .build()
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn fast_folder() -> TempDir {
    let made = match std::path::Path::new(MEMORY).is_dir() {
        true => TempDir::new_in(MEMORY),
        false => TempDir::new(),
    };
    made.expect("a temporary folder can be made")
}

/// A book with tables and without rows.
fn open(engine: EngineKind, path: PathBuf) -> (Book, Kept) {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    match engine {
        EngineKind::Sqlite => {
            // Making the tables takes longer than a schedule; a copy of a file takes nothing.
            let empty = EMPTY.get_or_init(|| {
                let folder = fast_folder();
                let path = folder.path().join("empty.db");
                let options = SqliteOptions { path: path.clone(), readers: 1 };
                let book = Book::open_sqlite(options).expect("the book opens");
                book.migrate().expect("the book migrates");
                book.close();
                std::fs::read(path).expect("the book is a file")
            });
            std::fs::write(&path, empty).expect("the folder can be written");
            let options = SqliteOptions { path, readers: 1 };
            (Book::open_sqlite(options).expect("the book opens"), Kept::Folder)
        }
        EngineKind::Postgres => {
            let fresh = fresh_book(EngineKind::Postgres);
            (fresh.book.clone(), Kept::Database { _database: fresh })
        }
    }
}
