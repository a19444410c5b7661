//! What becomes of a video order for everything that Kling is known to answer: where it stands in the end, what it cost,
//! what the customer and the owner read, how often it was asked for.

use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState::{self, Delivered, Failed, Refused};
use rei_providers::{Submission, SubmitRequest};
use rei_sim::kling::Behaviour::{self, Cut, DuplicateId, Hidden, Html, TruncatedJson};
use rei_sim::kling::ResultFault;
use rei_storage::testing::EngineKind;
use rstest::rstest;
use tokio::process::Command;

use crate::app::{Person, Shape, TestApp, WITHIN};
use crate::shortcuts::{
    VIDEO_PRICE, asks_for, creates_for, filming, filming_gift, films, known, orders_of, owner,
    until_newest_is, was_told,
};

const PAID: &str = "списано 100 ₽";
const UNSAFE: &str = "отклонил запрос по правилам безопасности. Деньги возвращены: 100 ₽";
const INPUT: &str = "не принял этот заказ. 100 ₽ снова на балансе";
const BUSY: &str = "сервис перегружен. 100 ₽ уже вернулись на баланс";
const OURS: &str = "неполадка на нашей стороне, мы уже знаем. 100 ₽ уже вернулись на баланс";
/// What is told on the way.
const CHECKING: &str = "уточняю у сервиса, началась ли работа";
const WAITING: &str = "сервис занят, пробую ещё раз";
const REFUSED_BY_KEY: &str = "Проверьте ключ, квоты и модель";
const UNSELLABLE: &str = "результат нельзя отдать клиенту";

/// One row of the table.
struct Row {
    name: &'static str,
    behaviour: Behaviour,
    /// Only the first call is treated so; else each one.
    once: bool,
    /// What is told on the way to the end.
    before: Option<&'static str>,
    /// Nobody knows at first whether there is a task.
    in_doubt: bool,
    /// Where the order ends.
    state: OrderState,
    /// What the customer reads then.
    told: &'static str,
    /// How often a task was asked for.
    creates: usize,
    /// What the owner reads.
    alert: Option<&'static str>,
}

