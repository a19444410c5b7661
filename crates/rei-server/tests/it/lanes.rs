//! Queues of models whose provider counts what runs at once, and how full any queue may be: limits that all processes
//! keep together, a full model that stops only itself, a polite word instead of a wait of hours, and what customers
//! are told about their place.

use std::time::Duration;

use rei_app::House;
use rei_app::orders::{PlaceOutcome, places_left, queue_of};
use rei_domain::clock::Timestamp;
use rei_domain::ledger::Phase;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_server::commands::demo::StageOptions;
use rei_sim::kling::{Behaviour, Latency, StageLatency};
use rei_storage::jobs::{self, Claim, Priority};
use rei_storage::orders::{self, HistoryFilter};
use rei_storage::testing::EngineKind;
use rei_storage::{Bell, BookError, Tx};
use rstest::rstest;

use crate::app::{Person, TestApp, WITHIN};
use crate::shortcuts::{
    CATALOG, VIDEO_SKU, asks_for, confirm, creates_for, filming_gift, films, gift, key_of, known,
    offer, offer_of, orders_of, place, place_video, states_of, transfers, until_newest_is,
    was_told,
};
use crate::world::{PATIENCE, World};

/// The version of the model that videos are made with unless another is chosen.
const VERSION: &str = "kling-3.0-turbo";

/// So many videos of one model at once.
fn places(count: usize) -> impl FnOnce(&mut StageOptions) {
    move |options| {
        filming_gift(2_000)(options);
        options.settings.push(("KLING_CONCURRENCY".to_owned(), count.to_string()));
    }
}

/// So many orders may wait.
fn waiting(count: usize) -> impl FnOnce(&mut StageOptions) {
    move |options| {
        gift(300)(options);
        options.settings.push(("QUEUE_MAX".to_owned(), count.to_string()));
    }
}

/// Nobody works until [`works`].
async fn rests(app: &TestApp) {
    app.stage.kill_workers().await;
}

async fn works(app: &TestApp) {
    app.stage.start_workers().await;
}

