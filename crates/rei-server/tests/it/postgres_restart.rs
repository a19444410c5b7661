//! PostgreSQL goes away and comes back while customers order and pay: stopped in the middle and started again, and all
//! its connections cut at random. Customers wait a little longer; nothing is lost and nothing is doubled.

use std::time::Duration;

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rei_storage::testing::{EngineKind, PostgresServer};
use tokio::process::Command;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{ALONE, Fleet, Part};
use crate::world::World;

const DATABASE: &str = "rei_restarts";
/// A door, a bot and a worker, so that each meets the loss by itself.
const PARTS: &[Part] = &[("bot", &["bot"]), ("worker", &["worker"]), ("web", &["web"])];
const CUSTOMERS: u32 = 6;
/// How often all connections are cut before, between and after the restarts.
const CUTS: u32 = 3;
const BETWEEN_CUTS_MS: std::ops::Range<u64> = 300..1_500;
/// How long the server is away: shorter than a call of the book waits, and longer.
const AWAY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(12)];
/// Lines of one process: a loss is told once and not by every thread that meets it.
const LINES_MAX: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_and_cuts_connections_loses_and_doubles_nothing() {
    let seed = rand::rng().random();
    println!("the seed is {seed}");
    let mut server = blocking(PostgresServer::start).await;
    let mut world = World::start(EngineKind::Sqlite).await;
    world.database = server.database(DATABASE);
    let database = world.database.clone();
    world.set("DATABASE_URL", &database);
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    let fleet = Fleet::start(&world, PARTS).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, seed).await;

    let mut dice = StdRng::seed_from_u64(seed);
    for away in AWAY {
        for _ in 0..CUTS {
            tokio::time::sleep(Duration::from_millis(dice.random_range(BETWEEN_CUTS_MS))).await;
            server = blocking(move || {
                server.cut_all(DATABASE);
                server
            })
            .await;
        }
        server = blocking(move || {
            server.stop_at_once();
            std::thread::sleep(away);
            server.start_again();
            server
        })
        .await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    let (done, aftermath) = comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let outcome = aftermath.is_sound().await;
    println!("{done} things done, {outcome:?}");
    assert!(outcome.delivered > 0 && outcome.credited > 0, "the crowd did something: {outcome:?}");
    for (name, _) in PARTS {
        let said = fleet.process(name).said();
        let lines = said.lines().count();
        println!("{name} said {lines} lines");
        assert!(lines <= LINES_MAX, "{name} said {lines} lines:\n{said}");
        let losses = said.matches("PostgreSQL cannot be reached").count();
        assert!((1..=AWAY.len() * 2).contains(&losses), "{name} told {losses} losses:\n{said}");
    }
    fleet.stops().await;
    the_audit_agrees(&world).await;
    blocking(move || drop(server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_processes_that_start_at_once_make_one_book_of_an_empty_database() {
    let world = World::start(EngineKind::Postgres).await;
    let args = ["migrate"];
    for ended in join_all((0..4).map(|_| world.run(&args))).await {
        let words = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{words}");
    }
    the_audit_agrees(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_has_no_more_connections_than_it_is_told() {
    let mut world = World::start(EngineKind::Postgres).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    world.set("DATABASE_CONNECTIONS", "3");
    let fleet = Fleet::start(&world, ALONE).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, 5).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    // The crowd looks through a window of its own, from this process.
    let own = crowd.goes_home().await;
    own.unwrap_or_else(|what| panic!("{what}\n{}", fleet.said_last()));
    let counted = Command::new(PostgresServer::program("psql"))
        .args(["-At", "-d", &world.database, "-c"])
        .arg("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rei'")
        .output()
        .await;
    let counted = String::from_utf8_lossy(&counted.expect("psql runs").stdout).trim().to_owned();
    assert!(matches!(counted.as_str(), "1" | "2" | "3"), "{counted} connections");
    fleet.stops().await;
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it does not panic")
}
