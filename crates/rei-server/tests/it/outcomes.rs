//! What becomes of an order for everything that the provider is known to answer: where it stands in the end, what it cost, what the customer reads (J7).

use futures::future::join_all;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState::{self, Delivered, Failed, Refused};
use rei_providers::{Submission, SubmitRequest};
use rei_sim::gemini::Behaviour::{self, Html, Quota};
use rei_sim::gemini::ServiceError;
use rstest::rstest;

use crate::app::{Person, Shape, TestApp};
use crate::shortcuts::{PRICE, asks_for, calls_for, gift, known, orders_of, owner, quick};

const PAID: &str = "списано 50 ₽";
const UNSAFE: &str = "отклонил запрос по правилам безопасности. Деньги возвращены: 50 ₽";
const SIMILAR: &str = "слишком похожей на чужую работу";
const LANGUAGE: &str = "не понял язык описания";
const WORDS: &str = "ответил словами и ничего не нарисовал";
const INPUT: &str = "не принял этот заказ";
const BUSY: &str = "сервис перегружен. 50 ₽ уже вернулись на баланс";
const OURS: &str = "неполадка на нашей стороне, мы уже знаем. 50 ₽ уже вернулись на баланс";

/// One row of the table.
struct Row {
    /// What the provider does, each time or so many times.
    behaviour: Behaviour,
    times: Option<usize>,
    /// Where the order ends.
    state: OrderState,
    /// What the customer reads.
    told: &'static str,
    /// How often the provider is called.
    calls: usize,
}

fn row(behaviour: Behaviour, state: OrderState, told: &'static str, calls: usize) -> Row {
    Row { behaviour, times: None, state, told, calls }
}

/// So many times, and then a picture.
fn healed(behaviour: Behaviour, times: usize) -> Row {
    Row { behaviour, times: Some(times), state: Delivered, told: PAID, calls: times + 1 }
}

/// Answers that are final at once and say nothing against the provider's health.
fn at_once() -> Vec<Row> {
    let mut rows = vec![
        row(Behaviour::Image, Delivered, PAID, 1),
        row(Behaviour::Jpeg, Delivered, PAID, 1),
        row(Behaviour::DraftThenImage, Delivered, PAID, 1),
        row(Behaviour::WrongRatio, Delivered, PAID, 1),
        row(Behaviour::Slow { ms: 300 }, Delivered, PAID, 1),
        row(Behaviour::SlowBody { ms: 300 }, Delivered, PAID, 1),
        row(Behaviour::finish("RECITATION"), Refused, SIMILAR, 1),
        row(Behaviour::finish("IMAGE_RECITATION"), Refused, SIMILAR, 1),
        row(Behaviour::finish("LANGUAGE"), Refused, LANGUAGE, 1),
        row(Behaviour::finish("MODEL_ARMOR"), Refused, UNSAFE, 1),
        row(Behaviour::error(ServiceError::InvalidArgument), Refused, INPUT, 1),
        row(Behaviour::error(ServiceError::UnreadablePicture), Refused, INPUT, 1),
        row(Behaviour::error(ServiceError::BodyTooLarge), Refused, INPUT, 1),
        row(Html { code: 400 }, Failed, OURS, 1),
    ];
    for word in [
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
    ] {
        rows.push(row(Behaviour::finish(word), Refused, UNSAFE, 1));
    }
    for word in [
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
        "A_WORD_OF_NEXT_YEAR",
    ] {
        rows.push(row(Behaviour::blocked(word), Refused, UNSAFE, 1));
    }
    for word in [
        "MISSING_THOUGHT_SIGNATURE",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_FUNCTION_CALL",
    ] {
        rows.push(row(Behaviour::finish(word), Failed, OURS, 1));
    }
    for word in ["CONTINUATION", "ESCALATION", "PUP_LIMITED_DISABLED", "A_WORD_OF_NEXT_YEAR"] {
        rows.push(row(Behaviour::finish(word), Failed, BUSY, 1));
    }
    rows
}

/// Answers after which the provider is asked again.
fn after_repeats() -> Vec<Row> {
    let words = || Behaviour::TextOnly { text: "Кот? Какой кот?".to_owned() };
    let mut rows = vec![
        row(words(), Refused, WORDS, 2),
        healed(words(), 1),
        row(Behaviour::finish("NO_IMAGE"), Refused, WORDS, 2),
        healed(Behaviour::finish("NO_IMAGE"), 1),
        row(Behaviour::Empty, Failed, BUSY, 2),
        healed(Behaviour::Empty, 1),
        row(Behaviour::NotBase64, Failed, BUSY, 2),
        row(Behaviour::NotAPicture, Failed, BUSY, 2),
        row(Behaviour::TornPicture, Failed, BUSY, 2),
        healed(Behaviour::TornPicture, 1),
        row(Behaviour::error(ServiceError::Internal), Failed, BUSY, 3),
        healed(Behaviour::error(ServiceError::Internal), 2),
        row(Behaviour::error(ServiceError::DeadlineExceeded), Failed, BUSY, 3),
        row(Html { code: 500 }, Failed, BUSY, 3),
        row(Html { code: 502 }, Failed, BUSY, 3),
        healed(Html { code: 502 }, 1),
        healed(Html { code: 503 }, 2),
        row(Html { code: 504 }, Failed, BUSY, 3),
        // Overload and quotas are waited for: they cost no try.
        healed(Behaviour::error(ServiceError::Unavailable), 4),
        healed(Quota { retry_after_ms: Some(300), limit_zero: false }, 4),
        healed(Quota { retry_after_ms: None, limit_zero: false }, 4),
        // Nobody knows whether it was done: once more, and no more.
        row(Behaviour::error(ServiceError::Cancelled), Failed, BUSY, 2),
        row(Behaviour::CutBefore, Failed, BUSY, 2),
        row(Behaviour::CutAfter, Failed, BUSY, 2),
        row(Behaviour::CutInBody, Failed, BUSY, 2),
        row(Behaviour::TruncatedJson, Failed, BUSY, 2),
        healed(Behaviour::CutBefore, 1),
        healed(Behaviour::CutInBody, 1),
    ];
    for word in ["IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE", "MAX_TOKENS"] {
        rows.push(row(Behaviour::finish(word), Failed, BUSY, 2));
        rows.push(healed(Behaviour::finish(word), 1));
    }
    rows
}

