//! Redis beside the real binary: named when it refuses us, not needed when it is away, one limit for all while it is there.

use std::time::Duration;

use rei_redis::testing::RedisServer;
use rei_storage::testing::EngineKind;

use crate::app::Person;
use crate::world::{PATIENCE, Process, World, words};

/// What one picture takes at Google; long enough to see whether two were made at once.
const PICTURE: Duration = Duration::from_millis(600);
/// Both workers have tried by then, and the minute of the first call is not over.
const WITHIN_THE_MINUTE: Duration = Duration::from_secs(10);

async fn says(process: &Process, words: &str, times: usize) {
    let start = tokio::time::Instant::now();
    while process.said().matches(words).count() < times {
        assert!(start.elapsed() < PATIENCE, "`{words}`, {times} times: {}", process.said());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_refuses_us_is_named_and_nothing_starts() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let start = || RedisServer::start_with_password("right-Planted0001");
    let server = tokio::task::spawn_blocking(start).await.expect("it starts");
    world.set("REDIS_URL", &server.url());
    let check = world.run(&["check"]).await;
    assert!(words(&check).contains("ok   redis      answers, version"), "{}", words(&check));
    world.set("REDIS_URL", &server.url().replace("right-", "wrong-"));
    for command in ["serve", "bot", "worker", "web"] {
        let refused = world.run(&[command]).await;
        assert_eq!(refused.status.code(), Some(1), "{command}: {}", words(&refused));
        let said = words(&refused);
        assert!(said.contains("refuses the name or the password"), "{command}: {said}");
        assert!(!said.contains("wrong-Planted0001"), "{command}: {said}");
    }
    let check = world.run(&["check"]).await;
    assert_eq!(check.status.code(), Some(1));
    assert!(words(&check).contains("FAIL redis"), "{}", words(&check));
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_go_through_whatever_happens_to_redis() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let mut server = world.share_redis().await;
    world.set("RUST_LOG", "warn,rei_redis=info");
    server.stop();
    let process = world.spawn("serve", &["serve"], &[]);
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 1_000).await;
    let order = async |prompt: &str, balance: u32| {
        anna.says(prompt);
        // The screen before may still show its button.
        world.sees(&anna, &format!("«{prompt}»")).await;
        anna.taps("Создать за 50 ₽").await;
        world.sees(&anna, &format!("списано 50 ₽ · баланс {balance} ₽")).await;
    };
    order("кот без редиса", 950).await;
    says(&process, "redis is out of reach", 1).await;

    server.restart();
    says(&process, "redis is there", 1).await;
    order("кот с редисом", 900).await;

    server.pause();
    order("кот и замерший редис", 850).await;
    says(&process, "redis is lost", 1).await;
    server.resume();
    says(&process, "redis is there", 2).await;

    server.flush();
    order("кот и пустой редис", 800).await;

    server.stop();
    order("кот и пропавший редис", 750).await;
    says(&process, "redis is lost", 2).await;
    let said = process.said();
    assert_eq!(said.matches("redis is out of reach").count(), 1, "{said}");
    assert_eq!(said.matches("redis is lost").count(), 2, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(process.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_keep_one_limit_of_calls_to_google() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let _server = world.share_redis().await;
    world.set("NANO_BANANA_CONCURRENCY", "1");
    world.gemini.set_latency(PICTURE, PICTURE);
    let (processes, people) = two_workers_have_orders(&mut world).await;
    for person in &people {
        world.sees(person, "списано 50 ₽ · баланс 50 ₽").await;
    }
    let mut at_ms: Vec<i64> = world.gemini.generate_calls().iter().map(|call| call.at_ms).collect();
    at_ms.sort_unstable();
    assert_eq!(at_ms.len(), people.len());
    let apart = at_ms.windows(2).all(|calls| calls[1] - calls[0] >= 500);
    assert!(apart, "two calls at once: {at_ms:?}");
    for process in processes {
        assert!(process.stop().await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_keep_one_budget_of_calls_in_a_minute() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let _server = world.share_redis().await;
    world.set("NANO_BANANA_PER_MINUTE", "1");
    let (processes, _people) = two_workers_have_orders(&mut world).await;
    tokio::time::sleep(WITHIN_THE_MINUTE).await;
    let made = world.gemini.generate_calls().len();
    assert_eq!(made, 1, "calls in a minute");
    for process in processes {
        assert!(process.stop().await.success());
    }
}

/// A bot and two workers, and more people than workers who have ordered a picture each at the same moment.
async fn two_workers_have_orders(world: &mut World) -> (Vec<Process>, Vec<Person>) {
    world.set("WELCOME_GIFT", "100");
    let parts = [("bot", "bot"), ("worker-1", "worker"), ("worker-2", "worker")];
    let processes: Vec<_> =
        parts.iter().map(|(name, part)| world.spawn(name, &[part], &[])).collect();
    let people: Vec<_> = (42..46).map(|id| world.person(id, "Анна")).collect();
    for person in &people {
        person.says("/start");
        world.sees(person, "На балансе: 100").await;
        person.says("кот на окне");
        world.sees(person, "Цена: 50 ₽").await;
    }
    for person in &people {
        person.taps("Создать за 50 ₽").await;
    }
    (processes, people)
}