/// The queue of the default video.
fn queue(house: &House) -> String {
    queue_of(house.catalog.current().model(VIDEO_SKU).expect("it is sold"))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_together_never_give_kling_more_than_its_pack_takes(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    const EACH: usize = 4;
    let mut world = World::start(engine).await;
    world.sell_videos();
    world.set("KLING_CONCURRENCY", "2");
    world.set("WELCOME_GIFT", "1000");
    world.set("TELEGRAM_PACING", "0");
    let between = Latency { min_ms: 200, max_ms: 900 };
    world.kling.set_latency(StageLatency { submitted: Latency::exactly(0), processing: between });
    let bot = world.spawn("bot", &["bot"], &[]);
    let people =
        [(42, "Анна"), (43, "Борис"), (44, "Вера")].map(|(id, name)| world.person(id, name));
    for person in &people {
        person.says("/start");
        world.sees(person, "На балансе").await;
        for no in 1..=EACH {
            films(person, &format!("кот номер {no}")).await;
            person.sees("в очереди").await;
        }
    }
    // Nobody has worked yet: both begin at the same moment, with everything to do.
    let workers = ["one", "two"].map(|name| world.spawn(name, &["worker"], &[]));
    for person in &people {
        let videos = || person.user.messages().iter().filter(|it| it.video.is_some()).count();
        for _ in 0..PATIENCE.as_millis() / 100 {
            if videos() == EACH {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(videos(), EACH, "{}", workers[0].said());
    }
    assert_eq!(world.kling.tasks_made(), 3 * u64::try_from(EACH).expect("a few"));
    assert_eq!(world.kling.most_at_once().get(VERSION), Some(&2));
    for process in workers.into_iter().chain([bot]) {
        assert_eq!(process.stop().await.code(), Some(0));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_model_stops_only_itself_and_the_next_starts_when_one_ends(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, places(1)).await;
    app.stage.kling.when_prompt_contains("кот", Behaviour::stuck());
    let [anna, boris, vera] = [
        known(&app, 42, "Анна").await,
        known(&app, 43, "Борис").await,
        known(&app, 44, "Вера").await,
    ];
    films(&anna, "кот на скейте").await;
    let cat = key_of(&app, "кот на скейте").await;
    films(&boris, "пёс на скейте").await;
    boris.sees("следующая в очереди").await;
    // Pictures and another model are made meanwhile.
    asks_for(&vera, "рыба").await;
    vera.sees_document().await;
    let house = app.house().await;
    let other = offer_of(&house, "kling-25-turbo", "рыба плывёт");
    assert!(matches!(confirm(&house, &vera, other).await, PlaceOutcome::Placed { .. }));
    until_newest_is(&app, &vera, OrderState::Delivered).await;
    assert!(creates_for(&app, "пёс").is_empty());
    assert_eq!(states_of(&house, &boris).await, [OrderState::Queued]);

    app.stage.kling.finish(&cat);
    boris.sees_video().await;
    assert_eq!(app.stage.kling.most_at_once().get(VERSION), Some(&1));
    drop(house);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_task_rings_for_its_own_queue() {
    let app = TestApp::start_with(EngineKind::Sqlite, places(1)).await;
    app.stage.kling.always(Behaviour::stuck());
    let anna = known(&app, 42, "Анна").await;
    films(&anna, "кот на скейте").await;
    let cat = key_of(&app, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Running).await;
    // Nobody else is there to hear it.
    rests(&app).await;
    let house = app.house().await;
    let mut bell = house.book.listen(Bell::jobs(&queue(&house)));
    bell.forget();
    app.stage.kling.finish(&cat);
    tokio::time::timeout(WITHIN, bell.rung()).await.expect("it rings");
    drop((house, bell));
    works(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_call_keeps_its_place_and_is_looked_for_though_all_are_taken(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, places(1)).await;
    app.stage.kling.next(Behaviour::Cut { created: true });
    let [anna, boris] = [known(&app, 42, "Анна").await, known(&app, 43, "Борис").await];
    films(&anna, "кот на скейте").await;
    films(&boris, "пёс на скейте").await;
    anna.sees_video().await;
    boris.sees_video().await;
    assert_eq!((app.stage.kling.tasks_made(), creates_for(&app, "кот").len()), (2, 1));
    assert_eq!(app.stage.kling.most_at_once().get(VERSION), Some(&1));
    app.finish().await;
}

/// Claims as a worker of the queue does.
async fn claims(house: &House, queue: &str, now: Timestamp) -> Vec<Claim> {
    let (rules, queue) = (house.clone(), queue.to_owned());
    let until = now.plus(Duration::from_secs(60));
    let claimed = house.book.write(move |tx| {
        let places = |tx: &mut Tx<'_>| places_left(tx, &rules, &queue);
        jobs::claim_within(tx, "nobody", &queue, 9, now, until, places)
    });
    claimed.await.expect("the book takes it")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn places_are_counted_once_from_the_claim_to_the_end_of_the_task(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, places(2)).await;
    rests(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let queue = queue(&house);
    for prompt in ["кот один", "кот два", "кот три", "кот четыре"] {
        place_video(&house, &anna, prompt).await;
    }
    let now = house.now();
    let first = claims(&house, &queue, now).await;
    assert_eq!(first.len(), 2);
    assert_eq!(claims(&house, &queue, now).await, []);

    // One has begun and waits for its look-up; the other one's provider asked to wait.
    let [begun, put_back]: [Claim; 2] = first.try_into().expect("two");
    let subject = begun.subject.clone();
    let prepared = house.book.write(move |tx| {
        let order = rei_domain::ids::OrderId::from_short(&begun.subject).expect("an order");
        orders::move_state(tx, order, OrderState::Queued, OrderState::Unknown, None, now)?;
        jobs::set_priority(tx, &begun, Priority::Begun)?;
        jobs::snooze(tx, &begun, now.plus(Duration::from_secs(5)))?;
        jobs::snooze(tx, &put_back, now.plus(Duration::from_secs(3600)))
    });
    prepared.await.expect("the book takes it");
    let one = claims(&house, &queue, now).await;
    assert_eq!(one.len(), 1, "the lost call has its place still, the other one's is free");
    assert_eq!(claims(&house, &queue, now).await, []);
    let later = now.plus(Duration::from_secs(6));
    let again = claims(&house, &queue, later).await;
    let subjects: Vec<_> = again.iter().map(|claim| claim.subject.as_str()).collect();
    assert_eq!(subjects, [subject.as_str()], "whoever has a place needs no other");
    assert_eq!(claims(&house, &queue, later).await, []);

    // All goes back, and then its way.
    let held = house.book.write(move |tx| {
        for claim in one.iter().chain(&again) {
            jobs::hand_back(tx, claim, later)?;
        }
        let rows = orders::recent(tx, 10)?;
        for row in rows.iter().filter(|row| row.state == OrderState::Unknown) {
            orders::move_state(tx, row.id, row.state, OrderState::Queued, None, later)?;
        }
        Ok::<_, BookError>(())
    });
    held.await.expect("the book takes it");
    drop(house);
    for order in orders_of(&app.house().await, &anna).await {
        let (house, customer) = (app.house().await, anna.id);
        let now = house.now();
        let cancelled =
            house.book.write(move |tx| rei_app::orders::cancel(tx, customer, order.id, now)).await;
        cancelled.expect("the book takes it");
    }
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_before_any_money_is_held_and_the_button_tries_again(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, waiting(2)).await;
    rests(&app).await;
    let [anna, boris] = [known(&app, 42, "Анна").await, known(&app, 43, "Борис").await];
    asks_for(&anna, "кот один").await;
    anna.sees("следующая в очереди").await;
    asks_for(&anna, "кот два").await;
    anna.sees("перед вами 1").await;

    asks_for(&boris, "пёс").await;
    boris.sees("слишком много заказов").await;
    boris.sees("Деньги не тронуты").await;
    let house = app.house().await;
    assert_eq!(app.balance(&boris).await, Kopecks::from_rubles(300));
    assert_eq!(transfers(&house, &boris, Phase::Hold).await.len(), 0);
    assert_eq!(orders_of(&house, &boris).await.len(), 0);
    // Another queue is not full.
    let video = offer_of(&house, VIDEO_SKU, "рыба");
    assert!(matches!(confirm(&house, &boris, video).await, PlaceOutcome::Placed { .. }));
    drop(house);

    works(&app).await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    until_newest_is(&app, &boris, OrderState::Delivered).await;
    boris.taps("Создать за 50 ₽").await;
    boris.sees_document().await;
    assert_eq!(app.balance(&boris).await, Kopecks::from_rubles(150));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_without_a_limit_takes_everything() {
    let app = TestApp::start_with(EngineKind::Sqlite, waiting(0)).await;
    rests(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    for no in 0..6 {
        place(&house, &anna, &format!("кот {no}")).await;
    }
    drop(house);
    works(&app).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_orders_of_one_customer_than_the_owner_allows_wait_for_a_result() {
    let app = TestApp::start_with(EngineKind::Sqlite, |options| {
        gift(300)(options);
        options.settings.push(("ORDERS_PER_CUSTOMER".to_owned(), "1".to_owned()));
    })
    .await;
    rests(&app).await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот один").await;
    anna.sees("следующая в очереди").await;
    asks_for(&anna, "кот два").await;
    anna.sees("1 активная задача, больше сразу нельзя").await;
    works(&app).await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees_document().await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_orders_of_one_customer_do_not_delay_the_one_of_another(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(5_000)(options);
        options.settings.push(("WORKER_CONCURRENCY".to_owned(), "1".to_owned()));
    })
    .await;
    rests(&app).await;
    let [anna, boris] = [known(&app, 42, "Анна").await, known(&app, 43, "Борис").await];
    let house = app.house().await;
    for no in 1..=50 {
        place(&house, &anna, &format!("кот {no}")).await;
    }
    let placed = confirm(&house, &boris, offer(&house, "пёс")).await;
    let PlaceOutcome::Placed { ahead, .. } = placed else { panic!("{placed:?}") };
    assert_eq!(ahead, 1, "one of Anna's, and not all of them");
    works(&app).await;
    boris.sees_document().await;
    app.settled().await;
    let calls = app.stage.gemini.generate_calls();
    assert_eq!(calls.len(), 51);
    let at = calls.iter().position(|call| call.prompt.contains("пёс")).expect("it was made");
    assert!(at <= 2, "it was made as number {}", at + 1);
    drop(house);
    app.finish().await;
}

/// The words of the list of jobs.
async fn jobs_of(person: &Person) -> String {
    person.says("/jobs");
    person.sees("Ваши задачи").await.text
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_jobs_tells_the_present_place_and_not_the_one_at_the_beginning(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    rests(&app).await;
    let [anna, boris, vera] = [
        known(&app, 42, "Анна").await,
        known(&app, 43, "Борис").await,
        known(&app, 44, "Вера").await,
    ];
    for (person, prompt) in [(&anna, "кот"), (&boris, "пёс")] {
        asks_for(person, prompt).await;
        person.sees("в очереди").await;
    }
    asks_for(&vera, "рыба").await;
    vera.sees("перед вами 2").await;
    let words = jobs_of(&vera).await;
    assert!(words.contains("└ перед вами 2 · готова примерно через 20–40 с"), "{words}");
    boris.taps("Отменить").await;
    boris.sees("снова на балансе").await;
    let words = jobs_of(&vera).await;
    assert!(words.contains("└ перед вами 1 · готова примерно"), "{words}");
    works(&app).await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_customers_are_told_comes_from_what_was_measured(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        options.latency = (Duration::from_millis(3_100), Duration::from_millis(3_200));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот первый").await;
    anna.sees("следующая в очереди").await;
    assert!(was_told(&app, &anna, "обычно готово за 20–40 с"), "nothing is measured yet");
    let house = app.house().await;
    for no in 2..=10 {
        place(&house, &anna, &format!("кот {no}")).await;
    }
    app.settled().await;
    let id = anna.id;
    let rows = house.book.read(move |tx| orders::history(tx, id, HistoryFilter::All, 0, 50)).await;
    let rows = rows.expect("the book is readable");
    assert!(rows.iter().all(|row| row.state == OrderState::Delivered), "{rows:?}");
    let sku = rows[0].sku.clone();
    let made = house.book.read(move |tx| orders::latest_made_ms(tx, &sku, 50)).await;
    let made = made.expect("the book is readable");
    assert_eq!(made.len(), 10);
    assert!(made.iter().all(|ms| (3_000..20_000).contains(ms)), "{made:?}");

    let told = confirm(&house, &anna, offer(&house, "кот последний")).await;
    let PlaceOutcome::Placed { seconds: [from, to], .. } = told else { panic!("{told:?}") };
    assert!((3..20).contains(&from) && from < to && to <= 20, "{from}–{to} s");
    drop(house);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_model_is_paused_by_its_name_and_a_bad_group_is_named() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let paused = world.run(&["queue", "pause", "providers/kling-3.0"]).await;
    assert_eq!(paused.status.code(), Some(0));
    let depth = world.run(&["queue", "depth"]).await;
    let words = String::from_utf8_lossy(&depth.stdout).into_owned();
    assert!(words.contains("providers/kling-3.0 is paused"), "{words}");

    let path = world.folder.path().join("catalog.toml");
    let line = "sku = \"kling-3\"\n";
    assert!(CATALOG.contains(line));
    let broken = CATALOG.replace(line, &format!("{line}concurrency_group = \"Kling 3\"\n"));
    std::fs::write(&path, broken).expect("the folder can be written");
    world.set("CATALOG_PATH", path.to_str().expect("a path in letters"));
    let check = world.run(&["catalog", "check"]).await;
    let words = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(1), "{words}");
    assert!(words.contains("kling-3: concurrency_group \"Kling 3\""), "{words}");
}
