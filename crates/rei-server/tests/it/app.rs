//! A whole product for one test, in one of the shapes that it runs in, with customers who write to it.

use std::time::Duration;

use rei_app::House;
use rei_app::payments::PAYMENTS_QUEUE;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_redis::testing::RedisServer;
use rei_server::commands::demo::{Stage, StageOptions};
use rei_sim::gemini::PictureMode;
use rei_sim::telegram::{SimMessage, User};
use rei_storage::ledger;
use rei_storage::testing::{EngineKind, fresh_database};
use tempfile::TempDir;

/// Whatever is awaited comes within this time or not at all.
pub const WITHIN: Duration = Duration::from_secs(20);

/// What is due later than this from now is not waited for.
const SOON: Duration = Duration::from_secs(60);

/// How a house is built. No code differs, so every promise holds in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One process on a file.
    Sqlite,
    /// One process on a server.
    Postgres,
    /// Two bots and two workers on a server, with Redis between them.
    Fleet,
}

/// A running product with its simulators.
pub struct TestApp {
    /// The simulators and the product.
    pub stage: Stage,
    _redis: Option<RedisServer>,
    _folder: TempDir,
}

/// A customer with his chat.
pub struct Person {
    /// The chat.
    pub user: User,
    /// The customer's number.
    pub id: CustomerId,
    since: std::sync::atomic::AtomicU64,
}

impl TestApp {
    /// A product as the demo runs it: new customers are given 300 ₽.
    pub async fn start(shape: impl Into<Shape>) -> Self {
        Self::start_with(shape, |_| {}).await
    }

    /// The same with other options.
    pub async fn start_with(
        shape: impl Into<Shape>,
        change: impl FnOnce(&mut StageOptions),
    ) -> Self {
        let shape = shape.into();
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut options = StageOptions {
            picture: PictureMode::Cached,
            ..StageOptions::in_folder(folder.path().to_owned())
        };
        if shape != Shape::Sqlite {
            let url =
                tokio::task::spawn_blocking(fresh_database).await.expect("a database can be made");
            options.settings.push(("DATABASE_URL".to_owned(), url));
        }
        let mut redis = None;
        if shape == Shape::Fleet {
            let server = tokio::task::spawn_blocking(RedisServer::start).await.expect("it starts");
            options.settings.push(("REDIS_URL".to_owned(), server.url()));
            options.beside = 1;
            redis = Some(server);
        }
        // Waits of a second would make the suite slow and prove nothing.
        options.settings.push(("API_RETRY_BASE_DELAY".to_owned(), "0.05".to_owned()));
        change(&mut options);
        let stage = Stage::start(options).await.expect("the product starts");
        Self { stage, _redis: redis, _folder: folder }
    }

    /// A customer who has not written yet.
    pub fn person(&self, id: i64, name: &str) -> Person {
        Person::of(self.stage.telegram.user(id, name, "ru"))
    }

    /// The application.
    pub async fn house(&self) -> House {
        self.stage.product().await.house.clone()
    }

    /// What a customer can spend.
    pub async fn balance(&self, person: &Person) -> Kopecks {
        let id = person.id;
        let wallet = self.house().await.book.read(move |tx| rei_app::wallet_of(tx, id)).await;
        wallet.expect("the book is readable").free()
    }

    /// Waits until `check` says yes.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, check: impl Fn() -> F) {
        let step = Duration::from_millis(20);
        for _ in 0..WITHIN.as_millis() / step.as_millis() {
            if check().await {
                return;
            }
            tokio::time::sleep(step).await;
        }
        panic!("{what} did not happen within {WITHIN:?}");
    }

    /// Waits until nothing waits or runs, here or at a provider.
    pub async fn settled(&self) {
        let house = self.house().await;
        // With the worker gone nobody asks payment systems.
        let has_worker = self.stage.product().await.has_worker();
        let idle = || async {
            let now = house.now();
            let counted = house.book.read(move |tx| {
                let at_work = rei_storage::orders::recent(tx, 200)?;
                let at_work = at_work.iter().filter(|order| order.state.holds_money()).count();
                // A payment that nobody pays is watched for an hour, an order is kept for a day: that is rest.
                let soon = now.plus(SOON);
                let live = rei_storage::jobs::depths(tx)?.into_iter().filter(|it| {
                    let later = it.queue == PAYMENTS_QUEUE || it.oldest_due_at > soon;
                    let nobody_s = it.queue == PAYMENTS_QUEUE && !has_worker;
                    it.state != "dead" && !nobody_s && !(it.state == "scheduled" && later)
                });
                Ok::<_, rei_app::BookError>((
                    rei_storage::inbox::count_waiting(tx)?
                        + live.map(|it| it.jobs).sum::<i64>()
                        + rei_storage::outbox::count_live(tx)?,
                    at_work,
                ))
            });
            counted.await.expect("the book is readable") == (0, 0)
        };
        self.until("rest", idle).await;
    }

    /// Waits for rest, checks what must hold at the end of every test, and stops.
    pub async fn finish(self) {
        self.settled().await;
        let house = self.house().await;
        let report = house.book.read(ledger::audit).await.expect("the book is readable");
        assert!(report.is_sound(), "the audit found {:?}", report.findings);
        assert!(report.trial.is_zero());
        let far = rei_domain::clock::Timestamp(i64::MAX);
        let open = house.book.read(move |tx| ledger::open_holds_older_than(tx, far, 100)).await;
        assert_eq!(open.expect("the book is readable"), [], "a hold is open at rest");
        let violations = self.stage.telegram.violations();
        assert!(violations.is_empty(), "Telegram was asked wrongly: {violations:?}");
        assert_eq!(
            self.stage.gemini.violations(),
            Vec::<String>::new(),
            "Gemini was asked wrongly"
        );
        let violations = self.stage.kling.violations();
        assert_eq!(violations, Vec::<String>::new(), "Kling was asked wrongly");
        drop(house);
        self.stage.stop().await;
    }
}