/// Each call is answered so.
fn row(
    name: &'static str,
    behaviour: Behaviour,
    (state, told): (OrderState, &'static str),
    creates: usize,
) -> Row {
    let (before, alert) = (None, None);
    Row { name, behaviour, once: false, before, in_doubt: false, state, told, creates, alert }
}

/// The first call is answered so; in the end there is a video.
fn healed(name: &'static str, behaviour: Behaviour, creates: usize) -> Row {
    Row { once: true, ..row(name, behaviour, (Delivered, PAID), creates) }
}

impl Row {
    fn tells(self, words: &'static str) -> Self {
        Self { before: Some(words), ..self }
    }

    fn leaves_doubt(self) -> Self {
        Self { in_doubt: true, ..self }
    }

    fn alerts(self, words: &'static str) -> Self {
        Self { alert: Some(words), ..self }
    }
}

/// Answers that say nothing against Kling's health.
fn in_good_health() -> Vec<Row> {
    let error = Behaviour::error;
    let page = |name, status| {
        let page = Html { status, created: false };
        row(name, page, (Failed, OURS), 1).alerts(REFUSED_BY_KEY)
    };
    vec![
        row("a task", Behaviour::Ok, (Delivered, PAID), 1),
        row("a slow answer", Behaviour::Slow { ms: 700 }, (Delivered, PAID), 1),
        row("1200 bad parameters", error(1200), (Refused, INPUT), 1),
        row("1201 bad parameter", error(1201), (Refused, INPUT), 1),
        row("1300 platform policy", error(1300), (Refused, UNSAFE), 1),
        row("1301 content safety", error(1301), (Refused, UNSAFE), 1),
        healed("1302 too many calls", error(1302), 2).tells(WAITING),
        healed("1303 all places of the pack", error(1303), 2).tells(WAITING),
        page("a page with 400", 400),
        page("a page with 403", 403),
        page("a page with 404", 404),
        row("failed: risk control", Behaviour::fail("risk control"), (Refused, UNSAFE), 1),
        row("failed: pixel limits", Behaviour::fail("pixel limits"), (Refused, INPUT), 1),
        row("failed: unreadable", Behaviour::fail("unreadable media"), (Refused, INPUT), 1),
        row("failed: other words", Behaviour::fail("model error"), (Failed, BUSY), 1),
        row("failed: no words", Behaviour::fail(""), (Failed, BUSY), 1),
        row("not seen by two questions", Hidden { polls: 2 }, (Delivered, PAID), 1),
    ]
}

/// Answers after which nobody knows whether there is a task, or whether Kling is well (J3).
fn in_doubt() -> Vec<Row> {
    let (error, after) = (Behaviour::error, Behaviour::error_after);
    let page = |status, created| Html { status, created };
    let found = |name, behaviour| healed(name, behaviour, 1).leaves_doubt();
    let absent = |name, behaviour| healed(name, behaviour, 2).leaves_doubt().tells(CHECKING);
    vec![
        found("1201 of a key that is known", DuplicateId),
        found("5000, created", after(5000)),
        absent("5000, not created", error(5000)),
        found("5002, created", after(5002)),
        absent("5002, not created", error(5002)),
        found("a cut line, created", Cut { created: true }),
        absent("a cut line, not created", Cut { created: false }),
        found("a page with 500, created", page(500, true)),
        absent("a page with 500, not created", page(500, false)),
        found("a page with 502, created", page(502, true)),
        absent("a page with 504, not created", page(504, false)),
        found("a page with 200, created", page(200, true)),
        found("JSON that ends early, created", TruncatedJson),
        healed("a page with 503", page(503, false), 2),
        healed("a page with 429", page(429, false), 2),
        row("5000 for ever", error(5000), (Failed, BUSY), 3).leaves_doubt().tells(CHECKING),
    ]
}

/// Finished tasks whose file can't be had as it should.
fn with_odd_files() -> Vec<Row> {
    use ResultFault as F;
    let file = |name, fault, end| row(name, Behaviour::result(fault), end, 1);
    vec![
        file("403 once", F::ForbiddenOnce, (Delivered, PAID)),
        file("cut once", F::TruncatedOnce, (Delivered, PAID)),
        file("a body that trickles", F::Slow { ms: 1_500 }, (Delivered, PAID)),
        file("a page instead", F::Html, (Failed, OURS)).alerts("order.fetch"),
        file("no mp4", F::NotMp4, (Failed, OURS)).alerts("order.fetch"),
        file("of another length", F::WrongDuration, (Failed, BUSY)).alerts(UNSELLABLE),
        file("beyond every bound", F::Huge { bytes: 2 << 30 }, (Failed, BUSY)).alerts(UNSELLABLE),
    ]
}

/// Orders with this behaviour; the prompt's first word is the row's own.
async fn begin(app: &TestApp, person: &Person, word: &str, row: &Row) {
    if row.once {
        app.stage.kling.once_prompt_contains(word, row.behaviour.clone());
    } else {
        app.stage.kling.when_prompt_contains(word, row.behaviour.clone());
    }
    films(person, &format!("{word} кот")).await;
    app.until(row.name, || async { !creates_for(app, word).is_empty() }).await;
}

/// Checks how it ends.
async fn check(app: &TestApp, person: &Person, boss: &Person, word: &str, row: &Row) {
    let name = row.name;
    until_over(app, person, name).await;
    person.sees(row.told).await;
    let house = app.house().await;
    let order = orders_of(&house, person).await.remove(0);
    assert_eq!(order.state, row.state, "{name}");
    let paid = if row.state == Delivered { VIDEO_PRICE } else { Kopecks::ZERO };
    let left = Kopecks::from_rubles(300).checked_sub(paid);
    assert_eq!(Some(app.balance(person).await), left, "{name}");
    let creates = creates_for(app, word);
    assert_eq!(creates.len(), row.creates, "{name}");
    if row.in_doubt {
        // Whatever is asked for again after a doubt is the same to the last byte.
        assert!(creates.iter().all(|create| create.body == creates[0].body), "{name}");
        let key = creates[0].external_id.clone().expect("it has one");
        let asked = app.stage.kling.polls().into_iter();
        let asked = asked.filter(|poll| poll.by_external_id && poll.ids.contains(&key)).count();
        let least = (row.creates - 1) * 2;
        assert!(asked >= least.max(1), "{name}: it was looked for {asked} times");
    }
    if let Some(words) = row.before {
        assert!(was_told(app, person, words), "{name}: nobody told `{words}`");
    }
    if let Some(words) = row.alert {
        boss.sees(words).await;
    }
}

async fn until_over(app: &TestApp, person: &Person, what: &str) {
    /// The slowest row waits for a place twice as long as this.
    const HALF: usize = 2;
    let house = app.house().await;
    for _ in 0..HALF {
        let over = async {
            while !orders_of(&house, person).await[0].state.is_final() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(WITHIN, over).await.is_ok() {
            return;
        }
    }
    panic!("{what}: not over, {:?}", orders_of(&house, person).await[0].state);
}

/// Calls that say nothing against the provider, so that the rows before don't count against the next.
async fn calm(app: &TestApp) {
    const CALLS: usize = 6;
    app.stage.kling.when_prompt_contains("тишина", Behaviour::error(1301));
    let house = app.house().await;
    let provider = house.provider("kling").expect("it is set up");
    let request = SubmitRequest {
        key: "test".to_owned(),
        model: "text-to-video/kling-3.0-turbo".to_owned(),
        prompt: "тишина".to_owned(),
        ..SubmitRequest::default()
    };
    for _ in 0..CALLS {
        let submission = provider.submit(&request).await;
        assert!(matches!(submission, Submission::Rejected(_)));
    }
}

/// Begins the rows one after the other, each by a customer of its own, and checks them side by side.
async fn check_all(shape: Shape, rows: Vec<Row>) {
    let app = TestApp::start_with(shape, filming).await;
    let boss = owner(&app).await;
    let mut begun = Vec::with_capacity(rows.len());
    for (row, number) in rows.into_iter().zip(0_i64..) {
        let person = known(&app, 1_000 + number, "Анна").await;
        let word = format!("ряд{number:02}");
        calm(&app).await;
        begin(&app, &person, &word, &row).await;
        begun.push((person, word, row));
    }
    let checks = begun.iter().map(|(person, word, row)| check(&app, person, &boss, word, row));
    join_all(checks).await;
    app.finish().await;
}

/// The tables wait for pauses of the real world, each in a house of its own, so they do it side by side.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j3_every_known_answer_has_its_outcome_and_a_doubt_never_makes_a_second_video(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let tables = [in_good_health(), in_doubt(), with_odd_files()];
    join_all(tables.map(|rows| check_all(shape, rows))).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn during_maintenance_5001_an_order_waits_and_can_be_cancelled(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::error(5001));
    films(&anna, "кот на скейте").await;
    anna.sees(WAITING).await;
    until_newest_is(&app, &anna, OrderState::Queued).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200), "it is still on hold");
    anna.taps("Отменить").await;
    anna.sees("отменена. 100 ₽ снова на балансе").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(creates_for(&app, "кот на скейте").len(), 1, "minutes are waited before the next");
    app.finish().await;
}

