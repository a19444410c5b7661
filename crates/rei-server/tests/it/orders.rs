//! Promises about orders, kept by the whole product: J3 to J6, J9, J12 to J14, fairness, and no hold without hope.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, join_all};
use rei_app::House;
use rei_app::orders::{self as use_cases, CancelOutcome, PROVIDER_QUEUE, expire_overdue};
use rei_domain::ids::JobId;
use rei_domain::ledger::{Account, Expense, Money, Phase};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_providers::{Submission, SubmitRequest};
use rei_queue::{Backoff, Claim, Handler, NewJob, Runner, RunnerOptions, Verdict};
use rei_sim::gemini::{Behaviour, PictureMode, ServiceError};
use rei_storage::testing::EngineKind;
use rei_storage::{BookError, Tx, jobs, ledger, orders};
use rstest::rstest;

use crate::app::{Shape, TestApp, WITHIN};
use crate::shortcuts::{
    asks_for, calls_for, fault, gift, known, orders_of, owner, place, quick, states_of, transfers,
};

/// A worker's death is noticed when its lease ends; nothing of this takes longer.
const AFTER_A_LEASE: Duration = Duration::from_secs(60);
const CATALOG: &str = include_str!("../../../../data/catalog.toml");

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j3_a_call_without_an_answer_is_repeated_once_and_charged_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next(Behaviour::CutAfter);
    // Long enough for the word about it to be seen.
    app.stage.gemini.when_prompt_contains("кот", Behaviour::Slow { ms: 1_500 });
    asks_for(&anna, "кот").await;
    anna.sees("уточняю у сервиса, началась ли работа").await;
    anna.sees("списано 50 ₽ · баланс 250 ₽").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот"), 2);
    let house = app.house().await;
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), 1);
    let order = orders_of(&house, &anna).await[0].id;
    let attempts = house.book.read(move |tx| orders::attempts_of(tx, order)).await;
    let outcomes: Vec<_> =
        attempts.expect("the book is readable").into_iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Some("unknown".to_owned()), Some("done".to_owned())]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j3_two_calls_without_an_answer_give_the_money_back(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.always(Behaviour::CutAfter);
    asks_for(&anna, "кот").await;
    anna.sees("Не получилось").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот"), 2, "a third call might be billed a third time");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Failed]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j4_a_result_after_the_deadline_is_a_gift(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        quick(options);
        let path = options.folder.join("catalog.toml");
        let hasty = CATALOG.replace("deadline_s = 900", "deadline_s = 2");
        std::fs::write(&path, hasty).expect("the folder can be written");
        options.settings.push(("CATALOG_PATH".to_owned(), path.display().to_string()));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next(Behaviour::Slow { ms: 6_000 });
    asks_for(&anna, "кот").await;
    app.until("the call", || async { calls_for(&app, "кот") == 1 }).await;
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    app.until("the deadline", || async { house.now() > row.deadline_at }).await;
    // The scheduler does this every few seconds; whoever is first, it happens once.
    expire_overdue(&house).await.expect("the book takes it");
    anna.sees("сервис не ответил вовремя. 50 ₽ уже вернулись на баланс (300 ₽)").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    anna.sees("Он ваш бесплатно").await;
    anna.sees_document().await;
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Gifted]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(transfers(&house, &anna, Phase::Capture).await, []);
    let loss = house
        .book
        .read(|tx| ledger::account_balance(tx, &Account::Expense(Expense::LateLoss)))
        .await;
    assert_eq!(loss.expect("the book is readable"), Money::Usd(row.cost));
    assert_eq!(calls_for(&app, "кот"), 1);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j5_j13_a_killed_worker_loses_no_order_and_blocks_no_other(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next(Behaviour::Slow { ms: 120_000 });
    asks_for(&anna, "кот").await;
    app.until("the call", || async { calls_for(&app, "кот") == 1 }).await;
    fault(&app, "kill-worker").await;
    asks_for(&anna, "пёс").await;
    anna.sees("Задача №2").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200), "both are on hold");
    fault(&app, "start-worker").await;
    anna.sees("списано 50 ₽").await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await[0], OrderState::Submitting, "nobody knows yet");
    let both = async {
        while !states_of(&house, &anna).await.iter().all(|state| *state == OrderState::Delivered) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(AFTER_A_LEASE, both).await.expect("the first order is taken up again");
    assert_eq!((calls_for(&app, "кот"), calls_for(&app, "пёс")), (2, 1));
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), 2);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j6_a_refusal_that_comes_late_ends_the_order_at_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let late = Duration::from_millis(1_500);
    app.stage.gemini.set_latency(late, late);
    app.stage.gemini.next(Behaviour::finish("IMAGE_SAFETY"));
    asks_for(&anna, "кот").await;
    anna.sees("рисую…").await;
    let told = anna.sees("отклонил запрос по правилам безопасности").await;
    assert!(told.labels().iter().any(|label| label.contains("Изменить описание")));
    app.settled().await;
    assert_eq!(calls_for(&app, "кот"), 1, "a refused prompt is not sent again");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Refused]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j9_the_customer_gets_the_providers_own_bytes_from_our_hands(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        quick(options);
        options.picture = PictureMode::Cached;
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот").await;
    // A picture in full size takes its time on a busy machine.
    let whole = anna.user.waits_for(0, 3 * WITHIN, |message| message.document.is_some()).await;
    let document = whole.expect("the file comes").document.expect("it has one");
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    // The simulator draws the same for everybody, so that the same request shows what was drawn.
    let request = SubmitRequest {
        key: "test".to_owned(),
        model: row.model,
        prompt: row.prompt,
        aspect_ratio: Some("1:1".to_owned()),
        size: Some("2K".to_owned()),
        ..SubmitRequest::default()
    };
    let provider = house.provider("gemini").expect("it is set up");
    let Submission::Done(done) = provider.submit(&request).await else { panic!("no picture") };
    let delivered = app.stage.telegram.file(&document.file_id).expect("it was uploaded");
    assert_eq!(delivered, done.artifacts[0].bytes);
    let gemini = app.stage.gemini.base_url();
    for call in app.stage.telegram.calls() {
        let params = serde_json::to_string(&call.params).expect("it is JSON");
        assert!(!params.contains(&gemini), "{} was given the provider's address", call.method);
        let field = match call.method.as_str() {
            "sendPhoto" => "photo",
            "sendDocument" => "document",
            _ => continue,
        };
        assert!(params.contains("size_bytes"), "the {field} was not uploaded: {params}");
    }
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j12_between_a_customer_and_a_worker_exactly_one_wins(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    const ROUNDS: u64 = 40;
    let app = TestApp::start_with(shape, gift(5_000)).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let mut cancelled = Vec::new();
    for round in 0..ROUNDS {
        let prompt = format!("кот-{round}-");
        let order = place(&house, &anna, &prompt).await;
        // Sometimes the customer is at once there, sometimes a little later.
        tokio::time::sleep(Duration::from_micros(round % 8 * 500)).await;
        let (customer, now) = (anna.id, house.now());
        let outcome = house.book.write(move |tx| use_cases::cancel(tx, customer, order, now)).await;
        match outcome.expect("the book takes it") {
            CancelOutcome::Cancelled { .. } => cancelled.push((order, prompt)),
            CancelOutcome::TooLate | CancelOutcome::Finished => {}
            CancelOutcome::NotYours => panic!("it is hers"),
        }
    }
    app.settled().await;
    let rows = orders_of(&house, &anna).await;
    for row in &rows {
        let stopped = cancelled.iter().find(|(order, _)| *order == row.id);
        let wanted = if stopped.is_some() { OrderState::Cancelled } else { OrderState::Delivered };
        assert_eq!(row.state, wanted, "{}", row.prompt);
        assert_eq!(calls_for(&app, &row.prompt), usize::from(stopped.is_none()), "{}", row.prompt);
    }
    let delivered = rows.len() - cancelled.len();
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), delivered);
    let spent = 50 * i64::try_from(delivered).expect("it is small");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(5_000 - spent));
    drop(house);
    app.finish().await;
}