impl From<EngineKind> for Shape {
    fn from(engine: EngineKind) -> Self {
        match engine {
            EngineKind::Sqlite => Self::Sqlite,
            EngineKind::Postgres => Self::Postgres,
        }
    }
}

impl Person {
    /// Whoever sits behind this handle.
    pub fn of(user: User) -> Self {
        let id = CustomerId(user.id());
        Self { user, id, since: std::sync::atomic::AtomicU64::new(0) }
    }

    /// Says something; what comes from now on is news.
    pub fn says(&self, words: &str) {
        self.begin();
        self.user.says(words).expect("the message is taken");
    }

    /// Sends a photo, with words under it or none; what comes from now on is news. Returns the message.
    pub fn sends_photo(&self, bytes: &[u8], caption: &str) -> i64 {
        self.begin();
        self.user.sends_photo(bytes.to_vec(), caption).expect("the photo is taken")
    }

    /// Sends a file as it is; what comes from now on is news. Returns the message.
    pub fn sends_file(&self, bytes: &[u8], name: &str, mime: &str, caption: &str) -> i64 {
        self.begin();
        let sent = self.user.sends_document(bytes.to_vec(), name, mime, caption);
        sent.expect("the file is taken")
    }

    /// Sends a clip; what comes from now on is news. Returns the message.
    pub fn sends_video(&self, bytes: &[u8], caption: &str) -> i64 {
        self.begin();
        self.user.sends_video(bytes.to_vec(), caption).expect("the clip is taken")
    }

    /// Answers a message; what comes from now on is news.
    pub fn replies(&self, message: i64, words: &str) {
        self.begin();
        self.user.replies(message, words).expect("the reply is taken");
    }

    /// Presses the newest button with these words once it is there; what comes from now on is news.
    pub async fn taps(&self, label: &str) {
        let wanted = label.to_owned();
        let found =
            self.user.waits_for(0, WITHIN, |message| label_like(message, &wanted).is_some()).await;
        found.expect("the button comes");
        let messages = self.user.messages();
        let exact = messages.iter().rev().find_map(|message| label_like(message, label));
        self.begin();
        self.user.taps(&exact.expect("the button is there")).expect("the press is taken");
    }

    /// Waits for a new or edited message with these words.
    pub async fn sees(&self, words: &str) -> SimMessage {
        let wanted = flat(words);
        let since = self.since.load(std::sync::atomic::Ordering::SeqCst);
        let found = self
            .user
            .waits_for(since, WITHIN, |message| flat(&message.text).contains(&wanted))
            .await;
        found.unwrap_or_else(|error| panic!("`{words}`: {error}"))
    }

    /// Waits for a picture.
    pub async fn sees_photo(&self) -> SimMessage {
        let since = self.since.load(std::sync::atomic::Ordering::SeqCst);
        self.user
            .waits_for(since, WITHIN, |message| message.photo.is_some())
            .await
            .expect("the picture comes")
    }

    /// Waits for a file.
    pub async fn sees_document(&self) -> SimMessage {
        let since = self.since.load(std::sync::atomic::Ordering::SeqCst);
        self.user
            .waits_for(since, WITHIN, |message| message.document.is_some())
            .await
            .expect("the file comes")
    }

    /// Waits for a video.
    pub async fn sees_video(&self) -> SimMessage {
        let since = self.since.load(std::sync::atomic::Ordering::SeqCst);
        self.user
            .waits_for(since, WITHIN, |message| message.video.is_some())
            .await
            .expect("the video comes")
    }

    /// What comes from now on is news.
    pub fn begin(&self) {
        let now = self.user.messages().iter().map(|message| message.revision).max().unwrap_or(0);
        self.since.store(now, std::sync::atomic::Ordering::SeqCst);
    }
}

fn label_like(message: &SimMessage, label: &str) -> Option<String> {
    let wanted = flat(label);
    message.labels().into_iter().find(|shown| flat(shown).contains(&wanted)).map(str::to_owned)
}

/// With every kind of space as an ordinary one.
pub fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