#[rstest]
#[case(1000)]
#[case(1001)]
#[case(1002)]
#[case(1003)]
#[case(1004)]
#[case(1100)]
#[case(1304)]
#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_owner_can_mend_is_given_back_and_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[case] code: u16,
) {
    let app = TestApp::start_with(engine, filming).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let refused = row("the code", Behaviour::error(code), (Failed, OURS), 1);
    begin(&app, &anna, "ряд", &refused).await;
    check(&app, &anna, &boss, "ряд", &refused).await;
    boss.sees(&format!("Сервис kling отклоняет наши запросы ({code})")).await;
    anna.says("/video и ещё один кот");
    anna.sees("Видео временно недоступно").await;
    app.finish().await;
}

/// Runs a command of the binary on the book of the stage.
async fn rei(app: &TestApp, database: &str, args: &[&str]) {
    let settings = app.stage.settings();
    let ended = Command::new(env!("CARGO_BIN_EXE_rei"))
        .args(args)
        .env_clear()
        .envs([("BOT_TOKEN", "100000001:simulated-token-of-no-value-at-all0")])
        .envs([("ENABLE_IMAGES", "0"), ("ENABLE_PAYMENTS", "0"), ("RUST_LOG", "warn")])
        .envs([("KLING_API_KEY", "api-key-kling-simulated"), ("DATABASE_URL", database)])
        .env("DATA_DIR", &settings.files.data_dir)
        .current_dir(&settings.files.data_dir)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_money_at_the_provider_sales_are_paused_until_the_owner_resumes_them(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    join_all([1101, 1102].map(|code| runs_out_of_money(engine, code))).await;
}

async fn runs_out_of_money(engine: EngineKind, code: u16) {
    let mut database = String::new();
    let app = TestApp::start_with(engine, |options| {
        filming(options);
        let set = options.settings.iter().rev().find(|(name, _)| name == "DATABASE_URL");
        let file = format!("sqlite://{}", options.folder.join("rei.db").display());
        database = set.map_or(file, |(_, url)| url.clone());
    })
    .await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let broke = Row { once: true, ..row("the code", Behaviour::error(code), (Failed, OURS), 1) };
    begin(&app, &anna, "ряд", &broke).await;
    check(&app, &anna, &boss, "ряд", &broke).await;
    boss.sees(&format!("На счёте kling кончились деньги ({code})")).await;
    let house = app.house().await;
    let rested =
        || async { house.provider("kling").is_some_and(|kling| !kling.availability().is_down()) };
    app.until("the end of the rest", rested).await;
    anna.says("/video и ещё один кот");
    anna.sees("Видео временно недоступно").await;
    assert_eq!(app.stage.kling.creates_total(), 1, "nobody tries in vain");
    asks_for(&anna, "/image кот на картинке").await;
    anna.sees("списано 50 ₽").await;

    rei(&app, &database, &["catalog", "resume", "kling"]).await;
    // The product does this itself, every quarter of a minute.
    rei_app::upkeep::refresh_catalog(&house).await.expect("the book is readable");
    films(&anna, "наконец-то кот").await;
    anna.sees(PAID).await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_gone_is_taken_off_sale_and_the_next_one_sold(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming_gift(300)).await;
    let boss = owner(&app).await;
    let rows = [(1103, "kling-3-turbo"), (1202, "kling-3"), (1203, "kling-26")];
    for ((code, sku), number) in rows.into_iter().zip(100..) {
        let anna = known(&app, number, "Анна").await;
        let word = format!("ряд{code}");
        let gone = row("the code", Behaviour::error(code), (Failed, OURS), 1);
        boss.begin();
        begin(&app, &anna, &word, &gone).await;
        check(&app, &anna, &boss, &word, &gone).await;
        boss.sees(&format!("Модель {sku} снята с продажи: сервис её больше не знает ({code})"))
            .await;
    }
    let boris = known(&app, 200, "Борис").await;
    films(&boris, "пёс").await;
    boris.sees(PAID).await;
    let house = app.house().await;
    assert_eq!(orders_of(&house, &boris).await[0].sku, "kling-25-turbo");
    drop(house);
    app.finish().await;
}
