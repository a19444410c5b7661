//! Roles that one process of the house has at a time: whose they are, and that they move when a process dies or stalls.

use std::time::Duration;

use rei_app::TELEGRAM_POLLER;
use rei_storage::testing::EngineKind;
use rei_storage::{Book, inbox, jobs};
use rstest::rstest;
use tokio::time::Instant;

use crate::world::{Process, World};

/// The roles of the scheduler and of the poller of providers' tasks.
pub const ROLES: [&str; 2] = ["scheduler", "poller"];
/// A role has moved by then, whatever happened to its holder.
pub const MOVES_WITHIN: Duration = Duration::from_secs(30);
/// Long enough for a process to have taken a role if it wanted to.
const WATCHED_FOR: Duration = Duration::from_secs(6);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A frozen process that had the book's lock would stop all others.
const FREEZES_MAX: usize = 100;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_roles_move_when_their_process_is_killed_and_not_to_one_without_a_scheduler(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let world = World::start(engine).await;
    let never = world.spawn("never", &["worker", "--no-scheduler"], &[]);
    let book = migrated(&world).await;
    tokio::time::sleep(WATCHED_FOR).await;
    for role in ROLES {
        assert_eq!(holder(&book, role).await, None, "{role}");
    }

    let mut first = world.spawn("first", &["worker"], &[]);
    for role in ROLES {
        is_held_by(&book, role, &first).await;
    }
    first.kill().await;
    let killed = Instant::now();
    let second = world.spawn("second", &["worker", "--with-scheduler"], &[]);
    for role in ROLES {
        let fence = is_held_by(&book, role, &second).await;
        assert_eq!(fence, 2, "{role} moved once");
    }
    let took = killed.elapsed();
    assert!(took < MOVES_WITHIN, "the roles moved only after {took:?}");

    // A process that ends in peace gives them up at once.
    assert!(second.stop().await.success());
    let told = Instant::now();
    let third = world.spawn("third", &["worker"], &[]);
    for role in ROLES {
        is_held_by(&book, role, &third).await;
    }
    assert!(told.elapsed() < MOVES_WITHIN / 2, "they were not given up");
    for process in [never, third] {
        assert!(process.stop().await.success());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_scheduler_loses_its_roles_and_does_not_take_them_back(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let world = World::start(engine).await;
    let first = world.spawn("first", &["worker"], &[]);
    let book = migrated(&world).await;
    for role in ROLES {
        is_held_by(&book, role, &first).await;
    }
    let second = world.spawn("second", &["worker"], &[]);
    tokio::time::sleep(WATCHED_FOR).await;
    freeze(&first, &book).await;
    let frozen = Instant::now();
    let mut fences = Vec::new();
    for role in ROLES {
        fences.push(is_held_by(&book, role, &second).await);
    }
    let took = frozen.elapsed();
    assert!(took < MOVES_WITHIN, "the roles moved only after {took:?}");

    first.thaw().await;
    let thawed = Instant::now();
    while thawed.elapsed() < WATCHED_FOR {
        for (role, fence) in ROLES.iter().zip(&fences) {
            let held = holder(&book, role).await.expect("somebody has it");
            assert!(held.name.starts_with(&own_name(&second)), "{role} is back: {held:?}");
            assert_eq!(held.fence, *fence, "{role} moved");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    for process in [first, second] {
        let said = process.said_last();
        assert!(process.stop().await.success(), "{said}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_bots_ask_telegram_by_turns(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let world = World::start(engine).await;
    let bots = ["first", "second"].map(|name| world.spawn(name, &["bot"], &[]));
    let book = migrated(&world).await;
    let anna = world.person(42, "Анна");
    anna.says("/start");
    world.sees(&anna, "На балансе").await;
    tokio::time::sleep(WATCHED_FOR).await;
    let held = holder(&book, TELEGRAM_POLLER).await.expect("somebody asks");
    assert_eq!(held.fence, 1, "it went to and fro");
    let (mut asking, waiting) = match bots {
        [first, second] if held.name.starts_with(&own_name(&first)) => (first, second),
        [first, second] => (second, first),
    };
    assert!(held.name.starts_with(&own_name(&asking)), "{held:?}");
    nobody_was_in_the_way(&world);

    asking.kill().await;
    let killed = Instant::now();
    anna.says("/balance");
    is_held_by(&book, TELEGRAM_POLLER, &waiting).await;
    let took = killed.elapsed();
    assert!(took < MOVES_WITHIN, "the other asks only after {took:?}");
    world.sees(&anna, "Баланс:").await;
    nobody_was_in_the_way(&world);
    assert!(waiting.stop().await.success());
}

/// Telegram sends away one of two who ask at once.
fn nobody_was_in_the_way(world: &World) {
    let calls = world.telegram.calls();
    let refused = calls.iter().filter(|call| call.method == "getUpdates" && call.code == 409);
    assert_eq!(refused.count(), 0, "two asked at once");
}

/// Freezes a process that does not keep the others from the book: one in the middle of a write goes on and is tried again.
pub async fn freeze(process: &Process, book: &Book) {
    for _ in 0..FREEZES_MAX {
        process.freeze().await;
        let write = book.write(inbox::count_waiting);
        if let Ok(written) = tokio::time::timeout(Duration::from_secs(2), write).await {
            written.expect("the book can be written");
            return;
        }
        process.thaw().await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("it was in the middle of a write each time");
}

/// The book, once a process has made its tables.
pub async fn migrated(world: &World) -> Book {
    let made = Instant::now();
    let book = world.book().await;
    while book.read(|tx| jobs::holder(tx, ROLES[0])).await.is_err() {
        assert!(made.elapsed() < MOVES_WITHIN, "nobody makes the tables");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    book
}

async fn holder(book: &Book, role: &'static str) -> Option<jobs::Holder> {
    book.read(move |tx| jobs::holder(tx, role)).await.expect("the book is readable")
}

/// Waits until the process has the role; its fence.
async fn is_held_by(book: &Book, role: &'static str, process: &Process) -> i64 {
    let wanted = own_name(process);
    let asked = Instant::now();
    loop {
        let found = holder(book, role).await;
        match &found {
            Some(held) if held.name.starts_with(&wanted) => return held.fence,
            _ if asked.elapsed() > MOVES_WITHIN => panic!("{role} is {found:?}, not of {wanted}"),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// How the names begin that a process has in the book.
fn own_name(process: &Process) -> String {
    format!("{}-", process.id())
}