/// A worker whose every try fails.
struct Broken(House);

impl Handler for Broken {
    fn run(&self, _claim: Claim) -> BoxFuture<'_, Verdict> {
        async { Verdict::retry("сломано") }.boxed()
    }

    fn poisoned(&self, tx: &mut Tx<'_>, claim: &Claim, error: &str) -> Result<(), BookError> {
        use_cases::poisoned(tx, &self.0, &claim.subject, &claim.kind, claim.attempts_made, error)
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j14_a_job_that_always_fails_ends_with_a_refund_and_an_alert(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    asks_for(&anna, "кот").await;
    anna.sees("Задача №1").await;
    let options = RunnerOptions {
        backoff: Backoff { base: Duration::from_millis(1), max: Duration::from_millis(1) },
        ..RunnerOptions::new("broken".to_owned(), PROVIDER_QUEUE, 1)
    };
    let runner = Runner::new(
        house.book.clone(),
        house.clock.clone(),
        house.chance.clone(),
        options,
        Arc::new(Broken(house.clone())),
    );
    let mut tries = 0;
    let waiting = || async {
        let depths = house.book.read(jobs::depths).await.expect("the book is readable");
        depths.iter().any(|it| it.queue == PROVIDER_QUEUE && it.state != "dead")
    };
    while waiting().await {
        tries += runner.drain().await.expect("the book takes it");
        assert!(tries < 50, "the job never ends");
    }
    assert_eq!(tries, 5);
    anna.sees("неполадка на нашей стороне").await;
    boss.sees("не удалось после 5 попыток, заказ №1 возвращён").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(states_of(&house, &anna).await, [OrderState::Failed]);
    fault(&app, "start-worker").await;
    asks_for(&anna, "пёс").await;
    anna.sees("списано 50 ₽").await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j14_a_job_of_an_unknown_kind_gives_its_order_back(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    let order = place(&house, &anna, "кот").await;
    let (job, now) = (JobId::new(house.now(), house.chance.as_ref()), house.now());
    let replaced = house.book.write(move |tx| {
        let row = orders::find(tx, order)?.expect("it was placed");
        jobs::cancel_ready(tx, row.job, now)?;
        jobs::enqueue(tx, &NewJob::new(job, PROVIDER_QUEUE, "of.tomorrow", order.to_short()), now)
    });
    assert!(replaced.await.expect("the book takes it"));
    fault(&app, "start-worker").await;
    boss.sees("of.tomorrow").await;
    anna.sees("неполадка на нашей стороне").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j14_a_picture_that_cannot_be_stored_is_not_charged(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let _boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    // A file where the folder was: nothing can be stored, whoever tries.
    let blobs = app.stage.settings().files.data_dir.join("blobs");
    std::fs::remove_dir_all(&blobs).expect("it is there");
    std::fs::write(&blobs, "").expect("it can be written");
    asks_for(&anna, "кот").await;
    anna.sees("Не получилось").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert!(calls_for(&app, "кот") <= 3, "each try is billed to the owner");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_customer_with_many_orders_does_not_delay_another(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        options.settings.push(("WORKER_CONCURRENCY".to_owned(), "1".to_owned()));
    })
    .await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    for number in 0..10 {
        place(&house, &anna, &format!("кот {number}")).await;
    }
    place(&house, &boris, "пёс").await;
    fault(&app, "start-worker").await;
    app.settled().await;
    let calls = app.stage.gemini.generate_calls();
    let place_in_line = calls.iter().position(|call| call.prompt.contains("пёс"));
    assert!(place_in_line <= Some(1), "Boris waited for {place_in_line:?} of Anna's orders");
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_paid_is_not_placed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(29)).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот в скафандре");
    anna.sees("Не хватает 21 ₽").await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 21 ₽").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(29));
    assert_eq!(app.stage.gemini.images_made(), 0);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_rests_nobody_is_asked_for_money(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let boris = known(&app, 43, "Борис").await;
    boris.says("пёс на Луне");
    boris.sees("Цена: 50 ₽").await;
    app.stage.gemini.next(Behaviour::error(ServiceError::KeyInvalid));
    asks_for(&anna, "кот на Луне").await;
    anna.sees("неполадка на нашей стороне").await;
    let both = join_all([
        async {
            anna.says("ещё один кот");
            anna.sees("временно недоступно").await
        }
        .boxed_local(),
        async {
            boris.taps("Создать за 50 ₽").await;
            boris.sees("временно недоступно").await
        }
        .boxed_local(),
    ]);
    both.await;
    boss.sees("отклоняет наши запросы").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Failed]);
    assert_eq!(states_of(&house, &boris).await, [], "no hold was taken");
    assert_eq!(app.balance(&boris).await, Kopecks::from_rubles(300));
    // The rest is over, the offer is still open.
    app.until("the end of the rest", || async { !house.providers_down().contains("gemini") }).await;
    boris.taps("Попробовать снова").await;
    boris.sees("Цена: 50 ₽").await;
    boris.taps("Создать за 50 ₽").await;
    boris.sees("списано 50 ₽").await;
    drop(house);
    app.finish().await;
}
