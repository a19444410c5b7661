//! A whole book moves from SQLite to PostgreSQL, and back: by the binary's own command, with everything that people
//! did in it, and the house goes on where it was.

use std::process::Output;

use rei_domain::ledger::TrialBalance;
use rei_storage::ledger;
use rei_storage::testing::{EngineKind, fresh_database};

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{ALONE, Fleet};
use crate::world::{World, words};

const CUSTOMERS: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_lively_book_moves_to_postgresql_and_the_house_goes_on() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    let fleet = Fleet::start(&world, ALONE).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, 7).await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;

    // While the house runs, the book is not moved.
    let target = tokio::task::spawn_blocking(fresh_database).await.expect("a database");
    let source = world.database.clone();
    let refused = moves(&world, &source, &target).await;
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(words(&refused).contains("is in use: stop every `rei serve`"), "{}", words(&refused));

    // In the middle of an order it stops, and the book moves with whatever waits in it.
    anna.says("кот в дороге");
    anna.taps("Создать за 50 ₽").await;
    fleet.stops().await;
    let before = trial(&world).await;
    let moved = moves(&world, &source, &target).await;
    assert!(moved.status.success(), "{}", words(&moved));
    assert!(words(&moved).contains(r#""findings":0"#), "{}", words(&moved));
    assert!(!words(&moved).contains("postgres@"), "{}", words(&moved));
    let again = moves(&world, &source, &target).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(words(&again).contains("the target is not empty: its table"), "{}", words(&again));

    world.database = target.clone();
    world.set("DATABASE_URL", &target);
    assert_eq!(trial(&world).await, before, "the trial balance is the same");
    let fleet = Fleet::start(&world, ALONE).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, 8).await;
    world.sees(&anna, "списано 50 ₽").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    fleet.stops().await;
    the_audit_agrees(&world).await;

    // And back into a file.
    let file = format!("sqlite://{}", world.folder.path().join("back.db").display());
    let before = trial(&world).await;
    let back = moves(&world, &target, &file).await;
    assert!(back.status.success(), "{}", words(&back));
    world.database = file.clone();
    world.set("DATABASE_URL", &file);
    assert_eq!(trial(&world).await, before);
    the_audit_agrees(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_use_of_moving_is_said_without_a_password() {
    let world = World::start(EngineKind::Sqlite).await;
    let nowhere = "sqlite:///nowhere/at/all.db";
    let secret = "postgres://rei:planted-password@127.0.0.1:1/rei";
    for args in [
        ["migrate", "--from", nowhere, "--to", secret],
        ["migrate", "--from", secret, "--to", nowhere],
        ["migrate", "--from", "mysql://rei:planted-password@db/rei", "--to", nowhere],
    ] {
        let ended = world.run(&args).await;
        assert_ne!(ended.status.code(), Some(0), "{args:?}");
        assert!(!words(&ended).contains("planted-password"), "{}", words(&ended));
    }
    let same = world.run(&["migrate", "--from", &world.database]).await;
    assert!(words(&same).contains("name another target with --to"), "{}", words(&same));
}

async fn moves(world: &World, from: &str, to: &str) -> Output {
    world.run(&["migrate", "--from", from, "--to", to, "--json"]).await
}

async fn trial(world: &World) -> TrialBalance {
    let book = world.book().await;
    let trial = book.read(ledger::trial_balance).await;
    tokio::task::spawn_blocking(move || book.close()).await.expect("it closes");
    trial.expect("the book is readable")
}