/// Answers that close the provider until the owner mends something.
fn closing() -> Vec<Row> {
    vec![
        row(Behaviour::error(ServiceError::KeyInvalid), Failed, OURS, 1),
        row(Behaviour::error(ServiceError::Location), Failed, OURS, 1),
        row(Behaviour::error(ServiceError::BillingOff), Failed, OURS, 1),
        row(Behaviour::error(ServiceError::PermissionDenied), Failed, OURS, 1),
        row(Quota { retry_after_ms: Some(300), limit_zero: true }, Failed, OURS, 1),
        row(Html { code: 404 }, Failed, OURS, 1),
    ]
}

/// Orders with this behaviour and checks the outcome. The prompt's first word is the row's own.
async fn check(app: &TestApp, person: &Person, word: &str, row: Row) {
    let name = format!("{word}: {:?} × {:?}", row.behaviour, row.times);
    match row.times {
        Some(times) => app.stage.gemini.next_n(times, row.behaviour),
        None => app.stage.gemini.when_prompt_contains(word, row.behaviour),
    }
    let before = app.balance(person).await;
    asks_for(person, &format!("{word} кот")).await;
    person.sees(row.told).await;
    let house = app.house().await;
    let ended = || async { orders_of(&house, person).await[0].state.is_final() };
    app.until(&name, ended).await;
    assert_eq!(orders_of(&house, person).await[0].state, row.state, "{name}");
    let paid = if row.state == Delivered { PRICE } else { Kopecks::ZERO };
    assert_eq!(before.checked_sub(app.balance(person).await), Some(paid), "{name}");
    assert_eq!(calls_for(app, word), row.calls, "{name}");
}

/// Calls that say nothing against the provider, so that the rows before don't count against the next.
async fn calm(app: &TestApp) {
    const CALLS: usize = 16;
    app.stage.gemini.when_prompt_contains("тишина", Behaviour::blocked("SAFETY"));
    let request = SubmitRequest {
        key: "test".to_owned(),
        model: "gemini-3-pro-image".to_owned(),
        prompt: "тишина".to_owned(),
        ..SubmitRequest::default()
    };
    // Each process has seen failures of its own.
    for house in app.stage.houses().await {
        let provider = house.provider("gemini").expect("it is set up");
        for _ in 0..CALLS {
            let submission = provider.submit(&request).await;
            assert!(matches!(submission, Submission::Rejected(_)));
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j7_every_answer_that_is_final_at_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    owner(&app).await;
    let checks = at_once().into_iter().zip(0_i64..).map(|(row, number)| {
        let app = &app;
        async move {
            let person = known(app, 1_000 + number, "Анна").await;
            check(app, &person, &format!("ряд{number:02}"), row).await;
        }
    });
    join_all(checks).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j7_every_answer_after_which_the_provider_is_asked_again(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, gift(10_000)).await;
    owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    for (number, row) in after_repeats().into_iter().enumerate() {
        calm(&app).await;
        check(&app, &anna, &format!("ряд{number:02}"), row).await;
    }
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j7_every_answer_that_only_the_owner_can_mend(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    for row in closing() {
        let app = TestApp::start_with(shape, quick).await;
        let boss = owner(&app).await;
        let anna = known(&app, 42, "Анна").await;
        check(&app, &anna, "ряд", row).await;
        boss.sees("Проверьте ключ, квоты и модель").await;
        anna.says("и ещё один кот");
        anna.sees("временно недоступно").await;
        app.finish().await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j7_a_model_that_is_gone_is_taken_off_sale(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let gone = row(Behaviour::error(ServiceError::ModelNotFound), Failed, OURS, 1);
    check(&app, &anna, "ряд", gone).await;
    boss.sees("снята с продажи").await;
    anna.says("и ещё один кот");
    anna.sees("NanoBanana 2").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j10_a_picture_of_another_ratio_is_recorded_said_and_discounted_as_the_owner_wants(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        quick(options);
        options.settings.push(("RATIO_MISMATCH_REFUND_PERCENT".to_owned(), "50".to_owned()));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next(Behaviour::WrongRatio);
    asks_for(&anna, "кот").await;
    anna.sees("списано 25 ₽").await;
    anna.sees("Формат вышел не таким, как заказан. 25 ₽ вернулись на баланс").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(275));
    let house = app.house().await;
    let order = orders_of(&house, &anna).await[0].id;
    let items = house.book.read(move |tx| rei_storage::orders::items_of(tx, order)).await;
    assert!(!items.expect("the book is readable")[0].as_ordered);
    drop(house);
    app.finish().await;
}
